"""``diagnosticMode: workspace``: files that are not open are checked as well."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lsprotocol import types

from callscope.check import Report, check
from callscope.lsp.analysis import Analysed
from callscope.lsp.capabilities import Editor
from callscope.lsp.diagnostics import diagnostics
from callscope.lsp.documents import Snapshot, path_of
from callscope.lsp.progress import progress
from callscope.lsp.protocol import Server
from callscope.lsp.settings import Settings
from callscope.project import Projects
from callscope.project.files import excludes, is_worth_reading, source_files
from callscope.source import UnreadableSource, is_notebook, read_source

_log = logging.getLogger(__name__)


class WorkspaceCheck:
    """Pushes the findings of files that are closed; those that are open have their own way."""

    def __init__(self, server: Server, editor: Editor) -> None:
        self._server = server
        self._editor = editor
        self._published: dict[Path, str] = {}
        self._running: asyncio.Task[None] | None = None

    def restart(self) -> None:
        """Check everything again, for editors set so; take back what is no longer wanted."""
        if self._running is not None:
            self._running.cancel()
        self._running = self._server.start_task(self._run())

    def opened(self, uri: str) -> None:
        """A document was opened: what was pushed for its file gives way to it."""
        if path_of(uri) in self._published:
            self._retract(path_of(uri))

    def changed_on_disk(self, uri: str) -> None:
        """A file was written, closed or deleted."""
        path = path_of(uri)
        if not is_notebook(path) and not self._server.documents.is_open(path):
            self._server.start_task(self._check_one(path))

    async def _run(self) -> None:
        for path in list(self._published):
            self._retract(path)
        for folder in list(self._server.documents.folders.values()):
            root = path_of(folder.uri)
            settings = await self._server.settings.of(folder.uri, root)
            if settings.enable and settings.whole_workspace:
                await self._check_folder(folder.name, root, settings)

    async def _check_folder(self, name: str, root: Path, settings: Settings) -> None:
        files = await self._server.analysis.in_background(partial(_files_in, root))
        title = f"Checking {name}"
        async with progress(self._server, title, supported=self._editor.progress) as bar:
            for number, path in enumerate(files):
                if bar.cancelled:
                    return
                bar.report(f"{number} of {len(files)} files", 100 * number // len(files))
                await self._check_file(path, settings)

    async def _check_one(self, path: Path) -> None:
        folder = self._server.documents.folder_of(path)
        if folder is None:
            return
        settings = await self._server.settings.of(folder.uri, path_of(folder.uri))
        if settings.enable and settings.whole_workspace:
            await self._check_file(path, settings)

    async def _check_file(self, path: Path, settings: Settings) -> None:
        try:
            report = await self._server.analysis.in_background(
                partial(self._report, path, settings)
            )
        except Exception:  # noqa: BLE001 - the other files are still to be checked
            _log.exception("The check of %s failed", path)
            return
        if self._server.documents.is_open(path):
            return
        if report is None or not report.findings:
            self._retract(path)
            return
        uri = path.as_uri()
        analysed = Analysed(Snapshot(uri, 0, "python", report.source), settings, report)
        items = diagnostics(analysed, self._editor, self._server.documents.encoding)
        self._published[path] = uri
        self._publish(uri, items)

    def _report(self, path: Path, settings: Settings) -> Report | None:
        """In the analysis thread; None for a file that is gone or is not to be read."""
        if not is_worth_reading(path):
            return None
        try:
            source = read_source(path)
        except UnreadableSource as error:
            _log.info("%s: %s", path, error)
            return None
        analysis = self._server.analysis
        project = analysis.folders.project_of(path, settings)
        report = check(project, source, analysis.workspaces.of(path))
        analysis.look_into(project.packages)
        return report

    def _retract(self, path: Path) -> None:
        uri = self._published.pop(path, None)
        if uri is not None:
            self._publish(uri, [])

    def _publish(self, uri: str, items: Sequence[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri, items)
        self._server.text_document_publish_diagnostics(params)


def _files_in(root: Path) -> list[Path]:
    projects = Projects()
    files = source_files(root, lambda path: excludes(projects.of(path.parent).config, path))
    # Editors have no place for what is found in a notebook before they open it.
    return [path for path in files if not is_notebook(path)]
