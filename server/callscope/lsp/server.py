"""Starting the language server and putting its features together."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import platform
import sys
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdoutWriter, run_async

from callscope import __version__
from callscope.lsp import (
    changes,
    code_actions,
    code_lens,
    completion,
    diagnostics,
    explain,
    hover,
    inlay_hints,
    missing_fixes,
    target,
    workspace_check,
)
from callscope.lsp.analysis import Analysis
from callscope.lsp.beside import Beside
from callscope.lsp.capabilities import Editor
from callscope.lsp.configuration import ConfigurationFiles
from callscope.lsp.documents import Documents, path_of
from callscope.lsp.folders import Folders
from callscope.lsp.left_out import LeftOut
from callscope.lsp.lifetime import end_if_frozen, end_with
from callscope.lsp.places import Guide
from callscope.lsp.problems import ProblemTeller
from callscope.lsp.progress import progress
from callscope.lsp.protocol import Server
from callscope.lsp.settings import SettingsStore
from callscope.lsp.streams import read_in_thread
from callscope.lsp.worker import Job
from callscope.lsp.workspace_check import WorkspaceCheck

_LOOK_EVERY = 0.5
"""Seconds between two looks at whether somebody has pressed cancel."""

_log = logging.getLogger(__name__)


def serve_stdio(client_process_id: int | None = None) -> int:
    """Serve one editor over stdin and stdout until it is done; returns the exit code.

    ``client_process_id`` is the process to end with, if ``initialize`` does not name one.
    """
    _collect_less_often()
    server = make_server(client_process_id)
    # Nothing but the protocol may reach the real stdout.
    stdout, sys.stdout = sys.stdout, sys.stderr
    with FileIO(sys.stdin.fileno(), closefd=False) as stdin:
        return _run(server, _serve_streams(server, stdin, stdout.buffer))


def serve_tcp(host: str, port: int) -> int:
    """Serve the first editor that connects, until it is done; returns the exit code.

    ``port`` 0 means any free one. Which one it is is written to stderr.
    """
    _collect_less_often()
    server = make_server()
    try:
        return _run(server, _serve_connection(server, host, port))
    except OSError as error:
        print(f"callscope: error: cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 2


def _run(server: Server, session: Coroutine[Any, Any, None]) -> int:
    try:
        asyncio.run(session)
    except SystemExit:  # how pygls obeys the exit notification
        pass
    except BrokenPipeError:  # the editor is gone
        pass
    finally:
        _close(server)
    if getattr(server, "analysis", None) is not None and server.analysis.stuck:
        os._exit(server.exit_code)  # Python itself would wait for every thread
    return server.exit_code


async def _serve_streams(server: Server, stdin: FileIO, stdout: BinaryIO) -> None:
    server.protocol.set_writer(StdoutWriter(stdout))
    await _talk(server, read_in_thread(stdin))


async def _talk(server: Server, reader: asyncio.StreamReader) -> None:
    """Handle messages until there are no more."""
    stop, report = threading.Event(), server.report_server_error
    with suppress(asyncio.IncompleteReadError):
        await run_async(stop, reader, server.protocol, error_handler=report)


async def _serve_connection(server: Server, host: str, port: int) -> None:
    arrived: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await arrived.put((reader, writer))

    listening = await asyncio.start_server(connected, host, port)
    for socket in listening.sockets:
        name, number = socket.getsockname()[:2]
        print(f"Callscope listens on {name}:{number}", file=sys.stderr, flush=True)
    reader, writer = await arrived.get()
    listening.close()
    server.protocol.set_writer(writer)
    await _talk(server, reader)
    writer.close()


def _collect_less_often() -> None:
    """Let garbage lie a little longer, and do not look for it among what is there by now.

    A check makes tens of thousands of objects that are all still needed. Looking for garbage
    among them at every seven hundredth takes longer than the check itself.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    gc.enable()


def _close(server: Server) -> None:
    analysis = getattr(server, "analysis", None)
    if analysis is not None:
        analysis.close()


def make_server(client_process_id: int | None = None) -> Server:
    """A server that is not yet connected; its features are added when an editor says hello."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        _Session(server, params).begin(client_process_id)

    @server.feature(types.EXIT)
    def leave(*_: object) -> None:
        server.exit_code = 0 if server.protocol.shut_down else 1

    return server


class _Session:
    """What is known and done from ``initialize`` on."""

    def __init__(self, server: Server, params: types.InitializeParams) -> None:
        self._server = server
        self._params = params
        options = params.initialization_options
        self._options: Mapping[str, object] = options if isinstance(options, Mapping) else {}
        self._editor = Editor.of(params.capabilities, self._options)

    def begin(self, client_process_id: int | None) -> None:
        """Set the server up and add the features."""
        server, editor = self._server, self._editor
        server.remember_loop()
        server.documents = Documents.taking_over(server.workspace)
        server.protocol.adopt(server.documents)
        server.left_out = LeftOut(server.documents)
        server.settings = SettingsStore(self._ask if editor.configuration else None)
        server.settings.forget(self._options.get("settings"))
        server.analysis = Analysis(
            server.documents, self._folders(), self._hear_news, self._hear_of_slow_work
        )
        files = ConfigurationFiles(server)
        self._problems = ProblemTeller(server, files)
        beside = Beside(server, editor)
        self._diagnostics = diagnostics.Diagnostics(server, editor, self._problems, files, beside)
        self._workspace_check = WorkspaceCheck(
            server,
            editor,
            self._diagnostics.prepare,
            tells=self._options.get("workspaceResult") is True,
        )
        workspace_check.register(server, self._workspace_check)
        diagnostics.register(server, self._diagnostics, self._workspace_check)
        code_actions.register(server, code_actions.CodeActions(server, editor))
        missing_fixes.register(server)
        hover.register(server, editor)
        target.register(server)
        code_lens.register(server, beside, Guide(server, editor, self._options))
        inlay_hints.register(server, editor, beside)
        completion.register(server, editor)
        explain.register(server)
        changes.register(server, self._look_again, self._changed_on_disk)
        server.start_task(end_if_frozen())
        process = self._params.process_id or client_process_id
        if process:
            server.start_task(end_with(process))

        @server.feature(types.INITIALIZED)
        def initialized(_: types.InitializedParams) -> None:
            server.start_task(self._get_going())

    async def _get_going(self) -> None:
        client = self._params.client_info
        _log.info(
            "Callscope %s on Python %s, columns in %s, diagnostics %s, for %s",
            __version__,
            platform.python_version(),
            self._server.documents.encoding,
            "pulled" if self._editor.pulls_diagnostics else "pushed",
            f"{client.name} {client.version or ''}".strip() if client else "an unnamed editor",
        )
        self._workspace_check.restart()
        if self._options.get("fixesMissing") is True:
            missing_fixes.tell(self._server)
        try:
            await changes.subscribe(self._server, self._editor)
        except JsonRpcException as error:
            _log.warning("The editor will not tell of changed files: %s", error)

    def _folders(self) -> Folders:
        interpreter = self._options.get("interpreter")
        path = Path(interpreter) if isinstance(interpreter, str) and interpreter else None
        return Folders(
            path,
            trusted=self._options.get("trusted") is not False,
            on_other_target=self._hear_of_other_target,
        )

    def _changed_on_disk(self, uri: str) -> None:
        """A source file was written, made or deleted outside the editor."""
        self._workspace_check.changed_on_disk(uri)
        self._server.analysis.workspaces.changed_on_disk(path_of(uri))
        self._diagnostics.index(uri)
        self._diagnostics.refresh_related(uri)

    def _look_again(self, pushed: object) -> None:
        """Settings, configuration or folders have changed."""
        server = self._server
        server.settings.forget(pushed)
        server.left_out.forget()
        server.analysis.folders.forget()
        server.analysis.workspaces.forget()
        server.analysis.forget()
        self._problems.forget()
        self._diagnostics.refresh_all()
        self._workspace_check.restart()
        self._tell_of_other_target()

    def _hear_of_other_target(self) -> None:
        self._server.on_loop(self._tell_of_other_target)

    def _tell_of_other_target(self) -> None:
        # A notification of our own, for those who understand it.
        if self._options.get("showsTarget") is True:
            target.tell_of_change(self._server)

    def _hear_news(self) -> None:
        """Something was found out about installed packages."""
        self._server.start_task(self._check_again())

    def _hear_of_slow_work(self, job: Job) -> None:
        self._server.start_task(self._show_slow_work(job))

    async def _show_slow_work(self, job: Job) -> None:
        """A bar, whose cancel button stops the work."""
        title = f"{job.what or 'Checking'} takes unusually long"
        _log.warning(title)
        async with progress(self._server, title, supported=self._editor.progress) as bar:
            while not job.answer.done():
                await asyncio.wait([job.answer], timeout=_LOOK_EVERY)
                if bar.cancelled:
                    job.stop()

    async def _check_again(self) -> None:
        analysis = self._server.analysis
        await analysis.in_background(analysis.workspaces.forget_findings)
        analysis.forget()
        self._diagnostics.refresh_all()
        self._workspace_check.look_again()

    async def _ask(self, folder_uri: str | None) -> object:
        item = types.ConfigurationItem(scope_uri=folder_uri, section="callscope")
        params = types.ConfigurationParams([item])
        answer = await self._server.workspace_configuration_async(params)
        return answer[0] if answer else None
