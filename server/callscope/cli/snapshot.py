"""Files and folders as they were at one moment, to tell later whether anything has changed.

A file is known by its stamp: when its content and its inode were changed, its size and its inode's
number. Where that is another one, its content decides. Only the standard library's lightest parts
are imported here: whoever asks wants to know whether the rest is needed.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

Stamp = tuple[int, int, int, int]
Entry = Stamp | str
"""A file's stamp, or which kind of folder it is."""

_FOLDER, _LINK, _LOST = "folder", "link to a folder", "lost"
_BYTECODE = "__pycache__"
_TICK = 20_000_000
_COARSE = 2_000_000_000
"""Nanoseconds by which the time of a change may lie before it, on most disks and on those that
count in seconds."""


@dataclass(frozen=True)
class Snapshot:
    """``folders`` with the folders in them, and those files that the pattern ``names`` matches;
    None for one that cannot be listed. ``files`` are others, None for what is not there.

    ``touched`` is when one of the folders last got or lost an entry. ``digests`` are those of the
    contents, as far as they are known.
    """

    names: str
    folders: Mapping[str, Mapping[str, Entry] | None]
    files: Mapping[str, Stamp | None]
    touched: int
    digests: Mapping[str, str]

    @classmethod
    def of(cls, names: str, folders: Iterable[str], files: Iterable[str]) -> Snapshot:
        """What there is now."""
        told = re.compile(names, re.IGNORECASE)
        listed = {folder: _look_into(folder, told) for folder in folders}
        times = [found[0] for found in map(_stamp, listed) if found is not None]
        return cls(names, listed, {f: _stamp(f) for f in files}, max(times, default=0), {})

    def again(self) -> Snapshot:
        """The same files and folders as they are now."""
        return Snapshot.of(self.names, self.folders, self.files)

    def with_digests(self) -> Snapshot:
        """The same with the digests of all contents; those of folders have none."""
        found = ((path, _digest(path)) for path, _ in self._stamps())
        return replace(self, digests={path: digest for path, digest in found if digest})

    def is_older_than(self, moment: int) -> bool:
        """Whether nothing has changed since ``moment``, nor shortly before."""
        if self.touched >= moment - _TICK:
            return False
        return all(
            max(stamp[:2]) < moment - (_TICK if stamp[0] % 1_000_000_000 else _COARSE)
            for _, stamp in self._stamps()
        )

    def changed(self, now: Snapshot) -> set[str] | None:
        """The files with another content in ``now``; None if more than that has changed."""
        if self.folders.keys() != now.folders.keys() or self.files.keys() != now.files.keys():
            return None
        then = dict(self._entries())
        found = dict(now._entries())
        if then.keys() != found.keys():
            return None
        others = [path for path, entry in then.items() if entry != found[path]]
        if not all(isinstance(e, tuple) for path in others for e in (then[path], found[path])):
            return None
        return {path for path in others if self.digests.get(path, "") != _digest(path)}

    def _entries(self) -> Iterator[tuple[str, Entry | None]]:
        for folder, inside in self.folders.items():
            if inside is None:
                yield folder, None
                continue
            for name, entry in inside.items():
                yield f"{folder}{os.sep}{name}", entry
        yield from self.files.items()

    def _stamps(self) -> Iterator[tuple[str, Stamp]]:
        for path, entry in self._entries():
            if isinstance(entry, tuple):
                yield path, entry


def _look_into(folder: str, names: re.Pattern[str]) -> dict[str, Entry] | None:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: found for entry in entries if (found := _entry(entry, names))}
    except OSError:
        return None


def _entry(entry: os.DirEntry[str], names: re.Pattern[str]) -> Entry | None:
    if entry.is_dir():
        if entry.name == _BYTECODE:
            return None
        return _LINK if entry.is_symlink() else _FOLDER
    if not names.match(entry.name):
        return None
    # Never a pipe or a device: it may block whoever reads it.
    return (_stamp(entry.path) if entry.is_file() else None) or _LOST


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - of thousands of files
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _digest(path: str) -> str | None:
    try:
        if not os.path.isfile(path):  # noqa: PTH113 - see above
            return None
        with open(path, "rb") as stream:  # noqa: PTH123 - see above
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return None
