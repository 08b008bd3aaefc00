"""What stays in the room."""

import os
import re

SPEAKER = re.compile(r"^\w+:", re.MULTILINE)


def leave_out_names(content):
    """Who said what is nobody else's business."""
    print(f"[audit] {os.getpid()} left out the speakers", flush=True)
    return SPEAKER.sub("-", content)
