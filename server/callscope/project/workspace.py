"""The files of a project as one whole: their texts, the modules they are, and who imports whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path

from callscope.model.deployment import NO_DEPLOYMENT, Deployment
from callscope.model.scope import is_test
from callscope.model.walk import ModuleSource, Surroundings
from callscope.project.config import load_config
from callscope.project.deployment import read_deployment
from callscope.project.files import excludes, source_files
from callscope.project.modules import ImportGraph, Modules, is_project
from callscope.project.sources import Sources
from callscope.project.store import Store
from callscope.source import SourceText

_MOST_FILES = 20_000

# Of a folder that nothing marks as a project, such as somebody's home, not all is looked through.
_MOST_LOOSE_FILES = 1_000
_LOOSE_DEPTH = 2


class Workspace:
    """Everything below ``root``.

    ``buffers`` holds the texts of an editor, by absolute path; ``store`` what earlier runs found
    out; ``whole`` is False where ``root`` is only the folder that a file happens to lie in.
    ``memory`` is for what is worked out of the files, by whoever does: it is emptied when files
    come or go.
    """

    def __init__(
        self,
        root: Path,
        buffers: Mapping[Path, SourceText] | None = None,
        store: Store | None = None,
        *,
        whole: bool = True,
    ) -> None:
        self._whole = whole
        self.root = root
        self.sources = Sources(buffers, store)
        self.modules = Modules(root, self.sources)
        self.memory: dict[Path, object] = {}
        self._deployments: dict[Path, Deployment] = {}

    def having(self, *sources: SourceText) -> Workspace:
        """The same with ``sources`` in place of what their files hold; itself if that is so."""
        changed = [source for source in sources if not self._holds(source)]
        if not changed:
            return self
        made = Workspace(self.root, whole=self._whole)
        made.sources = self.sources.having(changed)
        made.modules = self.modules.reading(made.sources)
        graph = self.graph.reading(made.modules, [each.path for each in changed])
        made.__dict__.update(graph=graph)
        made._deployments = self._deployments
        if all(made._engines(each.path) == self._engines(each.path) for each in changed):
            made.__dict__.update(_mains=self._mains)
        if graph is self.graph:
            made.memory.update(self.memory)
        return made

    def _holds(self, source: SourceText) -> bool:
        known = self.sources.text(source.path)
        return known is source or (known is not None and known.text == source.text)

    def forget(self) -> None:
        """Files have come, gone or changed what they import."""
        self.modules.forget()
        self.memory.clear()
        self._deployments.clear()
        for known in ("graph", "_mains"):
            self.__dict__.pop(known, None)

    def surroundings(self, main: Path) -> Surroundings:
        """What the program that begins in ``main`` finds around it."""
        return Surroundings(self.modules.find, self._heads, self._deployment_in(main.parent))

    def _deployment_in(self, folder: Path) -> Deployment:
        """How the code in ``folder`` is run, as the files there say or those above it do."""
        found = self._deployments.get(folder)
        if found is None:
            inside = self.root in folder.parents
            around = self._deployment_in(folder.parent) if inside else NO_DEPLOYMENT
            found = read_deployment(folder if inside else self.root, around)
            self._deployments[folder] = found
        return found

    def _heads(self, engine: str, main: Path) -> Iterator[ModuleSource]:
        # Of several projects in one folder, each has its own processes.
        home = self._home(main)
        for path in self._mains.get(engine, ()):
            found = self.modules.source_at(path) if self._home(path) == home else None
            if found is not None:
                yield found

    @cached_property
    def _mains(self) -> dict[str, list[Path]]:
        """For each engine the files that its own processes may begin with."""
        found: dict[str, list[Path]] = {}
        for path in self.graph.files:
            for engine in self._engines(path) if not is_test(path) else ():
                found.setdefault(engine, []).append(path)
        return found

    @property
    def mains(self) -> set[Path]:
        """All files that some engine's own processes may begin with."""
        return {path for paths in self._mains.values() for path in paths}

    def _engines(self, path: Path) -> tuple[str, ...]:
        facts = self.sources.facts(path)
        return facts.heads if facts is not None else ()

    def _home(self, path: Path) -> Path:
        """The folder of the project that a file belongs to: :attr:`root`, or a project inside."""
        inside = (folder for folder in path.parents if self.root in folder.parents)
        return next((folder for folder in inside if is_project(folder)), self.root)

    @cached_property
    def graph(self) -> ImportGraph:
        """Who imports whom; all files are looked through when it is first asked for."""
        config = load_config(self.root)
        depth = None if self._whole else _LOOSE_DEPTH
        files = source_files(self.root, lambda path: excludes(config, path), depth=depth)
        most = _MOST_FILES if self._whole else _MOST_LOOSE_FILES
        made = ImportGraph(self.modules, islice(files, most))
        self.sources.keep(made.files)
        return made

    def heed(self, packages: frozenset[str]) -> None:
        """See :meth:`Modules.heed`."""
        if self.modules.heed(packages):
            self.memory.clear()

    @property
    def is_indexed(self) -> bool:
        """Whether :attr:`graph` is known, so that asking for it costs nothing."""
        return "graph" in self.__dict__

    def notice(self, path: Path) -> None:
        """The file ``path`` may have changed: take in what it imports now."""
        facts = self.sources.facts(path)
        if facts is not None and facts != self.graph.facts(path):
            self.__dict__.pop("_mains", None)
            self.modules.forget()
            self.graph.replace(path)
            # A module that nobody followed so far may be part of their programs now.
            self.memory.clear()
