"""Between the engine's types and the protocol's. Columns change their unit here and only here."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from callscope.fixes import Edit
from callscope.rules import Severity
from callscope.source import Position, PositionEncoding, Range, SourceText

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
}


def to_position(
    source: SourceText, position: Position, encoding: PositionEncoding
) -> types.Position:
    """A place in ``source``, its column in the editor's units."""
    return types.Position(position.line, source.to_client(position, encoding))


def to_range(source: SourceText, span: Range, encoding: PositionEncoding) -> types.Range:
    """A range in ``source``, its columns in the editor's units."""
    return types.Range(
        to_position(source, span.start, encoding), to_position(source, span.end, encoding)
    )


def from_position(
    source: SourceText, position: types.Position, encoding: PositionEncoding
) -> Position:
    """The place an editor means."""
    return source.from_client(position.line, position.character, encoding)


def from_range(source: SourceText, span: types.Range, encoding: PositionEncoding) -> Range:
    """The range an editor means."""
    return Range(
        from_position(source, span.start, encoding), from_position(source, span.end, encoding)
    )


def to_edits(
    source: SourceText, edits: Iterable[Edit], encoding: PositionEncoding
) -> list[types.TextEdit]:
    """Edits of ``source`` for an editor that holds the same text."""
    return [types.TextEdit(to_range(source, edit.range, encoding), edit.text) for edit in edits]
