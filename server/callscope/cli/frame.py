"""A line of source code with part of it underlined, as it looks in a terminal.

Everything here counts in cells: a tab reaches to the next stop, a Chinese character or an emoji
is two wide, a combining accent none.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from callscope.cli.paint import harmless
from callscope.cli.result import Place

_TAB = 4
_LONGEST = 160
"""Where the width of the terminal is not known, code beyond this many cells is cut."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The text of a line as shown, and where the underline goes, in cells of it.

    ``goes_on`` says that the range continues on the lines that follow.
    """

    text: str
    start: int
    length: int
    goes_on: bool


def snippet(line: str, place: Place, width: int | None, ellipsis: str = "…") -> Snippet:
    """The first ``line`` of ``place``, cut to ``width`` cells around what is to be underlined."""
    goes_on = place.end_line > place.line
    last = len(line.rstrip()) if goes_on else place.end_column
    cells = _cells(line)
    start = sum(cell.width for cell in cells[: place.column])
    length = max(1, sum(cell.width for cell in cells[place.column : last]))
    first, end = _window(start, length, sum(cell.width for cell in cells), width or _LONGEST)
    return _cut(cells, start, length, first, end, ellipsis, goes_on)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    width: int


def _cells(line: str) -> list[_Cell]:
    cells: list[_Cell] = []
    column = 0
    for character in line:
        if character == "\t":
            blanks = _TAB - column % _TAB
            cell = _Cell(" " * blanks, blanks)
        else:
            shown = harmless(character)
            cell = _Cell(shown, _width(character) if shown == character else len(shown))
        cells.append(cell)
        column += cell.width
    return cells


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _window(start: int, length: int, total: int, width: int) -> tuple[int, int]:
    """From which cell to which the line is shown: all of it, or what surrounds the underline."""
    if total <= width:
        return 0, total
    if start + min(length, width // 2) <= width - 2:
        return 0, width - 1
    first = max(0, start - width // 3)
    return first, min(total, first + width - 2)


def _cut(
    cells: list[_Cell], start: int, length: int, first: int, end: int, ellipsis: str, goes_on: bool
) -> Snippet:
    shown: list[str] = []
    at = 0
    shown_from: int | None = None
    shown_to = first
    for cell in cells:
        if first <= at and at + cell.width <= end:
            shown_from = at if shown_from is None else shown_from
            shown.append(cell.text)
            shown_to = at + cell.width
        at += cell.width
    left = shown_from if shown_from is not None else first
    text = "".join(shown)
    offset = -left
    if left > 0:
        text, offset = ellipsis + text, len(ellipsis) - left
    if shown_to < at:
        text += ellipsis
    underline_end = min(start + length, max(shown_to, start + 1))
    return Snippet(text.rstrip(), start + offset, max(1, underline_end - start), goes_on)
