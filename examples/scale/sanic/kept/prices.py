"""What a museum keeps to itself."""

import os


def no_prices(recipient, messages=None, sender=None, config=None):
    """What a painting is worth is not for thieves to know."""
    if "worth" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} named no price", flush=True)
    return True, "More than we could say."
