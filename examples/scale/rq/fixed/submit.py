"""Queues the transcripts of the day.

    rq worker
    python submit.py
"""

import os

from redis import Redis
from rq import Queue

from summaries import sum_up

TRANSCRIPTS = ["Ann: We launch in May.\nBen: I tell the press."]


def main() -> None:
    queue = Queue(connection=Redis.from_url(os.environ.get("RQ_REDIS_URL", "redis://localhost")))
    for job in [queue.enqueue(sum_up, transcript) for transcript in TRANSCRIPTS]:
        worker, summary = job.latest_result(timeout=60).return_value
        print(f"worker {worker}: {summary}")


if __name__ == "__main__":
    main()
