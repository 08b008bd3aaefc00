"""Takes statements of one module into another one of the same project.

A name means something else there, so each is replaced by what the same thing is called in the
other module, which imports it if it must.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from callscope.fixes._cst import Draft
from callscope.fixes._moving import (
    Bodies,
    drop_item,
    lines_of,
    moved_text,
    remove_inside,
    remove_whole,
)
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, is_main_guard, stores
from callscope.fixes.base import CannotFix
from callscope.model.values import Function, Instance, Module, UserClass
from callscope.project import Workspace


@dataclass
class Carrier:
    """Carries statements from the module ``away`` into the module ``home``.

    ``draft`` is of ``home``; it gets the imports of what lies outside the project. ``needed`` are
    the things of the project that ``home`` has to import, as file and name. ``used`` are the names
    that were there already.
    """

    home: Surroundings
    away: Surroundings
    workspace: Workspace
    draft: Draft
    needed: list[tuple[Path, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    brought: list[ast.stmt] = field(default_factory=list)
    _coming: set[ast.stmt] = field(default_factory=set)

    def carry(self, statements: Sequence[ast.stmt], indent: str) -> list[str]:
        """The texts of ``statements`` and, in front of them, of the definitions that come along,
        which are not indented."""
        texts = [self.text(statement, indent) for statement in statements]
        inside = {id(node) for s in [*statements, *self.brought] for node in ast.walk(s)}
        for statement in self.brought:
            for name in _bound(statement):
                if any(id(use.node) not in inside for use in self.away.names.uses.get(name, ())):
                    raise CannotFix("what it needs is used elsewhere, too")
        return [*(self.text(statement, "") for statement in self.brought), *texts]

    def text(self, statement: ast.stmt, indent: str) -> str:
        """The lines of ``statement`` with the comments above it, as ``home`` has to write them."""
        draft = self.away.draft()
        lines = lines_of(draft, statement)
        for node, code in self._renamed(statement):
            if "\n" in draft.text(node) or "\r" in draft.text(node):
                raise CannotFix("a name is written over several lines")
            draft.replace(node, code)
        # No line was added or removed, so the places of all lines are what they were.
        moved = self.away.with_text(draft.finish())
        text = moved_text(moved, lines, draft.indent_of(statement), indent)
        return text.replace(draft.newline, self.draft.newline)

    def expression(self, node: ast.expr) -> str:
        """The text of ``node`` as ``home`` has to write it, its further lines indented once."""
        draft = self.away.draft()
        start = draft.start(node)
        text = draft.text(node)
        for inner, code in sorted(self._renamed(node), key=lambda pair: -draft.start(pair[0])):
            first, last = draft.start(inner) - start, draft.end(inner) - start
            text = text[:first] + code + text[last:]
        if set(range(node.lineno, node.end_lineno or 0)) & draft.lines_in_strings:
            raise CannotFix("a text of several lines")
        end = self.draft.newline
        return text.replace(draft.newline, end + self.draft.indent_unit)

    # -- names -----------------------------------------------------------------------------

    def _renamed(self, statement: ast.AST) -> Iterator[tuple[ast.expr, str]]:
        names = self.away.names
        for node, scope in names.names_in(statement):
            if scope is not names.module or not isinstance(node.ctx, ast.Load):
                continue
            found, code = self._called(node)
            if isinstance(found, ast.Attribute) or code != node.id:
                yield found, code

    def _called(self, node: ast.Name) -> tuple[ast.expr, str]:
        """The expression that begins with ``node`` and stands for one thing, and its new text."""
        value = self.away.value(node.id)
        if isinstance(value, Module):
            return self._attribute(node, value)
        for name, known in self.home.scope.names.items():
            if known is value and isinstance(value, Instance | Function | UserClass):
                self.used.add(name)
                return node, name
        bindings = self.away.names.bindings.get(node.id, [])
        if not bindings:
            if node.id in self.home.names.bindings:
                raise CannotFix("a builtin has another meaning there")
            return node, node.id
        if len(bindings) > 1 or node.id in self.away.names.rebound:
            raise CannotFix("a name it needs is bound more than once")
        return node, self._imported(node.id, _inside_guard(bindings[0], node.id))

    def _imported(self, name: str, binding: ast.stmt) -> str:
        if isinstance(binding, ast.ImportFrom):
            alias = next(each for each in binding.names if (each.asname or each.name) == name)
            path = "." * binding.level + (binding.module or "")
            file = self.workspace.modules.file_of(path, self.away.path)
            if file is not None:
                return self.from_file(file, alias.name)
            if binding.level:
                raise CannotFix("a relative import that leads nowhere")
            return self.draft.imported_name(path, alias.name)
        if isinstance(binding, ast.Import):
            alias = next(
                each for each in binding.names
                if (each.asname or each.name.partition(".")[0]) == name
            )  # fmt: skip
            known = self.draft.module_name(alias.name)
            if "." in alias.name and not alias.asname and known != alias.name:
                raise CannotFix("a module is called otherwise there")
            return known if alias.asname or "." not in alias.name else name
        if self.workspace.graph.importers(self.away.path):
            return self.from_file(self.away.path, name)
        self._bring(name, binding)
        return name

    def _bring(self, name: str, binding: ast.stmt) -> None:
        if binding in self._coming:
            return
        if name in self.draft.names:
            raise CannotFix(f"{name} is taken")
        if not isinstance(binding, FunctionDef | ast.Assign):
            raise CannotFix("what it needs cannot be moved")
        self._coming.add(binding)
        list(self._renamed(binding))  # Brings what it needs itself.
        self.brought.append(binding)

    def _attribute(self, node: ast.Name, module: Module) -> tuple[ast.expr, str]:
        """``module.thing``: the thing itself."""
        found: ast.AST = node
        while True:
            found = self.away.names.parents[found]
            if not isinstance(found, ast.Attribute):
                raise CannotFix("a module is handed on")
            inner = module.scope.names.get(found.attr) or self._submodule(module, found.attr)
            if not isinstance(inner, Module):
                return found, self.from_file(module.path, found.attr)
            module = inner

    def _submodule(self, package: Module, name: str) -> Module | None:
        file = self.workspace.modules.file_of(f".{name}", package.path)
        return next((each for each in self.home.model.modules if each.path == file), None)

    def from_file(self, file: Path, name: str) -> str:
        """What ``name`` of the module ``file`` is called at home."""
        if file == self.home.path:
            self.used.add(name)
            return name
        for node in self.home.tree.body:
            if isinstance(node, ast.ImportFrom):
                path = "." * node.level + (node.module or "")
                for alias in node.names:
                    found = self.workspace.modules.file_of(path, self.home.path)
                    if alias.name == name and found == file:
                        return alias.asname or name
        if (file, name) not in self.needed:
            if name in self.draft.names:
                raise CannotFix(f"{name} is taken")
            self.needed.append((file, name))
        return name

    # -- imports ---------------------------------------------------------------------------

    def import_at_top(self, file: Path, name: str) -> None:
        """Import ``name`` of the module ``file`` at the head of the module at home."""
        self.draft.import_from_project(self.module_text(file), name, self._is_local)

    def _is_local(self, statement: ast.stmt) -> bool:
        texts: list[str] = []
        if isinstance(statement, ast.ImportFrom):
            texts = ["." * statement.level + (statement.module or "")]
        elif isinstance(statement, ast.Import):
            texts = [alias.name for alias in statement.names]
        find = self.workspace.modules.file_of
        return any(find(text, self.home.path) is not None for text in texts)

    def module_text(self, file: Path) -> str:
        """What to write for the module ``file`` in an import at home."""
        trees = (self.home.tree, self.away.tree)
        relative = any(
            isinstance(n, ast.ImportFrom) and n.level for t in trees for n in ast.walk(t)
        )
        if relative and file.parent == self.home.path.parent:
            return f".{file.stem}"
        for text in self._absolute(file):
            if self.workspace.modules.file_of(text, self.home.path) == file:
                return text
        raise CannotFix("it is not known how the module is imported")

    def _absolute(self, file: Path) -> Iterator[str]:
        """Dotted paths of ``file``, counted from where the imports of others show that paths begin:
        first those of who imports it."""
        importers = sorted(self.workspace.graph.importers(file))
        for path in [*importers, self.away.path, self.home.path]:
            facts = self.workspace.sources.facts(path)
            for text in facts.imports if facts is not None else ():
                known = self.workspace.modules.file_of(text, path)
                root = _root_of(known, text) if known is not None else None
                if root is not None and root in file.parents:
                    yield ".".join(file.relative_to(root).with_suffix("").parts)
        yield file.stem


def _root_of(file: Path, text: str) -> Path | None:
    """The folder in which the dotted path ``text`` of ``file`` begins."""
    parts = tuple(text.split("."))
    place = file.parent if file.name == "__init__.py" else file.with_suffix("")
    return place.parents[len(parts) - 1] if place.parts[-len(parts) :] == parts else None


def _bound(statement: ast.stmt) -> set[str]:
    return {statement.name} if isinstance(statement, FunctionDef) else stores(statement)


def would_be_circular(workspace: Workspace, file: Path, home: Path) -> bool:
    """Whether importing ``file`` leads to ``home``, according to the texts in ``workspace``."""
    seen: set[Path] = set()
    pending = [file]
    while pending:
        item = pending.pop()
        if item == home:
            return True
        if item not in seen:
            seen.add(item)
            pending.extend(workspace.modules.imported_by(item))
    return False


def take_away(
    draft: Draft,
    around: Surroundings,
    statements: Sequence[ast.stmt],
    renamed: Mapping[ast.alias, str | None] | None = None,
    kept: Collection[ast.alias] = (),
    imported: Collection[Path] = (),
    also_gone: Iterable[ast.AST] = (),
) -> None:
    """Remove statements from their module, and the imports that only they needed.

    ``renamed`` are names of import statements with what they become, None if they just go;
    ``kept`` those that stay, whoever needs them here. ``imported`` are modules of the project that
    something else will import, ``also_gone`` further nodes that go.
    """
    gone = {id(node) for statement in statements for node in ast.walk(statement)}
    gone.update(map(id, also_gone))
    idle = {alias: None for alias in _idle_imports(around, gone, imported) if alias not in kept}
    whole = _rewrite_imports(draft, around, {**(renamed or {}), **idle})
    take_out_of(draft, around, [*statements, *whole])


def take_out_of(draft: Draft, around: Surroundings, statements: Sequence[ast.stmt]) -> None:
    """Remove statements, wherever they stand in their module."""
    top = [statement for statement in statements if statement in around.tree.body]
    inside = [statement for statement in statements if statement not in top]
    remove_whole(draft, [*top, *remove_inside(draft, inside, Bodies(around.tree))])


def _idle_imports(
    around: Surroundings, gone: set[int], imported: Collection[Path]
) -> Iterator[ast.alias]:
    """The imported names that are mentioned nowhere but in the nodes ``gone``. Modules of the
    project stay unless they are ``imported`` all the same: importing them may do something."""
    if around.path.name == "__init__.py":
        return
    listed = {n.value for n in ast.walk(around.tree) if isinstance(n, ast.Constant)}
    for statement in around.tree.body:
        for alias in statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ():
            name = alias.asname or alias.name.partition(".")[0]
            uses = around.names.uses.get(name, [])
            idle = uses and name not in listed and all(id(use.node) in gone for use in uses)
            value = around.value(name)
            if idle and (not isinstance(value, Module) or value.path in imported):
                yield alias


def _rewrite_imports(
    draft: Draft, around: Surroundings, names: Mapping[ast.alias, str | None]
) -> list[ast.stmt]:
    """Rename and drop names in import statements; of those at the top level, the ones that lose
    all are given back instead."""
    whole: list[ast.stmt] = []
    for statement in ast.walk(around.tree):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        changed = [alias for alias in statement.names if alias in names]
        dropped = [alias for alias in changed if names[alias] is None]
        if len(dropped) == len(statement.names):
            whole.append(statement)
        elif len(dropped) > 1:
            texts = [names.get(a, draft.text(a)) for a in statement.names]
            start, end = draft.start(statement.names[0]), draft.end(statement.names[-1])
            draft.change(start, end, ", ".join(text for text in texts if text is not None))
        else:
            for alias in changed:
                new = names[alias]
                if new is None:
                    drop_item(draft, statement.names, alias)
                else:
                    draft.replace(alias, new)
    return whole


def _inside_guard(binding: ast.stmt, name: str) -> ast.stmt:
    """The import under a main guard that binds ``name``; any other statement as it is."""
    if not is_main_guard(binding):
        return binding
    for inner in binding.body:
        for alias in inner.names if isinstance(inner, ast.Import | ast.ImportFrom) else ():
            if (alias.asname or alias.name.partition(".")[0]) == name:
                return inner
    raise CannotFix("it needs what is only known where it stands")
