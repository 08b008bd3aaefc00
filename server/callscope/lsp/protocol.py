"""The server object that the features are registered with."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException, JsonRpcInvalidRequest
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

from callscope import __version__
from callscope.lsp import log
from callscope.lsp.analysis import Analysed, Analysis, Stale
from callscope.lsp.cells import NOTEBOOK_SYNC, in_cells
from callscope.lsp.documents import Documents, Snapshot, path_of
from callscope.lsp.encoded import Encoded, greeting, plain
from callscope.lsp.left_out import LeftOut
from callscope.lsp.settings import Settings, SettingsStore
from callscope.lsp.worker import TookTooLong

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])


class Protocol(LanguageServerProtocol):
    """The protocol of pygls, which also answers requests that make no sense."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read gets an error for an answer."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """Act on a message; after shutdown, requests are refused instead of ignored."""
        if self._shutdown and hasattr(message, "method") and hasattr(message, "id"):
            error = JsonRpcInvalidRequest("the server is shutting down")
            self._send_response(message.id, error=error.to_response_error())
            return
        super().handle_message(message)

    def notify_encoded(self, method: str, params: Encoded) -> None:
        """Send a notification whose parameters are JSON already."""
        self._send_encoded(f'"method":"{method}","params":{params.json}')

    def _serialize_message(self, data: Any) -> Any:
        """pygls writes the capabilities down for its log, whether or not anybody reads that."""
        is_capabilities = isinstance(data, types.ServerCapabilities)
        return plain(data) if is_capabilities else super()._serialize_message(data)

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if isinstance(result, types.InitializeResult):
            result = greeting(result)
        if error is None and isinstance(result, Encoded):
            self._result_types.pop(msg_id, None)
            self._send_encoded(f'"id":{json.dumps(msg_id)},"result":{result.json}')
        else:
            super()._send_response(msg_id, result, error)

    def _send_encoded(self, content: str) -> None:
        if self.writer is not None:
            body = f'{{"jsonrpc":"{self.VERSION}",{content}}}'.encode("ascii")
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def adopt(self, documents: Documents) -> None:
        """Keep documents in ``documents`` from now on."""
        self._workspace = documents

    @property
    def shut_down(self) -> bool:
        """Whether the client has asked for a shutdown."""
        return self._shutdown


class Server(LanguageServer):
    """What the features share. The five attributes exist from ``initialize`` on."""

    protocol: Protocol
    documents: Documents
    settings: SettingsStore
    analysis: Analysis
    left_out: LeftOut

    def __init__(self) -> None:
        super().__init__(
            "callscope",
            __version__,
            protocol_cls=Protocol,
            converter_factory=default_converter,
            max_workers=2,
            notebook_document_sync=NOTEBOOK_SYNC,
        )
        self.exit_code = 1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        log.install(self._send_log)

    def feature(self, feature_name: str, options: Any | None = None) -> Callable[[_F], _F]:
        """Register a handler; it is never asked about the cells of a notebook, but the notebook."""
        register = super().feature(feature_name, options)

        def decorate(handler: _F) -> _F:
            register(in_cells(feature_name, lambda: self.documents, handler))
            return handler

        return decorate

    async def settings_for(self, snapshot: Snapshot) -> Settings:
        """The settings of the folder that the document is in."""
        return await self.settings_of(snapshot.path)

    async def settings_of(self, path: Path) -> Settings:
        """The settings of the folder that the file ``path`` is in."""
        folder = self.documents.folder_of(path)
        if folder is None and self.documents.folders:
            # A buffer that is nowhere yet: as in the first folder.
            folder = next(iter(self.documents.folders.values()))
        if folder is None:
            return await self.settings.of(None, None)
        return await self.settings.of(folder.uri, path_of(folder.uri))

    async def analyse(self, snapshot: Snapshot | None) -> Analysed | None:
        """The analysis of a document; None if it is not to be checked.

        Raises ``Stale`` and whatever the engine raises.
        """
        if snapshot is None or not snapshot.is_python:
            return None
        settings = await self.settings_for(snapshot)
        if not settings.enable or await self._is_left_out(snapshot.path):
            return None
        return await self.analysis.of(snapshot, settings)

    async def _is_left_out(self, path: Path) -> bool:
        known = self.left_out.known(path)
        if known is None:
            known = await self.analysis.in_background(lambda: self.left_out.look(path))
        return known

    async def analyse_newest(self, uri: str) -> Analysed | None:
        """The analysis of what the document holds by now, however often it changes meanwhile."""
        while True:
            with suppress(Stale):
                analysed = await self.analyse(self.documents.get(uri))
                if analysed is None or self.documents.is_current(analysed.snapshot):
                    return analysed

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

    def remember_loop(self) -> None:
        """Note the loop that messages have to be sent from."""
        self._loop = asyncio.get_running_loop()

    async def analyse_unless_stale(self, uri: str) -> Analysed | None:
        """The analysis of the document; None as well if it changes before it is looked at, for what
        is asked about a place in it."""
        try:
            return await self.analyse(self.documents.get(uri))
        except Stale:
            return None

    def on_loop(self, work: Callable[[], None]) -> None:
        """Let the loop do ``work``, from whichever thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(work)

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Log what pygls reports; never a pop-up. Most of it pygls has logged already."""
        if source is FeatureNotificationError:
            _log.error("A notification could not be handled", exc_info=error)

    def _send_log(self, params: types.LogMessageParams) -> None:
        if self._loop is None or self.protocol.writer is None:
            raise RuntimeError("no editor yet")
        if threading.current_thread() is threading.main_thread():
            self.window_log_message(params)
        else:
            self._loop.call_soon_threadsafe(self.window_log_message, params)


def guarded(
    default: Any,
) -> Callable[[Callable[_P, Awaitable[_T]]], Callable[_P, Awaitable[_T]]]:
    """Make a handler answer ``default`` where it would fail; the traceback goes to the log.

    Refusals (``JsonRpcException``) and cancellation pass through.
    """

    def decorate(handler: Callable[_P, Awaitable[_T]]) -> Callable[_P, Awaitable[_T]]:
        @functools.wraps(handler)
        async def safe(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return await handler(*args, **kwargs)
            except JsonRpcException:
                raise
            except TookTooLong:  # it has been told of
                return cast(_T, default)
            except Exception:  # noqa: BLE001 - an editor waits for an answer, whatever happened
                _log.exception("%s failed", handler.__name__.replace("_", " "))
                return cast(_T, default)

        return safe

    return decorate
