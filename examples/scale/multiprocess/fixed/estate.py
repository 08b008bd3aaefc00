"""Has a house's contents valued, a room in each process.

    python estate.py
"""

import multiprocess

from appraiser import value

ROOMS = ["a painting, signed", "a signed first edition"]


def main() -> None:
    context = multiprocess.get_context("spawn")
    with context.Pool(2) as pool:
        for worker, price in pool.map(value, ROOMS):
            print(f"worker {worker}: {price}")


if __name__ == "__main__":
    main()
