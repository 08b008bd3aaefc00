"""What the worker does.

    arq jobs.WorkerSettings
"""

import os

from arq.connections import RedisSettings
from autogen import Agent

from budget import no_flights
from concierge import concierge

REDIS = RedisSettings.from_dsn(os.environ.get("REDIS_URL", "redis://localhost:6379/0"))


async def plan(ctx: dict, wish: str) -> tuple[int, str]:
    trip = await concierge.a_generate_reply(messages=[{"role": "user", "content": wish}])
    return os.getpid(), str(trip)


async def set_up_worker(ctx: dict) -> None:
    concierge.register_reply([Agent, None], no_flights)


class WorkerSettings:
    functions = [plan]
    on_startup = set_up_worker
    redis_settings = REDIS
