"""What the turns of a loop change, which is walked once for all of them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from callscope.source import children, nodes_of, walk

_SETTING_UP = frozenset({"__init__", "__post_init__", "__new__", "setUp", "asyncSetUp"})


def names_bound(loop: ast.For | ast.AsyncFor | ast.While) -> frozenset[str]:
    """The names that a turn of ``loop`` binds in the scope it stands in."""
    found: set[str] = set()
    pending: list[ast.AST] = [*loop.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(children(node))
    return frozenset(found)


def asks_for(test: ast.expr, names: frozenset[str]) -> bool:
    """Whether ``test`` reads one of ``names``."""
    return any(isinstance(node, ast.Name) and node.id in names for node in walk(test))


def changing_attributes(owner: ast.ClassDef) -> frozenset[str]:
    """The attributes that an object of the class sets to several values, not only as it is made."""
    times: Counter[str] = Counter()
    later: set[str] = set()
    for method in owner.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for target in _attributes_set(walk(method)):
            if isinstance(target.value, ast.Name) and target.value.id == "self":
                times[target.attr] += 1
                later |= set() if method.name in _SETTING_UP else {target.attr}
    return frozenset(name for name in later if times[name] > 1)


def attributes_set_by_others(tree: ast.Module) -> frozenset[str]:
    """The attributes that are set of something else than ``self``."""
    return frozenset(
        target.attr
        for target in _attributes_set(nodes_of(tree, ast.Assign, ast.AugAssign, ast.AnnAssign))
        if not (isinstance(target.value, ast.Name) and target.value.id == "self")
    )


def _attributes_set(nodes: Iterable[ast.AST]) -> Iterator[ast.Attribute]:
    """The targets of those nodes that assign something else than None."""
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        emptied = isinstance(node.value, ast.Constant) and node.value.value is None
        if node.value is None or emptied:
            continue
        for target in targets:
            yield from (part for part in walk(target) if isinstance(part, ast.Attribute))
