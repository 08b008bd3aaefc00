"""Statements that change places within their block."""

from __future__ import annotations

import ast

from callscope.fixes._patch import Definition, Patch
from callscope.fixes.base import CannotFix


def side_by_side(patch: Patch, one: ast.expr, two: ast.expr) -> tuple[ast.stmt, ast.stmt]:
    """The two statements of one block in which two calls are made: they themselves, or the calls
    of the functions that make them."""
    for first in _ways_to(patch, one):
        for second in _ways_to(patch, two):
            if first is not second and second in block_of(patch, first):
                return first, second
    raise CannotFix("not in one block")


def _ways_to(patch: Patch, node: ast.expr) -> list[ast.stmt]:
    """The statement of a call, then those of the calls that lead to it, from within."""
    call = next((call for call in patch.model.calls if call.node is node), None)
    outer = [entered for entered, _ in reversed(call.where.stack)] if call is not None else []
    return [patch.statement(place) for place in (node, *outer)]


def move_behind(patch: Patch, moved: ast.stmt, last: ast.stmt) -> None:
    """Move ``moved`` behind ``last``, which stands further down in the same block."""
    _require_block(patch, moved, last)
    lines = _cut(patch, moved)
    place = patch.line_start(patch.last_line(last) + 1)
    if place == len(patch.source.text) and not patch.source.text.endswith(("\n", "\r")):
        patch.change(place, place, patch.newline + lines.rstrip("\r\n"))
    else:
        patch.change(place, place, lines)


def move_before(patch: Patch, moved: ast.stmt, first: ast.stmt) -> None:
    """Move ``moved`` in front of ``first``, which stands further up in the same block.

    Raises CannotFix where something between the two gives ``moved`` one of its names.
    """
    for statement in statements_between(patch, first, moved):
        if names_read(moved) & bound_by(statement):
            raise CannotFix("needs what is bound in between")
    _put_before(patch, moved, first)


def move_with_needs(patch: Patch, moved: ast.stmt, first: ast.stmt) -> None:
    """Move ``moved`` in front of ``first``, and with it the assignments between the two that give
    it its names; raises CannotFix where these need more than that."""
    needed, names = [moved], names_read(moved)
    for statement in reversed(statements_between(patch, first, moved)):
        if names & bound_by(statement):
            if statement is first or not isinstance(statement, ast.Assign):
                raise CannotFix("needs what is made in between")
            needed.insert(0, statement)
            names |= names_read(statement)
    for statement in needed:
        _put_before(patch, statement, first)


def _put_before(patch: Patch, moved: ast.stmt, first: ast.stmt) -> None:
    _require_block(patch, first, moved)
    text = _cut(patch, moved)
    if not text.endswith(("\n", "\r")):
        _drop_last_line_break(patch, moved)
        text += patch.newline
    place = patch.line_start(patch.first_line(first))
    patch.change(place, place, text)


def statements_between(patch: Patch, first: ast.stmt, last: ast.stmt) -> list[ast.stmt]:
    """The statements of the block from ``first`` up to, not including, ``last``."""
    block = block_of(patch, first)
    if last not in block:
        raise CannotFix("in another block")
    return block[block.index(first) : block.index(last)]


def block_of(patch: Patch, statement: ast.stmt) -> list[ast.stmt]:
    """The statements that ``statement`` stands among."""
    above = patch.parents.get(id(statement))
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, None)
        if isinstance(block, list) and statement in block:
            return block
    raise CannotFix("not in a block")


def _require_block(patch: Patch, first: ast.stmt, last: ast.stmt) -> None:
    block = block_of(patch, first)
    if last not in block or block.index(first) >= block.index(last):
        raise CannotFix("not two statements of one block")
    if not (patch.owns_its_lines(first) and patch.owns_its_lines(last)):
        raise CannotFix("statements share a line")


def _cut(patch: Patch, statement: ast.stmt) -> str:
    start = patch.line_start(patch.first_line(statement))
    end = patch.line_start(patch.last_line(statement) + 1)
    patch.change(start, end, "")
    return patch.source.text[start:end]


def _drop_last_line_break(patch: Patch, last: ast.stmt) -> None:
    """The file's last line goes; the one above becomes the last, without a line break."""
    start = patch.line_start(patch.first_line(last))
    text = patch.source.text[:start]
    end = len(text.rstrip("\r\n"))
    broken = 2 if text.endswith("\r\n") else 1
    if len(text) - end >= broken:
        patch.change(len(text) - broken, len(text), "")


def names_read(statement: ast.stmt) -> set[str]:
    """Every name mentioned in ``statement``."""
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def bound_by(statement: ast.stmt) -> set[str]:
    """Every name that ``statement`` binds."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, Definition | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found
