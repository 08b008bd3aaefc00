"""The project of each of many files, found once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callscope.project.config import load_config
from callscope.project.locked import locked_release
from callscope.project.project import Project


class Projects:
    """Gives each file its :class:`Project`; files under one configuration and lock file share one.

    ``python`` and ``settings`` are as in :meth:`Project.at`.
    """

    def __init__(
        self, *, python: Path | None = None, settings: Mapping[str, Any] | None = None
    ) -> None:
        self._python = python
        self._settings = settings
        self._by_folder: dict[Path, Project] = {}
        self._by_files: dict[tuple[Path | None, ...], Project] = {}

    def of(self, path: Path) -> Project:
        """The project of the file or folder ``path``, which need not exist."""
        folder = path if path.is_dir() else path.parent
        found = self._by_folder.get(folder)
        if found is None:
            found = self._by_folder[folder] = self._load(folder)
        return found

    def all(self) -> list[Project]:
        """Those met so far, in the order they were met."""
        return list(self._by_files.values())

    def _load(self, folder: Path) -> Project:
        locked = locked_release(folder)
        key = (load_config(folder).path, None if locked is None else locked.path)
        found = self._by_files.get(key)
        if found is None:
            found = Project.at(folder, python=self._python, settings=self._settings)
            self._by_files[key] = found
        return found
