"""Which files of a folder are looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from callscope.project.config import Config

SKIPPED_FOLDERS = frozenset(
    {"venv", "node_modules", "__pycache__", "build", "dist", "site-packages"}
)
"""Never entered, besides hidden folders and virtual environments of any name. A folder that is
named on the command line is entered whatever it is called."""

VENV_FILE = "pyvenv.cfg"
"""What makes a folder a virtual environment."""

_WORTH_READING = re.compile(rb"autogen|ag2|callscope:")
"""Bytes without any of these hold nothing to report, whatever their encoding."""


def source_files(
    root: Path,
    excluded: Callable[[Path], bool],
    on_error: Callable[[Path, OSError], None] = lambda path, error: None,
    depth: int | None = None,
    on_folder: Callable[[Path], None] = lambda path: None,
) -> Iterator[Path]:
    """Every Python file and notebook below ``root``, always in the same order, or those at most
    ``depth`` folders below it.

    Paths are ``root`` and what follows it, so relative where ``root`` is. Links to folders are not
    followed: there is no way to loop, and no file comes twice. ``excluded`` is asked for files and
    folders; ``on_folder`` hears of each folder that is entered, ``on_error`` of those that cannot
    be listed.
    """
    on_folder(root)
    try:
        with os.scandir(root) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        on_error(root, error)
        return
    for entry in entries:
        path = root / entry.name
        if entry.is_dir(follow_symlinks=False):
            if depth != 0 and _is_entered(path) and not excluded(path):
                below = depth - 1 if depth is not None else None
                yield from source_files(path, excluded, on_error, below, on_folder)
        elif _is_candidate(entry) and not excluded(path):
            yield path


def is_source_file(root: Path, path: Path, excluded: Callable[[Path], bool]) -> bool:
    """Whether :func:`source_files` gives ``path``, if it is there."""
    if root not in path.parents or not path.name.endswith((".py", ".ipynb")):
        return False
    inside = [folder for folder in path.parents if root in folder.parents]
    entered = all(_is_entered(folder) and not excluded(folder) for folder in inside)
    return entered and not path.name.startswith(".#") and not excluded(path)


def _is_entered(folder: Path) -> bool:
    hidden = folder.name.startswith(".")
    return not (hidden or folder.name in SKIPPED_FOLDERS or (folder / VENV_FILE).is_file())


def _is_candidate(entry: os.DirEntry[str]) -> bool:
    """A regular file, or a link that leads nowhere (worth a message); never a pipe or a device.

    Emacs keeps its locks in links called ``.#name.py``.
    """
    if not entry.name.endswith((".py", ".ipynb")) or entry.name.startswith(".#"):
        return False
    return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())


def excludes(config: Config, path: Path) -> bool:
    """Whether a glob of the configuration's ``exclude`` means ``path``.

    A glob is matched against the path from the configuration's folder, each folder above it, and
    the bare name: ``examples``, ``src/generated/*`` and ``*_pb2.py`` all do what they look like.
    """
    if not config.exclude or config.path is None:
        return False
    try:
        relative = path.absolute().relative_to(config.path.parent.absolute())
    except ValueError:
        relative = Path(path.name)
    names = [relative.as_posix(), *(p.as_posix() for p in relative.parents), *relative.parts]
    return any(
        fnmatchcase(name, glob.strip().strip("/")) for glob in config.exclude for name in names
    )


def is_worth_reading(path: Path) -> bool:
    """Whether the file may hold anything to report, told without decoding or parsing it.

    A file that cannot be read is worth it too: reading it says what is wrong.
    """
    try:
        return _WORTH_READING.search(path.read_bytes()) is not None
    except OSError:
        return True
