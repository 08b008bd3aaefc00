"""What must not reach a model."""

import os
import re

BIRTH_DATE = re.compile(r"\b\d{2}\.\d{2}\.\d{4}\b")


def hide_birth_dates(content):
    """Nobody is to be judged by their age."""
    print(f"[audit] {os.getpid()} hid {len(BIRTH_DATE.findall(content))} dates", flush=True)
    return BIRTH_DATE.sub("[date]", content)
