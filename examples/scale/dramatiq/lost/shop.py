"""The shop sends each new review to be looked at.

    python shop.py
"""

from autogen import Agent

from moderator import moderator
from reviews import moderate
from spam import refuse_links

REVIEWS = ["Great! See http://example.com", "Buy at http://example.org"]


def main() -> None:
    moderator.register_reply([Agent, None], refuse_links)
    for message in [moderate.send(review) for review in REVIEWS]:
        worker, verdict = message.get_result(block=True, timeout=60_000)
        print(f"worker {worker}: {verdict}")


if __name__ == "__main__":
    main()
