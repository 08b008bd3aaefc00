"""What an observatory is not for."""

import os


def no_horoscopes(recipient, messages=None, sender=None, config=None):
    """The stars are silent about money and love."""
    if "horoscope" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} told no fortune", flush=True)
    return True, "We only look at stars."
