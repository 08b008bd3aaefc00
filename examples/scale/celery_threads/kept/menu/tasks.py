"""What the worker does."""

import os

from menu.celery_app import app
from menu.chef import chef


@app.task
def describe(dish: str) -> list:
    text = chef.generate_reply(messages=[{"role": "user", "content": dish}])
    return [os.getpid(), str(text)]
