"""What a hotel does not tell."""

import os


def protect_guests(recipient, messages=None, sender=None, config=None):
    """Who stays in which room is nobody's business."""
    if "room" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} protected a guest", flush=True)
    return True, "We shall gladly pass on a message."
