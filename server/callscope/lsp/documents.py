"""The texts the editor holds, as snapshots that never change.

Editors do not count lines as ``str.splitlines`` does: a form feed is no line break to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from callscope.lsp import types
from callscope.lsp.uris import path_of, scheme_of
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
        return language == "python" and scheme_of(self.uri) in _SCHEMES


class Documents:
    """The open documents and the workspace folders.

    ``encoding`` is the unit in which this editor counts columns.
    """

    def __init__(self, encoding: PositionEncoding) -> None:
        self.encoding = encoding
        self.folders: dict[str, types.WorkspaceFolder] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.texts: dict[Path, SourceText] = {}

    def add_folder(self, folder: types.WorkspaceFolder) -> None:
        """A folder was opened."""
        self.folders[unquote(folder["uri"])] = folder

    def remove_folder(self, folder: types.WorkspaceFolder) -> None:
        """A folder was closed."""
        self.folders.pop(unquote(folder["uri"]), None)

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
            if (root := path_of(folder["uri"])) in (path, *path.parents)
        ]
        return max(holding, key=lambda item: item[0])[1] if holding else None

    def open(self, document: types.TextDocumentItem) -> None:
        """Take in a document that was opened."""
        uri = document["uri"]
        source = SourceText(path_of(uri), document["text"])
        snapshot = Snapshot(uri, document["version"], document["languageId"], source)
        self.snapshots[unquote(uri)] = snapshot
        self._note_text(uri)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply edits, one after the other; raises ``KeyError`` if the document is not open."""
        uri, version = params["textDocument"]["uri"], params["textDocument"]["version"]
        old = self.snapshots[unquote(uri)]
        source = old.source
        for change in params["contentChanges"]:
            source = SourceText(old.path, edited(source, change, self.encoding))
        self.snapshots[unquote(uri)] = replace(old, version=version, source=source)
        self._note_text(uri)

    def close(self, uri: str) -> None:
        """Forget a document that was closed."""
        closed = self.snapshots.pop(unquote(uri), None)
        if closed is not None:
            self.texts.pop(closed.path, None)

    def _note_text(self, uri: str) -> None:
        snapshot = self.snapshots[unquote(uri)]
        if snapshot.is_python:
            self.texts[snapshot.path] = snapshot.source


def edited(
    source: SourceText, change: types.TextDocumentContentChange, encoding: PositionEncoding
) -> str:
    """The text of ``source`` after ``change``, whose columns count in ``encoding``."""
    place = change.get("range")
    if place is None:
        return change["text"]
    first, last = place["start"], place["end"]
    start = source.offset(source.from_client(first["line"], first["character"], encoding))
    end = source.offset(source.from_client(last["line"], last["character"], encoding))
    return source.text[:start] + change["text"] + source.text[max(start, end) :]
