"""What a small function decides about a message that is known, by working out its body.

Only what gives the same answer each time is worked out: tests and methods of texts, and names of
constants. Everything else is :class:`NotKnown`; a statement that only does something, such as
writing to a log, decides nothing.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable as Function
from collections.abc import Iterator
from typing import Any

from callscope.model.callables import Callable
from callscope.model.values import Constant, Sequence, Value
from callscope.source import names_in

# What a message that is nothing but a text holds, and what it lacks.
_KEYS = frozenset({"content", "role", "tool_calls", "function_call"})
_TEXT_METHODS = frozenset(
    {
        *("strip", "lstrip", "rstrip", "lower", "upper", "casefold", "startswith", "endswith"),
        *("find", "count", "split", "splitlines", "replace", "removesuffix", "removeprefix"),
    }
)
_BUILTINS: dict[str, Function[..., object]] = {
    f.__name__: f for f in (str, len, bool, any, all, isinstance)
}
_TYPES: dict[str, object] = {"str": str, "dict": dict}
_OPERATORS: dict[type[ast.cmpop], Function[[Any, Any], object]] = {
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


class NotKnown(Exception):
    """What the function decides cannot be told."""


def verdict(known: Callable, text: str) -> bool | None:
    """Whether ``known`` says yes to a message with ``text``; None if that cannot be told."""
    if not known.parameters or known.parameters[0].kind not in ("positional", "positional-only"):
        return None
    message = {"content": text, "role": "user"}
    body = known.node.body
    deciding = _Deciding(known, {known.parameters[0].name: message})
    try:
        if isinstance(body, ast.expr):
            return bool(deciding.value(body))
        return bool(next(deciding.returned(body), None))
    except (NotKnown, AttributeError, TypeError, ValueError, LookupError):
        # What it raises itself is for other rules to say.
        return None


class _Deciding:
    """One call of a function; ``names`` are those of its parameters and variables."""

    def __init__(self, known: Callable, names: dict[str, object]) -> None:
        self._known = known
        self._names = names

    def returned(self, body: list[ast.stmt]) -> Iterator[object]:
        """What ``body`` returns, if it comes to a ``return``; the first is the one that counts."""
        for statement in body:
            if isinstance(statement, ast.Return):
                yield self.value(statement.value) if statement.value is not None else None
            elif isinstance(statement, ast.If):
                taken = self.value(statement.test)
                yield from self.returned(statement.body if taken else statement.orelse)
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                self._assign(statement, self.value(statement.value))
            elif not self._decides_nothing(statement):
                raise NotKnown

    def _assign(self, statement: ast.Assign | ast.AnnAssign, value: object) -> None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if not isinstance(target, ast.Name):
                raise NotKnown
            self._names[target.id] = value

    def _decides_nothing(self, statement: ast.stmt) -> bool:
        """Whether it changes none of the function's own variables."""
        if isinstance(statement, ast.Pass):
            return True
        if not isinstance(statement, ast.Expr):
            return False
        call = statement.value
        if not isinstance(call, ast.Call):
            return isinstance(call, ast.Constant)
        if isinstance(call.func, ast.Name):
            # What is handed to another function may be changed there.
            return call.func.id == "print" or not (names_in(call) & set(self._names))
        holder = call.func
        while isinstance(holder, ast.Attribute):
            holder = holder.value
        return isinstance(holder, ast.Name) and holder.id not in self._names

    def value(self, node: ast.expr) -> object:
        """What an expression gives."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return tuple(self.value(item) for item in node.elts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.value(node.operand)
        if isinstance(node, ast.IfExp):
            return self.value(node.body if self.value(node.test) else node.orelse)
        if isinstance(node, ast.BoolOp):
            return self._either(node)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.Attribute):
            return self._own_attribute(node)
        if isinstance(node, ast.Subscript):
            return self._item(self.value(node.value), self.value(node.slice))
        if isinstance(node, ast.Call) and not node.keywords:
            return self._called(node)
        if isinstance(node, ast.GeneratorExp | ast.ListComp):
            return self._each(node.elt, node.generators)
        raise NotKnown

    def _name(self, name: str) -> object:
        if name in self._names:
            return self._names[name]
        if name in _TYPES:
            return _TYPES[name]
        return _plain(self._known.function.scope.find(name))

    def _own_attribute(self, node: ast.Attribute) -> object:
        """``self.word`` of the object whose method is asked."""
        spec = self._known.node.args
        own = [argument.arg for argument in (*spec.posonlyargs, *spec.args)][:1]
        holder = self._known.holder if self._known.bound else None
        if holder is None or not isinstance(node.value, ast.Name) or own != [node.value.id]:
            raise NotKnown
        return _plain(holder.attributes.get(node.attr))

    def _either(self, node: ast.BoolOp) -> object:
        stops = isinstance(node.op, ast.Or)
        found: object = None
        for operand in node.values:
            found = self.value(operand)
            if bool(found) is stops:
                break
        return found

    def _compared(self, node: ast.Compare) -> object:
        left = self.value(node.left)
        for compare, operand in zip(node.ops, node.comparators, strict=True):
            right = self.value(operand)
            if not _OPERATORS[type(compare)](left, right):
                return False
            left = right
        return True

    def _item(self, holder: object, key: object) -> object:
        if isinstance(holder, dict) and key in _KEYS:
            return holder[key]
        if isinstance(holder, str) and isinstance(key, int):
            return holder[key]
        raise NotKnown

    def _called(self, node: ast.Call) -> object:
        given = [self.value(argument) for argument in node.args]
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in _BUILTINS and self._known.function.scope.find(name) is None:
                return _BUILTINS[name](*given)
            raise NotKnown
        if not isinstance(node.func, ast.Attribute):
            raise NotKnown
        holder, method = self.value(node.func.value), node.func.attr
        if isinstance(holder, dict) and method == "get" and given and given[0] in _KEYS:
            return holder.get(*given)
        if isinstance(holder, str) and method in _TEXT_METHODS:
            result: object = getattr(holder, method)(*given)
            return result
        raise NotKnown

    def _each(self, element: ast.expr, generators: list[ast.comprehension]) -> list[object]:
        generator = generators[0]
        items = self.value(generator.iter)
        if len(generators) > 1 or not isinstance(items, list | tuple):
            raise NotKnown
        if generator.ifs or not isinstance(generator.target, ast.Name):
            raise NotKnown
        inner = _Deciding(self._known, dict(self._names))
        found = []
        for item in items:
            inner._names[generator.target.id] = item
            found.append(inner.value(element))
        return found


def _plain(value: Value | None) -> object:
    """A constant, or a list of them, that a name stands for."""
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Sequence) and value.exact:
        return tuple(_plain(item) for item in value.items)
    raise NotKnown
