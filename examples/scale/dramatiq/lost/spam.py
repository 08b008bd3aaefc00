"""What is refused without asking the model."""

import os


def refuse_links(recipient, messages=None, sender=None, config=None):
    """A review with a link in it is an advertisement."""
    if "http" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} refused a link", flush=True)
    return True, "refuse"
