"""The server object that the features are registered with."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO, ParamSpec, TypeVar, cast

from callscope.lsp import log, types
from callscope.lsp.analysis import Analysed, Analysis
from callscope.lsp.documents import Documents, Snapshot
from callscope.lsp.jsonrpc import Connection, ErrorCode, Refusal
from callscope.lsp.settings import Settings, SettingsStore
from callscope.lsp.shapes import fits
from callscope.lsp.uris import path_of

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_Params = TypeVar("_Params")


class Server:
    """What the features share. Four of the attributes exist from ``initialize`` on."""

    documents: Documents
    settings: SettingsStore
    analysis: Analysis

    def __init__(self) -> None:
        self.connection = Connection()
        self.exit_code = 1
        self.shut_down = False
        self.bars: dict[str, asyncio.Event] = {}
        """The progress bars that are shown, by their tokens; set when the user cancels one."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        log.install(self._send_log)

    async def run(self, reader: BinaryIO, writer: BinaryIO) -> None:
        """Serve the editor at the other end of two streams until it leaves."""
        self._loop = asyncio.get_running_loop()
        await self.connection.run(reader, writer)

    def feature(
        self, method: str, shape: type[_Params]
    ) -> Callable[[Callable[[_Params], _T]], Callable[[_Params], _T]]:
        """Let a function handle the messages ``method``, whose parameters are a ``shape``."""

        def register(handler: Callable[[_Params], _T]) -> Callable[[_Params], _T]:
            def checked(params: Any) -> _T:
                if not fits(params, shape):
                    raise Refusal(ErrorCode.InvalidParams, f"these are no {shape.__name__}")
                return handler(params)

            self.connection.handlers[method] = checked
            return handler

        return register

    def shut(self) -> None:
        """Answer nothing but with an error from now on. A farewell is still heard."""

        def refuse(_: Any) -> None:
            raise Refusal(ErrorCode.InvalidRequest, "the server is shutting down")

        self.shut_down = True
        handlers = self.connection.handlers
        handlers.update({method: refuse for method in handlers if method != "exit"})

    async def settings_for(self, snapshot: Snapshot) -> Settings:
        """The settings of the folder that the document is in."""
        folder = self.documents.folder_of(snapshot.path)
        if folder is None and self.documents.folders:
            # A buffer that is nowhere yet: as in the first folder.
            folder = next(iter(self.documents.folders.values()))
        if folder is None:
            return await self.settings.of(None, None)
        return await self.settings.of(folder["uri"], path_of(folder["uri"]))

    async def analyse(self, snapshot: Snapshot | None) -> Analysed | None:
        """The analysis of a document; None if it is not to be checked.

        Raises ``Stale`` and whatever the engine raises.
        """
        if snapshot is None or not snapshot.is_python:
            return None
        settings = await self.settings_for(snapshot)
        return await self.analysis.of(snapshot, settings) if settings.enable else None

    def start_task(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Let ``work`` go on by itself; what it raises is logged."""

        async def run() -> None:
            try:
                await work
            except Exception:  # noqa: BLE001 - nobody else would hear of it
                _log.exception("Something went wrong in the background")

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _send_log(self, params: types.LogMessageParams) -> None:
        if self._loop is None or not self.connection.is_open:
            raise RuntimeError("no editor yet")
        if threading.current_thread() is threading.main_thread():
            self.connection.notify("window/logMessage", params)
        else:
            self._loop.call_soon_threadsafe(self.connection.notify, "window/logMessage", params)


def guarded(
    default: Any,
) -> Callable[[Callable[_P, Awaitable[_T]]], Callable[_P, Awaitable[_T]]]:
    """Make a handler answer ``default`` where it would fail; the traceback goes to the log.

    Refusals and cancellation pass through.
    """

    def decorate(handler: Callable[_P, Awaitable[_T]]) -> Callable[_P, Awaitable[_T]]:
        @functools.wraps(handler)
        async def safe(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return await handler(*args, **kwargs)
            except Refusal:
                raise
            except Exception:  # noqa: BLE001 - an editor waits for an answer, whatever happened
                _log.exception("%s failed", handler.__name__.replace("_", " "))
                return cast(_T, default)

        return safe

    return decorate
