"""What a fix is: a title, how safe it is, and the edits.

A fix module has one subclass of :class:`FixProvider`. It proposes; :mod:`callscope.check` verifies
(the edited text is checked again) before anybody sees the proposal.
"""

from __future__ import annotations

import difflib
import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from callscope.source import Range, SourceText

if TYPE_CHECKING:
    from callscope.model import Model
    from callscope.project import Project, Workspace
    from callscope.rules import Finding


class Safety(enum.Enum):
    """``safe`` changes nothing but what the finding complains of; ``unsafe`` may change more."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``range`` by ``text``; ranges of one fix never overlap."""

    range: Range
    text: str


@dataclass(frozen=True)
class Proposal:
    """A way to mend a finding. ``rewrite`` turns the module's text into the mended one.

    ``rewrite`` may raise ``CannotFix``; then the proposal is dropped without a word.
    """

    title: str
    safety: Safety
    rewrite: Callable[[str], str]

    def texts(self, source: SourceText) -> Iterable[tuple[SourceText, str]]:
        """What becomes of ``source``, the text that the model was made of."""
        return [(source, self.rewrite(source.text))]


@dataclass(frozen=True)
class WideProposal:
    """A way to mend a finding that may change several files.

    ``rewrite`` gives each text that changes with what becomes of it; it may raise ``CannotFix``.
    """

    title: str
    safety: Safety
    rewrite: Callable[[], Iterable[tuple[SourceText, str]]]

    def texts(self, source: SourceText) -> Iterable[tuple[SourceText, str]]:
        """What becomes of the texts, of which ``source`` need not be one."""
        return self.rewrite()


class CannotFix(Exception):
    """Raised inside a rewrite that meets code it does not handle."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a fix does to one file: ``edits`` turn ``source`` into ``new_text``."""

    source: SourceText
    edits: tuple[Edit, ...]
    new_text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A verified fix: applying ``edits`` removes the finding and adds none.

    ``edits`` turn the file of the finding into ``new_text``; ``elsewhere`` is what has to be done
    to other files along with that.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
    new_text: str
    elsewhere: tuple[Change, ...] = ()


class FixProvider(ABC):
    """Proposes fixes for findings with one of ``codes``; the earlier of two providers (by
    ``order``) is the preferred fix."""

    codes: ClassVar[frozenset[str]]
    order: ClassVar[int] = 50

    @abstractmethod
    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Ways to mend ``finding``, the best first."""


@dataclass(frozen=True, eq=False)
class Files:
    """A program and the files of its project, as fixes that change several of them see it.

    ``workspace`` is None for a file that is looked at by itself. ``keepers`` are files whose names
    stay what they are for those that import them, whatever becomes of what they stand for.
    ``walked`` are the models of other programs that had to be looked at, by path.
    """

    model: Model
    project: Project
    workspace: Workspace | None = None
    keepers: frozenset[Path] = frozenset()
    walked: dict[Path, Model] = field(default_factory=dict)


class WideFixProvider(ABC):
    """A provider whose fixes may change several files. It is also asked about findings that only
    the program of another file shows."""

    codes: ClassVar[frozenset[str]]
    order: ClassVar[int] = 50

    @abstractmethod
    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """Ways to mend ``finding`` of the program ``files.model``, the best first."""


class RefactoringProvider(ABC):
    """Proposes edits that mend nothing but help, offered at a place rather than for a finding."""

    order: ClassVar[int] = 50

    @abstractmethod
    def propose(self, model: Model, span: Range) -> Iterator[Proposal]:
        """What can be done at ``span``, the most useful first."""


def edits_between(source: SourceText, new_text: str) -> tuple[Edit, ...]:
    """The line-wise edits that turn ``source`` into ``new_text``, smallest places first in file."""
    edits: list[Edit] = []
    for line, old, new in source.parts(new_text):
        edits += _edits(SourceText(source.path, old), new, line) if old != new else ()
    return tuple(edits)


def _edits(source: SourceText, new_text: str, first: int) -> Iterator[Edit]:
    """The edits of a part that begins in line ``first`` of the whole."""
    old_lines = source.text.splitlines(keepends=True)
    new_lines = new_text.splitlines(keepends=True)
    # Comparing takes far longer than linear, and nearly all of a text stays what it is.
    head = _alike(old_lines, new_lines)
    tail = _alike(reversed(old_lines[head:]), reversed(new_lines[head:]))
    old, new = (lines[head : len(lines) - tail] for lines in (old_lines, new_lines))
    starts = list(accumulate(map(len, old), initial=sum(map(len, old_lines[:head]))))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind != "equal":
            start = source.position_at(starts[old_from])
            span = Range(start, source.position_at(starts[old_to])).below(first)
            yield Edit(span, "".join(new[new_from:new_to]))


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many lines are the same before the first that is not."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def apply_edits(source: SourceText, edits: tuple[Edit, ...]) -> str:
    """The text of ``source`` after ``edits``."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
        start, end = source.offset(edit.range.start), source.offset(edit.range.end)
        text = text[:start] + edit.text + text[end:]
    return text
