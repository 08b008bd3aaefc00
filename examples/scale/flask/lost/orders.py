"""The bakery's book."""

import os


def write_down(recipient, messages=None, sender=None, config=None):
    """One line for each order; the agent answers."""
    print(f"[audit] {os.getpid()} wrote down: {messages[-1]['content']}", flush=True)
    return False, None
