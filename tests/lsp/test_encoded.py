"""What is written without the converter is what the converter would write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from callscope.check import check
from callscope.lsp.analysis import Analysed
from callscope.lsp.documents import Snapshot
from callscope.lsp.encoded import Fragments, encode, greeting, published, pulled
from callscope.lsp.settings import Settings
from callscope.project import Project
from callscope.rules import Evidence, Finding
from callscope.source import Position, Range, SourceText
from tests.cli.programs import BROKEN

_WIRE: Any = default_converter()  # type: ignore[no-untyped-call]


def _diagnostic(**more: Any) -> types.Diagnostic:
    place = types.Range(types.Position(1, 2), types.Position(30, 4))
    return types.Diagnostic(place, '"quoted" \\ \n\t漢🎉\x00\ud800', **more)


LINK = types.DiagnosticRelatedInformation(
    types.Location("file:///é.py", types.Range(types.Position(0, 0), types.Position(0, 1))), "why"
)


@pytest.mark.parametrize(
    "diagnostic",
    [
        _diagnostic(),
        _diagnostic(severity=types.DiagnosticSeverity.Hint, code="CB201", source="Callscope"),
        _diagnostic(code_description=types.CodeDescription("https://x/?a=b&c")),
        _diagnostic(tags=[types.DiagnosticTag.Unnecessary, types.DiagnosticTag.Deprecated]),
        _diagnostic(related_information=[LINK, LINK]),
        _diagnostic(related_information=[], tags=[]),
    ],
)
def test_a_diagnostic(diagnostic: types.Diagnostic) -> None:
    assert json.loads(encode(diagnostic)) == _WIRE.unstructure(diagnostic)
    one = encode(diagnostic)
    for version in (None, 7):
        params = types.PublishDiagnosticsParams("file:///x.py", [diagnostic, diagnostic], version)
        sent = json.loads(published("file:///x.py", version, [one, one]).json)
        assert sent == _WIRE.unstructure(params)
    report = types.RelatedFullDocumentDiagnosticReport([diagnostic], result_id="r")
    assert json.loads(pulled("r", [one]).json) == _WIRE.unstructure(report)


def test_the_greeting() -> None:
    actions = types.CodeActionOptions([types.CodeActionKind.QuickFix, "own"], resolve_provider=True)
    folders = types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
    result = types.InitializeResult(
        types.ServerCapabilities(
            position_encoding=types.PositionEncodingKind.Utf8,
            text_document_sync=types.TextDocumentSyncOptions(
                open_close=True, change=types.TextDocumentSyncKind.Incremental, save=False
            ),
            hover_provider=True,
            code_action_provider=actions,
            diagnostic_provider=types.DiagnosticOptions(True, False, identifier="callscope"),
            execute_command_provider=types.ExecuteCommandOptions([]),
            workspace=types.WorkspaceOptions(workspace_folders=folders),
        ),
        types.ServerInfo("callscope", "1"),
    )
    assert json.loads(greeting(result).json) == _WIRE.unstructure(result)


def _analysed(text: str, tmp_path: Path, *findings: Finding) -> Analysed:
    source = SourceText(tmp_path / "app.py", text)
    report = check(Project.at(tmp_path), source)
    snapshot = Snapshot("file:///app.py", 1, "python", source)
    return Analysed(snapshot, Settings(), replace(report, findings=findings or report.findings))


def test_what_stays_is_not_made_again(tmp_path: Path) -> None:
    made: list[Finding] = []

    def make(finding: Finding) -> str:
        made.append(finding)
        return f"{len(made)}"

    fragments = Fragments()
    first = _analysed(BROKEN, tmp_path)
    (finding,) = first.report.findings
    assert fragments.of(first, make) == ["1"]
    assert fragments.of(_analysed(BROKEN + "\n", tmp_path, finding), make) == ["1"]
    other = replace(finding)
    assert fragments.of(_analysed(BROKEN, tmp_path, other, finding), make) == ["2", "1"]
    hinted = replace(first, settings=Settings(severity={"CB201": "hint"}))
    assert fragments.of(hinted, make) == ["3"]
    assert fragments.of(hinted, make) == ["3"]
    # Columns may count differently before and after.
    foreign = replace(_analysed(BROKEN + "# é", tmp_path, finding), settings=hinted.settings)
    assert fragments.of(foreign, make) == ["4"]
    assert fragments.of(foreign, make) == ["5"]
    assert fragments.of(hinted, make) == ["6"]


def test_what_points_elsewhere_is_made_again(tmp_path: Path) -> None:
    place = Range(Position(0, 0), Position(0, 1), str(tmp_path / "other.py"))
    whole = _analysed(BROKEN, tmp_path)
    finding = replace(whole.report.findings[0], evidence=(Evidence("there", place),))
    fragments, made = Fragments(), iter("12")
    for expected in "12":
        again = _analysed(BROKEN, tmp_path, finding)
        assert fragments.of(again, lambda _: next(made)) == [expected]
