"""Answers all who are in the queue at once.

    python hotline.py
"""

import os
from concurrent.futures import ThreadPoolExecutor

from archive import look_up

QUEUE = ["parking", "weddings", "dog licences"]


def main() -> None:
    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = list(pool.map(look_up, QUEUE))
    for subject, answer in zip(QUEUE, answers):
        print(f"worker {os.getpid()}: asked '{subject}', was told '{answer}'")


if __name__ == "__main__":
    main()
