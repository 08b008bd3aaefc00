"""How often a place in a function is come past: once, by its own care, or as the input has it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.events import Where
from callscope.model.values import UNKNOWN, Function, FunctionNode, path_of
from callscope.source import walk

_WIDGETS = "streamlit."
_FILLING = frozenset({"add", "append", "update", "setdefault", "insert", "set"})


def happens_once(node: ast.AST, where: Where) -> bool:
    """Whether ``node``, met at ``where``, stands behind a test of something that is set there."""
    places = [*(place for place, _ in where.stack), node]
    functions = [where.root.function, *(function for _, function in where.stack)]
    return any(
        function is not None and _is_checked(function.node, place)
        for function, place in zip(functions, places, strict=True)
    )


def depends_on_input(model: Model, where: Where) -> bool:
    """Whether all that decides over ``where`` is what this run is given: its parameters, what is
    read off them, what the user has entered. So it may come to pass in each run."""
    functions = [f for f in (where.root.function, *(f for _, f in where.stack)) if f is not None]
    return all(
        isinstance(test, ast.expr) and _is_of_input(model, test, functions)
        for test in where.branches
    )


def _is_of_input(model: Model, test: ast.expr, functions: list[Function]) -> bool:
    """Whether a test takes something the function has at its word: no search for a mark that an
    earlier run may have left."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return all(_is_of_input(model, part, functions) for part in test.values)
    if isinstance(test, ast.NamedExpr):
        test = test.value
    if isinstance(test, ast.Compare):
        equal = all(isinstance(op, ast.Eq | ast.NotEq) for op in test.ops)
        constant = all(isinstance(other, ast.Constant) for other in test.comparators)
        return equal and constant and _is_of_input(model, test.left, functions)
    if isinstance(test, ast.Call):
        return any((c.path or "").startswith(_WIDGETS) for c in model.calls_at(test))
    while isinstance(test, ast.Attribute):
        test = test.value
    if not isinstance(test, ast.Name):
        return False
    path = path_of(model.interpreter.loads.get(id(test), UNKNOWN)) or ""
    inside = [f for f in functions if any(node is test for node in walk(f.node))]
    given = _given_names(inside[-1].node) if inside else set()
    return path.startswith(_WIDGETS) or test.id in given


def _given_names(function: FunctionNode) -> set[str]:
    """The parameters of a function, and the names that it gives to parts of them."""
    given = {p.arg for p in walk(function.args) if isinstance(p, ast.arg)} - {"self", "cls"}
    for node in walk(function):
        if isinstance(node, ast.Assign) and _base_name(node.value) in given:
            given |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return given


def _base_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Await | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


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
        and not changed.isdisjoint(asked(statement.test))
        for statement in walk(function)
    )


def asked(test: ast.expr) -> Iterator[str]:
    """The names and attributes that a test looks at."""
    for node in walk(test):
        if isinstance(node, ast.Name | ast.Attribute):
            yield ast.unparse(node)


def _changed(function: ast.AST) -> Iterator[str]:
    """What a function sets or fills: names of its module, attributes, collections."""
    declared = {
        name
        for node in walk(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node.value)
        elif isinstance(node, ast.Call):
            yield from filled(node.func)


def filled(method: ast.expr) -> Iterator[str]:
    """The collection that a method adds to, given the method."""
    if isinstance(method, ast.Attribute) and method.attr in _FILLING:
        yield ast.unparse(method.value)
