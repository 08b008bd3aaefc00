"""What is known of one file after a check: plain data that can cross to another process."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.fixes import Fix, Safety
from callscope.rules import Finding
from callscope.source import SourceText, SyntaxProblem


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
    """

    shown: str
    source: SourceText | None = None
    found: tuple[Found, ...] = ()
    problem: SyntaxProblem | None = None
    failure: str | None = None
    target: str = ""
    fixed: tuple[Mended, ...] = ()
    diff: str = ""
