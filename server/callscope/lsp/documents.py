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

from callscope.source import NotebookSource, PositionEncoding, SourceText, is_notebook

_SCHEMES = frozenset({"file", "untitled"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One version of a Python cell of a notebook, as far as the editor knows it."""

    uri: str
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One version of one open document. Two snapshots are the same only if identical.

    A notebook is one document; ``cells`` are those that its text is made of, in order.
    """

    uri: str
    version: int
    language: str
    source: SourceText
    cells: tuple[Cell, ...] = ()

    @property
    def path(self) -> Path:
        """Where the document is on disk, or would be."""
        return self.source.path

    @property
    def is_python(self) -> bool:
        """Whether this is a document to check. Some editors do not say in what language it is."""
        if is_notebook(self.path) and not self.source.interactive:
            # An editor that knows no notebooks shows the JSON of one.
            return False
        language = self.language or ("python" if self.path.suffix == ".py" else "")
        return language == "python" and uri_scheme(self.uri) in _SCHEMES

    def start_of(self, cell_uri: str) -> int:
        """The line of :attr:`source` in which a cell begins."""
        assert isinstance(self.source, NotebookSource)
        uris = [unquote(cell.uri) for cell in self.cells]
        return self.source.starts[uris.index(unquote(cell_uri))]

    def home_of(self, line: int) -> tuple[str, int]:
        """The URI of the cell that a line is in, and the line in which it begins; the document's
        own, and 0, if that is no notebook."""
        if not self.cells:
            return self.uri, 0
        assert isinstance(self.source, NotebookSource)
        index = self.source.index_at(line)
        return self.cells[index].uri, self.source.starts[index]


class Documents(Workspace):
    """The open documents and the workspace folders; pygls reports every change to it."""

    snapshots: dict[str, Snapshot]
    texts: dict[Path, SourceText]
    cells: dict[str, Snapshot]

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
        documents.cells = {}
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

    @property
    def has_notebooks(self) -> bool:
        """Whether any notebook is open."""
        return bool(self.cells)

    def notebook_of(self, cell_uri: str) -> Snapshot | None:
        """The newest snapshot of the notebook that has the cell; None if there is none."""
        if not self.cells:
            return None
        notebook = self.get_notebook_document(cell_uri=cell_uri)
        found = self.get(notebook.uri) if notebook is not None else None
        uris = [unquote(cell.uri) for cell in found.cells] if found is not None else []
        return found if unquote(cell_uri) in uris else None

    def put_notebook_document(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Take in a notebook that was opened."""
        super().put_notebook_document(params)
        self._gather(params.notebook_document.uri)

    def update_notebook_document(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """Take in what has changed in a notebook: its cells, or what they hold."""
        super().update_notebook_document(params)
        self._gather(params.notebook_document.uri)

    def remove_notebook_document(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """Forget a notebook that was closed."""
        super().remove_notebook_document(params)
        self.remove_text_document(params.notebook_document.uri)

    def _gather(self, uri: str) -> None:
        """Make a new snapshot of a notebook from what its cells hold now."""
        notebook = self._notebook_documents[unquote(uri)]
        found = [
            (number, self.cells[unquote(cell.document)])
            for number, cell in enumerate(notebook.cells, 1)
            if cell.kind == types.NotebookCellKind.Code and unquote(cell.document) in self.cells
        ]
        pairs = [(number, cell) for number, cell in found if cell.language in ("", "python")]
        texts = [(number, cell.source.text) for number, cell in pairs]
        source = NotebookSource.of_cells(path_of(uri), texts)
        cells = tuple(Cell(cell.uri, cell.version) for _, cell in pairs)
        before = self.get(uri)
        if before is not None and (before.source, before.cells) == (source, cells):
            return  # What was run or printed is no reason to refuse what is under way.
        version = before.version + 1 if before is not None else 0
        self.snapshots[unquote(uri)] = Snapshot(uri, version, "python", source, cells)
        self._note_text(uri)

    def put_text_document(
        self, text_document: types.TextDocumentItem, notebook_uri: str | None = None
    ) -> None:
        """Take in a document that was opened, or a cell of the notebook ``notebook_uri``."""
        uri = text_document.uri
        if notebook_uri is not None:
            self._cell_in_notebook[unquote(uri)] = unquote(notebook_uri)
        texts = self.snapshots if notebook_uri is None else self.cells
        texts[unquote(uri)] = Snapshot(
            uri,
            text_document.version,
            str(getattr(text_document.language_id, "value", text_document.language_id)),
            SourceText(path_of(uri), text_document.text),
        )
        if notebook_uri is None:
            self._note_text(uri)

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Apply one edit; raises ``KeyError`` for a document that is not open."""
        uri = unquote(text_doc.uri)
        texts = self.cells if uri in self.cells else self.snapshots
        old = texts[uri]
        source = edited(old.source, change, self.encoding)
        texts[uri] = replace(old, version=text_doc.version, source=source)
        if texts is self.snapshots:
            self._note_text(uri)

    def remove_text_document(self, doc_uri: str) -> None:
        """Forget a document that was closed."""
        self.cells.pop(unquote(doc_uri), None)
        self._cell_in_notebook.pop(unquote(doc_uri), None)
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
