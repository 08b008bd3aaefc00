"""What the grader must not see."""

import os
import re


def hide_the_author(content):
    """Essays are graded without regard to who wrote them."""
    print(f"[audit] {os.getpid()} hid the author", flush=True)
    return re.sub(r"^By .+?: ", "", content)
