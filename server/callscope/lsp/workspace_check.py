"""Files that are not open are checked as well: with ``diagnosticMode: workspace``, or once, by the
request ``callscope/checkWorkspace``, whose ``workDoneToken`` may name a bar that the editor shows.
The token of a bar that was not asked for begins with ``callscope/checkWorkspace/``, so that an
editor can tell it from other work.

Both end in a :class:`Summary`, which the request is answered with. An editor that says
``{"workspaceResult": true}`` in its ``initializationOptions`` is told of each by the notification
``callscope/workspaceChecked``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from callscope.check import Report
from callscope.lsp.analysis import Analysed
from callscope.lsp.capabilities import Editor
from callscope.lsp.diagnostics import diagnostics
from callscope.lsp.documents import Snapshot, path_of
from callscope.lsp.progress import Progress, progress
from callscope.lsp.protocol import Server
from callscope.lsp.settings import Settings
from callscope.project import Projects
from callscope.project.files import excludes, is_source_file, is_worth_reading, source_files
from callscope.source import UnreadableSource, is_notebook, read_source

_log = logging.getLogger(__name__)


CHECK_WORKSPACE = "callscope/checkWorkspace"
WORKSPACE_CHECKED = "callscope/workspaceChecked"

_QUIET = 0.2
"""Seconds in which changes on disk are taken for one."""

_PAUSE = 1.0
"""Seconds without a key after which what is typed in one file is looked for in closed ones."""


@dataclass
class Summary:
    """What came of a check: of so many files that are ``checked``, so many have findings."""

    files: int = 0
    checked: int = 0
    findings: int = 0
    files_with_findings: int = 0
    cancelled: bool = False


class WorkspaceCheck:
    """Pushes the findings of files that are closed; those that are open have their own way.

    What was pushed is kept up to date, whatever made it be pushed. ``prepare`` looks through the
    project of a URI, so that its files are checked as parts of it.
    """

    def __init__(
        self,
        server: Server,
        editor: Editor,
        prepare: Callable[[str], Awaitable[None]],
        tells: bool,
    ) -> None:
        self._server = server
        self._editor = editor
        self._prepare = prepare
        self._tells = tells
        self._published: dict[Path, str] = {}
        self._looked_at: set[Path] = set()
        # Those that were checked on request, and that nothing else asks for.
        self._once: set[Path] = set()
        self._running: asyncio.Task[None] | None = None
        # Whether a check on request is under way, and is to begin anew.
        self._asked = False
        self._anew = False
        self._cancelled = False
        self._changed: set[Path] = set()
        self._waiting: asyncio.TimerHandle | None = None

    def restart(self) -> None:
        """Check everything again, for editors set so; take back what is no longer wanted."""
        if self._asked:
            self._anew = True
            return
        self._stop()
        self._running = self._server.start_task(self._run_as_set())

    def look_again(self) -> None:
        """More is known of what lies around the files. A user who has cancelled the check does not
        get it back for that: only what is shown is looked at again."""
        if self._cancelled:
            self._server.start_task(self._check_changed(set(self._published)))
        else:
            self.restart()

    async def check_all(self, token: types.ProgressToken | None) -> Summary:
        """Check all files once, however the editor is set; ``token`` is its own bar for that."""
        self._stop()
        self._asked = True
        try:
            async with self._bar(token) as bar:
                summary = await self._check_all(bar)
                while self._anew and not summary.cancelled:
                    summary = await self._check_all(bar)
        finally:
            self._asked = self._anew = False
        self._once &= self._published.keys()
        self._tell(summary)
        return summary

    async def _check_all(self, bar: Progress) -> Summary:
        self._anew = False
        return await self._check_files(await self._wanted(everything=True), bar)

    def opened(self, uri: str) -> None:
        """A document was opened: what was pushed for its file gives way to it."""
        if path_of(uri) in self._published:
            self._retract(path_of(uri))

    def changed_on_disk(self, uri: str) -> None:
        """A file was written, closed or deleted."""
        path = path_of(uri)
        if path.suffix != ".py":
            return
        self._changed.add(path)
        if self._waiting is None:
            self._wait(_QUIET)

    def typed(self, uri: str) -> None:
        """An open document has changed, and with it what closed files import from it."""
        if self._looked_at:
            self._changed.add(path_of(uri))
            self._wait(_PAUSE)

    def _wait(self, seconds: float) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(seconds, self._follow_changes)

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def _tell(self, summary: Summary) -> None:
        if self._tells:
            self._server.protocol.notify(WORKSPACE_CHECKED, asdict(summary))

    async def _run_as_set(self) -> None:
        is_wanted = [await self._is_whole(folder) for folder in self._folders()]
        wanted = await self._wanted(everything=False)
        async with self._bar() as bar:
            summary = await self._check_files(wanted, bar)
        if any(is_wanted):
            self._tell(summary)

    def _bar(
        self, token: types.ProgressToken | None = None
    ) -> AbstractAsyncContextManager[Progress]:
        title = "Callscope: checking the workspace"
        return progress(
            self._server,
            title,
            supported=self._editor.progress,
            token=token,
            name=f"{CHECK_WORKSPACE}/",
        )

    def _folders(self) -> list[types.WorkspaceFolder]:
        return list(self._server.documents.folders.values())

    async def _is_whole(self, folder: types.WorkspaceFolder) -> bool:
        settings = await self._server.settings.of(folder.uri, path_of(folder.uri))
        return settings.enable and settings.whole_workspace

    async def _wanted(self, *, everything: bool) -> dict[Path, Settings]:
        """The files of all folders, or of those set so, and what is shown of others because it was
        asked for; what is shown of any other is taken back."""
        wanted: dict[Path, Settings] = {}
        for folder in self._folders():
            root = path_of(folder.uri)
            settings = await self._server.settings.of(folder.uri, root)
            if not settings.enable:
                continue
            is_whole = everything or settings.whole_workspace
            if not is_whole and not self._once:
                continue
            if is_whole:
                await self._prepare((root / "workspace.py").as_uri())
            for path in await self._server.analysis.in_background(partial(_files_in, root)):
                mine = self._server.documents.folder_of(path) is folder
                if mine and (is_whole or path in self._once):
                    wanted[path] = settings
            if settings.whole_workspace:
                self._once -= wanted.keys()
        if everything:
            self._once = set(wanted)
        self._looked_at = set(wanted)
        for path in list(self._published):
            if path not in wanted:
                self._retract(path)
        return wanted

    async def _check_files(self, wanted: Mapping[Path, Settings], bar: Progress) -> Summary:
        """Check them one after the other, until somebody presses cancel."""
        summary = Summary(files=len(wanted))
        self._cancelled = False
        for path, settings in wanted.items():
            if bar.cancelled:
                self._cancelled = summary.cancelled = True
                # The others are not followed, either, until somebody begins again.
                self._looked_at = set(list(wanted)[: summary.checked])
                break
            if self._anew:
                break
            done = summary.checked
            bar.report(f"{done} of {summary.files} files", 100 * done // summary.files)
            found = await self._check_file(path, settings)
            summary.checked += 1
            summary.findings += found
            summary.files_with_findings += found > 0
        if wanted:
            _log.info("Checked the workspace: %s", summary)
        return summary

    def _follow_changes(self) -> None:
        self._waiting = None
        changed, self._changed = self._changed, set()
        self._server.start_task(self._check_changed(changed))

    async def _check_changed(self, changed: set[Path]) -> None:
        """Check the files that have changed, and those that are parts of the same programs."""
        around = {
            other
            for path in changed
            for other in self._looked_at
            if self._server.analysis.workspaces.have_to_do(path, other)
        }
        for path in sorted(changed | around):
            folder = self._server.documents.folder_of(path)
            if folder is None or self._server.documents.is_open(path):
                continue
            root = path_of(folder.uri)
            settings = await self._server.settings.of(folder.uri, root)
            is_followed = not self._cancelled or path in self._looked_at
            is_wanted = (settings.whole_workspace and is_followed) or path in self._published
            if not (settings.enable and is_wanted):
                continue
            if await self._server.analysis.in_background(partial(_is_in, root, path)):
                self._looked_at.add(path)
                await self._check_file(path, settings)
            else:
                self._looked_at.discard(path)
                self._retract(path)

    async def _check_file(self, path: Path, settings: Settings) -> int:
        """Check one file and push what is found; gives how much that is."""
        try:
            report = await self._server.analysis.in_background(
                partial(self._report, path, settings)
            )
        except Exception:  # noqa: BLE001 - the other files are still to be checked
            _log.exception("The check of %s failed", path)
            return 0
        count = len(report.findings) if report is not None else 0
        if report is None or not count or self._server.documents.is_open(path):
            self._retract(path)
            return count
        uri = path.as_uri()
        analysed = Analysed(Snapshot(uri, 0, "python", report.source), settings, report)
        items = diagnostics(analysed, self._editor, self._server.documents.encoding)
        self._published[path] = uri
        self._publish(uri, items)
        return count

    def _report(self, path: Path, settings: Settings) -> Report | None:
        """In the analysis thread; None for a file that is gone or is not to be read."""
        if not is_worth_reading(path):
            return None
        try:
            source = read_source(path)
        except UnreadableSource as error:
            _log.info("%s: %s", path, error)
            return None
        return self._server.analysis.report(source, settings)

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


def _is_in(root: Path, path: Path) -> bool:
    """Whether ``path`` is, or was, among the files of ``root``."""
    projects = Projects()
    return is_source_file(root, path, lambda path: excludes(projects.of(path.parent).config, path))


def register(server: Server, whole: WorkspaceCheck) -> None:
    """Check everything where the user asks for it."""

    @server.feature(CHECK_WORKSPACE)
    async def check_workspace(params: Any) -> dict[str, object]:
        return asdict(await whole.check_all(getattr(params, "workDoneToken", None)))
