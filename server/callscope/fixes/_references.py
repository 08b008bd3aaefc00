"""Who else uses a callback: what may be changed, and what is changed at nobody's expense."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import BoundMethod, Function, Value, options

_KEEP_SIGNATURE = ("staticmethod", "classmethod", "override", "typing.override")


def may_be_changed(patch: Patch, known: Callable, about: Registration) -> bool:
    """Whether the callback's parameters may change: nobody in view calls it directly, and it is
    registered for nothing else."""
    node = known.node
    if not isinstance(node, ast.Lambda):
        if any(ast.unparse(decorator) not in _KEEP_SIGNATURE for decorator in node.decorator_list):
            return False
        if _is_overridden(patch, known):
            return False
    if any(is_function(call.callee, node) for call in patch.model.calls):
        return False
    return all(
        _same_call(other, known, about)
        for other in patch.model.registrations
        if other.function is not None and other.function.node is node
    )


def _same_call(other: Registration, known: Callable, about: Registration) -> bool:
    function, contract = other.function, other.contract
    return (
        function is not None
        and contract is not None
        and about.contract is not None
        and contract.shape == about.contract.shape
        and (function.bound, function.filled, function.preset)
        == (known.bound, known.filled, known.preset)
    )


def _is_overridden(patch: Patch, known: Callable) -> bool:
    """Whether a class above or below has a method of that name, which would have to change too."""
    owner, name = known.function.owner, known.function.name
    if owner is None:
        return False
    return any(
        other is not owner
        and name in other.names
        and (owner in list(other.ancestry()) or other in list(owner.ancestry()))
        for other in patch.model.interpreter.classes
    )


def is_only_used_as_callback(patch: Patch, known: Callable, about: Registration) -> bool:
    """Whether every mention of the callback in this file hands it over as such."""
    handed_over = [
        registration.callback_node
        for registration in patch.model.registrations
        if registration.callback_node is not None
        and registration.function is not None
        and registration.function.node is known.node
    ]
    allowed = {id(part) for node in handed_over for part in ast.walk(node)}
    return all(id(mention) in allowed for mention in mentions(patch, known))


def mentions(patch: Patch, known: Callable) -> Iterator[ast.expr]:
    """Every expression in the file that may be the callback: by its name, or by its method name."""
    node = known.node
    name = known.function.name
    is_method = known.function.owner is not None
    loads = patch.model.interpreter.loads
    for part in ast.walk(patch.tree):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            value = loads.get(id(part))
            if is_function(value, node) or (value is None and part.id == name):
                yield part
        elif is_method and isinstance(part, ast.Attribute) and part.attr == name:
            yield part


def is_function(value: Value | None, node: ast.AST) -> bool:
    """Whether ``value`` may be the function defined at ``node``."""
    for option in options(value) if value is not None else ():
        function = option.function if isinstance(option, BoundMethod) else option
        if isinstance(function, Function) and function.node is node:
            return True
    return False
