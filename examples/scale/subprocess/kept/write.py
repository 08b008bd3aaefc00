"""Writes one section: the newsletter starts this program for each.

    python write.py "the weather"
"""

import os
import sys

from columnist import columnist

if __name__ == "__main__":
    text = columnist.generate_reply(messages=[{"role": "user", "content": sys.argv[1]}])
    print(f"worker {os.getpid()}: {text}", flush=True)
