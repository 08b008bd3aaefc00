"""Findings as diagnostics: pushed to editors that wait for them, handed to those that ask."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from lsprotocol import types

from callscope.check import UNUSED_SUPPRESSION
from callscope.configuration import is_configuration
from callscope.lsp.analysis import Analysed, Stale
from callscope.lsp.beside import Beside
from callscope.lsp.capabilities import Editor
from callscope.lsp.cells import ToCells
from callscope.lsp.configuration import ConfigurationFiles, is_shown
from callscope.lsp.convert import SEVERITIES, to_range
from callscope.lsp.documents import Snapshot, path_of
from callscope.lsp.encoded import Encoded, Fragments, encode, published, pulled
from callscope.lsp.places import location
from callscope.lsp.problems import ProblemTeller
from callscope.lsp.progress import progress
from callscope.lsp.protocol import Server
from callscope.lsp.worker import TookTooLong
from callscope.project import Workspace
from callscope.rules import Finding
from callscope.source import PositionEncoding

_log = logging.getLogger(__name__)


class ClosedFiles(Protocol):
    """Who looks after the files that are not open."""

    def opened(self, uri: str) -> None:
        """This one no longer is among them."""

    def changed_on_disk(self, uri: str) -> None:
        """This one is again, or has changed."""

    def typed(self, uri: str) -> None:
        """One that is open has changed."""


class Diagnostics:
    """Keeps the editor's picture of each document up to date.

    At most one analysis of a document is under way. What is typed meanwhile is looked at when it
    is done, in its newest version only; so there is no timer, and no waiting on a quiet machine.
    """

    def __init__(
        self,
        server: Server,
        editor: Editor,
        problems: ProblemTeller,
        files: ConfigurationFiles,
        beside: Beside,
    ) -> None:
        self._server = server
        self._editor = editor
        self._problems = problems
        self._files = files
        self._beside = beside
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._last: dict[str, list[str]] = {}
        self._fragments: dict[str, Fragments] = {}
        self._homes: dict[str, list[str]] = {}
        self._in_cells: dict[str, dict[str, tuple[int, list[str]]]] = {}

    def refresh(self, uri: str) -> None:
        """The document has changed, or something it depends on has: push what is found now."""
        if self._editor.pulls_diagnostics and not self._is_notebook(uri):
            return
        if uri in self._busy:
            self._again.add(uri)
        else:
            self._busy.add(uri)
            self._server.start_task(self._push_until_current(uri))

    def refresh_all(self) -> None:
        """Something that all documents depend on has changed."""
        self._beside.refresh()
        if self._editor.pulls_diagnostics and self._editor.refreshes_diagnostics:
            self._server.workspace_diagnostic_refresh(None)
        for snapshot in self._server.documents.open_python():
            self.refresh(snapshot.uri)

    def refresh_related(self, uri: str) -> None:
        """The document has changed: so may what is found in others that are open."""
        others = self._server.analysis.workspaces.related(path_of(uri))
        for other in others:
            self._server.analysis.forget(other)
            self.refresh(other)
        if others:
            self._beside.refresh()

    def index(self, uri: str) -> None:
        """Look through the project of the document, and then at what is open once more."""
        if not is_configuration(path_of(uri)):
            self._server.start_task(self._index_after(uri))

    async def _index_after(self, uri: str) -> None:
        # Whoever has opened a document waits for that first. If it fails, others hear of it.
        with suppress(Exception):
            await self._server.analyse(self._server.documents.get(uri))
        workspace = self._server.analysis.workspaces.to_index(path_of(uri))
        if workspace is not None:
            await self._index(workspace)

    async def prepare(self, uri: str) -> None:
        """Look through the project of the document unless that has been done, and wait for it."""
        workspace = self._server.analysis.workspaces.to_index(path_of(uri))
        if workspace is not None:
            await self._index(workspace)
        else:
            await self._server.analysis.indexed()

    async def _index(self, workspace: Workspace) -> None:
        title = f"Looking through {workspace.root.name}"
        async with progress(self._server, title, supported=self._editor.progress):
            await self._server.analysis.index(workspace)
        self._server.analysis.forget()
        self.refresh_all()

    def clear(self, uri: str) -> None:
        """The document was closed."""
        self._last.pop(uri, None)
        self._fragments.pop(uri, None)
        self._homes.pop(uri, None)
        self._beside.forget(uri)
        cells = self._in_cells.pop(uri, None)
        for cell in cells or ():
            self._publish(cell, None, [])
        if not self._editor.pulls_diagnostics and cells is None:
            self._publish(uri, None, [])

    def _is_notebook(self, uri: str) -> bool:
        """Notebooks are never pulled: what is typed in one cell changes what is found in others."""
        snapshot = self._server.documents.get(uri)
        return snapshot is not None and snapshot.source.interactive

    async def pull(self, uri: str) -> list[str]:
        """What is found in the newest version of the document, each as JSON."""
        while True:
            try:
                return await self._current(self._server.documents.get(uri))
            except Stale:
                continue

    async def _push_until_current(self, uri: str) -> None:
        try:
            while True:
                self._again.discard(uri)
                await self._push(uri)
                if uri not in self._again:
                    return
        finally:
            self._busy.discard(uri)

    async def _push(self, uri: str) -> None:
        snapshot = self._server.documents.get(uri)
        if snapshot is None or not (snapshot.is_python or is_shown(snapshot)):
            return
        try:
            items = await self._current(snapshot)
        except Stale:
            self._again.add(uri)
            return
        if not self._server.documents.is_current(snapshot):
            return
        if snapshot.source.interactive:
            self._publish_in_cells(snapshot, items)
        else:
            self._publish(uri, snapshot.version, items)

    def _publish_in_cells(self, snapshot: Snapshot, items: Sequence[str]) -> None:
        """Push what is found in the cells of a notebook, as far as it is not shown already."""
        shown = self._in_cells.get(snapshot.uri, {})
        found: dict[str, tuple[int, list[str]]] = {c.uri: (c.version, []) for c in snapshot.cells}
        for home, item in zip(self._homes.get(snapshot.uri, ()), items, strict=False):
            if home in found:
                found[home][1].append(item)
        self._in_cells[snapshot.uri] = found
        for uri, (version, inside) in found.items():
            if shown.get(uri) != (version, inside):
                self._publish(uri, version, inside)
        for uri in shown.keys() - found.keys():
            self._publish(uri, None, [])

    async def _current(self, snapshot: Snapshot | None) -> list[str]:
        """The diagnostics of a document as JSON; the last ones known if the engine fails."""
        if snapshot is None:
            return []
        if is_shown(snapshot):
            self._files.opened(snapshot.path)
            return self._files.items(snapshot)
        try:
            analysed = await self._server.analyse(snapshot)
        except Stale:
            if self._server.documents.get(snapshot.uri) is None:
                return []
            raise
        except TookTooLong:
            # What was found before may by now stand at other lines.
            return [encode(_skipped())]
        except Exception:  # noqa: BLE001 - whatever it is, what is known stays shown
            _log.exception("The check of %s failed", snapshot.path)
            return self._last.get(snapshot.uri, [])
        if analysed is None:
            return []
        self._problems.tell(analysed)
        fragments = self._fragments.setdefault(snapshot.uri, Fragments())
        items = fragments.of(analysed, partial(self._encode, analysed))
        self._last[snapshot.uri] = items
        if snapshot.source.interactive:
            lines = (finding.range.start.line for finding in analysed.report.findings)
            self._homes[snapshot.uri] = [snapshot.home_of(line)[0] for line in lines]
        return items

    def _encode(self, analysed: Analysed, finding: Finding) -> str:
        encoding, snapshot = self._server.documents.encoding, analysed.snapshot
        found = diagnostic(analysed, finding, self._editor, encoding)
        if self._server.documents.has_notebooks:
            home, _ = snapshot.home_of(finding.range.start.line)
            found = ToCells(self._server.documents, snapshot, home).of(found)
        return encode(found)

    def _publish(self, uri: str, version: int | None, items: Sequence[str]) -> None:
        self._server.protocol.notify_encoded(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, published(uri, version, items)
        )


def diagnostics(
    analysed: Analysed, editor: Editor, encoding: PositionEncoding
) -> list[types.Diagnostic]:
    """All findings of a report, in what ``editor`` understands."""
    return [diagnostic(analysed, finding, editor, encoding) for finding in analysed.report.findings]


def diagnostic(
    analysed: Analysed, finding: Finding, editor: Editor, encoding: PositionEncoding
) -> types.Diagnostic:
    """One finding of a report, in what ``editor`` understands."""
    source, settings = analysed.report.source, analysed.settings
    severity = SEVERITIES[finding.severity]
    if settings.is_hint(finding.code, finding.name):
        severity = types.DiagnosticSeverity.Hint
    related = [
        types.DiagnosticRelatedInformation(location(analysed, link.range, encoding), link.message)
        for link in finding.evidence
    ]
    superfluous = finding.code == UNUSED_SUPPRESSION
    return types.Diagnostic(
        range=to_range(source, finding.range, encoding),
        message=finding.message,
        severity=severity,
        code=finding.code,
        code_description=(
            types.CodeDescription(editor.links.to(finding, analysed.snapshot.uri))
            if editor.code_description
            else None
        ),
        source="Callscope",
        tags=[types.DiagnosticTag.Unnecessary] if editor.tags and superfluous else None,
        related_information=related if editor.related_information and related else None,
    )


def _skipped() -> types.Diagnostic:
    """What is said, at its top, of a file whose check was stopped."""
    top = types.Range(types.Position(0, 0), types.Position(0, 0))
    message = (
        "This file is not checked: the check took too long and was stopped. "
        "It is tried again when the file changes. The log says where it was"
    )
    return types.Diagnostic(top, message, types.DiagnosticSeverity.Information, source="Callscope")


def result_id(items: Sequence[str]) -> str:
    """A name for exactly these diagnostics."""
    return hashlib.sha256(",".join(items).encode()).hexdigest()[:16]


def register(server: Server, current: Diagnostics, closed_files: ClosedFiles) -> None:
    """Answer editors that ask, and follow what happens to documents."""

    def opened(uri: str) -> None:
        closed_files.opened(uri)
        current.refresh(uri)
        current.index(uri)

    def changed(uri: str) -> None:
        current.refresh(uri)
        current.refresh_related(uri)
        closed_files.typed(uri)

    def saved(uri: str) -> None:
        # Packages may have been installed since.
        server.analysis.forget(uri)
        current.refresh(uri)

    def closed(uri: str) -> None:
        server.analysis.closed(uri)
        current.clear(uri)
        closed_files.changed_on_disk(uri)
        current.refresh_related(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        closed(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def did_open_notebook(params: types.DidOpenNotebookDocumentParams) -> None:
        opened(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def did_change_notebook(params: types.DidChangeNotebookDocumentParams) -> None:
        if params.change.cells is not None:
            changed(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def did_save_notebook(params: types.DidSaveNotebookDocumentParams) -> None:
        saved(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def did_close_notebook(params: types.DidCloseNotebookDocumentParams) -> None:
        closed(params.notebook_document.uri)

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="callscope"
        ),
    )
    async def pull(
        params: types.DocumentDiagnosticParams,
    ) -> Encoded | types.RelatedUnchangedDocumentDiagnosticReport:
        items = await current.pull(params.text_document.uri)
        name = result_id(items)
        if params.previous_result_id == name:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
        return pulled(name, items)
