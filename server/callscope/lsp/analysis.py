"""Checking and fixing off the event loop, one piece of work at a time.

Two threads: checking must not wait for fixes, which take far longer. What has become stale while
it waited is not begun, and what takes too long is stopped: the file is left out until it changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from callscope.check import Report, check, creations_at, fixes_for, refactorings_at
from callscope.fixes import Fix
from callscope.incremental import Recall
from callscope.lsp.documents import Documents, Snapshot
from callscope.lsp.folders import Folders
from callscope.lsp.settings import Settings
from callscope.lsp.worker import Job, TookTooLong, Worker
from callscope.lsp.workspaces import Workspaces
from callscope.project import Workspace
from callscope.project.packages import Packages
from callscope.source import Range, SourceText

CHECK_LIMIT = 30.0
FIX_LIMIT = 180.0
"""Seconds after which a check, or the search for fixes, is stopped. Both are many times what the
largest files take on a slow machine."""

_log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Stale(Exception):
    """The document has changed, or was closed, before the work was begun."""


@dataclass(frozen=True, eq=False)
class Analysed:
    """A snapshot with its report; the fixes are found when first asked for."""

    snapshot: Snapshot
    settings: Settings
    report: Report
    _fixes: dict[int, tuple[Fix, ...]] = field(default_factory=dict)
    _refactorings: dict[Range, tuple[Fix, ...]] = field(default_factory=dict)
    _creations: dict[Range, tuple[Fix, ...]] = field(default_factory=dict)

    def fixes(self, index: int) -> tuple[Fix, ...]:
        """The fixes of the finding number ``index``; slow the first time."""
        finding = self.report.findings[index]
        return _kept(self._fixes, index, lambda: fixes_for(self.report, finding))

    def refactorings(self, place: Range) -> tuple[Fix, ...]:
        """What can be done at ``place`` besides fixing; slow the first time."""
        return _kept(self._refactorings, place, lambda: refactorings_at(self.report, place))

    def creations(self, place: Range) -> tuple[Fix, ...]:
        """The callbacks that are missing at ``place``; slow the first time."""
        return _kept(self._creations, place, lambda: creations_at(self.report, place))


def _kept(
    known: dict[_T, tuple[Fix, ...]], key: _T, find: Callable[[], Iterable[Fix]]
) -> tuple[Fix, ...]:
    """What is ``known`` for ``key``, looked for the first time."""
    found = known.get(key)
    if found is None:
        found = known[key] = tuple(find())
    return found


def _look_at(done: asyncio.Future[Analysed]) -> None:
    """Whoever waits may be cancelled before it fails: then nobody else needs to hear of it."""
    if not done.cancelled():
        done.exception()


class Analysis:
    """Runs the engine for open documents, each version once however many ask for it."""

    def __init__(
        self,
        documents: Documents,
        folders: Folders,
        on_news: Callable[[], None],
        on_slow: Callable[[Job], None],
    ) -> None:
        """``on_news`` hears, on the loop, that more is known than at the last check of a file,
        ``on_slow`` of what takes unusually long."""
        self._on_news = on_news
        self._documents = documents
        self.folders = folders
        self.workspaces = Workspaces(documents)
        self._checking = Worker("check", CHECK_LIMIT, on_slow)
        self._indexing = ThreadPoolExecutor(1, "index")
        self._fixing = Worker("fix", FIX_LIMIT, on_slow)
        self._asking = ThreadPoolExecutor(1, "ask")
        self._loop = asyncio.get_running_loop()
        self._newest: dict[str, tuple[Snapshot, Settings, asyncio.Future[Analysed]]] = {}
        self._recalls: dict[str, Recall] = {}
        self._skipped: dict[str, Snapshot] = {}

    async def of(self, snapshot: Snapshot, settings: Settings) -> Analysed:
        """The analysis of ``snapshot``; raises :class:`Stale`, and whatever the engine raises."""
        if self._skipped.get(snapshot.uri) is snapshot:
            raise TookTooLong
        known = self._newest.get(snapshot.uri)
        if known and known[0] is snapshot and known[1] == settings:
            work = known[2]
        else:
            check_it = partial(self._check, snapshot, settings)
            work = self._checking.do(check_it, f"Checking {snapshot.path.name}")
            work.add_done_callback(_look_at)
            self._newest[snapshot.uri] = (snapshot, settings, work)
        waiting = asyncio.shield(work)
        waiting.add_done_callback(_look_at)
        try:
            return await waiting
        except TookTooLong as error:
            self._skip(snapshot, error)
            raise

    async def of_closed(self, snapshot: Snapshot, settings: Settings) -> Analysed:
        """The analysis of a file that is not open; raises whatever the engine raises."""
        report = await self.in_background(lambda: self.report(snapshot.source, settings))
        return Analysed(snapshot, settings, report)

    def report(
        self, source: SourceText, settings: Settings, recall: Recall | None = None
    ) -> Report:
        """What is found in a file as a part of its project; for the checking thread."""
        project = self.folders.project_of(source.path, settings)
        report = check(project, source, self.workspaces.of(source.path), recall)
        self.look_into(project.packages)
        return report

    def forget(self, uri: str | None = None) -> None:
        """Do not give a known answer again: for one document, or for all."""
        if uri is None:
            self._newest.clear()
            self._recalls.clear()
        else:
            self._newest.pop(uri, None)

    def closed(self, uri: str) -> None:
        """Remember nothing of a document."""
        self._newest.pop(uri, None)
        self._recalls.pop(uri, None)
        self._skipped.pop(uri, None)

    def _skip(self, snapshot: Snapshot, error: TookTooLong) -> None:
        if self._skipped.get(snapshot.uri) is snapshot:
            return
        _log.error(
            "The check of %s was stopped: it took too long. The file is left out until it changes",
            snapshot.path,
            exc_info=error,
        )
        self._skipped[snapshot.uri] = snapshot
        # What was being made when it was stopped may be half done.
        self._recalls.pop(snapshot.uri, None)
        self._checking.do(self.workspaces.forget_findings)

    @property
    def stuck(self) -> bool:
        """Whether a thread was given up, which this process must not wait for."""
        return self._checking.stuck or self._fixing.stuck

    def in_background(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        """Run ``work`` on the checking thread, after what is waiting there already."""
        return self._checking.do(work)

    async def index(self, workspace: Workspace) -> None:
        """Look through all files of ``workspace``, beside whatever else is going on."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._indexing, lambda: workspace.graph)

    async def indexed(self) -> None:
        """Wait until whatever is being looked through has been."""
        await asyncio.get_running_loop().run_in_executor(self._indexing, lambda: None)

    def in_fix_thread(self, work: Callable[[], _T]) -> asyncio.Future[_T]:
        """Run ``work``, which edits text, on the fixing thread."""
        return self._fixing.do(work, "Looking for fixes")

    def look_into(self, packages: Packages) -> None:
        """Find out what a check wanted to know of installed packages, beside whatever else is
        going on."""
        if packages.wanted:
            self._asking.submit(self._find_out, packages)

    def _find_out(self, packages: Packages) -> None:
        try:
            if packages.find_out():
                self._loop.call_soon_threadsafe(self._on_news)
        except Exception:  # noqa: BLE001 - nobody else would hear of it
            _log.exception("The installed packages could not be looked into")

    def close(self) -> None:
        """Begin nothing more."""
        self._checking.close()
        self._fixing.close()
        self._indexing.shutdown(wait=False, cancel_futures=True)
        self._asking.shutdown(wait=False, cancel_futures=True)
        self.folders.close()

    def _check(self, snapshot: Snapshot, settings: Settings) -> Analysed:
        if not self._documents.is_current(snapshot):
            raise Stale
        recall = self._recalls.setdefault(snapshot.uri, Recall())
        report = self.report(snapshot.source, settings, recall)
        for crash in report.crashes:
            _log.error("%s failed on %s", crash.code, snapshot.path, exc_info=crash.error)
        return Analysed(snapshot, settings, report)
