"""Rules of the comparison that need no judge."""

import os


def empty_answer_loses(recipient, messages=None, sender=None, config=None):
    """There is nothing to weigh when one side says nothing."""
    left, _, right = messages[-1]["content"].partition(" | ")
    if left and right:
        return False, None
    print(f"[audit] {os.getpid()} decided without the judge", flush=True)
    return True, "left" if left else "right"
