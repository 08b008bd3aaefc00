"""Settings, configuration files and folders change while the server runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote

from callscope.lsp import types
from callscope.lsp.capabilities import Editor
from callscope.lsp.protocol import Server
from callscope.lsp.settings import SECTION

_CONFIGURATION = frozenset({"pyproject.toml", "callscope.toml"})


def register(
    server: Server, on_settings: Callable[[object], None], on_python_file: Callable[[str], None]
) -> None:
    """Call ``on_settings`` (with what was pushed, if anything) when all has to be looked at again,
    ``on_python_file`` with the URI of a source file that was changed on disk."""

    @server.feature("workspace/didChangeConfiguration", types.DidChangeConfigurationParams)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        on_settings(params.get("settings"))

    @server.feature("workspace/didChangeWorkspaceFolders", types.DidChangeWorkspaceFoldersParams)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for closed in params["event"]["removed"]:
            server.documents.remove_folder(closed)
        for opened in params["event"]["added"]:
            server.documents.add_folder(opened)
        on_settings(None)

    @server.feature("workspace/didChangeWatchedFiles", types.DidChangeWatchedFilesParams)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        uris = [event["uri"] for event in params["changes"]]
        if any(PurePosixPath(unquote(uri)).name in _CONFIGURATION for uri in uris):
            on_settings(None)
        for uri in uris:
            if uri.endswith(".py"):
                on_python_file(uri)


async def subscribe(server: Server, editor: Editor) -> None:
    """Ask the editor to tell of changes, as far as it can."""
    registrations: list[dict[str, object]] = []
    if editor.registers_configuration:
        registrations.append(
            _registration("workspace/didChangeConfiguration", {"section": SECTION})
        )
    if editor.registers_watchers:
        globs = ("**/pyproject.toml", "**/callscope.toml", "**/*.py")
        watchers = [{"globPattern": glob} for glob in globs]
        registrations.append(
            _registration("workspace/didChangeWatchedFiles", {"watchers": watchers})
        )
    if registrations:
        params = {"registrations": registrations}
        await server.connection.request("client/registerCapability", params)


def _registration(method: str, options: dict[str, object]) -> dict[str, object]:
    return {"id": f"callscope:{method}", "method": method, "registerOptions": options}
