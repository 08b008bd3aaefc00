"""Text to syntax tree, also while a statement is half typed.

``ast`` is an order of magnitude faster than any tree that keeps formatting, but refuses a module
with one wrong character. So when it refuses, parso's error recovery says which lines belong to
broken statements, those are blanked (never removed, so that no line number moves) and the rest is
parsed again.
"""

from __future__ import annotations

import ast
import io
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from callscope.source.nodes import walk
from callscope.source.text import Position, Range, SourceText, SyntaxProblem

_MOST_ROUNDS = 12
"""How often broken lines are blanked before the module is given up as a whole."""


@dataclass(frozen=True)
class ParsedSource:
    """A tree of everything in ``source`` that could be parsed.

    ``problem`` is None for valid Python. ``blanked`` holds the 0-based lines that were left out.
    ``rest`` gives the other statements of the text where ``tree`` is a part of it only.
    """

    source: SourceText
    tree: ast.Module
    problem: SyntaxProblem | None
    blanked: frozenset[int]
    rest: Callable[[], Iterable[ast.stmt]] | None = None

    @property
    def unread(self) -> Iterable[str]:
        """The lines that were left out; the whole text if nothing of it could be read."""
        if self.problem is not None and not self.tree.body:
            return [self.source.text]
        return [self.source.line(number) for number in sorted(self.blanked)]

    @cached_property
    def signed(self) -> ast.Module:
        """The tree, of whose nodes :func:`origin_of` can tell that they are from here."""
        for node in walk(self.tree):
            node.origin = self.source  # type: ignore[attr-defined]
        return self.tree


def origin_of(node: ast.AST) -> SourceText | None:
    """The text that a node of a :attr:`ParsedSource.signed` tree is from; None for other nodes."""
    found: SourceText | None = getattr(node, "origin", None)
    return found


def parse(source: SourceText) -> ParsedSource:
    """Parse ``source``; never raises, whatever the text is."""
    text = source.text.removeprefix("\ufeff")
    tree, error = _try(text)
    if tree is not None:
        return ParsedSource(source, tree, None, frozenset())
    problem = _problem(source, error)
    lines = python_lines(text)
    blanked: set[int] = set()
    tree = _blank_broken_statements(lines, blanked, problem.range.start.line)
    return ParsedSource(source, tree, problem, frozenset(blanked))


def parses(text: str) -> bool:
    """Whether ``text`` is valid Python."""
    return _try(text)[0] is not None


# Neither catching warnings nor, in several releases of Python, making trees bears two threads at a
# time: "AST constructor recursion depth mismatch" is what comes of it.
_TURN = Lock()


def module_of(text: str) -> ast.Module:
    """What ``ast.parse`` makes of ``text``, and raises; for all threads, one after the other."""
    with _TURN, warnings.catch_warnings():
        # An invalid escape in the user's string is not ours to print.
        warnings.simplefilter("ignore")
        return ast.parse(text)


def expression_of(text: str) -> ast.expr:
    """The same for a text that is one expression."""
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def _try(text: str) -> tuple[ast.Module | None, Exception]:
    try:
        return module_of(text), Exception()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return None, error


def _problem(source: SourceText, error: Exception) -> SyntaxProblem:
    if not isinstance(error, SyntaxError) or error.lineno is None:
        message = (
            "the file is nested too deeply" if isinstance(error, RecursionError) else str(error)
        )
        start = Position(0, 0)
        return SyntaxProblem(message or type(error).__name__, Range(start, start))
    line = min(max(error.lineno - 1, 0), source.line_count - 1)
    # CPython counts this column in code points, from 1, and may point past the line.
    column = min(max((error.offset or 1) - 1, 0), len(source.line(line)))
    start = Position(line, column)
    return SyntaxProblem(error.msg or "invalid syntax", Range(start, start))


def python_lines(text: str) -> list[str]:
    """``text`` cut where Python ends a line (not at form feeds), line breaks kept."""
    return list(io.StringIO(text, newline=""))


def _blank_broken_statements(lines: list[str], blanked: set[int], error_line: int) -> ast.Module:
    """Blank what parso calls broken, then whatever still stops ``ast``, and return the tree."""
    for line in _lines_parso_rejects("".join(lines)):
        _blank(lines, line, blanked)
    for _ in range(_MOST_ROUNDS):
        tree, error = _try("".join(lines))
        if tree is not None:
            return tree
        line = error.lineno - 1 if isinstance(error, SyntaxError) and error.lineno else error_line
        if not _blank_statement_at(lines, line, blanked):
            break
    return ast.Module(body=[], type_ignores=[])


def _lines_parso_rejects(text: str) -> set[int]:
    import parso
    from parso.python import tree as parso_tree

    rejected: set[int] = set()
    try:
        module = parso.load_grammar().parse(text)
    except RecursionError:
        return rejected
    pending = [module]
    while pending:
        node = pending.pop()
        if node.type in ("error_node", "error_leaf"):
            rejected.update(range(node.start_pos[0] - 1, _last_line(node) + 1))
        elif isinstance(node, parso_tree.BaseNode):
            pending.extend(node.children)
    return rejected


def _last_line(node: object) -> int:
    """The 0-based last line of a parso node that holds text of its own."""
    line, column = node.end_pos  # type: ignore[attr-defined]
    return int(line) - 2 if column == 0 and line > node.start_pos[0] else int(line) - 1  # type: ignore[attr-defined]


def _blank(lines: list[str], number: int, blanked: set[int]) -> None:
    if 0 <= number < len(lines):
        body = lines[number].rstrip("\r\n")
        ending = lines[number][len(body) :]
        indent = body[: len(body) - len(body.lstrip())]
        # ``pass`` keeps a block alive whose only statement was the broken one.
        lines[number] = (
            f"{indent}pass{ending}" if body.strip() and number not in blanked else ending
        )
        blanked.add(number)


def _blank_statement_at(lines: list[str], number: int, blanked: set[int]) -> bool:
    """Blank the line ``ast`` complains of, or the nearest one above that still holds text."""
    number = min(number, len(lines) - 1)
    while number >= 0 and not lines[number].strip():
        number -= 1
    if number < 0:
        return False
    _blank(lines, number, blanked)
    return True
