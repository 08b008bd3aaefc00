"""Text, positions and their conversions.

One position type serves the whole program: 0-based lines, 0-based columns counted in code points
of the line. Everything else that counts differently is converted here: ``ast`` counts UTF-8 bytes,
editors usually count UTF-16 code units, people and JSON output count from 1.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import ClassVar, Literal

PositionEncoding = Literal["utf-8", "utf-16", "utf-32"]

# Python's tokenizer ends a line at these three only; ``str.splitlines`` would also split at form
# feeds and Unicode separators and the line numbers of ``ast`` would drift away from ours.
LINE_END = re.compile(r"\r\n|\r|\n")


class UnreadableSource(Exception):
    """A file's bytes cannot be had or are not Python text; the message is meant for the user."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters: 0-based line, 0-based column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """From ``start`` up to but not including ``end``.

    ``path`` names the file it is in, "" standing for the file that is being checked.
    """

    start: Position
    end: Position
    path: str = ""

    def contains(self, position: Position) -> bool:
        """Whether ``position``, of the same file, lies in the range, both of its ends included."""
        return self.start <= position <= self.end

    def holds(self, other: Range) -> bool:
        """Whether ``other``, of whichever file, begins in the range."""
        return self.path == other.path and self.contains(other.start)

    def below(self, lines: int) -> Range:
        """The same range, ``lines`` lines further down."""
        start, end = self.start, self.end
        return Range(
            Position(start.line + lines, start.column),
            Position(end.line + lines, end.column),
            self.path,
        )

    def overlaps(self, other: Range) -> bool:
        """Whether the two share a character, or touch."""
        return self.path == other.path and self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why the text is not valid Python, in Python's own words, and where."""

    message: str
    range: Range


def differing(old: str, new: str) -> tuple[int, int]:
    """How many characters the two have in common at the start, and how many of the others at the
    end."""
    shorter = min(len(old), len(new))
    start = _most(shorter, lambda low, high: new.startswith(old[low:high], low))
    behind = _most(
        shorter - start,
        lambda low, high: new.endswith(old[len(old) - high : len(old) - low], 0, len(new) - low),
    )
    return start, behind


def _most(limit: int, same: Callable[[int, int], bool]) -> int:
    """The largest number up to ``limit`` for which all below is the ``same``; it is asked of what
    lies between two numbers."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


class _LineStarts:
    """The indices at which the lines of a text start, each but for ``shift`` from ``moved`` on.

    Keys come one after the other in one line. All lines below move by the same then, so only that
    is noted, and the long list is shared by the texts of all those keys.
    """

    __slots__ = ("_all", "_moved", "_shift")

    def __init__(self, starts: list[int], moved: int = 0, shift: int = 0) -> None:
        self._all, self._moved, self._shift = starts, moved, shift

    @classmethod
    def of(cls, text: str) -> _LineStarts:
        """Those of ``text``, looked for."""
        if "\r" in text:
            return cls([0, *(match.end() for match in LINE_END.finditer(text))])
        # The same, several times as fast.
        ends = accumulate(map(len, text.split("\n")))
        return cls([0, *(end + breaks for breaks, end in enumerate(ends, 1))][:-1])

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, line: int) -> int:
        return self._all[line] + (self._shift if line >= self._moved else 0)

    def edited(self, start: int, end: int, text: str) -> _LineStarts:
        """Those of the text with ``text`` in place of what is between two indices; no text may
        hold a carriage return."""
        before, behind = self._until(start), self._until(end)
        more = len(text) - (end - start)
        is_one_line = before == behind and "\n" not in text
        if is_one_line and (not self._shift or before == self._moved):
            return _LineStarts(self._all, before, self._shift + more)
        added = [start + match.end() for match in LINE_END.finditer(text)]
        known = [*self._all[: self._moved], *(n + self._shift for n in self._all[self._moved :])]
        return _LineStarts([*known[:before], *added, *(n + more for n in known[behind:])])

    def line_at(self, index: int) -> int:
        """The line that the character at ``index`` is in."""
        return self._until(index) - 1

    def _until(self, index: int) -> int:
        """How many lines start at ``index`` or before."""
        found = bisect_right(self._all, index, 0, self._moved)
        return found if found < self._moved else bisect_right(self._all, index - self._shift, found)


@dataclass(frozen=True)
class SourceText:
    """The text of one Python file, or of one editor buffer.

    ``path`` is what findings name; it need not exist on disk. ``text`` keeps the line endings it
    came with. ``bom`` and ``encoding`` say how to write the file back unchanged.
    """

    path: Path
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    _line_cache: dict[int, str] = field(default_factory=dict, repr=False, compare=False)

    interactive: ClassVar[bool] = False
    """Whether its statements are run bit by bit, in any order, in an event loop that runs."""

    @property
    def problem_before(self) -> SyntaxProblem | None:
        """What was wrong with the file before its text was made of it; the text itself may hold
        problems of its own."""
        return None

    @property
    def file_text(self) -> str:
        """What its file holds."""
        return self.text

    @property
    def layout(self) -> tuple[int, ...]:
        """What besides its text decides which lines are run together: the numbers of its cells."""
        return ()

    def in_cell(self, line: int) -> tuple[int, int]:
        """The number of the cell that a 0-based line is in, from 1, and its 0-based line there; 0
        and the line itself where there are no cells."""
        return 0, line

    def line_name(self, line: int) -> str:
        """A 0-based line in words for the user."""
        return str(line + 1)

    def can_become(self, text: str) -> bool:
        """Whether ``text`` can be written back in place of this one."""
        return True

    def parts(self, text: str) -> Iterator[tuple[int, str, str]]:
        """What is edited by itself when this becomes ``text``: from which line on, the old and the
        new text."""
        yield 0, self.text, text

    @cached_property
    def _starts(self) -> _LineStarts:
        return _LineStarts.of(self.text)

    def edited(self, start: int, end: int, text: str) -> SourceText:
        """The same with ``text`` in place of what is between two indices.

        Where the lines start is not looked for again, so that an edit costs little in a long text.
        """
        made = replace(self, text=self.text[:start] + text + self.text[end:], _line_cache={})
        if "\r" not in made.text:
            made.__dict__["_starts"] = self._starts.edited(start, end, text)
        return made

    @property
    def line_count(self) -> int:
        """How many lines there are; a trailing line break starts one more, empty line."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """The text of 0-based line ``number`` without its line break; "" past the end."""
        cached = self._line_cache.get(number)
        if cached is None:
            cached = self._line_cache[number] = self._cut_line(number)
        return cached

    def _cut_line(self, number: int) -> str:
        if not 0 <= number < len(self._starts):
            return ""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    @cached_property
    def newline(self) -> str:
        """The line break the file uses: its first one, or "\\n" where there is none."""
        match = LINE_END.search(self.text)
        return match.group() if match else "\n"

    def offset(self, position: Position) -> int:
        """The index into ``text`` of ``position``; positions past an end are pulled back to it."""
        if position.line >= len(self._starts):
            return len(self.text)
        return self._starts[position.line] + min(position.column, len(self.line(position.line)))

    def position_at(self, offset: int) -> Position:
        """The place of an index into ``text``."""
        line = self._starts.line_at(offset)
        return Position(line, offset - self._starts[line])

    def slice(self, span: Range) -> str:
        """The characters of ``span``."""
        return self.text[self.offset(span.start) : self.offset(span.end)]

    @property
    def end(self) -> Position:
        """The place after the last character."""
        last = self.line_count - 1
        return Position(last, len(self.line(last)))

    def position_of(self, line: int, byte_column: int) -> Position:
        """An ``ast`` place (1-based line, UTF-8 byte column) as a :class:`Position`."""
        text = self.line(line - 1)
        if text.isascii():
            return Position(line - 1, byte_column)
        return Position(line - 1, len(text.encode()[:byte_column].decode(errors="ignore")))

    def range_of(self, node: ast.AST) -> Range:
        """The range of ``node``, which must have a location."""
        if not isinstance(
            node,
            ast.expr
            | ast.stmt
            | ast.excepthandler
            | ast.arg
            | ast.keyword
            | ast.alias
            | ast.pattern,
        ):
            raise TypeError(f"{type(node).__name__} has no location")
        return Range(
            self.position_of(node.lineno, node.col_offset),
            self.position_of(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )

    def to_client(self, position: Position, encoding: PositionEncoding) -> int:
        """The column of ``position`` in the units an editor asked for."""
        text = self.line(position.line)
        if encoding == "utf-32" or text.isascii():
            return min(position.column, len(text))
        before = text[: position.column]
        if encoding == "utf-8":
            return len(before.encode(errors="surrogatepass"))
        return len(before.encode("utf-16-le", errors="surrogatepass")) // 2

    def from_client(self, line: int, column: int, encoding: PositionEncoding) -> Position:
        """The position an editor means; past the end of a line means its end."""
        text = self.line(line)
        if encoding == "utf-32" or text.isascii():
            return Position(line, min(column, len(text)))
        if encoding == "utf-8":
            raw = text.encode(errors="surrogatepass")[:column]
            return Position(line, len(raw.decode(errors="ignore")))
        raw = text.encode("utf-16-le", errors="surrogatepass")[: column * 2]
        return Position(line, len(raw.decode("utf-16-le", errors="ignore")))
