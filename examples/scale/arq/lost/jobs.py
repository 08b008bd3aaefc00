"""What the worker does.

    arq jobs.WorkerSettings
"""

import os

from arq.connections import RedisSettings

from concierge import concierge

REDIS = RedisSettings.from_dsn(os.environ.get("REDIS_URL", "redis://localhost:6379/0"))


async def plan(ctx: dict, wish: str) -> tuple[int, str]:
    trip = await concierge.a_generate_reply(messages=[{"role": "user", "content": wish}])
    return os.getpid(), str(trip)


class WorkerSettings:
    functions = [plan]
    redis_settings = REDIS
