"""``--output-format full``: findings with their code, their evidence and their fix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from callscope.cli.concise import headline
from callscope.cli.frame import snippet
from callscope.cli.paint import Paint, harmless
from callscope.cli.result import SAFE, FileResult, Found, Link, Offer, Place


@dataclass(frozen=True, slots=True)
class _Glyphs:
    rail: str
    branch: str
    last: str
    more: str
    ellipsis: str


_BOXES = _Glyphs("│", "├─", "╰─", "⋮", "…")
_ASCII = _Glyphs("|", "|-", "`-", ":", "...")


def write(results: Iterable[FileResult], out: TextIO, paint: Paint) -> None:
    """Write the findings of ``results`` to ``out``, a blank line after each."""
    for result in results:
        for found in result.found:
            for line in _Drawing(result, found, paint).lines():
                print(line.rstrip(), file=out)
            print(file=out)


class _Drawing:
    """One finding, drawn."""

    def __init__(self, result: FileResult, found: Found, paint: Paint) -> None:
        self._result = result
        self._found = found
        self._paint = paint
        self._glyphs = _BOXES if paint.fancy else _ASCII
        places = [found.place, *(link.place for link in found.evidence)]
        self._gutter = len(str(max(place.line for place in places) + 1)) + 1

    def lines(self) -> Iterator[str]:
        found = self._found
        yield from self._headline()
        yield self._rail()
        yield from self._code(found.place, primary=True)
        branches = [self._evidence(link) for link in found.evidence]
        branches.extend(self._fix(fix) for fix in found.fixes)
        for number, branch in enumerate(branches):
            yield from self._branch(branch, last=number == len(branches) - 1)

    def _headline(self) -> Iterator[str]:
        line = headline(self._result, self._found, self._paint)
        # Colour codes take no cells, so only plain text can be measured and wrapped.
        if self._paint.width is None or self._paint.color:
            yield line
        else:
            yield from textwrap.wrap(line, self._paint.width, subsequent_indent="    ") or [line]

    def _evidence(self, link: Link) -> tuple[list[str], list[str]]:
        """The words of a link and its code; no code where it has just been shown."""
        place = self._result.where(link.place)
        words = self._wrapped(f"{harmless(place)}: {harmless(link.message)}", len(place) + 1)
        if link.place == self._found.place:
            return words, []
        return words, list(self._code(link.place, primary=False))

    def _fix(self, fix: Offer) -> tuple[list[str], list[str]]:
        label = "fix:" if fix.safety == SAFE else "unsafe fix:"
        lines = self._wrapped(f"{label} {harmless(fix.title)}", len(label), good=True)
        return lines, []

    def _wrapped(self, text: str, label: int, *, good: bool = False) -> list[str]:
        """``text`` in lines of the terminal's width, its first ``label`` characters coloured."""
        width = self._paint.width
        room = max(30, width - self._gutter - 4) if width else None
        lines = textwrap.wrap(text, room, break_on_hyphens=False) if room else [text]
        color = self._paint.good if good else self._paint.note
        lines[0] = color(lines[0][:label]) + lines[0][label:]
        return lines

    def _branch(self, branch: tuple[list[str], list[str]], *, last: bool) -> Iterator[str]:
        words, code = branch
        closes = last and not code
        knot = self._glyphs.last if closes else self._glyphs.branch
        yield f"{' ' * self._gutter} {self._paint.rail(knot)} {words[0]}"
        for line in words[1:]:
            rail = "  " if closes else f"{self._paint.rail(self._glyphs.rail)} "
            yield f"{' ' * self._gutter} {rail} {line}"
        yield from code

    def _code(self, place: Place, *, primary: bool) -> Iterator[str]:
        width = self._paint.width
        room = max(20, width - self._gutter - 3) if width else None
        shown = snippet(self._result.line(place), place, room, self._glyphs.ellipsis)
        number = f"{place.line + 1:>{self._gutter}}"
        yield f"{self._paint.rail(f'{number} {self._glyphs.rail}')} {shown.text}"
        mark = ("^" if primary else "-") * shown.length
        if primary:
            mark = self._paint.severity(self._found.severity, mark)
        else:
            mark = self._paint.note(mark)
        more = self._paint.dim(f" {self._glyphs.ellipsis} to line {place.end_line + 1}")
        yield f"{self._rail()} {' ' * shown.start}{mark}{more if shown.goes_on else ''}"

    def _rail(self) -> str:
        return f"{' ' * self._gutter} {self._paint.rail(self._glyphs.rail)}"
