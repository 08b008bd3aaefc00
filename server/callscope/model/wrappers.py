"""Wrappers, as decorators make them: which function one hands all of its arguments on to."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from callscope.model.values import Function, Instance, Value
from callscope.source import walk

# These look at an argument and leave it as it is.
_ONLY_READ = frozenset({"print", "repr", "str", "len"})


def passed_on(function: Function, receiver: Instance | None) -> tuple[Value, bool] | None:
    """The function that every call of ``function`` calls with just the arguments it got, and
    whether the object a method is bound to is among them; None if there is none for certain.

    Only what certainly comes to pass counts: a call in a branch, in a ``with`` (which may suppress
    what it raises) or below an ``except`` that catches is none.
    """
    spec = function.node.args
    if isinstance(function.node, ast.Lambda) or spec.kwonlyargs or not (spec.vararg or spec.kwarg):
        return None
    call = _Search(spec).in_block(function.node.body)
    if call is None:
        return None
    leading = [parameter.arg for parameter in [*spec.posonlyargs, *spec.args]]
    if isinstance(call.func, ast.Name) and call.func.id not in leading:
        called = function.scope.find(call.func.id)
        return (called, True) if called is not None and _passes(call, spec, leading) else None
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name) or receiver is None or leading[:1] != [owner.id]:
        return None
    assert isinstance(call.func, ast.Attribute)
    called = receiver.attributes.get(call.func.attr)
    return (called, False) if called is not None and _passes(call, spec, leading[1:]) else None


def _passes(call: ast.Call, spec: ast.arguments, leading: list[str]) -> bool:
    """Whether ``call`` passes the parameters on: all of them, in order, and nothing else."""
    given = [ast.unparse(argument) for argument in call.args]
    given += [f"{k.arg or '**'}{ast.unparse(k.value)}" for k in call.keywords]
    star = [f"*{spec.vararg.arg}"] if spec.vararg else []
    rest = [f"**{spec.kwarg.arg}"] if spec.kwarg else []
    return given == [*leading, *star, *rest]


class _Search:
    """Looks through statements for the first call that gets ``*args`` or ``**kwargs``."""

    def __init__(self, spec: ast.arguments) -> None:
        everything = [*spec.posonlyargs, *spec.args, spec.vararg, spec.kwarg]
        self.names = {parameter.arg for parameter in everything if parameter is not None}
        self.collecting = {p.arg for p in (spec.vararg, spec.kwarg) if p is not None}

    def in_block(self, body: Iterable[ast.stmt]) -> ast.Call | None:
        """The call; None where something before it may prevent it or change what it gets."""
        for statement in body:
            if isinstance(statement, ast.Try):
                lets_through = all(_raises_again(handler) for handler in statement.handlers)
                return self.in_block(statement.body) if lets_through else None
            value = _value_of(statement)
            if isinstance(value, ast.Call) and self._gets_all(value):
                return value
            if not self._is_harmless(statement):
                return None
        return None

    def _gets_all(self, call: ast.Call) -> bool:
        given = [a.value for a in call.args if isinstance(a, ast.Starred)]
        given += [k.value for k in call.keywords if k.arg is None]
        return any(isinstance(g, ast.Name) and g.id in self.collecting for g in given)

    def _is_harmless(self, statement: ast.stmt) -> bool:
        """Whether it ends, and leaves the parameters as they are."""
        for node in walk(statement):
            if isinstance(node, ast.Return | ast.Raise | ast.Yield | ast.YieldFrom | ast.Assert):
                return False
            if isinstance(node, ast.Name) and node.id in self.names:
                if isinstance(node.ctx, ast.Load) and node.id not in self.collecting:
                    continue
                if id(node) not in _only_read(statement):
                    return False
        return True


def _value_of(statement: ast.stmt) -> ast.expr | None:
    """The expression that a simple statement evaluates, whether awaited or not."""
    if not isinstance(statement, ast.Expr | ast.Return | ast.Assign | ast.AnnAssign):
        return None
    value = statement.value
    return value.value if isinstance(value, ast.Await) else value


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None and len(handler.body) <= 2


def _only_read(statement: ast.stmt) -> set[int]:
    """The names in ``statement`` that are printed, formatted or counted, by ``id``."""
    reading: list[ast.AST] = []
    for node in walk(statement):
        if isinstance(node, ast.FormattedValue):
            reading.append(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            reading += node.args if node.func.id in _ONLY_READ else []
    return {id(node) for node in reading if isinstance(node, ast.Name)}
