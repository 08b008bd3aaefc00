"""The texts of a project's files, as the editor holds them or as they are on disk."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock

from callscope.project.facts import Facts, Reading, facts_of
from callscope.project.store import Kept, Store
from callscope.source import (
    ParsedSource,
    SourceText,
    UnreadableSource,
    decode_source,
    parse,
    read_source,
)

_MOST_PARSED = 1_000_000
"""Characters of text whose trees are kept; a tree takes some thirty times as much."""


class _Trees:
    """The trees that were asked for last. May be used by several threads."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._known: OrderedDict[Path, ParsedSource] = OrderedDict()
        self._size = 0

    def of(self, source: SourceText) -> ParsedSource:
        """The tree of this very text."""
        with self._turn:
            known = self._known.get(source.path)
            if known is not None and known.source is source:
                self._known.move_to_end(source.path)
                return known
        made = parse(source)
        with self._turn:
            self._forget(source.path)
            self._known[source.path] = made
            self._size += len(source.text)
            while self._size > _MOST_PARSED and len(self._known) > 1:
                self._forget(next(iter(self._known)))
        return made

    def _forget(self, path: Path) -> None:
        known = self._known.pop(path, None)
        if known is not None:
            self._size -= len(known.source.text)


class Sources:
    """Reads files, each version once. ``buffers`` are texts that hold in place of the disk's;
    ``store`` has what earlier runs found out. ``asked`` are the files whose texts somebody wanted,
    for whoever clears it before."""

    def __init__(
        self, buffers: Mapping[Path, SourceText] | None = None, store: Store | None = None
    ) -> None:
        self.buffers = buffers if buffers is not None else {}
        self._store = store
        self._is_new = False
        self.asked: set[Path] = set()
        self._read: dict[Path, tuple[object, SourceText | None]] = {}
        self._trees = _Trees()
        self._facts: dict[Path, tuple[object, Facts | None]] = {}
        self._readings: dict[Path, Reading] = {}

    @cached_property
    def _kept(self) -> dict[str, Kept]:
        # Not before it is needed: an editor waits for the first file, which needs none of it.
        return self._store.load() if self._store is not None else {}

    def having(self, sources: Iterable[SourceText]) -> Sources:
        """The same with ``sources`` in place of what their files hold. What is known is shared."""
        made = Sources({**self.buffers, **{source.path: source for source in sources}})
        made._read, made._trees, made._facts = self._read, self._trees, self._facts
        made._readings, made.asked = self._readings, self.asked
        made._kept = self._kept
        return made

    def text(self, path: Path) -> SourceText | None:
        """The text of the file ``path``; None if there is none that can be read."""
        self.asked.add(path)
        buffer = self.buffers.get(path)
        if buffer is not None:
            return buffer
        version = _version(path)
        known = self._read.get(path)
        if known is None or known[0] != version:
            known = self._read[path] = (version, _read(path) if version is not None else None)
        return known[1]

    def parsed(self, path: Path) -> ParsedSource | None:
        """The tree of the file ``path``; None if its text cannot be read."""
        source = self.text(path)
        return self._trees.of(source) if source is not None else None

    def facts(self, path: Path) -> Facts | None:
        """What can be told of the file ``path`` at a glance; None if it cannot be read. Its text is
        not kept for that: there may be many files."""
        version = self.buffers.get(path) or _version(path)
        known = self._facts.get(path)
        if known is None or known[0] != version:
            if isinstance(version, SourceText):
                facts: Facts | None = self._facts_typed(path, version.text)
            else:
                self._readings.pop(path, None)
                facts = self._facts_on_disk(path, version) if version is not None else None
            known = self._facts[path] = (version, facts)
        return known[1]

    def _facts_typed(self, path: Path, text: str) -> Facts:
        before = self._readings.get(path)
        reading = Reading.of(text) if before is None else before.after(text)
        self._readings[path] = reading
        return reading.facts

    def _facts_on_disk(self, path: Path, version: tuple[int, int]) -> Facts | None:
        kept = self._kept.get(str(path))
        if kept is not None and (kept.changed, kept.size) == version:
            return kept.facts
        try:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            if kept is not None and kept.digest == digest:
                facts = kept.facts
            else:
                facts = facts_of(decode_source(path, content).text)
        except (OSError, UnreadableSource):
            return None
        self._kept[str(path)] = Kept(*version, digest, facts)
        self._is_new = True
        return facts

    def keep(self, files: Iterable[Path]) -> None:
        """Put what was found out of ``files``, and of no others, where the next run finds it."""
        names = {str(file) for file in files}
        if self._store is not None and (self._is_new or not names.issuperset(self._kept)):
            self._kept = {name: kept for name, kept in self._kept.items() if name in names}
            self._store.save(self._kept)
            self._is_new = False


def _read(path: Path) -> SourceText | None:
    try:
        return read_source(path)
    except UnreadableSource:
        return None


def _version(path: Path) -> tuple[int, int] | None:
    """Changes whenever the file does; None where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of many files, often
    except OSError:
        return None
    # A file may get back its old time, but not without being touched.
    return (max(found.st_mtime_ns, found.st_ctime_ns), found.st_size)
