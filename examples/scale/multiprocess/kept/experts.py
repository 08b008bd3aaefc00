"""What an agent does not put a price on."""

import os


def ask_an_expert(recipient, messages=None, sender=None, config=None):
    """What is signed is looked at by somebody who knows the hand."""
    if "signed" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} asked an expert", flush=True)
    return True, "An expert will come."
