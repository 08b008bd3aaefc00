"""Whom to wake."""

import os


def call_the_brigade(recipient, messages=None, sender=None, config=None):
    """Smoke does not wait for the morning."""
    if "Smoke" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} called the fire brigade", flush=True)
    return True, "They are on their way."
