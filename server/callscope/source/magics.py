"""What IPython understands and Python does not: magics, shell lines, questions.

Such a line is covered by one of Python that stands for it, and ends in a comment with the line as
it was. So no line moves, and what a line was can be told from the line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from callscope.source.parse import parse, parses, python_lines
from callscope.source.text import LINE_END, SourceText, SyntaxProblem

MARK = "#\x1f"
"""Begins the comment that holds a covered line; nobody types this."""

# These have Python as their body, and run it with the names of the notebook.
_PYTHON_CELL = re.compile(r"\s*%%(?:capture|debug|prun|time|timeit)\b")

_CELL = re.compile(r"\s*%%")

# A statement of IPython's. A `%` or `!` may follow an assignment, a `?` may end a name; some magics
# are understood without their `%`.
_LINE = re.compile(
    r"[ \t]*(?:"
    r"(?:[A-Za-z_][\w.\[\]\"', \t]*=[ \t]*)?(?:%\w|!)[^\r\n]*"
    r"|(?:conda|mamba|pip|uv) +\w[^\r\n]*"
    r"|\?{1,2}[\w.*%][^\r\n]*"
    r"|[%\w][\w.*]*(?:\[[\w\"']+\])?\?{1,2}[ \t]*(?=\r|\n|\Z)"
    r")"
)

# `%time` and the like run the rest of the line; their words are as long as `pass; `.
_TIMED = re.compile(r"(?P<indent>[ \t]*)(?P<magic>%(?:time|timeit|prun)[ \t]+)(?P<code>[^\s-].*)")
_TARGET = re.compile(r"(?P<indent>[ \t]*)(?P<target>[A-Za-z_][^=]*?)[ \t]*=[ \t]*[%!]")

# What hides brackets, opens and closes them, and the ends of lines.
_TOKEN = re.compile(
    r"#[^\r\n]*"
    r"|\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*(?:\"\"\"|\Z)|'''(?:[^\\']|\\.|'(?!''))*(?:'''|\Z)"
    r"|\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?"
    r"|\\(?:\r\n|\r|\n)"
    r"|(?P<up>[(\[{])|(?P<down>[)\]}])|(?P<end>\r\n|\r|\n)",
    re.DOTALL,
)


def covered(line: str, code: str) -> str:
    """``line`` with ``code`` in its place."""
    return f"{code}{MARK}{line}"


def uncovered(text: str) -> str:
    """``text`` as it was before lines of it were covered."""
    if MARK not in text:
        return text
    return "".join(line.partition(MARK)[2] if MARK in line else line for line in python_lines(text))


def uncovered_at(text: str, line: int) -> str:
    """``text`` with the covered lines around a 0-based ``line`` as they were, but no border between
    two cells."""
    if MARK not in text:
        return text
    lines = python_lines(text)
    if line >= len(lines) or not _is_typed(lines[line]):
        return text
    first = last = line
    while first > 0 and _is_typed(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and _is_typed(lines[last + 1]):
        last += 1
    lines[first : last + 1] = [each.partition(MARK)[2] for each in lines[first : last + 1]]
    return "".join(lines)


def _is_typed(line: str) -> bool:
    return bool(line.partition(MARK)[2].strip())


def is_covered(line: str) -> bool:
    """Whether ``line`` stands for another."""
    return MARK in line


@lru_cache(maxsize=2048)
def as_python(cell: str) -> tuple[str, SyntaxProblem | None]:
    """A cell's text with all lines covered that are not Python, or belong to broken statements;
    what is left is valid. And the first thing that is wrong with it."""
    if MARK not in cell and parses(cell):
        return cell, None
    if _CELL.match(cell) and not _PYTHON_CELL.match(cell):
        return _all_covered(cell), None
    made = "".join(_without_magics(cell))
    if parses(made):
        return made, None
    return _without_broken(made)


def _without_magics(cell: str) -> Iterator[str]:
    """The text in pieces, magics and shell lines covered."""
    head = _PYTHON_CELL.match(cell)
    at = _end_of_magic(cell, head.end()) if head is not None else 0
    yield _all_covered(cell[:at])
    while at < len(cell):
        if _LINE.match(cell, at) is None:
            end = _end_of_statement(cell, at)
            yield from map(_without_mark, python_lines(cell[at:end]))
        else:
            end = _end_of_magic(cell, at)
            yield from _covered_magic(cell[at:end])
        at = end


def _without_mark(line: str) -> str:
    return covered(line, "") if is_covered(line) else line


def _end_of_statement(cell: str, at: int) -> int:
    """Where the first line ends at which no string and no bracket is open."""
    depth = 0
    for match in _TOKEN.finditer(cell, at):
        kind = match.lastgroup
        depth = max(0, depth + (kind == "up") - (kind == "down"))
        if kind == "end" and depth == 0:
            return match.end()
    return len(cell)


def _end_of_magic(cell: str, at: int) -> int:
    """Where the line ends; one that ends in a backslash goes on."""
    for match in LINE_END.finditer(cell, at):
        if cell[match.start() - 1] != "\\":
            return match.end()
    return len(cell)


def _covered_magic(magic: str) -> Iterator[str]:
    first, *others = python_lines(magic)
    yield covered(first, _python_for(first.rstrip("\r\n")))
    yield from (covered(line, "") for line in others)


def _python_for(line: str) -> str:
    """A statement of Python that does no more than IPython may do at ``line``."""
    timed = _TIMED.match(line)
    if timed is not None and parses(f"pass; {timed['code']}"):
        return f"{timed['indent']}{'pass;'.ljust(len(timed['magic']))}{timed['code']}  "
    target = _TARGET.match(line)
    if target is not None and parses(f"{target['target']} = 0"):
        return f"{target['indent']}{target['target']} = get_ipython()  "
    return f"{_indent(line)}get_ipython()  "


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _without_broken(cell: str) -> tuple[str, SyntaxProblem | None]:
    """The text with the lines of broken statements covered."""
    lines = python_lines(cell)
    found = parse(SourceText(Path("cell"), cell))
    # A block may need a statement where the broken one was, or stand in the way of one.
    for code in ("pass", ""):
        made = "".join(
            covered(line, _indent(line) + code)
            if number in found.blanked and line.strip() and not is_covered(line)
            else line
            for number, line in enumerate(lines)
        )
        if parses(made):
            return made, found.problem
    return _all_covered(uncovered(cell)), found.problem


def _all_covered(cell: str) -> str:
    return "".join(covered(line, "") if line.strip() else line for line in python_lines(cell))
