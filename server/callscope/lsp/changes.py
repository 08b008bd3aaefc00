"""Settings, configuration files and folders change while the server runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote

from lsprotocol import types

from callscope.lsp.capabilities import Editor
from callscope.lsp.protocol import Server
from callscope.lsp.settings import SECTION
from callscope.project.locked import LOCK_FILES

_CONFIGURATION = frozenset({"pyproject.toml", "callscope.toml", *LOCK_FILES})


def register(
    server: Server, on_settings: Callable[[object], None], on_python_file: Callable[[str], None]
) -> None:
    """Call ``on_settings`` (with what was pushed, if anything) when all has to be looked at again,
    ``on_python_file`` with the URI of a source file that was changed on disk."""

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        on_settings(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        on_settings(None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        uris = [event.uri for event in params.changes]
        if any(PurePosixPath(unquote(uri)).name in _CONFIGURATION for uri in uris):
            on_settings(None)
        for uri in uris:
            if uri.endswith((".py", ".ipynb")):
                on_python_file(uri)


async def subscribe(server: Server, editor: Editor) -> None:
    """Ask the editor to tell of changes, as far as it can."""
    registrations = []
    if editor.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        registrations.append(
            types.Registration(
                "callscope-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options
            )
        )
    if editor.registers_watchers:
        globs = (f"**/{{{','.join(sorted(_CONFIGURATION))}}}", "**/*.{py,ipynb}")
        watchers = [types.FileSystemWatcher(glob) for glob in globs]
        registrations.append(
            types.Registration(
                "callscope-files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
        )
    if registrations:
        await server.client_register_capability_async(types.RegistrationParams(registrations))
