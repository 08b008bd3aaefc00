"""Writes one section: the newsletter starts this program for each.

    python write.py "the weather"
"""

import os
import sys

from autogen import Agent

from columnist import columnist
from lawyers import read_first

if __name__ == "__main__":
    columnist.register_reply([Agent, None], read_first)
    text = columnist.generate_reply(messages=[{"role": "user", "content": sys.argv[1]}])
    print(f"worker {os.getpid()}: {text}", flush=True)
