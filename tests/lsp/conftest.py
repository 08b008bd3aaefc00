"""A real server in a process of its own, and an editor to drive it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, Union

import pytest
from cattrs import Converter
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from callscope.lsp.documents import edited
from callscope.source import PositionEncoding, SourceText

COMMAND = [sys.executable, "-m", "callscope", "server"]
_PATIENCE = 20.0


class Editor(LanguageClient):
    """A client that keeps everything it is told."""

    def __init__(self, **options: Any) -> None:
        super().__init__(converter_factory=_converter, **options)
        self.published: list[types.PublishDiagnosticsParams] = []
        self.registered: list[types.Registration] = []


def _converter() -> Converter:
    """The usual one takes each action that has a command for a command."""
    make: Callable[[], Converter] = default_converter
    converter = make()

    def action(told: Any, _: object) -> types.Command | types.CodeAction:
        bare = isinstance(told.get("command"), str)
        if bare:
            return converter.structure(told, types.Command)
        return converter.structure(told, types.CodeAction)

    for union in (types.Command | types.CodeAction, Union[types.Command, types.CodeAction]):  # noqa: UP007
        converter.register_structure_hook(union, action)
    return converter


def make_editor() -> Editor:
    editor = Editor()

    def publish(client: Editor, params: types.PublishDiagnosticsParams) -> None:
        client.published.append(params)

    def register(client: Editor, params: types.RegistrationParams) -> None:
        client.registered.extend(params.registrations)

    features: dict[str, Any] = {
        **DEFAULT_CLIENT_FEATURES,
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: publish,
        types.CLIENT_REGISTER_CAPABILITY: register,
    }
    register_lsp_features(editor, features)
    return editor


class Session:
    """An editor with its server, and the texts it has open."""

    def __init__(self, editor: Editor, root: Path, result: types.InitializeResult) -> None:
        self.editor = editor
        self.root = root
        self.server = result.capabilities
        encoding = result.capabilities.position_encoding
        name = str(getattr(encoding, "value", encoding or "utf-16"))
        self.encoding: PositionEncoding = (
            "utf-8" if name == "utf-8" else "utf-32" if name == "utf-32" else "utf-16"
        )
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    def uri(self, name: str = "app.py") -> str:
        return (self.root / name).as_uri()

    def source(self, name: str = "app.py") -> SourceText:
        return SourceText(self.root / name, self.texts[self.uri(name)])

    def open(self, text: str, name: str = "app.py", language: str = "python") -> str:
        uri = name if ":" in name else self.uri(name)
        self.texts[uri], self.versions[uri] = text, 1
        self.editor.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return uri

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> int:
        self.versions[uri] += 1
        for change in changes:
            text = SourceText(Path("x"), self.texts[uri])
            self.texts[uri] = edited(text, change, self.encoding).text
        self.editor.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri), list(changes)
            )
        )
        return self.versions[uri]

    def replace(self, uri: str, text: str) -> int:
        return self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def close(self, uri: str) -> None:
        self.editor.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """What is pushed for a version, by default the newest."""
        version = self.versions[uri] if version is None else version

        def arrived() -> types.PublishDiagnosticsParams | None:
            for params in reversed(self.editor.published):
                if params.uri == uri and params.version == version:
                    return params
            return None

        found = await until(arrived)
        return list(found.diagnostics)

    async def pull(self, uri: str, previous: str | None = None) -> Any:
        return await within(
            self.editor.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(
                    types.TextDocumentIdentifier(uri), previous_result_id=previous
                )
            )
        )

    async def actions(
        self, uri: str, place: types.Range, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        found = await within(
            self.editor.text_document_code_action_async(
                types.CodeActionParams(
                    types.TextDocumentIdentifier(uri),
                    place,
                    types.CodeActionContext(diagnostics=[], only=list(only) if only else None),
                )
            )
        )
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        resolved = await within(self.editor.code_action_resolve_async(action))
        assert isinstance(resolved, types.CodeAction)
        return resolved

    async def hover(self, uri: str, position: types.Position) -> types.Hover | None:
        found = await within(
            self.editor.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(uri), position)
            )
        )
        assert found is None or isinstance(found, types.Hover)
        return found

    def apply(self, uri: str, edit: types.WorkspaceEdit | None) -> str:
        """The text of a document after an edit, which is not sent to the server."""
        assert edit is not None
        edits = list((edit.changes or {}).get(uri, []))
        for change in edit.document_changes or []:
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.uri == uri
            assert change.text_document.version == self.versions[uri]
            edits.extend(e for e in change.edits if isinstance(e, types.TextEdit))
        text = self.texts[uri]
        for each in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character))[
            ::-1
        ]:
            piece = types.TextDocumentContentChangePartial(each.range, each.new_text)
            text = edited(SourceText(Path("x"), text), piece, self.encoding).text
        return text

    def configure(self, **settings: Any) -> None:
        """Change the user's settings, as seen by a server that asks for them."""
        self.editor.set_configuration(settings, section="callscope")
        self.editor.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(settings=None)
        )

    @property
    def logged(self) -> str:
        return "\n".join(message.message for message in self.editor.log_messages)


async def until(condition: Callable[[], Any]) -> Any:
    """Wait for something to become true, and give it."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while not (value := condition()):
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.01)
    return value


async def within(answer: Any) -> Any:
    """Wait for an answer, but not forever."""
    return await asyncio.wait_for(answer, _PATIENCE)


class Start(Protocol):
    """Starts a server and says hello."""

    def __call__(
        self,
        client: str = "visual_studio_code",
        *,
        encodings: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        pull: bool = False,
        adjust: Callable[[types.ClientCapabilities], None] | None = None,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Session]: ...


@pytest.fixture
def start(tmp_path: Path) -> Start:
    @asynccontextmanager
    async def begin(
        client: str = "visual_studio_code",
        *,
        encodings: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        pull: bool = False,
        adjust: Callable[[types.ClientCapabilities], None] | None = None,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Session]:
        capabilities = client_capabilities(client)
        assert capabilities.text_document is not None
        if encodings is not None:
            capabilities.general = types.GeneralClientCapabilities(
                position_encodings=[types.PositionEncodingKind(name) for name in encodings]
            )
        capabilities.text_document.diagnostic = (
            types.DiagnosticClientCapabilities() if pull else None
        )
        if adjust is not None:
            adjust(capabilities)
        config = ClientServerConfig(
            list(command or COMMAND),
            client_factory=make_editor,
            server_env=dict(environment) if environment is not None else None,
        )
        editor = await config.start()
        assert isinstance(editor, Editor)
        editor.set_configuration(dict(settings or {}), section="callscope")
        result = await editor.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options=options,
                workspace_folders=[types.WorkspaceFolder(tmp_path.as_uri(), "work")],
            )
        )
        try:
            yield Session(editor, tmp_path, result)
            await asyncio.wait_for(editor.shutdown_session(), _PATIENCE)
        finally:
            process: asyncio.subprocess.Process | None = editor._server
            if process is not None and process.returncode is None:
                process.kill()
            stop: Callable[[], Awaitable[None]] = editor.stop
            await asyncio.wait_for(stop(), _PATIENCE)

    return begin
