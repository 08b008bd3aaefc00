"""What is told of a file at a glance, without parsing it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from callscope.contracts.boundaries import HEADS
from callscope.source import differing

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_IMPORT_CALL = re.compile(r"\bimport_module\(\s*[\"'](\w[.\w]*)[\"']")
_NAME = re.compile(r"([.\w]+)(?:[ \t]+as[ \t]+\w+)?")

_MENTIONS = ("autogen", "ag2")

_TELLING = re.compile("|".join(map(re.escape, ["import", *_MENTIONS, *chain(*HEADS.values())])))
"""What a line has in it that the facts are read off, but for one that an import runs on to."""

SCHEMA = hashlib.sha256(
    repr((1, _IMPORT.pattern, _IMPORT_CALL.pattern, _NAME.pattern, _MENTIONS, HEADS)).encode()
).hexdigest()[:16]
"""Another one whenever the facts of the same text may be others. The number counts the changes of
the functions below."""


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


def facts_of(text: str) -> Facts:
    """See :class:`Facts`."""
    return _facts(text, _import_statements(text))


def _facts(text: str, statements: Iterable[re.Match[str]]) -> Facts:
    imports = tuple(dict.fromkeys(_imports(text, statements)))
    uses = any(path == "autogen" or path.startswith("autogen.") for path in imports)
    heads = tuple(engine for engine, words in HEADS.items() if any(w in text for w in words))
    return Facts(imports, any(word in text for word in _MENTIONS), uses, heads)


@dataclass(frozen=True)
class Reading:
    """The facts of a text that somebody edits, and the offsets from and to which import statements
    run on over several lines."""

    text: str
    facts: Facts
    _long: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Reading:
        """Read ``text`` from its beginning to its end."""
        statements = list(_import_statements(text))
        spans = ((each.start(), _reach(each)) for each in statements)
        long = tuple(span for span in spans if "\n" in text[slice(*span)])
        return cls(text, _facts(text, statements), long)

    def after(self, text: str) -> Reading:
        """The same as ``Reading.of(text)``; costs less the less has changed."""
        start, behind = differing(self.text, text)
        start = text.rfind("\n", 0, start) + 1
        lines = [_lines(each, start, behind) for each in (self.text, text)]
        if self._touches(start, start + len(lines[0])) or any(map(_TELLING.search, lines)):
            return Reading.of(text)
        moved = len(text) - len(self.text)
        spans = tuple((a, b) if b <= start else (a + moved, b + moved) for a, b in self._long)
        return Reading(text, self.facts, spans)

    def _touches(self, start: int, end: int) -> bool:
        return "import_module" in self.text or any(a <= end and start <= b for a, b in self._long)


def _lines(text: str, start: int, behind: int) -> str:
    """Whole lines: from ``start`` on to that in which the last ``behind`` characters begin."""
    end = text.find("\n", len(text) - behind)
    return text[start : end + 1 if end != -1 else len(text)]


def _reach(statement: re.Match[str]) -> int:
    """The offset up to which an edit may change what the statement imports."""
    is_open = (statement[2] or "").startswith("(") and not statement[0].endswith(")")
    return len(statement.string) if is_open else statement.end()


def _import_statements(text: str) -> Iterator[re.Match[str]]:
    """What ``_IMPORT.finditer`` finds, by a look at those lines only that have the word in them."""
    seen, at = 0, text.find("import")
    while at != -1:
        line = text.rfind("\n", 0, at) + 1
        found = _IMPORT.match(text, line) if line >= seen else None
        seen = found.end() if found is not None else at + 1
        if found is not None:
            yield found
        at = text.find("import", max(seen, at + 1))


def _imports(text: str, statements: Iterable[re.Match[str]]) -> Iterator[str]:
    # Most texts do without, and to look for a word is far faster than for a pattern.
    if "import_module" in text:
        yield from _IMPORT_CALL.findall(text)
    for module, names, plain in (statement.groups("") for statement in statements):
        if plain:
            yield from (name for name in _NAME.findall(plain) if name)
            continue
        yield module
        joint = "" if module.endswith(".") else "."
        for name in _NAME.findall(names):
            yield f"{module}{joint}{name}"
