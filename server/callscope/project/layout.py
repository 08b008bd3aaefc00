"""Where the modules of a project lie: which file an import means.

Nothing is executed and no interpreter is asked: a module is looked for where Python would look, as
far as the folders tell. Each folder is listed once, and paths are plain texts: there are many
imports, and most of them lead out of the project.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from callscope.contracts.libraries import KNOWN_LIBRARIES

_PACKAGE = "__init__.py"
_MOST_FOLDERS = 30


@dataclass(frozen=True, slots=True)
class _Listing:
    """The names of the Python files and of the folders in a folder."""

    files: frozenset[str]
    folders: frozenset[str]


class Layout:
    """The folders below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._listings: dict[str, _Listing] = {}
        self._tops: dict[str, str] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], Path | None] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        """Those that were looked into, in that order."""
        return tuple(self._listings)

    def forget(self) -> None:
        """Files have come or gone: list everything again."""
        for memory in (self._listings, self._tops, self._paths, self._found):
            memory.clear()

    def file_of(self, path: str, importer: Path) -> Path | None:
        """The file that the import of ``path`` (with leading dots if it is relative) means in the
        file ``importer``; None if it is not in the project. For a namespace package it is the
        ``__init__.py`` that the package has not got."""
        folder = os.path.dirname(importer)  # noqa: PTH120 - see above
        key = (path, folder)
        if key not in self._found:
            found = self._search(path, folder)
            self._found[key] = Path(found) if found is not None else None
        return self._found[key]

    def _search(self, path: str, folder: str) -> str | None:
        if self._package_of(folder) in KNOWN_LIBRARIES:
            # A checkout of the library itself, whose insides are no program of anybody's.
            return None
        names = [name for name in path.split(".") if name]
        level = len(path) - len(path.lstrip("."))
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)  # noqa: PTH120
            return self._module_in(folder, names) if self._holds(folder) else None
        if not names or names[0] in KNOWN_LIBRARIES:
            return None
        places = (self._module_in(place, names) for place in self._search_path(folder))
        found = [place for place in places if place is not None]
        # A real module before a folder that happens to have the name.
        return next((f for f in found if self._exists(f)), found[0] if found else None)

    def _module_in(self, folder: str, names: list[str]) -> str | None:
        """The file of the module ``names`` (none for the package itself) below ``folder``."""
        for name in names[:-1]:
            if name not in self._list(folder).folders:
                return None
            folder = _join(folder, name)
        if names:
            inside = self._list(folder)
            if f"{names[-1]}.py" in inside.files:
                return _join(folder, f"{names[-1]}.py")
            if names[-1] not in inside.folders:
                return None
            folder = _join(folder, names[-1])
            if not self._has_modules(folder):
                return None
        return _join(folder, _PACKAGE)

    def _has_modules(self, folder: str) -> bool:
        inside = self._list(folder)
        return bool(inside.files) or any(
            self._list(_join(folder, name)).files for name in inside.folders
        )

    def _top_of(self, folder: str) -> str:
        """The folder that holds the outermost package that ``folder`` is in."""
        top = self._tops.get(folder)
        if top is None:
            above = os.path.dirname(folder)  # noqa: PTH120
            is_package = _PACKAGE in self._list(folder).files and self._holds(above)
            top = self._tops[folder] = self._top_of(above) if is_package else folder
        return top

    def _package_of(self, folder: str) -> str:
        """The name of the outermost package that ``folder`` is in; "" if it is in none."""
        inside = folder[len(self._top_of(folder)) :].strip(os.sep)
        return inside.partition(os.sep)[0]

    def _search_path(self, folder: str) -> tuple[str, ...]:
        """Folders that may be on ``sys.path`` for the files in ``folder``, the likeliest first."""
        found = self._paths.get(folder)
        if found is None:
            place = self._top_of(folder)
            candidates = [place]
            while len(candidates) < _MOST_FOLDERS and place != self.root and self._holds(place):
                place = os.path.dirname(place)  # noqa: PTH120
                candidates.append(place)
            candidates += [self.root, _join(self.root, "src"), folder]
            found = self._paths[folder] = tuple(dict.fromkeys(candidates))
        return found

    def _holds(self, folder: str) -> bool:
        return folder == self.root or folder.startswith(self.root.rstrip(os.sep) + os.sep)

    def _exists(self, file: str) -> bool:
        folder, name = os.path.split(file)
        return name in self._list(folder).files

    def _list(self, folder: str) -> _Listing:
        known = self._listings.get(folder)
        if known is None:
            known = self._listings[folder] = _listing(folder)
        return known


def _listing(folder: str) -> _Listing:
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.name)
                elif entry.name.endswith(".py") and entry.is_file():
                    files.append(entry.name)
    except OSError:
        # Nothing can be imported from a folder that is not there, or closed to us.
        pass
    return _Listing(frozenset(files), frozenset(folders))


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip(os.sep)}{os.sep}{name}"
