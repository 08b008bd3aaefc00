"""Writes tonight's product texts, one process for each core.

    python nightly.py
"""

import multiprocessing

from catalogue import describe

PRODUCTS = [
    "Kettle, 1 litre. Tea boosts immunity.",
    "Tea, green. Said to be slimming.",
]


def main() -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool:
        for worker, text in pool.map(describe, PRODUCTS):
            print(f"worker {worker}: {text}")


if __name__ == "__main__":
    main()
