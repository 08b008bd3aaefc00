"""Whether edited files still hang together: names that nothing binds, imports that lead nowhere.

A safety net below all fixes that move things about; no fix that is right is caught in it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from callscope.fixes._scopes import Names
from callscope.project import Workspace
from callscope.source import SourceText, nodes_of, parse

_GIVEN = frozenset({*dir(builtins), "__file__", "__path__", "__class__", "__annotations__"})


def loose_ends(sources: Iterable[SourceText], workspace: Workspace | None) -> set[tuple[Path, str]]:
    """The names in ``sources`` that nothing binds, and the imports from them, in whichever file of
    ``workspace``, of what is not there."""
    found: set[tuple[Path, str]] = set()
    bound: dict[Path, frozenset[str]] = {}
    for source in sources:
        bound[source.path], unbound = _names_of(source.text)
        found.update((source.path, name) for name in unbound)
    if workspace is not None:
        importers = {other for path in bound for other in workspace.graph.importers(path)}
        for path in importers | bound.keys():
            found.update((path, name) for name in _missing(path, bound, workspace))
    return found


@lru_cache(maxsize=4)
def _names_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a module binds, and those that nothing binds. Several changes of one text are
    compared with it in turn."""
    names = Names(parse(SourceText(Path(), text)).tree)
    return frozenset(names.bindings), frozenset(_unbound(names))


def _unbound(names: Names) -> set[str]:
    if any(map(_is_star, nodes_of(names.tree, ast.ImportFrom))):
        return set()
    return names.uses.keys() - names.bindings.keys() - names.rebound - _GIVEN


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
