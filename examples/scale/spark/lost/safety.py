"""What is no matter for a department."""

import os


def injuries_first(recipient, messages=None, sender=None, config=None):
    """Where something has burnt, a person reads on."""
    if "burnt" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} called a person", flush=True)
    return True, "A person reads this now."
