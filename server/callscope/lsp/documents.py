"""The texts the editor holds, as snapshots that never change.

The text kept by pygls is cut into lines as ``str.splitlines`` does it, which is not how editors
count (a form feed is no line break to them), so incremental edits are applied here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path, uri_scheme
from pygls.workspace import Workspace

from callscope.source import PositionEncoding, SourceText

_SCHEMES = frozenset({"file", "untitled"})


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One version of one open document. Two snapshots are the same only if identical."""

    uri: str
    version: int
    language: str
    source: SourceText

    @property
    def path(self) -> Path:
        """Where the document is on disk, or would be."""
        return self.source.path

    @property
    def is_python(self) -> bool:
        """Whether this is a document to check. Some editors do not say in what language it is."""
        language = self.language or ("python" if self.path.suffix == ".py" else "")
        return language == "python" and uri_scheme(self.uri) in _SCHEMES


class Documents(Workspace):
    """The open documents and the workspace folders; pygls reports every change to it."""

    snapshots: dict[str, Snapshot]
    texts: dict[Path, SourceText]

    @classmethod
    def taking_over(cls, workspace: Workspace) -> Documents:
        """The store that goes on in place of ``workspace``, which has no documents yet."""
        documents = cls(
            workspace.root_uri,
            types.TextDocumentSyncKind.Incremental,
            list(workspace.folders.values()),
            workspace.position_encoding,
        )
        documents.snapshots = {}
        documents.texts = {}
        return documents

    @property
    def encoding(self) -> PositionEncoding:
        """The units in which this editor counts columns."""
        name = str(getattr(self.position_encoding, "value", self.position_encoding))
        return "utf-8" if name == "utf-8" else "utf-32" if name == "utf-32" else "utf-16"

    def get(self, uri: str) -> Snapshot | None:
        """The newest snapshot of an open document; None if it is not open."""
        return self.snapshots.get(unquote(uri))

    def is_current(self, snapshot: Snapshot) -> bool:
        """Whether nothing has been typed since ``snapshot``, and it is still open."""
        return self.get(snapshot.uri) is snapshot

    def open_python(self) -> list[Snapshot]:
        """The documents to check."""
        return [snapshot for snapshot in self.snapshots.values() if snapshot.is_python]

    def at(self, path: Path) -> Snapshot | None:
        """The newest snapshot of the file ``path``; None if it is not open."""
        return next((each for each in self.snapshots.values() if each.path == path), None)

    def is_open(self, path: Path) -> bool:
        """Whether the file ``path`` is open in the editor."""
        return self.at(path) is not None

    def folder_of(self, path: Path) -> types.WorkspaceFolder | None:
        """The innermost workspace folder that holds ``path``."""
        holding = [
            (len(root.parts), folder)
            for folder in self.folders.values()
            if (root := path_of(folder.uri)) in (path, *path.parents)
        ]
        return max(holding, key=lambda item: item[0])[1] if holding else None

    def put_text_document(
        self, text_document: types.TextDocumentItem, notebook_uri: str | None = None
    ) -> None:
        """Take in a document that was opened."""
        uri = text_document.uri
        self.snapshots[unquote(uri)] = Snapshot(
            uri,
            text_document.version,
            str(getattr(text_document.language_id, "value", text_document.language_id)),
            SourceText(path_of(uri), text_document.text),
        )
        self._note_text(uri)

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Apply one edit; raises ``KeyError`` for a document that is not open."""
        old = self.snapshots[unquote(text_doc.uri)]
        source = edited(old.source, change, self.encoding)
        self.snapshots[unquote(text_doc.uri)] = replace(
            old, version=text_doc.version, source=source
        )
        self._note_text(text_doc.uri)

    def remove_text_document(self, doc_uri: str) -> None:
        """Forget a document that was closed."""
        closed = self.snapshots.pop(unquote(doc_uri), None)
        if closed is not None:
            self.texts.pop(closed.path, None)

    def _note_text(self, uri: str) -> None:
        snapshot = self.snapshots[unquote(uri)]
        if snapshot.is_python:
            self.texts[snapshot.path] = snapshot.source


def edited(
    source: SourceText, change: types.TextDocumentContentChangeEvent, encoding: PositionEncoding
) -> SourceText:
    """``source`` after ``change``, whose columns count in ``encoding``."""
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return SourceText(source.path, change.text)
    first, last = change.range.start, change.range.end
    start = source.offset(source.from_client(first.line, first.character, encoding))
    end = source.offset(source.from_client(last.line, last.character, encoding))
    return source.edited(start, max(start, end), change.text)


def path_of(uri: str) -> Path:
    """The file behind ``uri``; for a document that has none, a name to call it by."""
    found = to_fs_path(uri) if uri_scheme(uri) == "file" else None
    return Path(found or unquote(uri.partition(":")[2]).lstrip("/") or "untitled")
