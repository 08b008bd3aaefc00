"""What was read off a project's files, kept on disk from one run to the next.

One file for each project, in the user's cache folder. Whatever is wrong with it, it is as if it
were not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callscope.cache import cache_folder, replace_file
from callscope.project.facts import SCHEMA, Facts

_log = logging.getLogger(__name__)


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
