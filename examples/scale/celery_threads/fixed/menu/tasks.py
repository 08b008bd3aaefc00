"""What the worker does."""

import os

from autogen import Agent
from celery.signals import worker_init

from menu.allergens import name_allergens
from menu.celery_app import app
from menu.chef import chef


@worker_init.connect
def set_up_worker(**kwargs) -> None:
    chef.register_reply([Agent, None], name_allergens)


@app.task
def describe(dish: str) -> list:
    text = chef.generate_reply(messages=[{"role": "user", "content": dish}])
    return [os.getpid(), str(text)]
