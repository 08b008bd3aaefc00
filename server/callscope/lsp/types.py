"""The structures of the Language Server Protocol that are used here, as they are on the wire.

They are plain dictionaries to Python, so that a message costs no more than its JSON. (A package
with all of the protocol takes longer to import than a linter of this kind may take to start.)
The tests compare each of them with the published protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, TypedDict


class DiagnosticSeverity(IntEnum):
    """How bad it is."""

    Error = 1
    Warning = 2
    Information = 3
    Hint = 4


class DiagnosticTag(IntEnum):
    """How a diagnostic may be shown besides."""

    Unnecessary = 1
    Deprecated = 2


class MessageType(IntEnum):
    """How important a message is."""

    Error = 1
    Warning = 2
    Info = 3
    Log = 4


class TextDocumentSyncKind(IntEnum):
    """What is sent when a document changes."""

    None_ = 0
    Full = 1
    Incremental = 2


class Position(TypedDict):
    """A place between two characters; both numbers count from 0."""

    line: int
    character: int


class Range(TypedDict):
    """From ``start`` up to but not including ``end``."""

    start: Position
    end: Position


class Location(TypedDict):
    """A range in some document."""

    uri: str
    range: Range


class TextDocumentIdentifier(TypedDict):
    """A document."""

    uri: str


class VersionedTextDocumentIdentifier(TypedDict):
    """A version of a document."""

    uri: str
    version: int


class OptionalVersionedTextDocumentIdentifier(TypedDict):
    """A version of a document; None for one that is not open."""

    uri: str
    version: int | None


class TextDocumentItem(TypedDict):
    """A document that was opened."""

    uri: str
    languageId: str
    version: int
    text: str


class WorkspaceFolder(TypedDict):
    """A folder that is open in the editor."""

    uri: str
    name: str


class _ContentChange(TypedDict):
    text: str


class TextDocumentContentChange(_ContentChange, total=False):
    """A range and what stands there from now on; without a range, all of the text."""

    range: Range


class DidOpenTextDocumentParams(TypedDict):
    """A document was opened."""

    textDocument: TextDocumentItem


class DidChangeTextDocumentParams(TypedDict):
    """A document has changed, in several steps, one after the other."""

    textDocument: VersionedTextDocumentIdentifier
    contentChanges: list[TextDocumentContentChange]


class DidSaveTextDocumentParams(TypedDict):
    """A document was written to disk."""

    textDocument: TextDocumentIdentifier


class DidCloseTextDocumentParams(TypedDict):
    """A document was closed."""

    textDocument: TextDocumentIdentifier


class CodeDescription(TypedDict):
    """Where more is said of a diagnostic's code."""

    href: str


class DiagnosticRelatedInformation(TypedDict):
    """Another place that a diagnostic has to do with."""

    location: Location
    message: str


class _Diagnostic(TypedDict):
    range: Range
    message: str


class Diagnostic(_Diagnostic, total=False):
    """What is wrong somewhere."""

    severity: DiagnosticSeverity
    code: str
    codeDescription: CodeDescription
    source: str
    tags: list[DiagnosticTag]
    relatedInformation: list[DiagnosticRelatedInformation]


class _PublishDiagnosticsParams(TypedDict):
    uri: str
    diagnostics: list[Diagnostic]


class PublishDiagnosticsParams(_PublishDiagnosticsParams, total=False):
    """All diagnostics of a document."""

    version: int


class _DocumentDiagnosticParams(TypedDict):
    textDocument: TextDocumentIdentifier


class DocumentDiagnosticParams(_DocumentDiagnosticParams, total=False):
    """The editor asks for the diagnostics of a document."""

    previousResultId: str | None


class TextEdit(TypedDict):
    """A range and what is to stand there."""

    range: Range
    newText: str


class TextDocumentEdit(TypedDict):
    """Edits of a version of a document."""

    textDocument: OptionalVersionedTextDocumentIdentifier
    edits: list[TextEdit]


class WorkspaceEdit(TypedDict, total=False):
    """Edits of several documents, in one of two forms."""

    changes: dict[str, list[TextEdit]]
    documentChanges: list[TextDocumentEdit]


class CodeActionContext(TypedDict, total=False):
    """What the editor knows of the place, and which kinds of action it asks for."""

    only: list[str] | None


class CodeActionParams(TypedDict):
    """The editor asks what can be done somewhere."""

    textDocument: TextDocumentIdentifier
    range: Range
    context: CodeActionContext


class _CodeAction(TypedDict):
    title: str


class CodeAction(_CodeAction, total=False):
    """Something that can be done; its edit may come later."""

    kind: str
    diagnostics: list[Diagnostic]
    isPreferred: bool
    edit: WorkspaceEdit
    data: Any


class HoverParams(TypedDict):
    """The editor asks what there is to say about a place."""

    textDocument: TextDocumentIdentifier
    position: Position


class MarkupContent(TypedDict):
    """Text, ``plaintext`` or ``markdown``."""

    kind: str
    value: str


class _Hover(TypedDict):
    contents: MarkupContent


class Hover(_Hover, total=False):
    """What there is to say about a range."""

    range: Range


class LogMessageParams(TypedDict):
    """A line for the log."""

    type: MessageType
    message: str


class ShowMessageParams(TypedDict):
    """Something to tell the user."""

    type: MessageType
    message: str


class _ClientInfo(TypedDict):
    name: str


class ClientInfo(_ClientInfo, total=False):
    """Which editor it is."""

    version: str | None


class _InitializeParams(TypedDict):
    capabilities: Mapping[str, Any]


class InitializeParams(_InitializeParams, total=False):
    """The editor says hello."""

    processId: int | None
    clientInfo: ClientInfo | None
    initializationOptions: Any
    workspaceFolders: list[WorkspaceFolder] | None


class WorkspaceFoldersChangeEvent(TypedDict):
    """Folders that were opened and closed."""

    added: list[WorkspaceFolder]
    removed: list[WorkspaceFolder]


class DidChangeWorkspaceFoldersParams(TypedDict):
    """Other folders are open."""

    event: WorkspaceFoldersChangeEvent


class DidChangeConfigurationParams(TypedDict, total=False):
    """Settings have changed."""

    settings: Any


class FileEvent(TypedDict):
    """A file that was written, made or deleted."""

    uri: str
    type: int


class DidChangeWatchedFilesParams(TypedDict):
    """Files have changed on disk."""

    changes: list[FileEvent]


class WorkDoneProgressCancelParams(TypedDict):
    """The user has pressed cancel."""

    token: int | str


class CancelParams(TypedDict):
    """An answer is no longer wanted."""

    id: int | str
