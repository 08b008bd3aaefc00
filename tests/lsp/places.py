"""Places of the shared programs as an editor counts them."""

from __future__ import annotations

from lsprotocol import types

from callscope.source import Position, PositionEncoding, SourceText


def range_of(
    source: SourceText, text: str, encoding: PositionEncoding = "utf-16", *, last: bool = True
) -> types.Range:
    """Where ``text`` stands in ``source``, by default for the last time."""
    at = source.text.rindex(text) if last else source.text.index(text)
    return types.Range(_position(source, at, encoding), _position(source, at + len(text), encoding))


def _position(source: SourceText, offset: int, encoding: PositionEncoding) -> types.Position:
    before = source.text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.count("\n")
    column = len(before) - before.rfind("\n") - 1
    return types.Position(line, source.to_client(Position(line, column), encoding))
