"""Functions that are sent to a worker as a copy, and what travels along."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model.model import Model
from callscope.model.registrations import Registration
from callscope.model.scope import Use
from callscope.model.values import Function, Module
from callscope.source import walk


def travels_along(model: Model, use: Use) -> bool:
    """Whether the agent goes with the function that uses it, as a copy.

    A function of the script does so with its helpers and the globals that they name. Of an imported
    module only what is made a task there is copied, with what it names itself; all else is looked
    up by the worker, in modules that it imports.
    """
    function = use.crossing.function
    own = model.interpreter.module_of(function.scope)
    if own is model.interpreter.main:
        if model.source_of(use.node) is not model.source:
            return False
    elif not _is_made_a_task(use) or use.node not in walk(function.node):
        return False
    return _is_own_global(model, own, use.node)


def is_set_up_as_a_copy(model: Model, registration: Registration) -> bool:
    """Whether a function of the script makes the registration, on an agent that is a global of the
    script: sent to a worker to set it up, the function takes a copy of the agent along."""
    function, main = registration.where.root.function, model.interpreter.main
    return (
        function is not None
        and model.interpreter.module_of(function.scope) is main
        and model.source_of(registration.node) is model.source
        and _base_name(registration.node) in main.scope.names
        and _is_own_global(model, main, registration.node)
    )


def _is_own_global(model: Model, own: Module, node: ast.AST) -> bool:
    """Whether the name that ``node`` begins with is one of the module's own, and so copied with a
    function that is sent as a copy; not what is looked up in another module."""
    name = _base_name(node)
    value = own.scope.names.get(name)
    if isinstance(value, Module):
        return False
    if isinstance(value, Function) and model.interpreter.module_of(value.scope) is not own:
        return False
    return name not in _imported_inside(own.scope.node)


def _is_made_a_task(use: Use) -> bool:
    """Whether a decorator makes a task of the function, or of the class it is a method of."""
    function, call = use.crossing.function, use.crossing.call
    listed = [] if isinstance(function.node, ast.Lambda) else list(function.node.decorator_list)
    listed += function.owner.node.decorator_list if function.owner is not None else ()
    return call is not None and call.node in listed


def _base_name(node: ast.AST) -> str:
    """The name that an expression begins with: ``a`` of ``a.b["c"].d()``."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imported_inside(tree: ast.AST) -> set[str]:
    """The names that functions import for themselves."""
    return set(_local_imports(tree))


def _local_imports(tree: ast.AST) -> Iterator[str]:
    for function in walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield from (alias.asname or alias.name for alias in node.names)
