"""The newsroom hands over what has come in.

    python newsroom.py
"""

from autogen import Agent

from embargo import hold_until_noon
from translation import translate, translator

NEWS = ["EMBARGO Results of the quarter", "EMBARGO A new chairwoman"]


def main() -> None:
    translator.register_reply([Agent, None], hold_until_noon)
    # Calling a task of Huey's is what queues it.
    for result in [translate(text) for text in NEWS]:
        worker, french = result(blocking=True, timeout=60)
        print(f"worker {worker}: {french}")


if __name__ == "__main__":
    main()
