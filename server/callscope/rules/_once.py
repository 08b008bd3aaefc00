"""Whether a function sees to it that a part of it runs once, by ``if done: return``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model.events import Where
from callscope.model.values import FunctionNode

_FILLING = frozenset({"add", "append", "update", "setdefault", "insert", "set"})


def happens_once(node: ast.AST, where: Where) -> bool:
    """Whether ``node``, met at ``where``, stands behind a test of something that is set there."""
    places = [*(place for place, _ in where.stack), node]
    functions = [where.root.function, *(function for _, function in where.stack)]
    return any(
        function is not None and _is_checked(function.node, place)
        for function, place in zip(functions, places, strict=True)
    )


def _is_checked(function: FunctionNode, place: ast.AST) -> bool:
    """Whether ``function`` may return before ``place``, because it has come there before."""
    if isinstance(function, ast.Lambda):
        return False
    changed = set(_changed(function))
    line = getattr(place, "lineno", 0)
    return any(
        isinstance(statement, ast.If)
        and statement.lineno < line
        and isinstance(statement.body[-1], ast.Return)
        and not changed.isdisjoint(_asked(statement.test))
        for statement in ast.walk(function)
    )


def _asked(test: ast.expr) -> Iterator[str]:
    """The names and attributes that a test looks at."""
    for node in ast.walk(test):
        if isinstance(node, ast.Name | ast.Attribute):
            yield ast.unparse(node)


def _changed(function: ast.AST) -> Iterator[str]:
    """What a function sets or fills: names of its module, attributes, collections."""
    declared = {
        name
        for node in ast.walk(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node.value)
        elif isinstance(node, ast.Call):
            yield from _filled(node.func)


def _filled(method: ast.expr) -> Iterator[str]:
    """The collection that a method adds to, given the method."""
    if isinstance(method, ast.Attribute) and method.attr in _FILLING:
        yield ast.unparse(method.value)
