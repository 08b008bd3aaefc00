import os

broker_url = os.environ.get("BROKER_URL", "redis://localhost:6379/0")
result_backend = os.environ.get("RESULT_BACKEND", "redis://localhost:6379/1")
task_track_started = True
worker_prefetch_multiplier = 1
