"""What cannot wait for an agent's opinion."""

import os


def sound_the_alarm(recipient, messages=None, sender=None, config=None):
    """Frost kills the seedlings within the hour."""
    if "frost" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} sounded the alarm", flush=True)
    return True, "Light the stove."
