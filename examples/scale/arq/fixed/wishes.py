"""Hands over what employees have asked for.

    python wishes.py
"""

import asyncio

from arq import create_pool

from jobs import REDIS

WISHES = ["I would like to fly to Bern.", "Can I fly home?"]


async def main() -> None:
    pool = await create_pool(REDIS)
    for job in [await pool.enqueue_job("plan", wish) for wish in WISHES]:
        worker, trip = await job.result(timeout=60)
        print(f"worker {worker}: {trip}")


if __name__ == "__main__":
    asyncio.run(main())
