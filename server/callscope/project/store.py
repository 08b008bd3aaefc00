"""What was read off a project's files, kept on disk from one run to the next.

One file for each project, in the user's cache folder. It is replaced as a whole, so that whoever
reads it at that moment sees the old one or the new one, and of two writers the later one wins.
Whatever is wrong with it, it is as if it were not there: nothing is kept that cannot be found out
again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from callscope.project.facts import SCHEMA, Facts

_log = logging.getLogger(__name__)

_FORGOTTEN_AFTER = 60 * 24 * 3600
"""Seconds after which what is known of a project that nobody checked any more is removed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts of one version of a file: when it was changed in nanoseconds, its size in bytes,
    and a digest of its bytes."""

    changed: int
    size: int
    digest: str
    facts: Facts


class Store:
    """What is kept of the project below ``root``."""

    def __init__(self, root: Path, folder: Path) -> None:
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
        self.file = folder / f"index-{name}.json"

    @classmethod
    def of(cls, root: Path) -> Store | None:
        """The store of a project; None if nothing is to be kept."""
        folder = cache_folder()
        return cls(root, folder) if folder is not None else None

    def load(self) -> dict[str, Kept]:
        """What is known, by path."""
        try:
            document = json.loads(self.file.read_bytes())
            if document["schema"] != SCHEMA:
                return {}
            return {path: _kept(row) for path, row in document["files"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.info("The index %s cannot be used: %s", self.file, error)
            return {}

    def save(self, known: Mapping[str, Kept]) -> None:
        """Keep ``known``, and nothing else, of this project."""
        rows = {path: _row(kept) for path, kept in known.items()}
        document = json.dumps({"schema": SCHEMA, "files": rows}, separators=(",", ":"))
        try:
            replace_file(self.file, document.encode("utf-8", "surrogatepass"))
        except (OSError, ValueError) as error:
            # A full or closed disk costs the next run some time, and nothing else.
            _log.info("The index %s cannot be kept: %s", self.file, error)


def _row(kept: Kept) -> list[Any]:
    facts = kept.facts
    told = [list(facts.imports), facts.mentions, facts.uses, list(facts.heads)]
    return [kept.changed, kept.size, kept.digest, told]


def _kept(row: list[Any]) -> Kept:
    changed, size, digest, (imports, mentions, uses, heads) = row
    return Kept(changed, size, digest, Facts(tuple(imports), mentions, uses, tuple(heads)))


def cache_folder() -> Path | None:
    """Where something can be kept; None if nothing is to be: CALLSCOPE_NO_CACHE=1.
    CALLSCOPE_CACHE_DIR names another folder than the user's own."""
    if os.environ.get("CALLSCOPE_NO_CACHE") == "1":
        return None
    named = os.environ.get("CALLSCOPE_CACHE_DIR")
    return Path(named or platformdirs.user_cache_dir("callscope", appauthor=False))


def replace_file(file: Path, content: bytes) -> None:
    """Write a file of the cache as a whole, and clear away what nobody needs any more."""
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
    _remove_old(file.parent, f"{kind}-*")


def _remove_old(folder: Path, names: str) -> None:
    """Clear away the files, and the drafts of runs that were killed, that are of no more use."""
    now = time.time()
    for file in folder.glob(names):
        with contextlib.suppress(OSError):
            if now - file.stat().st_mtime > _FORGOTTEN_AFTER:
                file.unlink()
