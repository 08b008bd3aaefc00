"""Whether edited files still hang together: names that nothing binds, imports that lead nowhere.

A safety net below all fixes that move things about; no fix that is right is caught in it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from callscope.fixes._scopes import Names
from callscope.project import Workspace
from callscope.source import SourceText, parse

_GIVEN = frozenset({*dir(builtins), "__file__", "__path__", "__class__", "__annotations__"})


def loose_ends(sources: Iterable[SourceText], workspace: Workspace | None) -> set[tuple[Path, str]]:
    """The names in ``sources`` that nothing binds, and the imports from them, in whichever file of
    ``workspace``, of what is not there."""
    found: set[tuple[Path, str]] = set()
    bound: dict[Path, set[str]] = {}
    for source in sources:
        names = Names(parse(source).tree)
        bound[source.path] = set(names.bindings)
        found.update((source.path, name) for name in _unbound(names))
    if workspace is not None:
        importers = {other for path in bound for other in workspace.graph.importers(path)}
        for path in importers | bound.keys():
            found.update((path, name) for name in _missing(path, bound, workspace))
    return found


def _unbound(names: Names) -> set[str]:
    if any(_is_star(node) for node in ast.walk(names.tree)):
        return set()
    return names.uses.keys() - names.bindings.keys() - names.rebound - _GIVEN


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def _missing(path: Path, bound: Mapping[Path, set[str]], workspace: Workspace) -> Iterator[str]:
    """What the file ``path`` imports from the modules in ``bound`` that they do not bind."""
    parsed = workspace.sources.parsed(path)
    for node in ast.walk(parsed.tree) if parsed is not None else ():
        if not isinstance(node, ast.ImportFrom):
            continue
        module = "." * node.level + (node.module or "")
        file = workspace.modules.file_of(module, path)
        joint = "" if module.endswith(".") else "."
        for alias in node.names if file in bound else ():
            inner = workspace.modules.file_of(f"{module}{joint}{alias.name}", path)
            if file is not None and alias.name not in {"*", *bound[file]} and inner is None:
                yield f"{module}{joint}{alias.name}"
