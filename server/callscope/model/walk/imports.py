"""Imports: of what lies outside the project, and of modules that can be followed.

A module of the project is walked where it is first imported, as Python would execute it there, and
only looked up afterwards.
"""

from __future__ import annotations

import ast

from callscope.model.events import Import, Root, Where
from callscope.model.values import (
    UNKNOWN,
    Arguments,
    Constant,
    External,
    Module,
    Scope,
    Sequence,
    Value,
    literal,
)
from callscope.model.walk.calls import Calls
from callscope.model.walk.state import MOST_MODULES, Frame, ModuleSource, Outside
from callscope.source import ParsedSource


class Imports(Calls):
    """What import statements bind, and what they run."""

    def __init__(self, parsed: ParsedSource, outside: Outside) -> None:
        super().__init__(parsed, outside)
        self._library["importlib.import_module"] = self._import_module

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            module = self._module(alias.name, node)
            if alias.asname:
                self._frame.scope.names[alias.asname] = module or self._external(alias.name)
            else:
                top = alias.name.partition(".")[0]
                self._frame.scope.names[top] = self._module(top, node) or self._external(top)

    def _import_from(self, node: ast.ImportFrom) -> None:
        path = "." * node.level + (node.module or "")
        module = self._module(path, node)
        for alias in node.names:
            if alias.name == "*":
                self._import_all(module, path)
            else:
                value = self._imported(module, path, alias.name)
                if isinstance(value, Module):
                    self.imports.append(Import(node, value, self._where))
                self._frame.scope.names[alias.asname or alias.name] = value

    def _imported(self, module: Module | None, path: str, name: str) -> Value:
        joint = "" if path.endswith(".") else "."
        full = f"{path}{joint}{name}"
        if full.startswith("."):
            outside = self._relative(full)
        else:
            outside = self._external(full) if module is None else self._told(full)
        if module is None or self._is_declared(outside):
            return outside
        return self.member(module, name)

    def _is_declared(self, value: Value) -> bool:
        """Whether a contract says what it is: nothing better can be found by reading it."""
        return isinstance(value, External) and (value.opaque or self.outside.known(value.path))

    def _import_all(self, module: Module | None, path: str) -> None:
        """``from module import *``: its public names, where they can be told."""
        if module is None or id(module.scope) in self._starred:
            self.star_imports.append(path)
            self._starred.add(id(self._frame.scope.module))
            return
        listed = module.scope.names.get("__all__")
        names = [name for name in module.scope.names if not name.startswith("_")]
        if isinstance(listed, Sequence):
            names = [str(item.value) for item in listed.items if isinstance(item, Constant)]
        for name in names:
            self._frame.scope.names[name] = self.member(module, name)

    def _relative(self, path: str) -> Value:
        """What a relative import gives that was not followed: known only where it was declared."""
        level = len(path) - len(path.lstrip("."))
        package = self.outside.package.split(".") if self.outside.package else []
        if level > len(package):
            return UNKNOWN
        absolute = ".".join([*package[: len(package) - level + 1], path[level:]])
        found = self._told(absolute)
        return found if self._is_declared(found) else UNKNOWN

    def member(self, module: Module, name: str) -> Value:
        """``module.name``: what it binds, or the module of that name inside it."""
        found = module.scope.names.get(name)
        if found is not None:
            return found
        if module.path.name != "__init__.py":
            return UNKNOWN
        return self.load(self.outside.find_module(f".{name}", module.path)) or UNKNOWN

    def _import_module(self, arguments: Arguments, node: ast.expr) -> Value | None:
        """``importlib.import_module("a.b")``, of an absolute path."""
        path = literal(arguments.get(0, "name"))
        known = isinstance(path, str) and not path.startswith(".")
        return self._module(path, node) if known and isinstance(path, str) else None

    def _module(self, path: str, node: ast.AST) -> Module | None:
        """The module of the project that ``path`` names, executed with the packages around it if
        nothing has imported it yet; None if there is none, or if it is only imported for its
        types."""
        here = self.module_of(self._frame.scope).path
        found: Module | None = None
        for package in _with_packages(path):
            found = self.load(self.outside.find_module(package, here))
            if found is not None:
                self.imports.append(Import(node, found, self._where))
        return found

    def named(self, path: str) -> Value | None:
        """What ``"module"``, ``"module.name"`` or ``"module:name"`` means that is named to a
        server or a worker: its module is executed if nothing has imported it. None if it is not
        of the project."""
        module_path, _, rest = path.partition(":")
        names = rest.partition("(")[0].strip().split(".") if rest else []
        parts = module_path.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        found: Value | None = None
        while parts and not isinstance(found, Module):
            found = self._module_at(".".join(parts))
            if found is None:
                names.insert(0, parts.pop())
        for name in names:
            found = self.attribute(found, name) if found is not None else None
        return found

    def _module_at(self, path: str) -> Module | None:
        found: Module | None = None
        for package in _with_packages(path):
            found = self.load(self.outside.find_module(package, self.main.path))
        return found

    def load(self, found: ModuleSource | None) -> Module | None:
        """The module, executed if that has not been done."""
        if found is None:
            return None
        module = self.modules.get(found.parsed.source.path)
        if module is not None:
            return module
        if self._typing_only or len(self.modules) >= MOST_MODULES:
            return None
        return self._execute(found)

    def _execute(self, found: ModuleSource) -> Module:
        """Walk a module's body, as its first import does."""
        tree = found.parsed.signed
        parsed = found.parsed
        module = Module(found.name, parsed.source.path, Scope({}, None, tree), parsed.blanked)
        self._enlist(module, tree)
        if not found.matters:
            self._beside_the_point.add(id(module.scope))
        outer = self._frame, self._where, self._entering
        self._frame = Frame(module.scope, None, None)
        self._where = Where(Root(module=module, within=self._course()))
        self._entering = []
        try:
            self._block(tree.body)
        finally:
            self._frame, self._where, self._entering = outer
        return module

    def _course(self) -> Root | None:
        """The walk in whose course a module is executed here, if it is whenever that is walked."""
        where = self._where
        straight = where.root.is_module and where.certain and not where.loops
        return where.root if straight else None


def _with_packages(path: str) -> list[str]:
    """``a.b.c`` with the packages that are imported on the way to it: ``a`` and ``a.b``."""
    dots = len(path) - len(path.lstrip("."))
    if dots == len(path):
        return [path]
    names = path[dots:].split(".")
    return [path[:dots] + ".".join(names[: end + 1]) for end in range(len(names))]
