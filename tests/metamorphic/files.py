"""A program of one file, taken apart into modules that mean the same together."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BUILTINS = frozenset(dir(builtins))


@dataclass
class _Module:
    """The statements of a module that is to be, and the names that they bind."""

    statements: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, statement: str, name: str) -> None:
        self.statements.append(statement)
        self.names.append(name)


def over_files(text: str, suffix: str = "") -> dict[str, str] | None:
    """The texts of ``main``, ``agents`` and ``callbacks``, by file name: what defines functions and
    classes, and what makes objects, moves out of the main module. None if nothing can move.

    A statement moves if it only needs what is imported or has moved before it, so that it does the
    same a little earlier. Once something has run that may be meant to run before an object is
    made, such as a logger's start, objects stay.
    """
    tree = ast.parse(text)
    rebound = _bound_again(tree)
    head = [statement for statement in tree.body if isinstance(statement, _IMPORTS)]
    known = {*_BUILTINS, *(name for item in head for name in _imported(item))}
    callbacks, agents = _Module(), _Module()
    rest: list[str] = []
    may_make = True
    for statement in tree.body:
        if isinstance(statement, _IMPORTS):
            continue
        name = _name_of(statement)
        written = _text_of(statement, text)
        goes_to = callbacks if isinstance(statement, _DEFINITIONS) else agents
        in_reach = known.union(callbacks.names, goes_to.names)
        stays = name is None or name in rebound or not _needs(statement) <= in_reach
        if name is None or stays or (goes_to is agents and not may_make):
            rest.append(written)
            may_make = may_make and (_is_about(statement, agents) or name is not None)
        else:
            goes_to.add(written, name)
    if not rest or not callbacks.names or not agents.names:
        return None
    imports = [_text_of(item, text) for item in head]
    from_callbacks = _import_of(f"callbacks{suffix}", callbacks)
    parts = {
        "callbacks": [*imports, *callbacks.statements],
        "agents": [*imports, from_callbacks, *agents.statements],
        "main": [*imports, from_callbacks, _import_of(f"agents{suffix}", agents), *rest],
    }
    return {f"{name}{suffix}.py": "\n".join(lines) + "\n" for name, lines in parts.items()}


def _name_of(statement: ast.stmt) -> str | None:
    """What the statement binds, if it is of a kind that may move."""
    if isinstance(statement, _DEFINITIONS):
        return None if statement.decorator_list else statement.name
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        (target, *others) = statement.targets
        makes = ast.unparse(statement.value.func).rpartition(".")[2][:1].isupper()
        return target.id if makes and isinstance(target, ast.Name) and not others else None
    return None


def _is_about(statement: ast.stmt, agents: _Module) -> bool:
    """Whether it only defines something, or calls a method of what has moved."""
    if isinstance(statement, (*_DEFINITIONS, ast.Assign)):
        return True
    called = (
        statement.value.func
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        else None
    )
    owner = called.value if isinstance(called, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in agents.names


def _needs(statement: ast.stmt) -> set[str]:
    """The names that it takes from around itself, and a few more."""
    own = {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
    own |= {node.name for node in ast.walk(statement) if isinstance(node, _DEFINITIONS)}
    loaded: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else own).add(node.id)
    # Names of the module's own that a function sets belong where the module is.
    if any(isinstance(node, ast.Global) for node in ast.walk(statement)):
        return {"a global statement"}
    return loaded - own


def _bound_again(tree: ast.Module) -> set[str]:
    """The names that are bound more than once, wherever."""
    seen: set[str] = set()
    again: set[str] = set()
    for name in _bindings(tree):
        (again if name in seen else seen).add(name)
    return again


def _bindings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, _IMPORTS):
            yield from _imported(node)
        elif isinstance(node, ast.Global):
            yield from node.names * 2


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        yield alias.asname or alias.name.partition(".")[0]


def _text_of(statement: ast.stmt, text: str) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min(statement.lineno, *(node.lineno for node in decorators), statement.lineno)
    return "\n".join(text.splitlines()[first - 1 : statement.end_lineno])


def _import_of(module: str, what: _Module) -> str:
    return f"from {module} import {', '.join(what.names)}"
