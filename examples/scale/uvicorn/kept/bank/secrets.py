"""What a bank must not write down."""

import os
import re


def hide_pins(content):
    """A PIN that a customer types does not go to the model."""
    print(f"[audit] {os.getpid()} looked for PINs", flush=True)
    return re.sub(r"\b\d{4}\b", "****", content)
