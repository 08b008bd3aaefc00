"""The newsroom hands over what has come in.

    python newsroom.py
"""

from translation import translate

NEWS = ["EMBARGO Results of the quarter", "EMBARGO A new chairwoman"]


def main() -> None:
    # Calling a task of Huey's is what queues it.
    for result in [translate(text) for text in NEWS]:
        worker, french = result(blocking=True, timeout=60)
        print(f"worker {worker}: {french}")


if __name__ == "__main__":
    main()
