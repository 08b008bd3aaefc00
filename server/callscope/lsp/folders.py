"""The project of a file under the editor's settings, kept until something around it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from callscope.lsp.settings import Settings
from callscope.project import Project, load_config
from callscope.project.packages import Packages
from callscope.project.resolver import Resolver

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    settings: Settings
    project: Project
    stamps: tuple[float, ...]


class Folders:
    """Finds projects; used from the analysis thread only.

    ``interpreter`` is the editor's choice, which yields to the settings and the configuration.
    In an untrusted workspace no path that the workspace names is looked at.
    """

    def __init__(
        self,
        interpreter: Path | None = None,
        *,
        trusted: bool = True,
        on_other_target: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_other_target`` hears, on the analysis thread, that the files of a folder are from
        now on checked against another release, or that it was found elsewhere."""
        self._on_other_target = on_other_target
        self._interpreter = interpreter
        self._trusted = trusted
        self._known: dict[Path, _Known] = {}
        self._packages: dict[tuple[Path, ...], Packages] = {}
        self._resolver = Resolver()

    def project_of(self, path: Path, settings: Settings) -> Project:
        """The project of the file ``path``, which need not exist."""
        # A buffer that is nowhere yet is taken for a file of the folder whose settings it has.
        folder = path.parent if path.is_absolute() else settings.folder or path.parent
        known = self._known.get(folder)
        if known and known.settings == settings and known.stamps == _stamps(known.project):
            return known.project
        project = self._load(folder, settings)
        self._known[folder] = _Known(settings, project, _stamps(project))
        if known and (known.project.target, known.project.origin) != (
            project.target,
            project.origin,
        ):
            self._on_other_target()
        return project

    def forget(self) -> None:
        """Look everything up again: a configuration file has changed."""
        self._known = {}

    def _load(self, folder: Path, settings: Settings) -> Project:
        config = load_config(folder)
        overriding = settings.for_engine(config)
        python = settings.interpreter or (None if config.python else self._interpreter)
        if not self._trusted:
            python = None
            overriding["python"] = None
        project = Project.at(folder, python=python, settings=overriding)
        _log.info(
            "Files in %s are checked against %s (%s), configured by %s",
            folder,
            project.target.title,
            project.target_origin,
            config.path or "no file",
        )
        return replace(project, packages=self._shared(project.packages))

    def _shared(self, packages: Packages) -> Packages:
        """The same for all folders with one environment. A check does not wait for it."""
        known = self._packages.get(packages.folders)
        if known is None or not known.is_current:
            known = Packages(packages.folders, waits=False, resolver=self._resolver)
            self._packages[packages.folders] = known
        return known

    def close(self) -> None:
        """Look nothing up any more."""
        self._resolver.close()


def _stamps(project: Project) -> tuple[float, ...]:
    """Changes when a package is installed or removed, or locked in another version."""
    installed = () if project.installed is None else project.installed.searched
    locked = () if project.locked is None else (project.locked.path,)
    return tuple(_modified(path) for path in (*installed, *locked))


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
