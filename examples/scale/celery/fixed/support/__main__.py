"""Hands today's tickets to the workers.

    python -m support
"""

from support.tasks import first_answer

TICKETS = ["I want a refund for May.", "Charged twice. A refund, please!"]

if __name__ == "__main__":
    for result in [first_answer.delay(ticket) for ticket in TICKETS]:
        worker, reply = result.get(timeout=60)
        print(f"worker {worker}: {reply}")
