"""What may be written at a place of a configuration file: its keys and their values, as the schema
has them. The file is half typed then, and what stands behind the place does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from callscope.completion import Item
from callscope.explain import rule_text
from callscope.project.config import CONFIG_FILES
from callscope.project.options import schema
from callscope.rules import all_rules
from callscope.source import Position, Range, SourceText

_TOKEN = re.compile(
    r"""#[^\n]*|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|[A-Za-z0-9_-]+|\n|[^\S\n]+|.""", re.DOTALL
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ITEMS = "[]"
"""The step from an array to what is in it."""

Way = tuple[str, ...]
Schema = Mapping[str, Any]


def rule_rows() -> list[tuple[str, str, str]]:
    """Code, name and claim of everything that can be selected or ignored."""
    rows = [(rule.code, rule.name, rule.docs.summary) for rule in all_rules()]
    unused = rule_text("CB902")
    assert unused is not None
    return [*rows, (unused.code, unused.name, unused.text.partition("\n")[0])]


def items_in(source: SourceText, position: Position) -> list[Item]:
    """What to offer at ``position``."""
    offset = source.offset(position)
    typed = _typed(source.text[:offset])
    if typed is None:
        return []
    root: Way = () if source.path.name == CONFIG_FILES[0] else ("tool", "callscope")
    start, end = source.position_at(typed.start), offset + _rest(source.text[offset:], typed)
    span = Range(start, source.position_at(end))
    return list(_items(typed, root, span, source.text[end:]))


# -- what is being typed -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Typed:
    """A word that begins at the offset ``start``, inside of ``quote`` if that is not empty.

    ``kind``: "key" of the table at ``way``, "value" of what is at ``way``, or "header", of which
    ``way`` are the names in front.
    """

    kind: str
    way: Way
    start: int
    quote: str


@dataclass
class _Frame:
    """A table or an array that is open."""

    way: Way
    closing: str = ""
    keys: list[str] = field(default_factory=list)
    in_value: bool = False


class _Reader:
    """Follows a text as far as it goes, so as to know where in the tables its end is."""

    def __init__(self) -> None:
        self.frames = [_Frame(())]
        self.header: list[str] | None = None
        self.last = "\n"

    def take(self, token: str) -> None:
        if token[0] == "#" or (token.isspace() and token != "\n"):
            return
        frame = self.frames[-1]
        if token == "\n":
            self._end_line(frame)
        elif self.header is not None:
            self._in_header(token)
        elif frame.in_value or frame.closing == "]":
            self._in_value(frame, token)
        elif token == "[" and not frame.keys and not frame.closing:
            self.header = []
        elif token == "}" and frame.closing:
            self.frames.pop()
        elif token == "=":
            frame.in_value = True
        elif token != ".":
            frame.keys.append(_plain(token))
        self.last = token

    def _end_line(self, frame: _Frame) -> None:
        self.header = None
        if not frame.closing:
            frame.keys, frame.in_value = [], False

    def _in_header(self, token: str) -> None:
        assert self.header is not None
        if token == "]":
            self.frames, self.header = [_Frame(tuple(self.header))], None
        elif token not in ".[":
            self.header.append(_plain(token))

    def _in_value(self, frame: _Frame, token: str) -> None:
        if token in "[{":
            way = (*frame.way, *frame.keys, *([_ITEMS] if token == "[" else []))
            self.frames.append(_Frame(way, "]" if token == "[" else "}"))
        elif token == frame.closing:
            self.frames.pop()
        elif token == "," and frame.closing == "}":
            frame.keys, frame.in_value = [], False


def _plain(token: str) -> str:
    return token.strip("\"'")


def _typed(text: str) -> _Typed | None:
    """The word at the end of ``text``; None where nothing can be said of one."""
    reader, start, quote = _Reader(), len(text), ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match.end() == len(text):
            if token[0] == "#":
                return None
            if token[0] in "\"'" and (len(token) == 1 or token[-1] != token[0]):
                start, quote = match.start() + 1, token[0]
                break
            if _BARE.fullmatch(token):
                start = match.start()
                break
        reader.take(token)
    frame, last = reader.frames[-1], reader.last
    if reader.header is not None:
        return _Typed("header", tuple(reader.header), start, quote) if last in "[." else None
    way = (*frame.way, *frame.keys)
    if frame.in_value or frame.closing == "]":
        return _Typed("value", way, start, quote) if last in "=[,\n" else None
    return _Typed("key", way, start, quote) if last in "\n{,." else None


def _rest(after: str, typed: _Typed) -> int:
    """How much of what stands behind the cursor belongs to the word."""
    if typed.quote:
        inside = re.match(rf"[^{typed.quote}\n]*", after)
        whole = inside is not None and after[inside.end() : inside.end() + 1] == typed.quote
        return inside.end() if inside is not None and whole else 0
    word = _BARE.match(after)
    return word.end() if word is not None else 0


# -- what may stand there ------------------------------------------------------------------------


@cache
def _schema() -> Schema:
    return schema(rule_rows())


@cache
def _other_names() -> dict[str, str]:
    """The name of each rule by its code, and the other way round."""
    pairs = [(code, name) for code, name, _ in rule_rows()]
    return dict([*pairs, *((name, code) for code, name in pairs)])


def _items(typed: _Typed, root: Way, span: Range, after: str) -> Iterator[Item]:
    if typed.kind == "header":
        yield from _headers(typed, root, span, after)
        return
    if typed.way[: len(root)] != root:
        return
    node = _at(typed.way[len(root) :])
    if typed.kind == "key":
        ending = "" if re.match(r"[\"']?\s*=", after) else " = "
        for name, description in _keys(node):
            text = _key(name, typed, after, ending)
            yield Item(name, "key", span, text, _other_names().get(name, ""), description)
    else:
        for value, description in _values(node):
            text = _value(value, typed, after)
            label = text.strip("\"'")
            yield Item(label, "value", span, text, _other_names().get(label, ""), description)


def _headers(typed: _Typed, root: Way, span: Range, after: str) -> Iterator[Item]:
    tables = [(root, str(_schema()["description"]))] if root else []
    tables += [((*root, name), text) for name, text in _keys(_schema()) if _is_table(name)]
    for way, description in tables:
        if way[: len(typed.way)] == typed.way and len(way) > len(typed.way):
            name = ".".join(way[len(typed.way) :])
            ending = "" if after.startswith("]") else "]"
            yield Item(name, "key", span, f"{name}{ending}", "", description)


def _is_table(name: str) -> bool:
    return bool(_schema()["properties"][name].get("type") == "object")


def _key(name: str, typed: _Typed, after: str, ending: str) -> str:
    if typed.quote:
        return f"{name}{_closing(typed, after)}{'' if after.startswith(typed.quote) else ending}"
    return f"{name}{ending}"


def _value(value: object, typed: _Typed, after: str) -> str:
    if not isinstance(value, str):
        return str(value).lower()
    return f"{value}{_closing(typed, after)}" if typed.quote else f'"{value}"'


def _closing(typed: _Typed, after: str) -> str:
    """The quote that is still missing."""
    return "" if after.startswith(typed.quote) else typed.quote


def _at(way: Iterable[str]) -> Schema:
    """What the schema says of what is at ``way``."""
    node = _schema()
    for step in way:
        if step == _ITEMS:
            found = node.get("items")
        else:
            found = node.get("properties", {}).get(step) or node.get("additionalProperties")
        node = _resolved(found) if isinstance(found, Mapping) else {}
    return node


def _resolved(node: Schema) -> Schema:
    reference = node.get("$ref")
    if reference is None:
        return node
    found: Schema = _schema()["definitions"][reference.rpartition("/")[2]]
    return found


def _keys(node: Schema) -> Iterator[tuple[str, str]]:
    for name, each in node.get("properties", {}).items():
        yield name, each.get("description") or each.get("title", "")
    for name, description in _values(_resolved(node.get("propertyNames", {}))):
        yield str(name), description


def _values(node: Schema) -> Iterator[tuple[object, str]]:
    """The values that ``node`` names, each with what it says of it."""
    node = _resolved(node)
    if "const" in node:
        yield node["const"], node.get("description", "")
    for value in (*node.get("enum", ()), *node.get("examples", ())):
        yield value, ""
    if node.get("type") == "boolean":
        yield from ((True, ""), (False, ""))
    for each in node.get("anyOf", ()):
        yield from _values(each)
