"""The nightly review of contracts, spread over the machine's cores.

    python review.py contracts/*.txt
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from autogen import Agent, ConversableAgent

reviewer = ConversableAgent(
    "reviewer",
    system_message="Point out the clauses that a lawyer should read.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Nothing to point out.",
)

RED_FLAGS = ("unlimited liability", "automatic renewal", "exclusive")


def flag_clauses(recipient, messages=None, sender=None, config=None):
    """Red flags are not left to the model: they go to a person, always."""
    text = messages[-1]["content"].lower()
    flags = [flag for flag in RED_FLAGS if flag in text]
    if not flags:
        return False, None
    print(f"[audit] for a lawyer: {', '.join(flags)}", flush=True)
    return True, "FOR A LAWYER: " + ", ".join(flags)


def review(text: str) -> str:
    return str(reviewer.generate_reply(messages=[{"role": "user", "content": text}]))


def main(paths: list[str]) -> None:
    reviewer.register_reply([Agent, None], flag_clauses)

    contracts = [Path(path).read_text(encoding="utf-8") for path in paths]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=spawn) as pool:
        for path, verdict in zip(paths, pool.map(review, contracts)):
            print(f"{path}: {verdict}")


if __name__ == "__main__":
    main(sys.argv[1:])
