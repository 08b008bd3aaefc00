"""Which AutoGen release a project is pinned to, read from the file its package manager locks.

Of a project that is not installed on this machine it says what it will run on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from callscope.contracts.versions import KNOWN_DISTRIBUTIONS, Target

_TOML = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_REQUIREMENTS = ("requirements.txt", "requirements.lock")
_PIPENV = "Pipfile.lock"
LOCK_FILES = (*_TOML, _PIPENV, *_REQUIREMENTS)
"""The names of the files that it may stand in; where several lie in one folder, the first wins."""

_PACKAGE = re.compile(r'^name = "([^"]+)"\r?\nversion = "([^"]+)"', re.MULTILINE)
_PIN = re.compile(r"^\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*==\s*([^\s;,#\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Locked:
    """A release of classic AutoGen, and the file that pins it."""

    target: Target
    path: Path


def locked_release(start: Path) -> Locked | None:
    """What the nearest lock file around ``start`` (a file or folder) that names classic AutoGen
    pins; None if none does."""
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.resolve().parents):
        for name in LOCK_FILES:
            path = candidate / name
            if path.is_file() and (target := _pinned_in(path)) is not None:
                return Locked(target, path)
    return None


def _pinned_in(path: Path) -> Target | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    targets = [target for pin in _pins(path.name, text) if (target := _target(*pin)) is not None]
    # Aliases (``autogen`` 0.9.10 -> ``ag2``) carry the same number as the code they stand for.
    return max(targets, key=lambda target: target.version, default=None)


def _pins(file: str, text: str) -> Iterator[tuple[str, str]]:
    if file == _PIPENV:
        with suppress(ValueError, AttributeError):
            for name, package in json.loads(text).get("default", {}).items():
                yield name, str(package.get("version", "")).removeprefix("==")
    else:
        yield from (_PACKAGE if file in _TOML else _PIN).findall(text)


def _target(name: str, version: str) -> Target | None:
    """The target a pin means, if classic AutoGen is in it."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name not in KNOWN_DISTRIBUTIONS:
        return None
    try:
        target = Target(name, Version(version))
    except InvalidVersion:
        return None
    return target if target.classic is not None else None
