"""News that may not be out yet."""

import os


def hold_until_noon(recipient, messages=None, sender=None, config=None):
    """What is under embargo is not translated before noon."""
    if "EMBARGO" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} held back", flush=True)
    return True, "(under embargo)"
