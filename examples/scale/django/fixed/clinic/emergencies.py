"""What cannot wait for an appointment."""

import os


def call_a_doctor(recipient, messages=None, sender=None, config=None):
    """Pain in the chest is not a matter for an agent."""
    if "chest" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} called a doctor", flush=True)
    return True, "Stay where you are."
