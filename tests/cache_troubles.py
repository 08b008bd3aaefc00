"""Cache folders that nothing can be kept in, and the command line for each."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

KINDS = ["a file in its place", "no such device"]
if sys.platform != "win32":
    KINDS.append("a full disk")

# Not a byte may be written to any file; pipes are none.
_FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.dont_write_bytecode = True
from callscope.cli import main
sys.exit(main(sys.argv[1:]))
"""


def command(kind: str) -> Sequence[str]:
    """The beginning of a command line that meets this trouble."""
    return [sys.executable, *(["-c", _FULL] if kind == "a full disk" else ["-m", "callscope"])]


def environment(kind: str, folder: Path, base: Mapping[str, str]) -> Mapping[str, str]:
    """The environment to run it in; ``folder`` is empty."""
    place = folder / "cache"
    if kind == "a file in its place":
        place.write_text("not a folder")
    if kind == "no such device":
        (folder / "blocked").write_text("")
        place = folder / "blocked" / "cache"
    return {**base, "CALLSCOPE_CACHE_DIR": str(place)}
