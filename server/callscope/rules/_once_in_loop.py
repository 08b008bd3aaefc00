"""Places in a loop that see to it themselves that they are come past in one of its turns only."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model.events import Where
from callscope.model.values import Function
from callscope.rules._occasions import asked, filled
from callscope.rules._shared import within
from callscope.source import walk

_LEAVING = (ast.Continue, ast.Break, ast.Return)
_COUNTING = ("enumerate", "range")


def may_be_once(loop: ast.For | ast.AsyncFor | ast.While, node: ast.AST, where: Where) -> bool:
    """Whether a test decides over ``node``, met at ``where`` in a turn of ``loop``, or over the end
    of the turn before it, by something that the turns themselves change behind the test: the walk
    has seen it as it is in the first turn."""
    places = [*(place for place, _ in where.stack), node]
    first = next((i for i, place in enumerate(places) if within(place, loop)), None)
    if first is None:
        return False
    functions = [function for _, function in where.stack[first:]]
    kept = {name for function in functions for name in _kept(function)}
    if isinstance(loop, ast.For) and _counts(loop.iter):
        target = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else loop.target
        kept |= set(asked(target))
    bodies: list[ast.AST] = [loop, *(function.node for function in functions)]
    return any(
        _decides(test, place) and _turns(test, body, kept)
        for body, place in zip(bodies, places[first:], strict=True)
        for test in walk(body)
        if isinstance(test, ast.If | ast.IfExp)
    )


def _decides(test: ast.If | ast.IfExp, place: ast.AST) -> bool:
    """Whether ``place`` stands under ``test``, or is passed over if it says so."""
    if within(place, test) and not within(place, test.test):
        return True
    before = isinstance(test, ast.If) and test.lineno < getattr(place, "lineno", 0)
    return before and any(isinstance(part, _LEAVING) for part in walk(test))


def _turns(test: ast.If | ast.IfExp, body: ast.AST, kept: set[str]) -> bool:
    """Whether what is asked for is changed in ``body`` behind the question, and not before it."""
    earlier: set[str] = set()
    later: set[str] = set()
    for name, line in _changes(body):
        (earlier if line < test.lineno else later).add(name)
    return any(name in kept or name in later - earlier for name in asked(test.test))


def _changes(body: ast.AST) -> Iterator[tuple[str, int]]:
    """What is bound or filled in ``body``, and in which line."""
    for node in walk(body):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield ast.unparse(node), node.lineno
        elif isinstance(node, ast.Call):
            yield from ((name, node.lineno) for name in filled(node.func))


def _kept(function: Function) -> Iterator[str]:
    """What methods beside ``__init__`` set of the object that ``function`` is a method of, and what
    it sets of its module."""
    for node in walk(function.node):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
    for method in function.owner.node.body if function.owner is not None else ():
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.name != "__init__":
            yield from (name for name, _ in _changes(method) if "." in name)


def _counts(iterated: ast.expr) -> bool:
    named = isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name)
    return named and ast.unparse(iterated).partition("(")[0] in _COUNTING
