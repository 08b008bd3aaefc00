"""Where tickets wait for a worker.

    celery -A support.celery_app worker
"""

from celery import Celery

app = Celery("support", include=["support.tasks"])
app.config_from_object("celeryconfig")
