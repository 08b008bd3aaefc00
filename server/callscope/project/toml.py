"""Reading TOML, which costs nothing where there is none to read."""

from __future__ import annotations

import sys
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """The tables in ``text``; raises ``ValueError`` where it is not TOML."""
    # Imported here, since an editor that has just been opened waits for what is imported first.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)
