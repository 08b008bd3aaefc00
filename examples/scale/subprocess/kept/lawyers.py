"""What is not printed before it was read by somebody."""

import os


def read_first(recipient, messages=None, sender=None, config=None):
    """Where a lawyer is named, a lawyer reads it."""
    if "lawyer" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} held a section back", flush=True)
    return True, "(waits to be read)"
