"""Where in a JSON text its values stand, so that one can be replaced and all else stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_DECODER = json.JSONDecoder(strict=False)
_BLANK = re.compile(r"[ \t\r\n]*")


class Span(NamedTuple):
    """A value, and from where to where it stands in the text; ``key`` is "" in an array."""

    key: str
    value: Any
    start: int
    end: int


def read(text: str) -> Span:
    """The one value that ``text`` is; raises ``ValueError`` if it is none."""
    start = _skip(text, 0)
    value, end = _DECODER.raw_decode(text, start)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return Span("", value, start, end)


def inside(text: str, outer: Span) -> Iterator[Span]:
    """The values that the object or the array ``outer`` holds."""
    at = _skip(text, outer.start + 1)
    while at < outer.end - 1:
        key = ""
        if isinstance(outer.value, dict):
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _DECODER.raw_decode(text, at)
        yield Span(key, value, at, end)
        at = _skip(text, _skip(text, end) + 1)


def _skip(text: str, at: int) -> int:
    """The place of the first character from ``at`` on that is not blank."""
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()
