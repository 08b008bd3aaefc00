"""Let a reply function change the dict that the program reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from callscope.fixes._arguments import remove_keyword, written_argument
from callscope.fixes._patch import Definition, Patch, bound_names, proposal, uses_of
from callscope.fixes._references import is_function
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

_CONFIG = "config"


class FixConfigCopy(FixProvider):
    """Uses the dict itself in the reply function, where that can be named, and passes no copy."""

    codes = frozenset({"CB423"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not where the function is also called for other dicts, or the copy is reset."""
        about = finding.about
        known = about.function if isinstance(about, Registration) else None
        if not isinstance(about, Registration) or known is None:
            return
        function = known.node
        if isinstance(function, ast.Lambda) or about.argument("reset_config") is not None:
            return
        if not _is_only_callback(model, about, function):
            return
        given = written_argument(model, about, _CONFIG)
        name = _name_inside(Patch(model), given, about, function)

        def change(patch: Patch) -> None:
            for use in uses_of(function, _CONFIG):
                patch.replace(use, name)
            call = about.node
            if isinstance(call, ast.Call) and given not in call.args:
                remove_keyword(patch, call, _CONFIG)

        yield proposal(model, f"Change `{name}` itself in `{function.name}`", Safety.UNSAFE, change)


def _is_only_callback(model: Model, about: Registration, function: Definition) -> bool:
    """Whether nothing but this registration gets the function called."""
    if any(is_function(call.callee, function) for call in model.calls):
        return False
    return all(
        other.node is about.node
        for other in model.registrations
        if other.function is not None and other.function.node is function
    )


def _name_inside(
    patch: Patch, given: ast.expr | None, about: Registration, function: Definition
) -> str:
    """How ``function`` can name the dict that the registration writes as ``given``."""
    inner = set().union(*(bound_names(n) for n in ast.walk(function) if isinstance(n, Definition)))
    if isinstance(given, ast.Name) and given.id not in inner:
        owner = _owner(patch, given)
        if owner is None or owner in patch.ancestors(function):
            return given.id
    first = function.args.args[0].arg if function.args.args else _CONFIG
    if _is_of_own_object(given, about.callback_node) and first != _CONFIG:
        return f"{first}.{given.attr}"
    raise CannotFix("the function cannot name it")


def _is_of_own_object(given: ast.expr | None, method: ast.expr | None) -> TypeGuard[ast.Attribute]:
    """Whether ``given`` is an attribute of the very object, ``self``, that ``method`` is taken
    from."""
    return (
        isinstance(given, ast.Attribute)
        and isinstance(given.value, ast.Name)
        and isinstance(method, ast.Attribute)
        and isinstance(method.value, ast.Name)
        and method.value.id == given.value.id
    )


def _owner(patch: Patch, name: ast.Name) -> ast.AST | None:
    """The function that binds ``name``; None for a name of the module."""
    for above in patch.ancestors(name):
        if isinstance(above, Definition) and name.id in bound_names(above):
            return above
    return None
