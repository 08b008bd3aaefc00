"""Tells which of AutoGen's agents is behind a name of an installed package: a program of its own.

It knows nothing of AutoGen. It is run with a folder for its own files, and one to keep parsed files
in. On stdout it writes a line when it is ready, and then one for each line of stdin, a question. As
JSON, a question names a dotted ``path``, the folders to ``search`` for it, the folder of
``standins``, which are modules that stand in for AutoGen's and whose classes bear the names and the
methods that are asked for, and the ``patience``, the seconds of work after which it ends without an
answer. An answer holds the ``name`` of such a class or null, and says whether the path is just that
class, the ``same``.

Files are only read. Nothing of the environment is imported: Python finds its own library here, and
nothing else, once jedi is loaded.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import machinery
from pathlib import Path
from typing import Any

import jedi
import jedi.settings

_LOOK_EVERY = 0.05
"""Seconds between two looks at how long it has worked."""

_MOST_STEPS = 300
_HARMLESS = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
_MAKING = frozenset({"__new__", "__getattr__", "__getattribute__"})

_MISSING = frozenset({"ImportError", "ModuleNotFoundError"})
"""What is caught where a package may be missing."""

_UNCLEAR = (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Unclear(Exception):
    """Nothing can be said of a name."""


class _File:
    """One file of a package."""

    def __init__(self, path: Path, project: jedi.Project) -> None:
        self.path = path
        self._project = project

    @cached_property
    def _script(self) -> jedi.Script:
        return jedi.Script(path=self.path, project=self._project, environment=_ENVIRONMENT)

    @cached_property
    def _text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError):
            raise _Unclear from None

    @cached_property
    def _statements(self) -> dict[int, ast.ClassDef | _Function]:
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        return {node.lineno: node for node in ast.walk(self._tree) if isinstance(node, kinds)}

    def statement(self, line: int | None) -> ast.ClassDef | _Function:
        """The class or function that begins in ``line``."""
        found = self._statements.get(line or 0)
        if found is None:
            raise _Unclear
        return found

    def is_makeshift(self, line: int | None) -> bool:
        """Whether ``line`` only runs where an import has failed."""
        return any(first <= (line or 0) <= last for first, last in self._makeshifts)

    @cached_property
    def _makeshifts(self) -> list[tuple[int, int]]:
        handlers = [node for node in ast.walk(self._tree) if isinstance(node, ast.ExceptHandler)]
        missing = [each for each in handlers if each.type and ast.unparse(each.type) in _MISSING]
        return [(each.lineno, each.end_lineno or 0) for each in missing]

    def meant(self, node: ast.expr) -> list[Any]:
        """What a name, or the last part of a dotted name, stands for."""
        if isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name):
            line, column = node.lineno, node.col_offset
        elif isinstance(node, ast.Attribute):
            line, column = node.end_lineno or 0, (node.end_col_offset or 1) - 1
        else:
            raise _Unclear
        before = self._text.split("\n")[line - 1].encode()[:column]
        return _meant(self._script, line, len(before.decode(errors="ignore")))


def _meant(script: jedi.Script, line: int, column: int) -> list[Any]:
    """What the name at a place stands for. What decorators make of it is not worth the time that
    it takes to find out: nothing is said of it anyway."""
    found = list(script.goto(line, column, follow_imports=True))
    if found and all(each.type in ("class", "function") for each in found):
        return found
    return list(script.infer(line, column))


class _Packages:
    """The packages of one environment."""

    def __init__(self, search: Iterable[str], standins: Path, home: Path) -> None:
        self._standins = standins
        self._project = jedi.Project(
            home,
            sys_path=[str(standins), *search],
            load_unsafe_extensions=False,
            smart_sys_path=False,
        )
        self._files: dict[Path, _File] = {}
        self._steps = 0

    def behind(self, path: str) -> tuple[str | None, bool]:
        """The class of the framework that ``path`` gives, and whether it is just that one."""
        module, _, name = path.rpartition(".")
        statement = f"from {module} import "
        script = jedi.Script(f"{statement}{name}", project=self._project, environment=_ENVIRONMENT)
        self._steps = 0
        try:
            found = self._only(_meant(script, 1, len(statement)))
            name = self._class(found) if found.type == "class" else self._made_by(found)
        except _Unclear:
            return None, False
        return name or None, found.type == "class" and self._is_standin(found)

    def _only(self, found: Iterable[Any]) -> Any:
        """The one definition; what stands in for the framework where that is missing, such as
        ``object``, does not count."""
        every = list(found)
        real = [each for each in every if not self._is_makeshift(each)]
        chosen = real or every
        if len(chosen) != 1:
            raise _Unclear
        return chosen[0]

    def _is_makeshift(self, found: Any) -> bool:
        """Whether it is only used where an import has failed."""
        if found.full_name == "builtins.object":
            return True
        return found.module_path is not None and self._file_of(found).is_makeshift(found.line)

    def _class(self, found: Any) -> str:
        """The framework's class that a class derives from; "" if it is certainly none of its agents
        and has no part in what they do."""
        self._step()
        if found.type != "class":
            raise _Unclear
        if found.full_name in _HARMLESS:
            return ""
        file = self._file_of(found)
        node = file.statement(found.line)
        if not isinstance(node, ast.ClassDef) or node.keywords or node.decorator_list:
            raise _Unclear
        if self._is_standin(found):
            return node.name
        if _defined_in(node) & (self._methods | _MAKING):
            # Who knows what is left of the framework's own behaviour?
            raise _Unclear
        bases = {self._class(self._only(file.meant(base))) for base in node.bases} - {""}
        if len(bases) > 1:
            raise _Unclear
        return bases.pop() if bases else ""

    def _made_by(self, found: Any) -> str:
        """The framework's class of the objects that a function makes, a new one in each call."""
        self._step()
        if found.type != "function":
            raise _Unclear
        file = self._file_of(found)
        node = file.statement(found.line)
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            raise _Unclear
        names = {self._result(file, made) for made in _made_in(node)}
        if len(names) != 1:
            raise _Unclear
        return names.pop()

    def _result(self, file: _File, made: ast.Call) -> str:
        maker = self._only(file.meant(made.func))
        return self._class(maker) if maker.type == "class" else self._made_by(maker)

    def _is_standin(self, found: Any) -> bool:
        path = found.module_path
        return path is not None and self._standins in path.parents

    @cached_property
    def _methods(self) -> set[str]:
        """What the framework's agents do."""
        tree = ast.parse((self._standins / "autogen" / "__init__.py").read_text("utf-8"))
        classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
        return set().union(*map(_defined_in, classes))

    def _file_of(self, found: Any) -> _File:
        path = found.module_path
        if path is None:
            raise _Unclear
        return self._files.setdefault(path, _File(path, self._project))

    def _step(self) -> None:
        """Classes and functions may lead in a circle."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _Unclear


def _defined_in(node: ast.ClassDef) -> set[str]:
    """The names that a class gives a meaning of its own, in its body or on its objects."""
    names: set[str] = set()
    for part in _own_parts(node):
        if isinstance(part, _Function):
            names.add(part.name)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
    attributes = (part for part in ast.walk(node) if isinstance(part, ast.Attribute))
    return names | {part.attr for part in attributes if isinstance(part.ctx, ast.Store)}


def _made_in(node: ast.FunctionDef) -> list[ast.Call]:
    """The calls whose results a function returns. What it keeps from call to call, or is given, is
    nothing it makes."""
    parts = list(_own_parts(node))
    if not isinstance(node.body[-1], ast.Return) or any(isinstance(p, _UNCLEAR) for p in parts):
        raise _Unclear
    given = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    calls: list[ast.Call] = []
    for returned in [part.value for part in parts if isinstance(part, ast.Return)]:
        values = [returned]
        if isinstance(returned, ast.Name) and returned.id not in given:
            values = _bound_to(returned.id, parts)
        made = [value for value in values if isinstance(value, ast.Call)]
        if not made or len(made) < len(values) or any(_root(call.func) in given for call in made):
            raise _Unclear
        calls += made
    return calls


def _root(node: ast.expr) -> str | None:
    """The name that a dotted name begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _bound_to(name: str, parts: list[ast.AST]) -> list[ast.expr | None]:
    """All that is assigned to a name; none if it is also bound in other ways."""
    values: list[ast.expr | None] = []
    bindings = 0
    for part in parts:
        if isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load):
            bindings += 1
        elif isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            values += [part.value for t in targets if isinstance(t, ast.Name) and t.id == name]
    return values if len(values) == bindings else []


def _own_parts(node: ast.FunctionDef | ast.ClassDef) -> Iterable[ast.AST]:
    """What stands in a function or class, but not in those inside it."""
    pending: list[ast.AST] = list(node.body)
    while pending:
        part = pending.pop()
        yield part
        if not isinstance(part, _Function | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(part))


def _answer(environments: dict[Any, _Packages], home: Path, question: Any) -> dict[str, object]:
    search, standins = tuple(question["search"]), Path(question["standins"])
    packages = environments.get((search, standins))
    if packages is None:
        packages = environments[search, standins] = _Packages(search, standins, home)
    name, same = packages.behind(question["path"])
    return {"name": name, "same": same}


def _see_only_python_itself() -> None:
    """From here on nothing can be imported but the standard library."""
    library = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    sys.path[:] = [path for path in sys.path if path in library or Path(path).name == "lib-dynload"]
    sys.meta_path[:] = [
        machinery.BuiltinImporter,
        machinery.FrozenImporter,
        machinery.PathFinder,
    ]


def _main(home: Path, trees: str) -> None:
    jedi.settings.cache_directory = trees
    jedi.settings.auto_import_modules = []
    jedi.settings.dynamic_params = False
    _see_only_python_itself()
    # Many answers take Python's own classes, and no question should wait for these.
    jedi.Script("number = 1", environment=_ENVIRONMENT).infer(1, 0)
    environments: dict[Any, _Packages] = {}
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        with _no_longer_than(question["patience"]):
            try:
                answer = _answer(environments, home, question)
            except Exception:  # noqa: BLE001 - code of all kinds is read, by code of others
                answer = {"name": None, "same": False}
        print(json.dumps(answer), flush=True)


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """End this process if what is done meanwhile takes more than that much of a processor."""
    latest = time.process_time() + seconds
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_EVERY):
            if time.process_time() > latest:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    yield
    done.set()


_ENVIRONMENT = jedi.InterpreterEnvironment()

if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
