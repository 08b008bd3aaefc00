"""Where dishes wait to be described.

    celery -A menu.celery_app worker --pool threads
"""

from celery import Celery

app = Celery("menu", include=["menu.tasks"])
app.config_from_object("celeryconfig")
