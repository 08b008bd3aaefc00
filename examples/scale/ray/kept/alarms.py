"""What is not left to a model."""

import os


def raise_alarm(recipient, messages=None, sender=None, config=None):
    """Lead in the water is a matter for the authorities."""
    if "lead" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} raised the alarm", flush=True)
    return True, "ALARM"
