"""What has to be on the menu by law."""

import os


def name_allergens(recipient, messages=None, sender=None, config=None):
    """Nuts are named, however light the starter."""
    if "nut" not in messages[-1]["content"]:
        return False, None
    print(f"[audit] {os.getpid()} named an allergen", flush=True)
    return True, "Contains nuts."
