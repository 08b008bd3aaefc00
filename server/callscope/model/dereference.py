"""Where a function certainly takes an attribute of its first parameter, whatever that is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model.callables import Callable
from callscope.source import walk


def first_dereference(callback: Callable) -> ast.Attribute | None:
    """The first ``parameter.attribute`` that runs on every call; None if a test may prevent it.

    Only what comes before the first branch is looked at, so a guard such as
    ``sender is not None and sender.name`` is respected.
    """
    parameters = callback.parameters
    if not parameters or parameters[0].kind not in ("positional", "positional-only"):
        return None
    name = parameters[0].name
    body = callback.node.body
    if isinstance(body, ast.expr):
        return next(_in_expression(body, name), None)
    for statement in body:
        found = next(_in_statement(statement, name), None)
        if found is not None or not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign):
            return found
        if _rebinds(statement, name):
            return None
    return None


def _in_statement(statement: ast.stmt, name: str) -> Iterator[ast.Attribute]:
    first: ast.expr | None = None
    if isinstance(statement, ast.Expr | ast.Return | ast.Assign | ast.AnnAssign):
        first = statement.value
    elif isinstance(statement, ast.If | ast.While | ast.Assert):
        first = statement.test
    elif isinstance(statement, ast.For):
        first = statement.iter
    if first is not None:
        yield from _in_expression(first, name)


def _in_expression(node: ast.expr, name: str) -> Iterator[ast.Attribute]:
    """Attributes of ``name`` in the part of ``node`` that is always evaluated."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id == name:
            yield node
        return
    if isinstance(node, ast.BoolOp):
        yield from _in_expression(node.values[0], name)
        return
    if isinstance(node, ast.IfExp):
        yield from _in_expression(node.test, name)
        return
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _in_expression(child, name)
        elif isinstance(child, ast.keyword):
            yield from _in_expression(child.value, name)


def _rebinds(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in walk(statement)
    )
