"""Where in a TOML file each key and each value stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callscope.source import Range, SourceText

Keys = tuple[str | int, ...]
"""The way to a value: names of keys, and indices of arrays."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_OTHER = re.compile(r"[^,\[\]{}#\r\n]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The last key on the way to a value, and the value. An item of an array has no key of its own:
    there both are the item."""

    key: Range
    value: Range


def places(text: str) -> dict[Keys, Place]:
    """Every key, value and table of ``text``, as far as it is TOML."""
    scanner = _Scanner(text)
    with suppress(_NotToml):
        scanner.document()
    return scanner.found


class _NotToml(Exception):
    """What follows cannot be read."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.found: dict[Keys, Place] = {}
        self._text = text
        self._at = 0
        self._source = SourceText(Path(), text)
        self._counts: dict[Keys, int] = {}

    def document(self) -> None:
        table: Keys = ()
        while self._skip(_BLANK) < len(self._text):
            if self._sees("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Keys:
        brackets = "[[" if self._text.startswith("[[", self._at) else "["
        start = self._at
        self._at += len(brackets)
        names, key = self._keys()
        self._expect("]" * len(brackets))
        table = self._absolute(names)
        if len(brackets) == 2:
            number = self._counts.get(table, 0)
            self._counts[table] = number + 1
            table = (*table, number)
        self.found.setdefault(table, Place(key, self._range(start, self._at)))
        return table

    def _absolute(self, names: tuple[str, ...]) -> Keys:
        """``names`` from the top, through the newest item of each array of tables on the way."""
        way: Keys = ()
        for name in names[:-1]:
            way = (*way, name)
            if way in self._counts:
                way = (*way, self._counts[way] - 1)
        return (*way, names[-1])

    def _pair(self, table: Keys) -> None:
        names, key = self._keys()
        self._expect("=")
        self._skip(_SPACE)
        self._value((*table, *names), key)

    def _keys(self) -> tuple[tuple[str, ...], Range]:
        """A dotted key, and where its last part is."""
        names: list[str] = []
        while True:
            self._skip(_SPACE)
            start, text = self._at, self._take(_KEY)
            names.append(text[1:-1] if text[0] in "\"'" else text)
            key = self._range(start, self._at)
            self._skip(_SPACE)
            if not self._sees("."):
                return tuple(names), key
            self._at += 1

    def _value(self, way: Keys, key: Range | None) -> None:
        start = self._at
        if self._sees("["):
            for number in self._items("]"):
                self._value((*way, number), None)
        elif self._sees("{"):
            for _ in self._items("}"):
                self._pair(way)
        elif self._sees('"') or self._sees("'"):
            self._take(_TEXT)
        else:
            text = self._take(_OTHER)
            self._at -= len(text) - len(text.rstrip())
        whole = self._range(start, self._at)
        self.found[way] = Place(key or whole, whole)

    def _items(self, closing: str) -> Iterator[int]:
        """Stops at each item up to ``closing``, which it takes as well."""
        self._at += 1
        number = 0
        while self._skip(_BLANK) < len(self._text):
            if self._sees(closing):
                self._at += 1
                return
            yield number
            number += 1
            self._skip(_BLANK)
            if not self._sees(closing):
                self._expect(",")
        raise _NotToml

    def _sees(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _NotToml
        self._at = match.end()
        return match[0]

    def _expect(self, text: str) -> None:
        self._skip(_SPACE)
        if not self._sees(text):
            raise _NotToml
        self._at += len(text)

    def _range(self, start: int, end: int) -> Range:
        return Range(self._source.position_at(start), self._source.position_at(end))
