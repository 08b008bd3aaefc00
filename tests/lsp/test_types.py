"""The protocol's structures: as published, and told from others."""

from __future__ import annotations

import enum
import typing
from typing import Any

import attrs
import pytest
from lsprotocol import types as published
from pygls.protocol import default_converter

from callscope.lsp import types
from callscope.lsp.shapes import fits

# Ours has one structure for the two that the protocol has for a change.
OTHER_NAMES = {"TextDocumentContentChange": "TextDocumentContentChangePartial"}
# What an editor has to tell, but is not asked about here.
OVERLOOKED = {
    "TextDocumentContentChange": {"range"},
    "CodeActionContext": {"diagnostics"},
    "DidChangeConfigurationParams": {"settings"},
}
STRUCTURES = [
    value
    for name, value in vars(types).items()
    if typing.is_typeddict(value) and not name.startswith("_")
]
ENUMERATIONS = [
    value
    for value in vars(types).values()
    if isinstance(value, type) and issubclass(value, enum.IntEnum) and value is not enum.IntEnum
]


def _camel(name: str) -> str:
    first, *rest = name.strip("_").split("_")
    return first + "".join(word.title() for word in rest)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.__name__)
def test_structures_are_as_published(structure: Any) -> None:
    other = getattr(published, OTHER_NAMES.get(structure.__name__, structure.__name__))
    fields = {_camel(field.name): field for field in attrs.fields(other)}
    assert structure.__required_keys__ | structure.__optional_keys__ <= fields.keys()
    needed = {name for name, field in fields.items() if field.default is attrs.NOTHING}
    nullable = {"version"} if structure is types.OptionalVersionedTextDocumentIdentifier else set()
    assert structure.__required_keys__ - nullable <= needed
    assert needed - structure.__required_keys__ == OVERLOOKED.get(structure.__name__, set())


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda each: each.__name__)
def test_numbers_are_as_published(enumeration: type[enum.IntEnum]) -> None:
    other = getattr(published, enumeration.__name__)
    ours = {each.name.rstrip("_"): each.value for each in enumeration}
    theirs = {each.name.rstrip("_"): each.value for each in other}
    assert ours.items() <= theirs.items()


def test_what_is_made_is_read_by_others() -> None:
    place: types.Range = {"start": {"line": 1, "character": 2}, "end": {"line": 3, "character": 4}}
    made: types.PublishDiagnosticsParams = {
        "uri": "file:///x.py",
        "version": 3,
        "diagnostics": [
            {
                "range": place,
                "message": "m",
                "severity": types.DiagnosticSeverity.Hint,
                "tags": [types.DiagnosticTag.Unnecessary],
                "codeDescription": {"href": "h"},
                "relatedInformation": [{"location": {"uri": "u", "range": place}, "message": "r"}],
            }
        ],
    }
    converter = default_converter()  # type: ignore[no-untyped-call]
    read = converter.structure(made, published.PublishDiagnosticsParams)
    assert converter.unstructure(read) == made


PLACE = {"line": 0, "character": 0}


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        (types.Position, PLACE, {"line": 0}),
        (types.Position, {**PLACE, "more": 1}, {"line": "0", "character": 0}),
        (types.Range, {"start": PLACE, "end": PLACE}, {"start": PLACE, "end": 7}),
        (types.CodeAction, {"title": "t"}, {"kind": "k"}),
        (types.CodeAction, {"title": "t", "kind": None}, {"title": "t", "kind": 5}),
        (types.CancelParams, {"id": "a"}, {"id": None}),
        (types.OptionalVersionedTextDocumentIdentifier, {"uri": "", "version": None}, {"uri": ""}),
        (list[types.MessageType], [1, 4], [1, 5]),
        (list[types.MessageType], [], {}),
        (dict[str, int], {}, []),
        (types.DidChangeConfigurationParams, {"settings": None}, None),
    ],
)
def test_shapes(shape: Any, good: Any, bad: Any) -> None:
    assert fits(good, shape)
    assert not fits(bad, shape)
