"""First answers to support tickets, written by an agent in a Celery worker.

    celery -A tasks worker --concurrency 4
    python tasks.py
"""

import datetime

from autogen import Agent, ConversableAgent
from celery import Celery

app = Celery("tasks")
app.config_from_object("celeryconfig")

TICKETS = [
    "I was charged twice in March",
    "The export button does nothing",
    "How do I add a colleague to my plan?",
]

triage = ConversableAgent(
    "triage",
    system_message="Sort the ticket and write the first answer.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Thank you, we are looking into it.",
)


def record_answered(recipient, messages=None, sender=None, config=None):
    """Compliance wants to know of every ticket an agent has seen."""
    when = datetime.datetime.now().isoformat(timespec="seconds")
    print(f"[audit] {when} {recipient.name}: {messages[-1]['content']}", flush=True)
    return False, None


@app.task
def first_answer(ticket: str) -> str:
    reply = triage.generate_reply(messages=[{"role": "user", "content": ticket}])
    return str(reply)


if __name__ == "__main__":
    triage.register_reply([Agent, None], record_answered)
    for number, ticket in enumerate(TICKETS, start=1):
        result = first_answer.delay(ticket)
        print(f"ticket {number} queued as {result.id}")
