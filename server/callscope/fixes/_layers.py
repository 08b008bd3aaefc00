"""Agents of one module that agents of another refer to: they move module by module.

``team.py`` makes a group chat of agents that ``agents.py`` makes. First those move into a factory,
which ``team.py`` calls where it imported them; then what ``team.py`` makes moves into a factory of
its own, with that call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from callscope.fixes._carrying import take_away
from callscope.fixes._cst import Draft
from callscope.fixes._factory import Factory, plan
from callscope.fixes._factory_project import texts_with_factory
from callscope.fixes._family import Family
from callscope.fixes._importers import importers_of
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, held
from callscope.fixes.base import CannotFix, Files
from callscope.model import build_model
from callscope.model.values import Instance
from callscope.programs import surroundings
from callscope.project import Workspace
from callscope.source import SourceText

_MOST_LAYERS = 4

FindFamily = Callable[[Surroundings, list[Instance], Files], Family]


@dataclass(frozen=True)
class Layer:
    """The top-level ``names`` of one module that move into a factory of that module."""

    path: Path
    names: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """One layer that has been moved."""

    family: Family
    factory: Factory


def layers_of(home: Surroundings, names: set[str], files: Files) -> list[Layer]:
    """The layers that belong together with the members ``names`` of the module ``home``, each
    behind those whose agents it is made with."""
    if files.workspace is None:
        return [Layer(home.path, frozenset(names))]
    top = Layer(home.path, frozenset(names))
    for _ in range(_MOST_LAYERS):
        above = list(_above(_at(home, top.path), set(top.names), files))
        if not above:
            break
        if len(above) > 1:
            raise CannotFix("several modules make something of the agents")
        top = above[0]
    there = _at(home, top.path)
    layers: dict[Path, set[str]] = {}
    for layer in [*_below(there, set(top.names), files.workspace), top]:
        layers.setdefault(layer.path, set()).update(layer.names)
    if len(layers) > _MOST_LAYERS:
        raise CannotFix("agents of many modules refer to each other")
    return [Layer(path, frozenset(found)) for path, found in layers.items()]


def _below(home: Surroundings, names: set[str], workspace: Workspace) -> list[Layer]:
    """The modules whose agents ``names`` are made with."""
    found: dict[Path, set[str]] = {}
    seen: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for binding in home.names.bindings.get(name, ()):
            if not isinstance(binding, ast.ImportFrom):
                used = home.names.globals_in(binding)
                pending += [each for each in used if home.is_member(each)]
                continue
            path = "." * binding.level + (binding.module or "")
            file = workspace.modules.file_of(path, home.path)
            alias = next(a for a in binding.names if (a.asname or a.name) == name)
            if file is None:
                raise CannotFix("an agent comes from outside the project")
            found.setdefault(file, set()).add(alias.name)
    layers: list[Layer] = []
    for file, members in found.items():
        there = _at(home, file)
        layers += _below(there, members, workspace)
        layers.append(Layer(file, frozenset(members)))
    return layers


def _above(home: Surroundings, names: set[str], files: Files) -> Iterator[Layer]:
    """The modules that make something of ``names`` while they are imported."""
    for importer in importers_of(files, home, names):
        made: set[str] = set()
        for mention in importer.mentions:
            statement = mention.statement
            if mention.function is None and isinstance(statement, ast.Assign):
                bound = {n.id for n in ast.walk(statement)
                         if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
                made |= {name for name in bound if importer.around.may_join(name)}
        if made:
            yield Layer(importer.around.path, frozenset(made))


def _at(around: Surroundings, path: Path) -> Surroundings:
    module = next((each for each in around.model.modules if each.path == path), None)
    if module is None:
        raise CannotFix("in a module that is not in view")
    found = around.at(module.scope.node)
    found.check()
    return found


def move_layers(
    layers: list[Layer], files: Files, find_family: FindFamily, *, cached: bool
) -> tuple[list[Stage], list[tuple[SourceText, str]]]:
    """What each layer becomes, and the new texts of all files that change."""
    stages: list[Stage] = []
    served: set[tuple[Path, str]] = set()
    first: dict[Path, SourceText] = {}
    now: dict[Path, str] = {}
    if len(layers) > 1 and not cached:
        texts = list(_redirected(layers, files))
        _note(texts, first, now)
        files = _with(files, texts) if texts else files
    for number, layer in enumerate(layers):
        files = replace(files, keepers=frozenset(each.path for each in layers[number + 1 :]))
        home = _at(Surroundings(files.model), layer.path)
        seeds = [item for name in sorted(layer.names) for item in held(home.value(name))]
        family = find_family(home, [item for item in seeds if isinstance(item, Instance)], files)
        stages.append(Stage(family, plan(home.draft(), family)))
        if not cached:
            _refuse_both(served, _places_served(home, family, layers))
        texts = list(texts_with_factory(home, family, files, cached=cached))
        _note(texts, first, now)
        if number + 1 < len(layers):
            files = _with(files, texts)
    return stages, [(first[path], text) for path, text in now.items()]


def _note(
    texts: list[tuple[SourceText, str]], first: dict[Path, SourceText], now: dict[Path, str]
) -> None:
    for source, text in texts:
        first.setdefault(source.path, source)
        now[source.path] = text


def _redirected(layers: list[Layer], files: Files) -> Iterator[tuple[SourceText, str]]:
    """Files that import agents of the last layer and of one below: they get all of them from the
    last one, where the agents are those that belong together."""
    top = layers[-1]
    assert files.workspace is not None
    drafts: dict[Path, tuple[Surroundings, Draft]] = {}
    for layer in layers[:-1]:
        home = _at(Surroundings(files.model), layer.path)
        importers = importers_of(files, home, set(layer.names))
        last = next((each for each in importers if each.around.path == top.path), None)
        known = {member: name for name, member in last.exports.items()} if last else {}
        for importer in importers:
            path = importer.around.path
            target = _import_of(importer.around, top.path, files.workspace)
            if path in {each.path for each in layers} or target is None:
                continue
            _, draft = drafts.setdefault(path, (importer.around, importer.around.draft()))
            gone: dict[ast.alias, str | None] = {}
            for alias, member in importer.imported.items():
                if member not in known:
                    raise CannotFix("the last module does not know an agent")
                bound = alias.asname or alias.name
                code = known[member] + (f" as {bound}" if bound != known[member] else "")
                place = draft.end(target.names[-1])
                draft.change(place, place, f", {code}")
                gone[alias] = None
            take_away(draft, importer.around, [], gone)
    for around, draft in drafts.values():
        yield around.source, draft.finish()


def _import_of(around: Surroundings, file: Path, workspace: Workspace) -> ast.ImportFrom | None:
    """The statement at the top level that imports names of the module ``file``."""
    for node in around.tree.body:
        if isinstance(node, ast.ImportFrom):
            path = "." * node.level + (node.module or "")
            if workspace.modules.file_of(path, around.path) == file:
                return node
    return None


def _places_served(
    home: Surroundings, family: Family, layers: list[Layer]
) -> set[tuple[Path, str]]:
    """The functions that use members, by file and name; "" for a file's own body. The bodies of
    ``layers`` are left out: what they use becomes part of the next one."""
    inner = {layer.path for layer in layers}
    found = {(home.path, f.name) for f in home.tree.body if f in family.users
             and isinstance(f, FunctionDef)}  # fmt: skip
    for importer in family.importers:
        for mention in importer.mentions:
            path = importer.around.path
            if mention.function is not None:
                found.add((path, mention.function.name))
            elif path not in inner:
                found.add((path, ""))
    return found


def _refuse_both(served: set[tuple[Path, str]], more: set[tuple[Path, str]]) -> None:
    """Raise if one place would get its agents from two factories, which know nothing of each
    other."""
    if served & more:
        raise CannotFix("a function uses agents of two modules")
    served |= more


def _with(files: Files, texts: list[tuple[SourceText, str]]) -> Files:
    """The program with other texts, walked anew."""
    assert files.workspace is not None
    sources = [replace(source, text=text, _line_cache={}) for source, text in texts]
    workspace = files.workspace.having(*sources)
    parsed = workspace.sources.parsed(files.model.source.path)
    if parsed is None:
        raise CannotFix("the program cannot be read")
    project = files.project
    known = surroundings(project, workspace, files.model.source.path)
    model = build_model(parsed, project.target, project.config.own, known)
    return replace(files, model=model, workspace=workspace, walked={})
