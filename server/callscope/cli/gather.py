"""From the paths on the command line to the files that have to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from callscope.cli.inspect_file import workspace_at
from callscope.cli.job import Job, Mode, Task
from callscope.cli.result import FileResult
from callscope.project import Projects
from callscope.project.files import excludes, is_worth_reading, source_files
from callscope.project.modules import is_project, project_root


class Gatherer:
    """Finds the jobs of a check, and counts the files it saw."""

    def __init__(self, projects: Projects, task: Task) -> None:
        self._projects = projects
        self._task = task
        self.seen = 0
        self._root: Path | None = None
        self._whole = True
        self._roots: dict[Path, bool] = {}

    def jobs(self, paths: Iterable[Path]) -> Iterator[Job | FileResult]:
        """A job for each file worth it, in order, each file once; a result where it failed.

        Files that are named are always looked at; of those in folders, only the ones that mention
        a framework, so that an unrelated file in an odd encoding is nobody's concern.
        """
        seen: set[Path] = set()
        for path in paths:
            for step in self._of(path):
                if isinstance(step, Job):
                    if step.path.absolute() in seen:
                        continue
                    seen.add(step.path.absolute())
                yield step

    def _of(self, path: Path) -> Iterator[Job | FileResult]:
        if path.is_dir():
            self._enter(path.absolute(), whole=True)
            yield from self._in_folder(path)
        else:
            self.seen += 1
            root = project_root(path.absolute())
            self._enter(root, whole=is_project(root))
            yield self._job(path)

    def _enter(self, root: Path, *, whole: bool) -> None:
        self._root, self._whole = root, whole
        self._roots[root] = whole

    @property
    def roots(self) -> list[Path] | None:
        """The folders that were looked through; None if one of them is no project, so that there
        is no saying what in it counts."""
        return list(self._roots) if all(self._roots.values()) else None

    def _in_folder(self, folder: Path) -> Iterator[Job | FileResult]:
        failures: list[FileResult] = []

        def note(path: Path, error: OSError) -> None:
            failures.append(FileResult(str(path), failure=error.strerror or str(error)))

        for path in source_files(folder, self._is_excluded, note):
            self.seen += 1
            if is_worth_reading(path) or self._matters(path.absolute()):
                yield self._job(path)
        yield from failures

    def _matters(self, path: Path) -> bool:
        """Whether the file imports modules of the project that use AutoGen."""
        workspace = workspace_at(self._root, self._whole)
        if workspace is None:
            return False
        workspace.heed(self._projects.of(path).packages.names)
        return workspace.modules.matters(path)

    def _is_excluded(self, path: Path) -> bool:
        return excludes(self._projects.of(path.parent).config, path)

    def _job(self, path: Path) -> Job:
        return Job(
            path,
            str(path),
            self._projects.of(path),
            self._task,
            self._root,
            self._whole,
            self._group(path),
            self._effort(path),
        )

    def _effort(self, path: Path) -> int:
        workspace = workspace_at(self._root, self._whole)
        return workspace.graph.effort(path.absolute()) if workspace is not None else 1

    def _group(self, path: Path) -> Path:
        """The program that the file is a part of: who looks at one file knows most of the next. For
        fixing, all files that have anything to do with each other."""
        workspace = workspace_at(self._root, self._whole)
        if workspace is not None and self._task.mode is not Mode.CHECK:
            return workspace.graph.cluster(path.absolute())
        tops = workspace.graph.programs(path.absolute()) if workspace is not None else []
        return tops[0] if tops else path.absolute()
