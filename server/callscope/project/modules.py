"""Which files matter to a program, and who imports whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from callscope.model.scope import is_test
from callscope.model.walk import ModuleSource
from callscope.project.facts import Facts
from callscope.project.layout import Layout
from callscope.project.sources import Sources
from callscope.source import SourceText, parse

MARKERS = ("pyproject.toml", "callscope.toml", "setup.py", "setup.cfg", ".git")


class Modules:
    """The modules below ``root``, looked up by the imports that name them."""

    def __init__(self, root: Path, sources: Sources) -> None:
        self.root = root
        self.sources = sources
        self.layout = Layout(root)
        self._matters: dict[Path, bool] = {}
        self._packages: frozenset[str] = frozenset()

    def reading(self, sources: Sources) -> Modules:
        """The same with other texts. Which files there are stays as it is, and is not looked up
        again."""
        made = Modules(self.root, sources)
        made.layout = self.layout
        made._packages = self._packages
        return made

    def heed(self, packages: frozenset[str]) -> bool:
        """Take files that import one of ``packages`` for such as may use a framework, which these
        are built on; whether that is new."""
        if packages <= self._packages:
            return False
        self._packages |= packages
        self._matters.clear()
        return True

    def forget(self) -> None:
        """Files have come or gone, or were changed: look everything up again."""
        self.layout.forget()
        self._matters.clear()

    def find(self, path: str, importer: Path) -> ModuleSource | None:
        """The module that the import of ``path`` (with leading dots if it is relative) in the file
        ``importer`` leads to; None if it lies outside the project, or has nothing to do with
        AutoGen and is not imported by something that has."""
        file = self.file_of(path, importer)
        if file is None:
            return None
        if not file.exists() and file not in self.sources.buffers:
            # A namespace package: there is nothing in it but its modules.
            return ModuleSource(_name_of(file), parse(SourceText(file, "")), matters=False)
        near = self.matters(importer) or importer.name == "__init__.py"
        if not near and not self.matters(file):
            # A callback may be defined where AutoGen is never mentioned, but no farther away.
            return None
        return self.source_at(file)

    def source_at(self, file: Path) -> ModuleSource | None:
        """The module that ``file`` is; None if it cannot be read."""
        parsed = self.sources.parsed(file)
        return ModuleSource(_name_of(file), parsed, self.matters(file)) if parsed else None

    def matters(self, file: Path) -> bool:
        """Whether the module uses a framework, or imports a module of the project that does."""
        if file not in self._matters:
            self._settle(file)
        return self._matters[file]

    def _settle(self, file: Path) -> None:
        """Answer for ``file`` and all that it imports at once: modules that import each other in a
        ring matter together or not at all."""
        imported: dict[Path, list[Path]] = {}
        pending = [file]
        while pending:
            item = pending.pop()
            if item not in imported and item not in self._matters:
                imported[item] = [] if self._uses_framework(item) else self.imported_by(item)
                pending.extend(imported[item])
        importers: dict[Path, list[Path]] = {}
        for item, others in imported.items():
            for other in others:
                importers.setdefault(other, []).append(item)
        reached = [item for item in imported if self._uses_framework(item)]
        reached += [item for item in importers if self._matters.get(item)]
        mattering: set[Path] = set()
        while reached:
            item = reached.pop()
            if item not in mattering:
                mattering.add(item)
                reached.extend(importers.get(item, ()))
        self._matters.update((item, item in mattering) for item in imported)

    def _uses_framework(self, file: Path) -> bool:
        facts = self.sources.facts(file)
        if facts is None or facts.uses:
            return facts is not None
        return any(
            name.partition(".")[0] in self._packages and self.file_of(name, file) is None
            for name in facts.imports
        )

    def imported_by(self, file: Path) -> list[Path]:
        """The files of the project that ``file`` imports."""
        facts = self.sources.facts(file)
        found = [self.file_of(name, file) for name in facts.imports] if facts is not None else []
        return list(dict.fromkeys(each for each in found if each is not None and each != file))

    def file_of(self, path: str, importer: Path) -> Path | None:
        """The file that an import means, see :meth:`Layout.file_of`."""
        return self.layout.file_of(path, importer)


class ImportGraph:
    """Who imports whom among ``files``."""

    def __init__(self, modules: Modules, files: Iterable[Path]) -> None:
        self._modules = modules
        self._facts: dict[Path, Facts | None] = {}
        self._imports: dict[Path, list[Path]] = {}
        self._importers: dict[Path, set[Path]] = {}
        self._clusters: dict[Path, Path] = {}
        for file in files:
            self.replace(file)

    @cached_property
    def files(self) -> list[Path]:
        """All of them, in order."""
        return sorted(self._imports)

    def __contains__(self, file: Path) -> bool:
        return file in self._imports

    def facts(self, file: Path) -> Facts | None:
        """What is taken in of ``file``; None if that is nothing."""
        return self._facts.get(file)

    def replace(self, file: Path) -> None:
        """Take in what ``file`` imports now."""
        for imported in self._imports.get(file, ()):
            self._importers[imported].discard(file)
        self._clusters.clear()
        if file not in self._imports:
            self.__dict__.pop("files", None)
        self._facts[file] = self._modules.sources.facts(file)
        self._imports[file] = self._modules.imported_by(file)
        for imported in self._imports[file]:
            self._importers.setdefault(imported, set()).add(file)

    def reading(self, modules: Modules, changed: Iterable[Path]) -> ImportGraph:
        """The same with what the files ``changed`` import according to ``modules``; itself if that
        is what they imported before."""
        moved = [file for file in changed if modules.imported_by(file) != self._imports.get(file)]
        if not moved:
            return self
        made = ImportGraph(modules, ())
        made._facts = dict(self._facts)
        made._imports = dict(self._imports)
        made._importers = {file: set(found) for file, found in self._importers.items()}
        for file in moved:
            made.replace(file)
        return made

    def share_a_program(self, one: Path, other: Path) -> bool:
        """Whether a change in one of the two files may change what is found in the other."""
        return not {one, *self.programs(one)}.isdisjoint({other, *self.programs(other)})

    def importers(self, file: Path) -> set[Path]:
        """The files that import ``file``."""
        return self._importers.get(file, set())

    def cluster(self, file: Path) -> Path:
        """One file that stands for all that are connected with ``file`` by imports."""
        if file not in self._clusters:
            found = self.connected(file)
            self._clusters.update(dict.fromkeys(found, min(found)))
        return self._clusters[file]

    def connected(self, file: Path) -> set[Path]:
        """``file``, and all that are connected with it by imports in whichever direction."""
        return _reached(file, lambda item: [*self.importers(item), *self._imports.get(item, ())])

    def effort(self, file: Path) -> int:
        """How many modules are walked to check ``file``, roughly: its own program, or its share of
        those that it is a part of."""
        tops = self.programs(file)
        if tops:
            return 1 + len(tops)
        return len(_reached(file, lambda item: self._imports.get(item, ())))

    def programs(self, file: Path) -> list[Path]:
        """The files that nobody imports, and that import ``file``, directly or not; but not tests,
        which run it in ways of their own."""
        seen: set[Path] = set()
        pending = [file]
        tops: list[Path] = []
        while pending:
            item = pending.pop()
            if item in seen:
                continue
            seen.add(item)
            above = self.importers(item) - seen
            if not self.importers(item) and item != file and not is_test(item):
                tops.append(item)
            pending.extend(above)
        return sorted(tops)


def _reached(file: Path, neighbours: Callable[[Path], Iterable[Path]]) -> set[Path]:
    """``file``, and all files that lead on from it."""
    seen: set[Path] = set()
    pending = [file]
    while pending:
        item = pending.pop()
        if item not in seen:
            seen.add(item)
            pending.extend(neighbours(item))
    return seen


def _name_of(file: Path) -> str:
    return file.parent.name if file.name == "__init__.py" else file.stem


def project_root(start: Path) -> Path:
    """The folder that a file's project begins in: the nearest with a project file, else its own."""
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.parents):
        if is_project(candidate):
            return candidate
    return folder


def is_project(folder: Path) -> bool:
    """Whether a file in it says that a project begins there."""
    return any((folder / marker).exists() for marker in MARKERS)
