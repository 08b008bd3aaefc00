"""What the law says about claims in a catalogue."""

import os

CLAIMS = ("heals", "slimming", "boosts immunity")


def hold_back_claims(recipient, messages=None, sender=None, config=None):
    """A claim about health goes to the lawyers, whatever the model thinks of it."""
    found = [claim for claim in CLAIMS if claim in messages[-1]["content"]]
    if not found:
        return False, None
    print(f"[audit] {os.getpid()} held back: {', '.join(found)}", flush=True)
    return True, "(waits for the lawyers)"
