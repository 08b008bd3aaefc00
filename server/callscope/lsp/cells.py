"""Editors speak of the cells of a notebook, the features of the notebook as one text.

A request about a cell becomes one about its notebook before a feature sees it, and what the feature
answers becomes what it means for cells. Columns are the same in both; only lines and URIs change.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from callscope.lsp.documents import Documents, Snapshot

NOTEBOOK_SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(
            notebook=types.NotebookDocumentFilterNotebookType(notebook_type="jupyter-notebook"),
            cells=[types.NotebookCellLanguage("python")],
        )
    ],
    save=True,
)

_OF_NOTEBOOK = "notebook."
"""Begins the kinds of actions that editors ask for when they want all of a notebook changed."""

_ANSWERED = frozenset(
    {
        "callscope/contract",
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.TEXT_DOCUMENT_CODE_LENS,
        types.TEXT_DOCUMENT_COMPLETION,
        types.TEXT_DOCUMENT_HOVER,
        types.TEXT_DOCUMENT_INLAY_HINT,
        types.CODE_ACTION_RESOLVE,
        types.CODE_LENS_RESOLVE,
        types.COMPLETION_ITEM_RESOLVE,
        types.INLAY_HINT_RESOLVE,
    }
)

_Handler = Callable[..., Awaitable[Any]]


def in_cells(method: str, documents: Callable[[], Documents], handler: Any) -> Any:
    """``handler`` of the requests ``method``, asked by an editor that may speak of cells."""
    if method not in _ANSWERED:
        return handler

    @functools.wraps(handler)
    async def translated(params: Any) -> Any:
        known = documents()
        uri = _uri_in(params)
        while uri is not None and (notebook := known.notebook_of(uri)) is not None:
            answer = await handler(_of_notebook(params, notebook, notebook.start_of(uri)))
            whole = any(kind.startswith(_OF_NOTEBOOK) for kind in _kinds_in(params))
            if known.is_current(notebook):
                answer = ToCells(known, notebook, uri).of(answer)
                return _as_asked(answer) if whole else answer
            if not whole:
                raise JsonRpcContentModified("the notebook has changed")
            # Who saves a notebook wants all of it mended, whatever it holds by now.
        answer = await handler(params)
        return ToCells(known).of(answer) if known.has_notebooks else answer

    return translated


def _uri_in(params: Any) -> str | None:
    """The document that a request is about; requests of our own come as they were sent."""
    document = getattr(params, "text_document", None) or getattr(params, "textDocument", None)
    found: str | None = getattr(document, "uri", None)
    return found


def _of_notebook(params: Any, notebook: Snapshot, first: int) -> Any:
    """A request about the cell that begins in line ``first``, as one about its notebook."""
    if not attrs.has(type(params)):
        position = params.position._replace(line=params.position.line + first)
        document = params.textDocument._replace(uri=notebook.uri)
        return params._replace(textDocument=document, position=position)
    moved = _moved(params, first)
    document = types.TextDocumentIdentifier(notebook.uri)
    moved = attrs.evolve(moved, text_document=document)
    if _kinds_in(params):
        kinds = [kind.removeprefix(_OF_NOTEBOOK) for kind in _kinds_in(params)]
        moved = attrs.evolve(moved, context=attrs.evolve(moved.context, only=kinds))
    return moved


def _kinds_in(params: Any) -> list[str]:
    """The kinds of action that a request asks for, if it is one for actions."""
    if not isinstance(params, types.CodeActionParams):
        return []
    return [_name_of(kind) for kind in params.context.only or ()]


def _as_asked(actions: Sequence[types.CodeAction]) -> list[types.CodeAction]:
    """``actions``, each called by the kind that the editor asked for a whole notebook."""
    return [attrs.evolve(each, kind=f"{_OF_NOTEBOOK}{_name_of(each.kind)}") for each in actions]


def _name_of(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _moved(value: Any, lines: int) -> Any:
    """``value`` with all its positions that many lines lower; those in other documents stay."""
    if isinstance(value, types.Position):
        return types.Position(value.line + lines, value.character)
    return _rebuilt(value, lambda each: _moved(each, lines))


def _rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    """``value`` with ``change`` made to all that it holds."""
    if isinstance(value, list | tuple):
        return [change(each) for each in value]
    if not attrs.has(type(value)) or isinstance(value, types.Location | types.Command):
        return value
    held = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    made = {name: change(each) for name, each in held.items() if name != "data"}
    return attrs.evolve(value, **made)


class ToCells:
    """Translates what was said of notebooks. ``uri`` is the cell of ``notebook`` that was asked
    about: what is said without a URI is about that."""

    def __init__(
        self, documents: Documents, notebook: Snapshot | None = None, uri: str | None = None
    ) -> None:
        self._documents = documents
        self._notebook = notebook
        self._uri = uri

    def of(self, value: Any) -> Any:
        """``value`` in terms of cells."""
        if isinstance(value, types.Location):
            return types.Location(*self._place(value.uri, value.range))
        if isinstance(value, types.WorkspaceEdit):
            return self._edit(value)
        if isinstance(value, types.Command):
            return attrs.evolve(value, arguments=self._arguments(value.arguments))
        if isinstance(value, types.Position):
            return types.Position(value.line - self._first, value.character)
        if isinstance(value, list | tuple):
            return [self.of(each) for each in value if self._is_here(each)]
        return _rebuilt(value, self.of)

    @property
    def _first(self) -> int:
        if self._notebook is None or self._uri is None or not self._notebook.cells:
            return 0
        return self._notebook.start_of(self._uri)

    def _is_here(self, item: Any) -> bool:
        """Whether an item of a list is about the cell that was asked about."""
        place = getattr(item, "range", None) or getattr(item, "position", None)
        start = getattr(place, "start", place)
        if self._notebook is None or not isinstance(start, types.Position):
            return True
        if isinstance(item, types.Location | types.Diagnostic):
            return True
        return self._notebook.home_of(start.line)[0] == self._uri

    def _notebook_at(self, uri: str) -> Snapshot | None:
        is_asked = self._notebook is not None and self._notebook.uri == uri
        found = self._notebook if is_asked else self._documents.get(uri)
        return found if found is not None and found.cells else None

    def _place(self, uri: str, place: Any) -> tuple[str, Any]:
        """A place, a position or a range, in the document ``uri``."""
        notebook = self._notebook_at(uri)
        if notebook is None:
            return uri, place
        start = place if isinstance(place, types.Position) else place.start
        home, first = notebook.home_of(start.line)
        return home, _moved(place, -first)

    def _arguments(self, arguments: Sequence[Any] | None) -> Sequence[Any] | None:
        """Those of a command, which may begin with a document and a place in it."""
        match arguments:
            case [str() as uri, (types.Position() | types.Range()) as place, *others]:
                return [*self._place(uri, place), *map(self.of, others)]
            case [_, *_]:
                return [self.of(each) for each in arguments]
        return arguments

    def _edit(self, edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
        changes = None
        if edit.changes is not None:
            changes = {
                home: edits
                for uri, all_edits in edit.changes.items()
                for home, edits in self._by_cell(uri, all_edits).items()
            }
        documents = None
        if edit.document_changes is not None:
            documents = [part for each in edit.document_changes for part in self._parts(each)]
        return attrs.evolve(edit, changes=changes, document_changes=documents)

    def _parts(self, change: Any) -> list[Any]:
        """A change of a document, cell by cell."""
        notebook = None
        if isinstance(change, types.TextDocumentEdit):
            notebook = self._notebook_at(change.text_document.uri)
        if notebook is None:
            return [change]
        versions = {cell.uri: cell.version for cell in notebook.cells}
        return [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri=home, version=versions[home]),
                edits,
            )
            for home, edits in self._by_cell(notebook.uri, change.edits).items()
        ]

    def _by_cell(self, uri: str, edits: Sequence[Any]) -> dict[str, list[Any]]:
        """Edits of a document by the cells they are in."""
        found: dict[str, list[Any]] = {}
        for edit in edits:
            home, place = self._place(uri, edit.range)
            found.setdefault(home, []).append(attrs.evolve(edit, range=place))
        return found
