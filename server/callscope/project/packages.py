"""What the installed packages of an environment make of AutoGen's agents.

A company's ``from acme_agents import SupportAgent`` leads out of the project. Only packages that
depend on AutoGen, as their metadata say, are looked into: a program that imports no such package
costs nothing. What was found out is kept on disk until something is installed or removed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from callscope.cache import cache_folder, replace_file
from callscope.contracts.classic.classes import AGENT_CLASSES
from callscope.contracts.classic.methods import METHODS, NEWER
from callscope.contracts.libraries import KNOWN_LIBRARIES
from callscope.contracts.versions import KNOWN_DISTRIBUTIONS
from callscope.model.values import External
from callscope.project.resolver import Behind, Resolver

_log = logging.getLogger(__name__)

_SCHEMA = hashlib.sha256(repr((2, AGENT_CLASSES, METHODS, NEWER)).encode()).hexdigest()[:16]
_NEEDED = re.compile(r"^Requires-Dist:\s*([\w.-]+)(.*)", re.MULTILINE | re.IGNORECASE)
_PATIENCE = 2.0
_PATIENCE_IN_BACKGROUND = 10.0
"""Seconds of work."""

_resolver = Resolver()


class Packages:
    """The packages in ``folders``, the site-packages of one environment.

    Unless it ``waits``, what is not known yet is noted as ``wanted``, for :meth:`find_out` to ask
    later, and nothing is said of it.
    """

    def __init__(
        self, folders: tuple[Path, ...], *, waits: bool = True, resolver: Resolver = _resolver
    ) -> None:
        self.folders = tuple(folder.absolute() for folder in folders)
        self.wanted: set[str] = set()
        self._waits = waits
        self._resolver = resolver
        self._answers: dict[str, Behind] = {}
        self._lasting: dict[str, Behind] = {}
        self._stamp = _stamp(folders)
        cache = cache_folder() if folders else None
        name = hashlib.sha256(repr(self.folders).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._file = cache / f"packages-{name}.json" if cache is not None else None

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process asks for itself.
        return _same, (self.folders, self._waits)

    @property
    def is_current(self) -> bool:
        """Whether nothing was installed or removed since."""
        return self._stamp == _stamp(self.folders)

    @property
    def is_lasting(self) -> bool:
        """Whether all that it said holds until something is installed or removed: not so for what
        took too long to find out, or comes from a package that is installed to be edited."""
        return self._answers.keys() <= self._lasting.keys()

    def agent_at(self, path: str) -> External | None:
        """The agent class, or the maker of agents, that ``path`` imports; None if it is something
        else, or if that is not known."""
        top, _, inside = path.partition(".")
        if not inside or top in KNOWN_LIBRARIES or top not in self._places:
            return None
        if path not in self._answers:
            if not self._waits:
                self.wanted.add(path)
                return None
            self._ask(path, _PATIENCE)
            self._keep()
        found = self._answers[path]
        return External(f"autogen.{found.name}", opaque=not found.same) if found.name else None

    def find_out(self) -> bool:
        """Ask for what is wanted; whether any of it is an agent."""
        before = len(self._answers)
        found = False
        while self.wanted:
            # Checks go on meanwhile, and may want more.
            path = self.wanted.pop()
            if path not in self._answers:
                self._ask(path, _PATIENCE_IN_BACKGROUND)
                found = found or self._answers[path].name is not None
        if len(self._answers) > before:
            self._keep()
        return found

    def _ask(self, path: str, patience: float) -> None:
        found = None
        if all(part.isidentifier() for part in path.split(".")):
            edited = map(Path, sorted(set(self._places.values()) - {""}))
            found = self._resolver.ask(path, (*self.folders, *edited), patience)
        self._answers[path] = found or Behind()
        if found is not None and not self._places[path.partition(".")[0]]:
            self._lasting[path] = found

    @property
    def names(self) -> frozenset[str]:
        """The names by which the packages that depend on AutoGen are imported."""
        return frozenset(self._places)

    @cached_property
    def _places(self) -> dict[str, str]:
        """These names with the folders that the packages are in if they are installed to be
        edited, else with ""."""
        known = self._load()
        if known is not None:
            places, self._lasting = known
            self._answers.update(self._lasting)
            return places
        found = sorted(set(_dependents(self.folders)))
        self.__dict__["_places"] = places = {n: p for n, p in found if n.isidentifier()}
        self._keep()
        return places

    def _load(self) -> tuple[dict[str, str], dict[str, Behind]] | None:
        try:
            document = json.loads(self._file.read_bytes()) if self._file is not None else {}
            if document.get("schema") != _SCHEMA or document["stamp"] != self._stamp:
                return None
            answers = {path: Behind(*row) for path, row in document["answers"].items()}
            return dict(document["names"]), answers
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.info("What is kept in %s cannot be used: %s", self._file, error)
            return None

    def _keep(self) -> None:
        if self._file is None:
            return
        rows = {path: [found.name, found.same] for path, found in self._lasting.items()}
        document = {
            "schema": _SCHEMA,
            "stamp": self._stamp,
            "names": self._places,
            "answers": rows,
        }
        try:
            replace_file(self._file, json.dumps(document).encode())
        except (OSError, ValueError) as error:
            _log.info("%s cannot be kept: %s", self._file, error)


@cache
def _same(folders: tuple[Path, ...], waits: bool) -> Packages:
    return Packages(folders, waits=waits)


def _stamp(folders: Iterable[Path]) -> list[int]:
    return [_modified(folder) for folder in folders]


def _modified(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _dependents(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """What the distributions bring along that need AutoGen, or need one that does: the names, each
    with the folder it is in where it is installed to be edited, else with ""."""
    needed = {info: _needs(info) for folder in folders for info in folder.glob("*.dist-info")}
    names = {info: _normal(info.stem.rpartition("-")[0]) for info in needed}
    found: set[str] = set()
    size = -1
    while len(found) > size:
        size = len(found)
        for info, needs in needed.items():
            # An extra for AutoGen tells much, an extra for something else next to nothing.
            if any(name in KNOWN_DISTRIBUTIONS or (name in found and not e) for name, e in needs):
                found.add(names[info])
    for info in needed:
        if names[info] in found - KNOWN_DISTRIBUTIONS:
            yield from _brought_by(info)


def _needs(info: Path) -> list[tuple[str, bool]]:
    """The distributions that one needs, and whether only for an extra."""
    # The description follows after an empty line.
    metadata = _text(info / "METADATA").partition("\n\n")[0]
    return [(_normal(name), "extra" in rest) for name, rest in _NEEDED.findall(metadata)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _brought_by(info: Path) -> Iterator[tuple[str, str]]:
    for line in _text(info / "RECORD").splitlines():
        path = line.partition(",")[0].strip('"')
        top, _, inside = path.partition("/")
        if path.endswith((".py", ".pyi")):
            yield top if inside else top.rpartition(".")[0], ""
        elif path.endswith(".pth") and not inside:
            for folder in _text(info.parent / path).splitlines():
                yield from _inside(folder.strip())


def _inside(folder: str) -> Iterator[tuple[str, str]]:
    """The packages and modules in a folder that a ``.pth`` file names."""
    place = Path(folder)
    if not place.is_absolute():
        # Another line, such as an ``import``.
        return
    for package in place.glob("*/__init__.py"):
        yield package.parent.name, folder
    for module in place.glob("*.py"):
        yield module.stem, folder


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


NO_PACKAGES = Packages(())
