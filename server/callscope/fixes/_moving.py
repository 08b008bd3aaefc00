"""Takes statements out of a draft and puts them elsewhere, with their comments, as written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callscope.fixes._cst import Draft
from callscope.fixes._scopes import FunctionDef
from callscope.fixes.base import CannotFix


@dataclass(frozen=True)
class Lines:
    """0-based lines from ``first`` up to and including ``last``."""

    first: int
    last: int


def lines_of(draft: Draft, statement: ast.stmt) -> Lines:
    """The lines of a statement with the comments that stand directly above it.

    Raises CannotFix if it shares them with another statement.
    """
    if not draft.owns_its_lines(statement):
        raise CannotFix("statements share a line")
    first = draft.first_line(statement)
    indent = draft.indent_of(statement)
    while first > 0 and _is_comment(draft.source.line(first - 1), indent):
        first -= 1
    return Lines(_below_file_header(draft, first, draft.first_line(statement)),
                 draft.last_line(statement))  # fmt: skip


def _is_comment(line: str, indent: str) -> bool:
    return line.startswith(f"{indent}#")


def _below_file_header(draft: Draft, first: int, statement: int) -> int:
    """``first``, less the comments that belong to the file: those it begins with."""
    return statement if first == 0 else first


def moved_text(draft: Draft, lines: Lines, indent: str, to: str) -> str:
    """The text of ``lines``, which are indented by ``indent``, indented by ``to`` instead."""
    rows = []
    for number in range(lines.first, lines.last + 1):
        row = draft.source.text[draft.line_start(number) : draft.line_start(number + 1)]
        if number not in draft.lines_in_strings and row.strip():
            row = to + row.removeprefix(indent)
        rows.append(row)
    if rows and not rows[-1].endswith(("\n", "\r")):
        rows[-1] += draft.newline
    return "".join(rows)


def gap(draft: Draft) -> int:
    """How many blank lines the file puts around functions at its top level: two, or one."""
    seen = []
    for before, node in zip(draft.tree.body, draft.tree.body[1:], strict=False):
        if isinstance(node, FunctionDef | ast.ClassDef):
            between = range(draft.last_line(before) + 1, draft.first_line(node))
            seen.append(sum(not draft.source.line(number).strip() for number in between))
    return 1 if seen and max(seen) == 1 else 2


def take_out(
    draft: Draft, statements: Iterable[ast.stmt], block: str, line: int, around: int
) -> None:
    """Remove whole statements and put ``block``, lines of the top level, in front of ``line``.

    ``around`` is how many blank lines ``block`` gets on either side.
    """
    regions = _joined(draft, [lines_of(draft, statement) for statement in statements])
    at = next((r for r in regions if r.first <= line <= r.last + 1), None)
    if at is None:
        at = Lines(line, line - 1)
    else:
        regions.remove(at)
    for region in regions:
        _remove(draft, region)
    before, after = blank_before(draft, at.first), _blank_after(draft, at.last)
    first, last = at.first - before, at.last + after
    end = draft.newline
    head = end * around if first > 0 else ""
    tail = end * around if last + 1 < _line_count(draft) else ""
    start = draft.line_start(first)
    ended = draft.source.text.endswith(("\n", "\r"))
    if first > 0 and start == len(draft.source.text) and not ended:
        head += end
    draft.change(start, draft.line_start(last + 1), head + block + tail)


def remove_whole(draft: Draft, statements: Iterable[ast.stmt]) -> None:
    """Remove statements of the top level."""
    for region in _joined(draft, [lines_of(draft, statement) for statement in statements]):
        _remove(draft, region)


def _joined(draft: Draft, regions: list[Lines]) -> list[Lines]:
    """``regions`` in order, those with nothing but blank lines between them made one."""
    joined: list[Lines] = []
    for region in sorted(regions, key=lambda region: region.first):
        if joined and joined[-1].last + _blank_after(draft, joined[-1].last) + 1 >= region.first:
            joined[-1] = Lines(joined[-1].first, max(region.last, joined[-1].last))
        else:
            joined.append(region)
    return joined


def _remove(draft: Draft, region: Lines) -> None:
    """Remove lines, and as many blank ones that the larger of the gaps around them remains; what
    stood apart stays so where there is a gap among them only."""
    before, after = blank_before(draft, region.first), _blank_after(draft, region.last)
    surplus = min(before, after)
    ends_file = region.last + after + 1 >= _line_count(draft)
    above = draft.source.line(region.first - before - 1) if region.first > before else ""
    opens_block = _width(above) < _width(draft.source.line(region.first))
    if opens_block or ends_file or region.first == before:
        surplus = after
    end = region.last + 1 + surplus
    first = region.first - before if ends_file else region.first
    inside = range(region.first, region.last)
    apart = not (before or after or opens_block or ends_file) and region.first > 0
    keeps_gap = apart and any(not draft.source.line(number).strip() for number in inside)
    draft.change(draft.line_start(first), draft.line_start(end), draft.newline * keeps_gap)


def remove_inside(draft: Draft, statements: Sequence[ast.stmt], bodies: Bodies) -> list[ast.stmt]:
    """Remove statements from the blocks they stand in; a block that would be empty gets ``pass``.

    A main guard that would be empty is not changed but returned, to be removed as a whole.
    """
    emptied: list[ast.stmt] = []
    plain: list[Lines] = []
    for parent, body in bodies.of(statements):
        gone = [s for s in body if s in statements]
        if len(gone) < len(body):
            plain.extend(lines_of(draft, s) for s in gone)
        elif isinstance(parent, ast.If) and not parent.orelse:
            emptied.append(parent)
        else:
            whole = Lines(lines_of(draft, gone[0]).first, lines_of(draft, gone[-1]).last)
            text = draft.indent_of(gone[0]) + "pass" + draft.newline
            start = draft.line_start(whole.first)
            draft.change(start, draft.line_start(whole.last + 1), text)
    for region in _joined(draft, plain):
        _remove(draft, region)
    return emptied


def drop_item(draft: Draft, items: Sequence[ast.AST], item: ast.AST) -> None:
    """Remove one of several items with the comma that belongs to it."""
    index = items.index(item)
    if index + 1 < len(items):
        draft.change(draft.start(item), draft.start(items[index + 1]), "")
    else:
        draft.change(draft.end(items[index - 1]), draft.end(item), "")


class Bodies:
    """Which block each statement of a module stands in."""

    def __init__(self, tree: ast.Module) -> None:
        self._of: dict[ast.stmt, tuple[ast.AST, list[ast.stmt]]] = {}
        for node in ast.walk(tree):
            for name in ("body", "orelse", "finalbody"):
                body = getattr(node, name, None)
                if isinstance(body, list):
                    self._of.update((statement, (node, body)) for statement in body)

    def of(self, statements: Sequence[ast.stmt]) -> list[tuple[ast.AST, list[ast.stmt]]]:
        """The blocks that hold ``statements``, each once, with the node they belong to."""
        found: dict[int, tuple[ast.AST, list[ast.stmt]]] = {}
        for statement in statements:
            parent, body = self._of[statement]
            found[id(body)] = parent, body
        return list(found.values())


def blank_before(draft: Draft, line: int) -> int:
    """How many blank lines stand above 0-based ``line``."""
    number = 0
    while line - number > 0 and not draft.source.line(line - number - 1).strip():
        number += 1
    return number


def _blank_after(draft: Draft, line: int) -> int:
    number = 0
    while (
        line + number + 1 < _line_count(draft) and not draft.source.line(line + number + 1).strip()
    ):
        number += 1
    return number


def _line_count(draft: Draft) -> int:
    """The lines that hold text; a trailing line break does not start another."""
    count = draft.source.line_count
    return count - 1 if draft.source.text.endswith(("\n", "\r")) else count


def _width(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0
