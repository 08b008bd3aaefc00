"""What a library owes its young readers."""

import os


def ask_a_colleague(recipient, messages=None, sender=None, config=None):
    """A question about medicine is answered by a person."""
    if "medicine" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} asked a colleague", flush=True)
    return True, "A colleague is on the way."
