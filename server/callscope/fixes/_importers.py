"""Who uses the names of a module in other files of the project."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callscope.fixes._scopes import FunctionDef, Use
from callscope.fixes._surroundings import Surroundings, is_main_guard
from callscope.fixes.base import CannotFix, Files
from callscope.model import build_model
from callscope.model.values import Module
from callscope.programs import surroundings
from callscope.project import Workspace

ImportNode = ast.Import | ast.ImportFrom


@dataclass(frozen=True, eq=False)
class Mention:
    """An expression that stands for ``member``.

    ``function`` is the outermost function that evaluates it, None where the module itself does, as
    a part of its top-level ``statement``. ``module`` is what stands in front of the member, if
    anything does; ``binding`` the import inside the function that makes it known there.
    """

    node: ast.Name | ast.Attribute
    member: str
    function: FunctionDef | None
    statement: ast.stmt
    module: ast.expr | None = None
    binding: ImportNode | None = None

    @property
    def in_guard(self) -> bool:
        """Whether it is evaluated under the main guard."""
        return self.function is None and is_main_guard(self.statement)


@dataclass(eq=False)
class Importer:
    """A file that imports members, or their module and uses members through it.

    ``imported`` are the names of import statements that stand for members; ``exports`` what other
    files can import from here, with the member that it is, ``passed_on`` what they do import.
    """

    around: Surroundings
    mentions: list[Mention] = field(default_factory=list)
    imported: dict[ast.alias, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    passed_on: set[str] = field(default_factory=set)

    def renamed(self, name: str) -> dict[ast.alias, str | None]:
        """What becomes of the names in import statements if ``name`` is imported for members."""
        found: dict[ast.alias, str | None] = {}
        for node in ast.walk(self.around.tree):
            if isinstance(node, ast.ImportFrom):
                ours = [alias for alias in node.names if alias in self.imported]
                found.update(dict.fromkeys(ours))
                found.update(dict.fromkeys(ours[:1], name))
        return found

    @property
    def kept(self) -> set[ast.alias]:
        """The names in import statements that other files import from here."""
        return {a for a in self.imported if (a.asname or a.name) in self.passed_on}


def importers_of(files: Files, home: Surroundings, members: set[str]) -> list[Importer]:
    """The files that use ``members`` of the module ``home``.

    Raises :class:`CannotFix` for a use that is not a plain one.
    """
    if files.workspace is None:
        return []
    search = _Search(files, files.workspace, home)
    search.exports[home.path] = {member: member for member in members}
    pending = [home.path]
    while pending:
        exporter = pending.pop(0)
        others = sorted(files.workspace.graph.importers(exporter) - {home.path})
        pending += [path for path in others if search.look_into(path)]
    for importer in search.found.values():
        importer.mentions.extend(search.mentions(importer))
    _refuse_strings(files.workspace, home, members)
    return [each for each in search.found.values() if each.mentions or each.imported]


class _Search:
    def __init__(self, files: Files, workspace: Workspace, home: Surroundings) -> None:
        self.files = files
        self.workspace = workspace
        self.home = home
        self.exports: dict[Path, dict[str, str]] = {}
        self.found: dict[Path, Importer] = {}

    def look_into(self, path: Path) -> bool:
        """Note what the file ``path`` imports; whether that gives it members that were not known,
        which others may import from it."""
        importer = self.found.get(path)
        if importer is None:
            importer = self.found[path] = Importer(self._around(path))
            importer.around.check()
        before = len(importer.exports)
        for node in ast.walk(importer.around.tree):
            if isinstance(node, ast.ImportFrom):
                self._from(importer, node)
        if path in self.files.keepers:
            return False
        self.exports[path] = importer.exports
        return len(importer.exports) > before

    def _around(self, path: Path) -> Surroundings:
        """The file as a part of the program, else as a program of its own."""
        module = next((m for m in self.home.model.modules if m.path == path), None)
        if module is not None:
            return self.home.at(module.scope.node)
        walked = self.files.walked
        if path not in walked:
            parsed = self.workspace.sources.parsed(path)
            if parsed is None:
                raise CannotFix("a file cannot be read")
            project = self.files.project
            known = surroundings(project, self.workspace, path)
            walked[path] = build_model(parsed, project.target, project.config.own, known)
        return Surroundings(walked[path])

    def _from(self, importer: Importer, node: ast.ImportFrom) -> None:
        path = "." * node.level + (node.module or "")
        file = self.workspace.modules.file_of(path, importer.around.path)
        exports = self.exports.get(file, {}) if file is not None else {}
        for alias in node.names:
            if alias.name == "*" and exports:
                raise CannotFix("everything is imported")
            if alias.name not in exports:
                continue
            importer.imported[alias] = exports[alias.name]
            self._pass_on(file, alias.name)
            if node in importer.around.tree.body:
                importer.exports[alias.asname or alias.name] = exports[alias.name]
            elif _function_around(importer.around, node) is None:
                raise CannotFix("imported under a condition")

    def _pass_on(self, file: Path | None, name: str) -> None:
        if file in self.found:
            self.found[file].passed_on.add(name)

    # -- mentions --------------------------------------------------------------------------

    def mentions(self, importer: Importer) -> Iterator[Mention]:
        """Where members are used in a file."""
        names = importer.around.names
        for name, member in importer.exports.items():
            if len(names.bindings.get(name, ())) != 1 or name in names.rebound:
                raise CannotFix(f"{name} is bound more than once")
            for use in names.uses.get(name, ()):
                yield _mention(use, use.node, member)
        for name, uses in names.uses.items():
            value = importer.around.value(name)
            if isinstance(value, Module):
                for use in uses:
                    yield from self._through_module(importer, use, value)
        for node in ast.walk(importer.around.tree):
            if isinstance(node, ImportNode):
                yield from self._local(importer, node)

    def _through_module(self, importer: Importer, use: Use, module: Module) -> Iterator[Mention]:
        found: ast.expr = use.node
        while True:
            above = importer.around.names.parents[found]
            exports = self.exports.get(module.path, {})
            if not isinstance(above, ast.Attribute):
                if exports:
                    raise CannotFix("the module is handed on")
                return
            if above.attr in exports:
                self._pass_on(module.path, above.attr)
                yield _mention(use, above, exports[above.attr], found)
                return
            inner = module.scope.names.get(above.attr)
            inner = inner or self._submodule(importer, module, above.attr)
            if not isinstance(inner, Module):
                return
            found, module = above, inner

    def _submodule(self, importer: Importer, package: Module, name: str) -> Module | None:
        if package.path.name != "__init__.py":
            return None
        file = self.workspace.modules.file_of(f".{name}", package.path)
        known = importer.around.model.modules
        return next((each for each in known if each.path == file), None)

    def _local(self, importer: Importer, node: ImportNode) -> Iterator[Mention]:
        """The uses of what an import inside a function binds."""
        function = _function_around(importer.around, node)
        if function is None:
            return
        statement = importer.around.top_statement(node)
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == bound]
            if alias in importer.imported:
                for use in uses:
                    member = importer.imported[alias]
                    yield Mention(use, member, function, statement, binding=node)
                continue
            exports = self._exports_of(importer, node, alias)
            for use in uses if exports else ():
                above = importer.around.names.parents[use]
                if not isinstance(above, ast.Attribute) or "." in bound + alias.name:
                    raise CannotFix("the module is handed on")
                if above.attr in exports:
                    member = exports[above.attr]
                    yield Mention(above, member, function, statement, module=use, binding=node)

    def _exports_of(
        self, importer: Importer, node: ImportNode, alias: ast.alias
    ) -> Mapping[str, str]:
        """The members in the module that a name in an import statement stands for, if it does."""
        path = alias.name
        if isinstance(node, ast.ImportFrom):
            joint = "" if not node.module else "."
            path = "." * node.level + (node.module or "") + joint + alias.name
        file = self.workspace.modules.file_of(path, importer.around.path)
        return self.exports.get(file, {}) if file is not None else {}


def _mention(
    use: Use, node: ast.Name | ast.Attribute, member: str, module: ast.expr | None = None
) -> Mention:
    if not isinstance(node.ctx, ast.Load) and isinstance(node, ast.Attribute):
        raise CannotFix("the agent is replaced from outside")
    function = use.function
    if function is None and (not use.at_module_level or isinstance(use.statement, ast.ClassDef)):
        raise CannotFix("used in a class body or a lambda")
    return Mention(node, member, function, use.statement, module)


def _function_around(around: Surroundings, node: ast.AST) -> FunctionDef | None:
    found = [above for above in around.names.above(node) if isinstance(above, FunctionDef)]
    return found[-1] if found else None


def _refuse_strings(workspace: Workspace, home: Surroundings, members: set[str]) -> None:
    """Raise if a string in a file of the same cluster names a member, as for ``mock.patch``."""
    words = "|".join(map(re.escape, sorted(members)))
    named = re.compile(rf"""["'][\w.]*\b{re.escape(home.path.stem)}\.(?:{words})\b""")
    for path in workspace.graph.connected(home.path):
        text = workspace.sources.text(path)
        if text is not None and named.search(text.text):
            raise CannotFix("a string names the agent")
