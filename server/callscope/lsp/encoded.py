"""JSON for what somebody waits for: what is underlined after a key, and the first answer.

The converter that all other messages go through takes as long for some hundred diagnostics as they
took to find, and longer than anything else to get ready for the answer to ``initialize``. What is
written here is what it would write; the tests compare the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from json.encoder import encode_basestring_ascii as text
from typing import Any

import attrs
from lsprotocol import types

from callscope.lsp.analysis import Analysed
from callscope.lsp.settings import Settings
from callscope.rules import Finding


@dataclass(frozen=True)
class Encoded:
    """JSON that is sent as it is."""

    json: str


def encode(diagnostic: types.Diagnostic) -> str:
    """A diagnostic of :func:`callscope.lsp.diagnostics.diagnostic` as JSON."""
    parts = [f'"range":{_range(diagnostic.range)},"message":{text(diagnostic.message)}']
    if diagnostic.severity is not None:
        parts.append(f'"severity":{diagnostic.severity.value}')
    if diagnostic.code is not None:
        parts.append(f'"code":{text(str(diagnostic.code))}')
    if diagnostic.code_description is not None:
        parts.append(f'"codeDescription":{{"href":{text(diagnostic.code_description.href)}}}')
    if diagnostic.source is not None:
        parts.append(f'"source":{text(diagnostic.source)}')
    if diagnostic.tags is not None:
        parts.append(f'"tags":[{",".join(str(tag.value) for tag in diagnostic.tags)}]')
    if diagnostic.related_information is not None:
        links = ",".join(map(_related, diagnostic.related_information))
        parts.append(f'"relatedInformation":[{links}]')
    return f"{{{','.join(parts)}}}"


def _related(link: types.DiagnosticRelatedInformation) -> str:
    place = link.location
    location = f'{{"uri":{text(place.uri)},"range":{_range(place.range)}}}'
    return f'{{"location":{location},"message":{text(link.message)}}}'


def _range(span: types.Range) -> str:
    start, end = span.start, span.end
    return (
        f'{{"start":{{"line":{start.line},"character":{start.character}}},'
        f'"end":{{"line":{end.line},"character":{end.character}}}}}'
    )


def published(uri: str, version: int | None, diagnostics: Sequence[str]) -> Encoded:
    """The parameters of ``textDocument/publishDiagnostics``."""
    counted = "" if version is None else f',"version":{version}'
    return Encoded(f'{{"uri":{text(uri)}{counted},"diagnostics":[{",".join(diagnostics)}]}}')


def pulled(result_id: str, diagnostics: Sequence[str]) -> Encoded:
    """The answer to ``textDocument/diagnostic`` where something has changed."""
    items = ",".join(diagnostics)
    return Encoded(f'{{"kind":"full","resultId":{text(result_id)},"items":[{items}]}}')


def greeting(result: types.InitializeResult) -> Encoded:
    """The answer to ``initialize``."""
    return Encoded(json.dumps(plain(result), separators=(",", ":")))


def plain(value: Any) -> Any:
    """What JSON can hold of a structure whose fields may be left out where they are None."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if not attrs.has(type(value)):
        return value
    fields = ((field.name, getattr(value, field.name)) for field in attrs.fields(type(value)))
    return {_camel(name): plain(each) for name, each in fields if each is not None}


def _camel(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(map(str.capitalize, others))


class Fragments:
    """The JSON of a document's findings, made once for as long as they stay.

    A finding that is the same object is in the same place and says the same. Only columns that are
    not counted in code points may differ, so nothing is kept of a text that is not plain ASCII, nor
    of findings that point to another file.
    """

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._known: dict[int, tuple[Finding, str]] = {}
        self._cells: list[str] = []
        self._all: tuple[Finding, ...] | None = None
        self._made: list[str] = []

    def of(self, analysed: Analysed, make: Callable[[Finding], str]) -> list[str]:
        """The JSON of each finding; ``make`` is asked for what is new."""
        cells = [cell.uri for cell in analysed.snapshot.cells]
        if cells != self._cells:
            self._cells, self._known, self._all = cells, {}, None
        plain = analysed.report.source.text.isascii()
        if plain and analysed.report.findings is self._all and analysed.settings == self._settings:
            return self._made
        known = self._known if plain and analysed.settings == self._settings else {}
        found, kept = [], {}
        for finding in analysed.report.findings:
            entry = known.get(id(finding)) or (finding, make(finding))
            found.append(entry[1])
            if plain and not any(link.range.path for link in finding.evidence):
                kept[id(finding)] = entry
        self._settings, self._known = analysed.settings, kept
        is_lasting = len(kept) == len(found)
        self._all, self._made = analysed.report.findings if is_lasting else None, found
        return found
