"""Where messages wait, where results are left, and what a worker does when it starts."""

import os

import dramatiq
from autogen import Agent
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from moderator import moderator
from spam import refuse_links

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379/0")


class SetUpWorker(dramatiq.Middleware):
    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        moderator.register_reply([Agent, None], refuse_links)


broker = RedisBroker(url=REDIS)
broker.add_middleware(Results(backend=RedisBackend(url=REDIS)))
broker.add_middleware(SetUpWorker())
dramatiq.set_broker(broker)
