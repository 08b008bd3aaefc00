"""Whether edited files still hang together: names that nothing binds, imports that lead nowhere.

A safety net below all fixes that move things about; no fix that is right is caught in it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from callscope.fixes._scopes import Names
from callscope.project import Workspace
from callscope.source import Segment, Segments, nodes_of

_GIVEN = frozenset({*dir(builtins), "__file__", "__path__", "__class__", "__annotations__"})


def loose_ends(texts: Iterable[Segments], workspace: Workspace | None) -> set[tuple[Path, str]]:
    """The names in ``texts`` that nothing binds, and the imports from them, in whichever file of
    ``workspace``, of what is not there."""
    found: set[tuple[Path, str]] = set()
    bound: dict[Path, frozenset[str]] = {}
    for text in texts:
        path = text.source.path
        pieces = [_names_of(segment) for segment in text.items]
        bound[path] = frozenset().union(*(piece.bound for piece in pieces))
        found.update((path, name) for name in _unbound(pieces, bound[path]))
    if workspace is not None:
        importers = {other for path in bound for other in workspace.graph.importers(path)}
        for path in importers | bound.keys():
            found.update((path, name) for name in _missing(path, bound, workspace))
    return found


@dataclass(frozen=True)
class _Names:
    """The module's names in a piece of it: those it binds, those it uses, and those it binds from
    inside of functions; and whether it imports others that it does not name."""

    bound: frozenset[str]
    used: frozenset[str]
    rebound: frozenset[str]
    has_star: bool


_known: WeakKeyDictionary[Segment, _Names] = WeakKeyDictionary()
"""A fix changes few pieces of a text, and several fixes are compared with it in turn."""


def _names_of(segment: Segment) -> _Names:
    found = _known.get(segment)
    if found is None:
        names = Names(segment.parsed.tree)
        found = _known[segment] = _Names(
            frozenset(names.bindings),
            frozenset(names.uses),
            frozenset(names.rebound),
            any(map(_is_star, nodes_of(names.tree, ast.ImportFrom))),
        )
    return found


def _unbound(pieces: Iterable[_Names], bound: Set[str]) -> set[str]:
    used: set[str] = set()
    rebound: set[str] = set()
    for piece in pieces:
        if piece.has_star:
            return set()
        used |= piece.used
        rebound |= piece.rebound
    return used - bound - rebound - _GIVEN


def _is_star(node: ast.ImportFrom) -> bool:
    return node.names[0].name == "*"


def _missing(
    path: Path, bound: Mapping[Path, frozenset[str]], workspace: Workspace
) -> Iterator[str]:
    """What the file ``path`` imports from the modules in ``bound`` that they do not bind."""
    parsed = workspace.sources.parsed(path)
    for node in nodes_of(parsed.tree, ast.ImportFrom) if parsed is not None else ():
        module = "." * node.level + (node.module or "")
        file = workspace.modules.file_of(module, path)
        joint = "" if module.endswith(".") else "."
        for alias in node.names if file in bound else ():
            inner = workspace.modules.file_of(f"{module}{joint}{alias.name}", path)
            if file is not None and alias.name not in {"*", *bound[file]} and inner is None:
                yield f"{module}{joint}{alias.name}"
