"""The shop sends each new review to be looked at.

    python shop.py
"""

from reviews import moderate

REVIEWS = ["Great! See http://example.com", "Buy at http://example.org"]


def main() -> None:
    for message in [moderate.send(review) for review in REVIEWS]:
        worker, verdict = message.get_result(block=True, timeout=60_000)
        print(f"worker {worker}: {verdict}")


if __name__ == "__main__":
    main()
