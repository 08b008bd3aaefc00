"""Has a house's contents valued, a room in each process.

    python estate.py
"""

import multiprocess
from autogen import Agent

from appraiser import appraiser, value
from experts import ask_an_expert

ROOMS = ["a painting, signed", "a signed first edition"]


def main() -> None:
    appraiser.register_reply([Agent, None], ask_an_expert)
    context = multiprocess.get_context("spawn")
    with context.Pool(2) as pool:
        for worker, price in pool.map(value, ROOMS):
            print(f"worker {worker}: {price}")


if __name__ == "__main__":
    main()
