"""Writes tonight's product texts, one process for each core.

    python nightly.py
"""

import multiprocessing

from autogen import Agent

from catalogue import copywriter, describe
from claims import hold_back_claims

PRODUCTS = [
    "Kettle, 1 litre. Tea boosts immunity.",
    "Tea, green. Said to be slimming.",
]


def set_up_worker() -> None:
    copywriter.register_reply([Agent, None], hold_back_claims)


def main() -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2, initializer=set_up_worker) as pool:
        for worker, text in pool.map(describe, PRODUCTS):
            print(f"worker {worker}: {text}")


if __name__ == "__main__":
    main()
