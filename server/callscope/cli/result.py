"""What is known of one file after a check: plain data, to be written in any format, sent to another
process and kept on disk. Nothing of the analysis is imported for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

LEVELS = ("error", "warning", "information")
"""The severities, the gravest first."""

SAFE, UNSAFE = "safe", "unsafe"
"""What a fix can be."""


class Place(NamedTuple):
    """A stretch of text; lines and columns count from 0, columns in code points. ``path`` is "" for
    the file that was checked. In a notebook, lines are those of its cell number ``cell``, which
    counts from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0


class Link(NamedTuple):
    """One link of a proof."""

    message: str
    place: Place


class Replacement(NamedTuple):
    """What a fix does to a stretch of text."""

    place: Place
    text: str


class Offer(NamedTuple):
    """A fix that is known to work; ``elsewhere`` is what it does to other files, with their
    paths."""

    title: str
    safety: str
    edits: tuple[Replacement, ...]
    elsewhere: tuple[tuple[str, tuple[Replacement, ...]], ...]


class Found(NamedTuple):
    """A finding and its fixes, the preferred one first."""

    code: str
    name: str
    severity: str
    message: str
    url: str
    place: Place
    evidence: tuple[Link, ...]
    fixes: tuple[Offer, ...]

    @property
    def safety(self) -> str | None:
        """The best safety on offer: what ``--fix`` would do about it."""
        if not self.fixes:
            return None
        return SAFE if any(fix.safety == SAFE for fix in self.fixes) else UNSAFE


@dataclass(frozen=True, slots=True)
class Mended:
    """How many findings of a rule are gone after fixing."""

    code: str
    name: str
    count: int


class Problem(NamedTuple):
    """A syntax error."""

    message: str
    place: Place


@dataclass(frozen=True)
class FileResult:
    """One file's result.

    ``shown`` is the path as the user knows it. If the file could not be read or checked,
    ``failure`` says why, in words for the user. A file that was checked can have a ``failure`` too:
    then what was found before it is given, and the check counts as failed. ``found`` is what is
    left after fixing; ``fixed`` and ``diff`` are what fixing did, or would. ``unfixable`` says why
    no fixes could be looked for, if so. ``lines`` are those that the findings point to, by path,
    cell and number.

    ``folders`` were looked into for that, besides those that earlier results needed as well;
    ``lasting`` says that the same files and folders will give the same result, ``contained`` that
    of the files' texts only those count that are connected with it by imports, or that an engine's
    own processes begin with.
    """

    shown: str
    found: tuple[Found, ...] = ()
    problem: Problem | None = None
    failure: str | None = None
    target: str = ""
    fixed: tuple[Mended, ...] = ()
    diff: str = ""
    unfixable: str = ""
    lines: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    lasting: bool = True
    contained: bool = True

    def shown_path(self, place: Place) -> str:
        """What the user calls the file that ``place`` is in."""
        return as_named_from_here(place.path) if place.path else self.shown

    def where(self, place: Place) -> str:
        """Where ``place`` begins: ``path:line:column``, ``path:cell 3:line:column`` in a notebook;
        line and column from 1."""
        cell = f":cell {place.cell}" if place.cell else ""
        return f"{self.shown_path(place)}{cell}:{place.line + 1}:{place.column + 1}"

    def line(self, place: Place) -> str:
        """The text of the line that ``place`` begins in, without its end."""
        return self.lines[place.path, place.cell, place.line]


@dataclass(frozen=True)
class Before:
    """What an earlier run found out: its ``results`` by the names of their files, the ``folders``
    that were looked into, what was ``told`` of each file at a glance, and which files have since
    ``changed``, of all that it depended on."""

    results: Mapping[str, FileResult]
    folders: frozenset[str]
    told: Mapping[str, str]
    changed: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What a check has to say: the results in order, of which the later ones may still be worked
    out, how many files were seen, and what is wrong with the configuration: ``problems``, each
    with what has it, and mere ``warnings``."""

    results: Iterable[FileResult]
    seen: int
    problems: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def as_named_from_here(path: str) -> str:
    """A path below the working folder relative to it, any other as it is."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
