"""Looks at reviews before they are published.

    dramatiq reviews
"""

import os

import dramatiq
from autogen import Agent

import broker  # noqa: F401  (an actor belongs to the broker that is set when it is made)
from moderator import moderator
from spam import refuse_links

moderator.register_reply([Agent, None], refuse_links)


@dramatiq.actor(store_results=True)
def moderate(review: str) -> list:
    verdict = moderator.generate_reply(messages=[{"role": "user", "content": review}])
    return [os.getpid(), str(verdict)]
