"""What the company pays for."""

import os


def no_flights(recipient, messages=None, sender=None, config=None):
    """Nobody flies within the country."""
    if "fly" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} refused a flight", flush=True)
    return True, "By train only."
