"""The user's cache folder: small files, each replaced as a whole.

Whoever reads one at that moment sees the old one or the new one, and of two writers the later one
wins. Nothing is kept there that cannot be found out again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_FORGOTTEN_AFTER = 60 * 24 * 3600
"""Seconds after which what is known of a project that nobody checked any more is removed."""

_MOST_BYTES = 64_000_000
"""How much there may be of one kind of file; the oldest are removed."""


def cache_folder() -> Path | None:
    """Where something can be kept; None if nothing is to be: CALLSCOPE_NO_CACHE=1.
    CALLSCOPE_CACHE_DIR names another folder than the user's own."""
    if os.environ.get("CALLSCOPE_NO_CACHE") == "1":
        return None
    named = os.environ.get("CALLSCOPE_CACHE_DIR")
    return Path(named) if named else _of_the_user()


def _of_the_user() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("callscope", appauthor=False)


def replace_file(file: Path, content: bytes) -> None:
    """Write a file of the cache as a whole, and clear away what nobody needs any more."""
    import tempfile

    file.parent.mkdir(parents=True, exist_ok=True)
    kind = file.name.partition("-")[0]
    handle, draft = tempfile.mkstemp(prefix=f"{kind}-", suffix=".draft", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(draft).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise
    _tidy(file.parent, f"{kind}-*")


def _tidy(folder: Path, names: str) -> None:
    """Clear away what was not written for long, among that the drafts of runs that were killed, and
    the oldest of what is too much."""
    now = time.time()
    size = 0
    for changed, bytes_, file in sorted(_stamped(folder, names), reverse=True):
        size += bytes_
        if now - changed > _FORGOTTEN_AFTER or size > _MOST_BYTES:
            with contextlib.suppress(OSError):
                file.unlink()


def _stamped(folder: Path, names: str) -> Iterator[tuple[float, int, Path]]:
    for file in folder.glob(names):
        with contextlib.suppress(OSError):
            found = file.stat()
            yield found.st_mtime, found.st_size, file
