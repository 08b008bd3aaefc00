"""The nodes of a tree: all of them, or those of some kinds, which are found once for each tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)

_PLAIN = frozenset(
    "arg asname attr conversion ctx id is_async kind level module op ops simple tag type_comment "
    "type_ignores".split()
)
"""Fields that hold no node, or only ``Load``, ``Add`` and their like, which say nothing alone."""


def walk(tree: ast.AST) -> list[ast.AST]:
    """``tree`` and all nodes in it, outer ones first, as ``ast.walk`` has them, but without those
    that only say how a name is used or which operator stands there."""
    found = [tree]
    for node in found:
        found += children(node)
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below ``node``, as ``ast.iter_child_nodes`` has them, but for those that
    :func:`walk` leaves out."""
    found: list[ast.AST] = []
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
    return found


def _fields(kind: type) -> tuple[str, ...]:
    known = _known_fields.get(kind)
    if known is None:
        fields: tuple[str, ...] = getattr(kind, "_fields", ())
        known = _known_fields[kind] = tuple(name for name in fields if name not in _PLAIN)
    return known


_known_fields: dict[type, tuple[str, ...]] = {}


def nodes_of(tree: ast.AST, *kinds: type[Node]) -> Iterator[Node]:
    """The nodes in ``tree`` of each of ``kinds``, which have no subclasses, in turn: of a module
    statement by statement, outer ones first in each. The tree may not change any more."""
    index = _by_kind(tree)
    for kind in kinds:
        yield from index.get(kind, ())  # type: ignore[misc]


def move(tree: ast.AST, lines: int) -> None:
    """Have all nodes in ``tree`` stand so many ``lines`` lower; higher, if that is negative."""
    for nodes in _by_kind(tree).values():
        if hasattr(nodes[0], "lineno"):
            for node in nodes:
                place = node.__dict__
                place["lineno"] += lines
                place["end_lineno"] += lines


def _by_kind(tree: ast.AST) -> dict[type[ast.AST], list[ast.AST]]:
    index: dict[type[ast.AST], list[ast.AST]] | None = getattr(tree, "by_kind", None)
    if index is None:
        index = {}
        if isinstance(tree, ast.Module):
            index[ast.Module] = [tree]
            # Its statements may be part of other modules too, as those of a text being edited are.
            for statement in tree.body:
                for kind, nodes in _by_kind(statement).items():
                    index.setdefault(kind, []).extend(nodes)
        else:
            for node in walk(tree):
                index.setdefault(type(node), []).append(node)
        tree.by_kind = index  # type: ignore[attr-defined]
    return index


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Whether calling ``function`` gives a generator: it has a ``yield`` of its own. It may not
    change any more."""
    known: bool | None = getattr(function, "is_generator", None)
    if known is None:
        known = function.is_generator = _yields(function)  # type: ignore[union-attr]
    return known


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    pending: list[ast.AST] = (
        [function.body] if isinstance(function, ast.Lambda) else [*function.body]
    )
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += children(item)
    return False


def names_in(tree: ast.AST) -> frozenset[str]:
    """The names and attributes that stand in ``tree``, which may not change any more."""
    known: frozenset[str] | None = getattr(tree, "names_in", None)
    if known is None:
        nodes = nodes_of(tree, ast.Name, ast.Attribute) if hasattr(tree, "by_kind") else walk(tree)
        known = frozenset(
            node.id if isinstance(node, ast.Name) else node.attr
            for node in nodes
            if isinstance(node, ast.Name | ast.Attribute)
        )
        tree.names_in = known  # type: ignore[attr-defined]
    return known
