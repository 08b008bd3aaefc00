"""What the workers do."""

import os

from autogen import Agent
from celery.signals import worker_process_init

from support.celery_app import app
from support.desk import desk
from support.policy import refunds_need_a_person


@worker_process_init.connect
def set_up_worker(**kwargs) -> None:
    desk.register_reply([Agent, None], refunds_need_a_person)


@app.task
def first_answer(ticket: str) -> list:
    reply = desk.generate_reply(messages=[{"role": "user", "content": ticket}])
    return [os.getpid(), str(reply)]
