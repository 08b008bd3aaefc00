"""Has each section of the newsletter written by a program of its own.

    python newsletter.py
"""

import subprocess
import sys

from autogen import Agent

from columnist import columnist
from lawyers import read_first

SECTIONS = ["what our lawyer says", "a letter from the lawyer"]


def main() -> None:
    columnist.register_reply([Agent, None], read_first)
    for section in SECTIONS:
        subprocess.run([sys.executable, "write.py", section], check=True)


if __name__ == "__main__":
    main()
