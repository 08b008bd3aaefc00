"""Notebooks: their Python cells as one module, in order, and the way back.

Between two cells stands a line that no cell has, a statement of its own: no fix carries it along,
and what is written before it belongs to the one cell, what is written behind it to the other. So
the text alone says what each cell is, whatever becomes of it.
"""

from __future__ import annotations

import codecs
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar

from callscope.source import json_spans
from callscope.source.json_spans import Span
from callscope.source.magics import MARK, as_python, uncovered
from callscope.source.parse import python_lines
from callscope.source.text import (
    Position,
    Range,
    SourceText,
    SyntaxProblem,
    UnreadableSource,
)

_BORDER = f"\npass  {MARK}\n"


@dataclass(frozen=True)
class NotebookSource(SourceText):
    """The Python cells of a notebook as one text.

    ``numbers`` are those of the cells among all cells, from 1. ``raw`` is the file's own text; ""
    for a notebook that an editor holds.
    """

    numbers: tuple[int, ...] = ()
    raw: str = ""

    interactive: ClassVar[bool] = True

    @classmethod
    def of_cells(cls, path: Path, cells: Iterable[tuple[int, str]]) -> NotebookSource:
        """The notebook with these cells, each with its number."""
        pairs = list(cells)
        text = _BORDER.join(as_python(cell)[0] for _, cell in pairs)
        return cls(path, text, numbers=tuple(number for number, _ in pairs))

    @cached_property
    def starts(self) -> list[int]:
        """The 0-based line in which each cell begins."""
        sizes = [len(piece) + len(_BORDER) for piece in self._pieces[:-1]]
        offsets = accumulate(sizes, initial=0) if self.numbers else ()
        return [self.position_at(offset).line for offset in offsets]

    @property
    def layout(self) -> tuple[int, ...]:
        """See :meth:`SourceText.layout`."""
        return self.numbers

    @property
    def cells(self) -> list[str]:
        """The text of each cell as its user knows it."""
        return [uncovered(piece) for piece in self._pieces]

    @property
    def _pieces(self) -> list[str]:
        return _pieces_of(self.text) if self.numbers else []

    def index_at(self, line: int) -> int:
        """Which of the cells a 0-based line is in."""
        return max(bisect_right(self.starts, line) - 1, 0)

    def in_cell(self, line: int) -> tuple[int, int]:
        """See :meth:`SourceText.in_cell`."""
        if not self.numbers:
            return 0, line
        index = self.index_at(line)
        return self.numbers[index], line - self.starts[index]

    def line_name(self, line: int) -> str:
        """See :meth:`SourceText.line_name`."""
        number, inside = self.in_cell(line)
        return f"{inside + 1} of cell {number}"

    @property
    def problem_before(self) -> SyntaxProblem | None:
        """The first thing in a cell that is not valid Python; all such lines are covered."""
        for start, cell in zip(self.starts, self.cells, strict=True):
            problem = as_python(cell)[1]
            if problem is not None:
                place = problem.range.start
                moved = Position(place.line + start, place.column)
                return SyntaxProblem(problem.message, Range(moved, moved))
        return None

    def can_become(self, text: str) -> bool:
        """See :meth:`SourceText.can_become`: the cells stay apart, and covered lines covered."""
        pieces = _pieces_of(text) if self.numbers else []
        same = len(pieces) == len(self.numbers)
        return same and all(as_python(uncovered(piece))[0] == piece for piece in pieces)

    def parts(self, text: str) -> Iterator[tuple[int, str, str]]:
        """See :meth:`SourceText.parts`."""
        for start, old, new in zip(self.starts, self._pieces, _pieces_of(text), strict=True):
            yield start, uncovered(old), uncovered(new)

    @property
    def file_text(self) -> str:
        """See :meth:`SourceText.file_text`: only the sources of changed cells are written anew."""
        made, done = [], 0
        places = (cell.source for cell in _python_cells(self.raw))
        for span, new in zip(places, self.cells, strict=True):
            if _text_of(span.value) != new:
                made += [self.raw[done : span.start], _rewritten(self.raw, span, new)]
                done = span.end
        return "".join((*made, self.raw[done:]))


def is_notebook(path: Path) -> bool:
    """Whether the file is a notebook by its name."""
    return path.suffix == ".ipynb"


def _pieces_of(text: str) -> list[str]:
    return text.split(_BORDER)


def decode_notebook(path: Path, content: bytes) -> NotebookSource:
    """Decode the bytes of a notebook; raises :class:`UnreadableSource` with a sentence for the
    user. One that is not about Python has no cells."""
    bom = content.startswith(codecs.BOM_UTF8)
    try:
        raw = content.removeprefix(codecs.BOM_UTF8).decode()
        cells = list(_python_cells(raw))
    except UnicodeDecodeError as error:
        raise UnreadableSource(f"is not valid utf-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableSource(f"is not a notebook: invalid JSON in {place}") from None
    except RecursionError:
        raise UnreadableSource("is not a notebook: it is nested too deeply") from None
    texts = [(cell.number, _text_of(cell.source.value)) for cell in cells]
    found = NotebookSource.of_cells(path, texts)
    return NotebookSource(path, found.text, "utf-8", bom, numbers=found.numbers, raw=raw)


@dataclass(frozen=True, slots=True)
class _Cell:
    number: int
    source: Span


def _python_cells(raw: str) -> Iterator[_Cell]:
    """The Python cells of a notebook's JSON; raises ``JSONDecodeError`` and
    :class:`UnreadableSource`."""
    whole = json_spans.read(raw)
    notebook = whole.value
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise UnreadableSource("is not a notebook")
    if notebook["nbformat"] != 4 or not isinstance(notebook.get("cells"), list):
        version = notebook["nbformat"]
        raise UnreadableSource(
            f"is a notebook in format {version}, and only format 4 can be read; "
            "jupyter nbconvert --to notebook converts it"
        )
    if _language(notebook) not in (None, "python", "ipython"):
        return
    cells = _last(json_spans.inside(raw, whole), "cells")
    assert cells is not None
    for number, cell in enumerate(json_spans.inside(raw, cells), 1):
        if not _is_python(cell.value):
            continue
        source = _last(json_spans.inside(raw, cell), "source")
        if source is None or not _is_text(source.value):
            raise UnreadableSource(f"is not a notebook: cell {number} has no source")
        yield _Cell(number, source)


def _last(members: Iterable[Span], key: str) -> Span | None:
    """The member that counts: of several with one key, JSON's readers keep the last."""
    return {member.key: member for member in members}.get(key)


def _language(notebook: Mapping[str, Any]) -> str | None:
    """What language its kernel speaks; None if it does not say."""
    metadata = _mapping(notebook.get("metadata"))
    named = _mapping(metadata.get("language_info")).get("name")
    found = named or _mapping(metadata.get("kernelspec")).get("language")
    return found.lower() if isinstance(found, str) and found else None


def _is_python(cell: object) -> bool:
    """Whether it is a code cell, and not one that an editor keeps in another language."""
    if _mapping(cell).get("cell_type") != "code":
        return False
    metadata = _mapping(_mapping(cell).get("metadata"))
    return str(_mapping(metadata.get("vscode")).get("languageId", "python")) == "python"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_text(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str)


def _text_of(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _rewritten(raw: str, span: Span, new: str) -> str:
    """JSON for the text ``new`` in the way ``span`` is written: a string, or an array of lines, of
    which those that stay are not touched."""
    if isinstance(span.value, str):
        return _dumped(raw, new)
    items = list(json_spans.inside(raw, span))
    if not items:
        return json.dumps(new.splitlines(keepends=True))
    known = {item.value: raw[item.start : item.end] for item in items}
    before = raw[span.start : items[0].start]
    between = raw[items[0].end : items[1].start] if len(items) > 1 else f",{before[1:]}"
    lines = python_lines(new)
    body = between.join(known.get(line) or _dumped(raw, line) for line in lines)
    return f"{before}{body}{raw[items[-1].end : span.end]}"


def _dumped(raw: str, text: str) -> str:
    """``text`` as a JSON string; escaped to plain ASCII if the rest of the file is."""
    return json.dumps(text, ensure_ascii=raw.isascii() and "\\u" in raw)
