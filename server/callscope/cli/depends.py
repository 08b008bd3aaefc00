"""What on disk the answer to a check depends on, besides the options that were given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import callscope
from callscope.cli.inspect_file import workspace_at
from callscope.cli.job import Job
from callscope.cli.result import Before, FileResult
from callscope.cli.snapshot import Snapshot
from callscope.project import Projects, load_config
from callscope.project.config import CONFIG_FILES
from callscope.project.deployment import deployment_folders, deployment_globs
from callscope.project.files import VENV_FILE, excludes, source_files
from callscope.project.locked import LOCK_FILES
from callscope.project.modules import MARKERS

_GLOBS = ("*.py", "*.ipynb", VENV_FILE, *MARKERS, *LOCK_FILES, *deployment_globs())
_NAMES = "|".join(map(translate, _GLOBS))
_ABOVE = (*CONFIG_FILES, *LOCK_FILES, "__init__.py")
_LIBRARIES = ("libcst", "parso", "packaging")
"""What the findings and the fixes are made with."""


def snapshot(projects: Projects, jobs: Iterable[Job], roots: Iterable[Path]) -> Snapshot:
    """All that the results of ``jobs`` depend on, as it is now. ``roots`` are the folders and the
    projects that were looked through for them."""
    roots = list(roots)
    homes = {job.path.absolute().parent for job in jobs}
    folders = {str(home) for home in homes}
    for root in roots:
        folders.update(_folders_below(projects, root))
    inside = [each for folder in folders for each in deployment_folders(Path(folder))]
    folders.update(str(folder) for folder in inside if folder.is_dir())
    files = {str(job.path.absolute()) for job in jobs if job.path.suffix != ".py"}
    files.update(_above(roots, homes))
    files.update(_environments(projects, folders))
    folders.update(_own_folders())
    files.update(_libraries())
    return Snapshot.of(_NAMES, sorted(folders), sorted(files))


def _folders_below(projects: Projects, root: Path) -> Iterator[str]:
    config = load_config(root)

    def excluded(path: Path) -> bool:
        return excludes(config, path) and excludes(projects.of(path.parent).config, path)

    seen: list[Path] = []
    for _ in source_files(root, excluded, on_folder=seen.append):
        pass
    yield from map(str, seen)


def _above(roots: Iterable[Path], homes: Iterable[Path]) -> Iterator[str]:
    """Files that would count in the folders above, by whichever way they are reached."""
    roots = list(roots)
    real = _resolved(roots)
    outside = [home for home in _resolved(homes) if real.isdisjoint({home, *home.parents})]
    for folder in {f for start in (*roots, *real, *outside) for f in (start, *start.parents)}:
        yield from (str(folder / name) for name in _ABOVE)
        yield str(folder / ".venv" / VENV_FILE)


def _resolved(folders: Iterable[Path]) -> set[Path]:
    return {folder.resolve() for folder in folders}


def _environments(projects: Projects, folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        yield os.path.join(folder, ".venv", VENV_FILE)  # noqa: PTH118 - of many folders
    for project in projects.all():
        if project.installed is not None:
            yield from map(str, project.installed.looked_at)


def _own_folders() -> Iterator[str]:
    """Those of Callscope itself, which may be at work on itself."""
    for top in callscope.__path__:
        for folder, below, _ in os.walk(top):
            below[:] = [name for name in below if name != "__pycache__"]
            yield folder


def _libraries() -> Iterator[str]:
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield str(Path(spec.origin).parent.parent)


def told_of(root: Path) -> dict[str, str]:
    """What is told at a glance of each file below ``root``, as digests: where it stays the same,
    so does who imports whom, and what matters."""
    workspace = workspace_at(root)
    assert workspace is not None
    facts = ((path, workspace.sources.facts(path)) for path in workspace.graph.files)
    return {str(path): sha256(repr(each).encode()).hexdigest()[:16] for path, each in facts}


def still_holding(
    before: Before, told: Mapping[str, str], jobs: Iterable[Job]
) -> dict[str, FileResult]:
    """Those results of an earlier run that nothing has changed for: no file that is connected with
    theirs by imports."""
    jobs = list(jobs)
    workspace = workspace_at(jobs[0].root) if jobs else None
    if workspace is None or any(told.get(p) != before.told.get(p, "") for p in before.changed):
        return {}
    cluster = workspace.graph.cluster
    touched = {cluster(Path(path)) for path in before.changed}
    if not touched.isdisjoint(map(cluster, workspace.mains)):
        # An engine's own processes may run anything.
        return {}
    known = {job.shown: before.results.get(job.shown) for job in jobs}
    clusters = {
        job.shown: cluster(job.path.absolute()) for job in jobs if str(job.path.absolute()) in told
    }
    touched |= {
        clusters[shown]
        for shown, each in known.items()
        if each and not each.contained and shown in clusters
    }
    return {
        shown: result
        for shown, result in known.items()
        if result is not None and shown in clusters and clusters[shown] not in touched
    }
