"""What is known of one file after a check: plain data that can cross to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callscope.fixes import Fix, Safety
from callscope.rules import Finding
from callscope.source import Range, SourceText, SyntaxProblem


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and its fixes, the preferred one first."""

    finding: Finding
    fixes: tuple[Fix, ...] = ()

    @property
    def safety(self) -> Safety | None:
        """The best safety on offer: what ``--fix`` would do about it."""
        if not self.fixes:
            return None
        return Safety.SAFE if any(f.safety is Safety.SAFE for f in self.fixes) else Safety.UNSAFE


@dataclass(frozen=True, slots=True)
class Mended:
    """How many findings of a rule are gone after fixing."""

    code: str
    name: str
    count: int


@dataclass(frozen=True)
class FileResult:
    """One file's result.

    ``shown`` is the path as the user knows it. ``source`` is None when the file could not be read
    or checked; then ``failure`` says why, in words for the user. A file that was checked can have
    a ``failure`` too: then what was found before it is given, and the check counts as failed.
    ``found`` is what is left after fixing; ``fixed`` and ``diff`` are what fixing did, or would.
    ``others`` are the texts of further files that the findings speak of, by path.
    """

    shown: str
    source: SourceText | None = None
    found: tuple[Found, ...] = ()
    problem: SyntaxProblem | None = None
    failure: str | None = None
    target: str = ""
    fixed: tuple[Mended, ...] = ()
    diff: str = ""
    others: Mapping[str, SourceText] = field(default_factory=dict)

    def shown_path(self, place: Range) -> str:
        """What the user calls the file that ``place`` is in."""
        return as_named_from_here(place.path) if place.path else self.shown

    def text(self, place: Range) -> SourceText:
        """The text that ``place`` is in; only for a file that was checked."""
        assert self.source is not None
        return self.others.get(place.path, self.source)


def as_named_from_here(path: str) -> str:
    """A path below the working folder relative to it, any other as it is."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
