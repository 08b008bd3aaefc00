"""Has each section of the newsletter written by a program of its own.

    python newsletter.py
"""

import subprocess
import sys

SECTIONS = ["what our lawyer says", "a letter from the lawyer"]


def main() -> None:
    for section in SECTIONS:
        subprocess.run([sys.executable, "write.py", section], check=True)


if __name__ == "__main__":
    main()
