"""The call whose arguments a cursor stands in, in text that may not be finished."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callscope.source.text import Position, Range, SourceText

MARKER = "__callscope_here__"
"""The name that stands at the cursor in a text made by :attr:`OpenCall.finished`."""

_MOST_LINES = 40
_TOKEN = re.compile(
    r"#[^\r\n]*|(?P<quote>\"\"\"|'''|\"|')|(?P<up>[(\[{])|(?P<down>[)\]}])|(?P<comma>,)"
)
_NAME = re.compile(r"(\w+)\s*$")
_KEYWORD = re.compile(r"\s*(\w+)\s*=(?!=)")
_WORD = re.compile(r"\w*")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class OpenCall:
    """A call that is not closed before the cursor.

    ``callee`` is the last name before its bracket, ``keyword`` that of the argument at the cursor,
    "" for one given by position. ``quote`` is what the text around the cursor began with, "" if it
    stands in none. ``word`` are the characters that a completion replaces, ``finished`` the whole
    text with :data:`MARKER` for the argument, or the element of a list, and all brackets closed.
    """

    callee: str
    keyword: str
    quote: str
    word: Range
    finished: str


@dataclass
class _Scan:
    """What is open at the end of a text: brackets with the offsets where their current items
    begin, and a string."""

    brackets: list[tuple[str, int]]
    items: list[int]
    quote: str = ""
    quote_at: int = 0


def open_call(source: SourceText, position: Position) -> OpenCall | None:
    """The innermost call around ``position``; None where there is none, or in a comment."""
    end = source.offset(position)
    for line in range(position.line, max(position.line - _MOST_LINES, -1), -1):
        start = source.offset(Position(line, 0))
        scan = _scan(source.text[start:end])
        if scan is None:
            return None
        if scan.brackets:
            return _described(source, start, end, scan)
    return None


def _scan(text: str) -> _Scan | None:
    found = _Scan([], [])
    place = 0
    while True:
        match = _TOKEN.search(text, place)
        if match is None:
            return found
        place = match.end()
        if match["quote"]:
            closed = _after_string(text, match.start(), match["quote"])
            if closed is None:
                found.quote, found.quote_at = match["quote"], match.start()
                return found
            place = closed
        elif match["up"]:
            found.brackets.append((match["up"], match.start()))
            found.items.append(place)
        elif match["down"]:
            if not found.brackets:
                continue
            found.brackets.pop()
            found.items.pop()
        elif match["comma"]:
            if found.items:
                found.items[-1] = place
        elif place == len(text):
            return None  # a comment


def _after_string(text: str, start: int, quote: str) -> int | None:
    """Where the string ends that begins at ``start``; None if it does not."""
    place = start + len(quote)
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text.startswith(quote, place):
            return place + len(quote)
        elif len(quote) == 1 and text[place] in "\r\n":
            return None
        else:
            place += 1
    return None


def _described(source: SourceText, start: int, end: int, scan: _Scan) -> OpenCall | None:
    text = source.text
    depth = len(scan.brackets) - 1
    item = scan.items[-1]
    if scan.brackets[-1][0] == "[" and depth:
        depth -= 1
    bracket, at = scan.brackets[depth]
    callee = _NAME.search(text[start : start + at])
    if bracket != "(" or callee is None:
        return None
    keyword = _KEYWORD.match(text[start + scan.items[depth] : end])
    if item == scan.items[depth] and keyword is not None:
        item += keyword.end()
    typed = text[start + item : end].lstrip()
    begin = start + scan.quote_at + len(scan.quote) if scan.quote else end - len(_typed(typed))
    if not scan.quote and typed != _typed(typed):
        return None  # an expression, not the beginning of a name
    behind = _WORD.match(text, end)
    stop = behind.end() if behind is not None else end
    closing = "".join(_CLOSING[each] for each, _ in reversed(scan.brackets))
    line = source.position_at(end).line
    line_end = source.offset(Position(line, len(source.line(line))))
    finished = f"{text[: start + item]} {MARKER}{closing}{text[line_end:]}"
    word = Range(source.position_at(begin), source.position_at(stop))
    return OpenCall(callee[1], keyword[1] if keyword else "", scan.quote, word, finished)


def _typed(text: str) -> str:
    """The name at the end of ``text``."""
    match = re.search(r"\w*$", text)
    return match[0] if match else ""
