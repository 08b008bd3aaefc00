"""What the workers do."""

import os

from support.celery_app import app
from support.desk import desk


@app.task
def first_answer(ticket: str) -> list:
    reply = desk.generate_reply(messages=[{"role": "user", "content": ticket}])
    return [os.getpid(), str(reply)]
