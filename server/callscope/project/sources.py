"""The texts of a project's files, as the editor holds them or as they are on disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callscope.contracts.boundaries import HEADS
from callscope.source import ParsedSource, SourceText, UnreadableSource, parse, read_source

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_NAME = re.compile(r"([.\w]+)(?:[ \t]+as[ \t]+\w+)?")

_MENTIONS = ("autogen", "ag2")


@dataclass(frozen=True)
class Facts:
    """What is read off a text without parsing it.

    ``imports`` are the modules that it may import, as they are written, with each name of a
    ``from`` import both as part of its module and as a module of its own. ``mentions`` says that
    it names a framework, ``uses`` that it imports classic AutoGen. ``heads`` are the engines whose
    own processes may begin with it.
    """

    imports: tuple[str, ...]
    mentions: bool
    uses: bool
    heads: tuple[str, ...] = ()


class Sources:
    """Reads files, each version once. ``buffers`` are texts that hold in place of the disk's."""

    def __init__(self, buffers: Mapping[Path, SourceText] | None = None) -> None:
        self.buffers = buffers if buffers is not None else {}
        self._read: dict[Path, tuple[object, SourceText | None]] = {}
        self._parsed: dict[Path, ParsedSource] = {}
        self._facts: dict[Path, tuple[object, Facts | None]] = {}

    def having(self, sources: Iterable[SourceText]) -> Sources:
        """The same with ``sources`` in place of what their files hold. What is known is shared."""
        made = Sources({**self.buffers, **{source.path: source for source in sources}})
        made._read, made._parsed, made._facts = self._read, self._parsed, self._facts
        return made

    def text(self, path: Path) -> SourceText | None:
        """The text of the file ``path``; None if there is none that can be read."""
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
        if source is None:
            return None
        known = self._parsed.get(path)
        if known is None or known.source is not source:
            known = self._parsed[path] = parse(source)
        return known

    def facts(self, path: Path) -> Facts | None:
        """What can be told of the file ``path`` at a glance; None if it cannot be read. Its text is
        not kept for that: there may be many files."""
        version = self.buffers.get(path) or _version(path)
        known = self._facts.get(path)
        if known is None or known[0] != version:
            source = version if isinstance(version, SourceText) else _read(path)
            facts = facts_of(source.text) if source is not None else None
            known = self._facts[path] = (version, facts)
        return known[1]


def _read(path: Path) -> SourceText | None:
    try:
        return read_source(path)
    except UnreadableSource:
        return None


def facts_of(text: str) -> Facts:
    """See :class:`Facts`."""
    imports = tuple(dict.fromkeys(_imports(text)))
    uses = any(path == "autogen" or path.startswith("autogen.") for path in imports)
    heads = tuple(engine for engine, words in HEADS.items() if any(w in text for w in words))
    return Facts(imports, any(word in text for word in _MENTIONS), uses, heads)


def _imports(text: str) -> Iterator[str]:
    for module, names, plain in _IMPORT.findall(text):
        if plain:
            yield from (name for name in _NAME.findall(plain) if name)
            continue
        yield module
        joint = "" if module.endswith(".") else "."
        for name in _NAME.findall(names):
            yield f"{module}{joint}{name}"


def _version(path: Path) -> object:
    """Changes whenever the file does; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
