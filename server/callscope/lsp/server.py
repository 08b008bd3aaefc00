"""Starting the language server and putting its features together."""

from __future__ import annotations

import asyncio
import gc
import logging
import platform
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from callscope import __version__
from callscope.lsp import changes, code_actions, diagnostics, hover, progress, types
from callscope.lsp.analysis import Analysis
from callscope.lsp.capabilities import Editor
from callscope.lsp.documents import Documents
from callscope.lsp.folders import Folders
from callscope.lsp.jsonrpc import ErrorCode, Refusal
from callscope.lsp.lifetime import end_with
from callscope.lsp.problems import ProblemTeller
from callscope.lsp.protocol import Server
from callscope.lsp.settings import SECTION, SettingsStore
from callscope.lsp.uris import path_of
from callscope.lsp.workspace_check import WorkspaceCheck

_log = logging.getLogger(__name__)


def serve_stdio(client_process_id: int | None = None) -> int:
    """Serve one editor over stdin and stdout until it is done; returns the exit code.

    ``client_process_id`` is the process to end with, if ``initialize`` does not name one.
    """
    # A stream of its own: the thread that reads may still be at it when Python closes stdin.
    reader = open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: SIM115
    # Nothing but the protocol may reach the real stdout.
    stdout, sys.stdout = sys.stdout, sys.stderr
    return _serve(make_server(client_process_id), reader, stdout.buffer)


def serve_tcp(host: str, port: int) -> int:
    """Serve the first editor that connects, until it is done; returns the exit code.

    ``port`` 0 means any free one. Which one it is is written to stderr.
    """
    try:
        with socket.create_server((host, port)) as listening:
            name, number = listening.getsockname()[:2]
            print(f"Callscope listens on {name}:{number}", file=sys.stderr, flush=True)
            connection, _ = listening.accept()
    except OSError as error:
        print(f"callscope: error: cannot listen on {host}:{port}: {error}", file=sys.stderr)
        return 2
    with connection, connection.makefile("rb") as reader, connection.makefile("wb") as writer:
        return _serve(make_server(), reader, writer)


def _serve(server: Server, reader: BinaryIO, writer: BinaryIO) -> int:
    _collect_less_often()
    try:
        asyncio.run(server.run(reader, writer))
    finally:
        _close(server)
    return server.exit_code


def _collect_less_often() -> None:
    """Let garbage lie a little longer.

    A check makes tens of thousands of objects that are all still needed. Looking for garbage
    among them at every seven hundredth takes longer than the check itself.
    """
    gc.set_threshold(50_000, 10, 10)


def _close(server: Server) -> None:
    analysis = getattr(server, "analysis", None)
    if analysis is not None:
        analysis.close()


def make_server(client_process_id: int | None = None) -> Server:
    """A server that is not yet connected; its features are added when an editor says hello."""
    server = Server()

    @server.feature("initialize", types.InitializeParams)
    def initialize(params: types.InitializeParams) -> dict[str, Any]:
        if hasattr(server, "documents"):
            raise Refusal(ErrorCode.InvalidRequest, "the server is initialized already")
        return _Session(server, params).begin(client_process_id)

    @server.feature("shutdown", object)
    def shutdown(_: object) -> None:
        server.shut()

    @server.feature("exit", object)
    def leave(_: object) -> None:
        server.exit_code = 0 if server.shut_down else 1
        server.connection.close()

    @server.feature("$/cancelRequest", types.CancelParams)
    def cancel(params: types.CancelParams) -> None:
        server.connection.cancel(params["id"])

    return server


class _Session:
    """What is known and done from ``initialize`` on."""

    def __init__(self, server: Server, params: types.InitializeParams) -> None:
        self._server = server
        self._params = params
        self._editor = Editor.of(params["capabilities"])
        options = params.get("initializationOptions")
        self._options: Mapping[str, object] = options if isinstance(options, Mapping) else {}

    def begin(self, client_process_id: int | None) -> dict[str, Any]:
        """Set the server up, add the features and say what they are."""
        server, editor = self._server, self._editor
        server.documents = Documents(editor.encoding)
        for folder in self._params.get("workspaceFolders") or ():
            server.documents.add_folder(folder)
        server.settings = SettingsStore(self._ask if editor.configuration else None)
        server.settings.forget(self._options.get("settings"))
        server.analysis = Analysis(server.documents, self._folders(), self._hear_news)
        self._problems = ProblemTeller(server)
        self._diagnostics = diagnostics.Diagnostics(server, editor, self._problems)
        self._workspace_check = WorkspaceCheck(server, editor)
        diagnostics.register(server, self._diagnostics, self._workspace_check)
        code_actions.register(server, code_actions.CodeActions(server, editor))
        hover.register(server, editor)
        changes.register(server, self._look_again, self._changed_on_disk)
        progress.register(server)
        process = self._params.get("processId") or client_process_id
        if process:
            server.start_task(end_with(process))

        @server.feature("initialized", object)
        def initialized(_: object) -> None:
            server.start_task(self._get_going())

        return {
            "capabilities": _capabilities(editor),
            "serverInfo": {"name": "callscope", "version": __version__},
        }

    async def _get_going(self) -> None:
        client = self._params.get("clientInfo")
        _log.info(
            "Callscope %s on Python %s, columns in %s, diagnostics %s, for %s",
            __version__,
            platform.python_version(),
            self._server.documents.encoding,
            "pulled" if self._editor.pulls_diagnostics else "pushed",
            f"{client['name']} {client.get('version') or ''}".strip()
            if client
            else "an unnamed editor",
        )
        self._workspace_check.restart()
        try:
            await changes.subscribe(self._server, self._editor)
        except Refusal as error:
            _log.warning("The editor will not tell of changed files: %s", error)

    def _folders(self) -> Folders:
        interpreter = self._options.get("interpreter")
        path = Path(interpreter) if isinstance(interpreter, str) and interpreter else None
        return Folders(path, trusted=self._options.get("trusted") is not False)

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
        server.analysis.folders.forget()
        server.analysis.workspaces.forget()
        server.analysis.forget()
        self._problems.forget()
        self._diagnostics.refresh_all()
        self._workspace_check.restart()

    def _hear_news(self) -> None:
        """Something was found out about installed packages."""
        self._server.start_task(self._check_again())

    async def _check_again(self) -> None:
        analysis = self._server.analysis
        await analysis.in_background(analysis.workspaces.forget_findings)
        analysis.forget()
        self._diagnostics.refresh_all()
        self._workspace_check.restart()

    async def _ask(self, folder_uri: str | None) -> object:
        item = (
            {"section": SECTION}
            if folder_uri is None
            else {"scopeUri": folder_uri, "section": SECTION}
        )
        answer = await self._server.connection.request("workspace/configuration", {"items": [item]})
        return answer[0] if isinstance(answer, list) and answer else None


def _capabilities(editor: Editor) -> dict[str, Any]:
    """What this server can do for ``editor``."""
    able: dict[str, Any] = {
        "positionEncoding": editor.encoding,
        "textDocumentSync": {
            "openClose": True,
            "change": types.TextDocumentSyncKind.Incremental,
            "save": True,
        },
        "hoverProvider": True,
        "codeActionProvider": {"codeActionKinds": code_actions.KINDS, "resolveProvider": True},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if editor.pulls_diagnostics:
        able["diagnosticProvider"] = {
            "identifier": "callscope",
            "interFileDependencies": True,
            "workspaceDiagnostics": False,
        }
    return able
