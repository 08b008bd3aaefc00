"""Notebooks in an editor: the cells are one module, and each gets what is its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from callscope.lsp.documents import edited
from callscope.source import SourceText
from tests.lsp.conftest import Session, Start, until, within
from tests.notebooks import CALLBACK, MENDED, REGISTERED, SETUP, notebook

SLOW_CHECK = """
import sys, time
import callscope.lsp.analysis as analysis
check = analysis.check
def slow_check(*arguments):
    time.sleep(0.5)
    return check(*arguments)
analysis.check = slow_check
from callscope.cli import main
sys.exit(main(["server"]))
"""
FIX_ALL = "notebook.source.fixAll.callscope"
REGISTRATION = 2


class Notebook:
    """A notebook that an editor has open."""

    def __init__(self, session: Session, *texts: str, name: str = "a.ipynb") -> None:
        self._session = session
        self._name = name
        self._made = 0
        self.uri = session.uri(name)
        self.version = 0
        self.cells: list[str] = []
        documents = [self._new(text) for text in texts]
        self.cells = [document.uri for document in documents]
        session.editor.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(self.uri, "jupyter-notebook", 0, self._listed(self.cells)),
                documents,
            )
        )

    def _new(self, text: str) -> types.TextDocumentItem:
        self._made += 1
        uri = f"vscode-notebook-cell:{self.uri.partition(':')[2]}#W{self._made}"
        self._session.texts[uri], self._session.versions[uri] = text, 1
        return types.TextDocumentItem(uri, "python", 1, text)

    @staticmethod
    def _listed(uris: Sequence[str]) -> list[types.NotebookCell]:
        return [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in uris]

    def note(self, metadata: Any) -> None:
        """Change what the notebook says of itself, as an editor does when a cell has run."""
        self._tell(types.NotebookDocumentChangeEvent(metadata=metadata))

    def _change(self, cells: types.NotebookDocumentCellChanges) -> None:
        self._tell(types.NotebookDocumentChangeEvent(cells=cells))

    def _tell(self, event: types.NotebookDocumentChangeEvent) -> None:
        self.version += 1
        self._session.editor.notebook_document_did_change(
            types.DidChangeNotebookDocumentParams(
                types.VersionedNotebookDocumentIdentifier(self.version, self.uri),
                event,
            )
        )

    def type(self, index: int, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Change the text of a cell."""
        uri, session = self.cells[index], self._session
        session.versions[uri] += 1
        for change in changes:
            old = SourceText(session.root / self._name, session.texts[uri])
            session.texts[uri] = edited(old, change, session.encoding).text
        document = types.VersionedTextDocumentIdentifier(session.versions[uri], uri)
        content = types.NotebookDocumentCellContentChanges(document, list(changes))
        self._change(types.NotebookDocumentCellChanges(text_content=[content]))

    def replace(self, index: int, text: str) -> None:
        """Give a cell another text."""
        self.type(index, types.TextDocumentContentChangeWholeDocument(text))

    def splice(self, start: int, gone: int, *texts: str, kept: Sequence[str] = ()) -> None:
        """Put new cells, and cells ``kept`` from those that go, in place of some."""
        documents = [self._new(text) for text in texts]
        uris = [*(document.uri for document in documents), *kept]
        removed = [uri for uri in self.cells[start : start + gone] if uri not in kept]
        self.cells[start : start + gone] = uris
        array = types.NotebookCellArrayChange(start, gone, self._listed(uris))
        closed = [types.TextDocumentIdentifier(uri) for uri in removed]
        structure = types.NotebookDocumentCellChangeStructure(array, documents, closed)
        self._change(types.NotebookDocumentCellChanges(structure=structure))

    def close(self) -> None:
        """Close it."""
        self._session.editor.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                types.NotebookDocumentIdentifier(self.uri),
                [types.TextDocumentIdentifier(uri) for uri in self.cells],
            )
        )

    def shown(self, uri: str) -> list[str]:
        """What is shown in a cell, newest: code, line and columns."""
        for params in reversed(self._session.editor.published):
            if params.uri == uri:
                return [
                    f"{each.code} {each.range.start.line}:{each.range.start.character}"
                    for each in params.diagnostics
                ]
        return []

    async def shows(self, *expected: Sequence[str]) -> None:
        """Wait until just this is shown in the cells."""
        await until(lambda: [self.shown(uri) for uri in self.cells] == [list(e) for e in expected])


def _within(text: str, word: str) -> types.Range:
    lines = text.split("\n")
    line = next(number for number, each in enumerate(lines) if word in each)
    column = lines[line].index(word)
    return types.Range(types.Position(line, column), types.Position(line, column + len(word)))


def _applied(session: Session, edit: types.WorkspaceEdit | None) -> dict[str, str]:
    """What becomes of each document that an edit changes."""
    assert edit is not None
    assert edit.document_changes is not None
    found = {}
    for change in edit.document_changes:
        assert isinstance(change, types.TextDocumentEdit)
        uri = change.text_document.uri
        found[uri] = session.apply(uri, types.WorkspaceEdit(document_changes=[change]))
    return found


async def test_each_cell_gets_what_is_found_in_it(start: Start) -> None:
    def with_notebooks(capabilities: types.ClientCapabilities) -> None:
        able = types.NotebookDocumentSyncClientCapabilities()
        capabilities.notebook_document = types.NotebookDocumentClientCapabilities(able)

    async with start("visual_studio_code", adjust=with_notebooks) as session:
        sync = session.server.notebook_document_sync
        assert isinstance(sync, types.NotebookDocumentSyncOptions)
        (selector,) = sync.notebook_selector
        assert isinstance(selector, types.NotebookDocumentFilterWithNotebook)
        assert list(selector.cells or ()) == [types.NotebookCellLanguage("python")]
        book = Notebook(session, f"%pip install ag2\n{SETUP}", CALLBACK, f"# é😀\n\n{REGISTERED}")
        await book.shows([], [], ["CB201 2:34"])
        (shown,) = next(
            p.diagnostics for p in reversed(session.editor.published) if p.uri == book.cells[2]
        )
        assert shown.related_information is not None
        (link,) = shown.related_information
        assert link.location.uri == book.cells[1]
        assert link.location.range.start == types.Position(0, 4)


async def test_a_pulling_editor_is_told_as_well(start: Start) -> None:
    async with start("visual_studio_code", pull=True) as session:
        book = Notebook(session, SETUP, CALLBACK, REGISTERED)
        await book.shows([], [], ["CB201 0:34"])
        report = await session.pull(book.cells[2])
        assert list(report.items) == []


async def test_an_edit_of_one_cell_changes_what_is_found_in_others(start: Start) -> None:
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, REGISTERED)
        await book.shows([], [], ["CB201 0:34"])
        name = _within(CALLBACK, "messages")
        end = types.Range(name.end, name.end)
        more = types.TextDocumentContentChangePartial(end, ", sender=None, config=None")
        book.type(1, more)
        await book.shows([], [], [])
        book.replace(1, f"\n\n{CALLBACK}\n\n")
        await book.shows([], [], ["CB201 0:34"])
        book.replace(1, f"{CALLBACK}\nx = (")
        book.replace(0, f"{SETUP}\ny = 1")
        await book.shows([], [], ["CB201 0:34"])


async def test_cells_come_go_and_move(start: Start) -> None:
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, REGISTERED)
        await book.shows([], [], ["CB201 0:34"])
        book.splice(0, 0, "x = 1\ny = 2")
        await book.shows([], [], [], ["CB201 0:34"])
        gone = book.cells[3]
        book.splice(3, 1)
        await until(lambda: book.shown(gone) == [])
        book.splice(1, 0, REGISTERED)
        book.splice(4, 0, REGISTERED)
        await book.shows([], [], [], [], ["CB201 0:34"])
        setup, callback = book.cells[2:4]
        registered = book.cells[4]
        book.splice(2, 3, kept=[setup, registered, callback])
        await book.shows([], [], [], [], [])
        book.splice(2, 3, kept=[callback, setup, registered])
        await book.shows([], [], [], [], ["CB201 0:34"])
        uris = list(book.cells)
        book.close()
        await until(lambda: all(book.shown(uri) == [] for uri in uris))


async def test_a_fix_changes_the_cell_that_has_to_change(start: Start) -> None:
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, f"\n{REGISTERED}")
        await book.shows([], [], ["CB201 1:34"])
        uri = book.cells[REGISTRATION]
        place = _within(session.texts[uri], "on_reply")
        actions = await session.actions(uri, place)
        assert actions[0].diagnostics is not None
        assert actions[0].diagnostics[0].range == place
        fixed = await session.resolve(actions[0])
        assert _applied(session, fixed.edit) == {book.cells[1]: MENDED}
        comment = next(action for action in actions if action.title.startswith("Suppress"))
        (text,) = _applied(session, (await session.resolve(comment)).edit).values()
        assert text == f"\n{REGISTERED}  # callscope: ignore[CB201] -- "
        book.replace(REGISTRATION, text)
        await book.shows([], [], [])


async def test_one_fix_may_change_several_cells(start: Start) -> None:
    talk = "talk = user.a_initiate_chat(bot, message='hi', max_turns=1)"
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, REGISTERED, f"%%time\n!date\n{talk}")
        await book.shows([], [], ["CB201 0:34"], ["CB301 2:7"])
        action = types.CodeAction("")
        for uri in (book.cells[3], book.cells[0]):
            (action,) = await session.actions(uri, _within("", ""), only=[FIX_ALL])
            assert action.kind == FIX_ALL
            fixed = await session.resolve(action)
            assert _applied(session, fixed.edit) == {
                book.cells[1]: MENDED,
                book.cells[3]: f"%%time\n!date\n{talk.replace('user', 'await user')}",
            }
        book.note({"kernel": "another"})
        assert (await session.resolve(action)).edit is not None
        book.replace(3, f"{talk}\n")
        fixed = await session.resolve(action)
        assert (
            _applied(session, fixed.edit)[book.cells[3]]
            == f"{talk.replace('user', 'await user')}\n"
        )


async def test_a_notebook_that_changes_while_it_is_saved_is_fixed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", SLOW_CHECK])
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, REGISTERED)
        everything = session.actions(book.cells[0], _within("", ""), only=[FIX_ALL])
        one_thing = session.actions(book.cells[1], _within(CALLBACK, "def"))
        asked = [asyncio.ensure_future(each) for each in (everything, one_thing)]
        await asyncio.sleep(0.2)
        book.replace(0, f"{SETUP}\n")
        with pytest.raises(JsonRpcException, match="changed"):
            await asked[1]  # the place may be another by now
        (action,) = await asked[0]
        fixed = await session.resolve(action)
        assert _applied(session, fixed.edit) == {book.cells[1]: MENDED}


async def test_hovers_lenses_and_hints_are_those_of_the_cell(start: Start) -> None:
    async with start("visual_studio_code", options={"commands": ["callscope.peek"]}) as session:
        chat = "user.initiate_chat(bot, message='hi', max_turns=1)"
        book = Notebook(session, SETUP, MENDED, f"# é\n{REGISTERED}", chat)
        uri = book.cells[REGISTRATION]
        hover = await session.hover(uri, types.Position(1, 6))
        assert hover is not None
        assert hover.range is not None
        assert hover.range.start == types.Position(1, 0)
        document = types.TextDocumentIdentifier(uri)
        lenses = await within(
            session.editor.text_document_code_lens_async(types.CodeLensParams(document))
        )
        (lens,) = lenses or []
        assert lens.range.start.line == 1
        assert lens.command is not None
        asked, at, places = lens.command.arguments or []
        assert (asked, at["line"] if isinstance(at, dict) else at.line) == (uri, 1)
        uris = {p["uri"] if isinstance(p, dict) else p.uri for p in places}
        assert uris <= set(book.cells)
        assert uris
        whole = types.Range(types.Position(0, 0), types.Position(9, 0))
        for index, lines in ((1, [0]), (REGISTRATION, [])):
            document = types.TextDocumentIdentifier(book.cells[index])
            params = types.InlayHintParams(document, whole)
            hints = await within(session.editor.text_document_inlay_hint_async(params))
            assert [hint.position.line for hint in hints or []] == lines


async def test_the_json_of_a_notebook_is_no_python(start: Start) -> None:
    async with start("visual_studio_code") as session:
        text = notebook(SETUP, CALLBACK, REGISTERED)
        for language in ("json", "", "python"):
            uri = session.open(text, f"{language}.ipynb", language)
            assert await session.actions(uri, _within("", "")) == []
        other = session.open(f"{SETUP}{CALLBACK}{REGISTERED}\n")
        assert [each.code for each in await session.diagnostics(other)] == ["CB201"]
        assert all(p.uri == other for p in session.editor.published if p.diagnostics)


async def test_a_module_hears_of_the_notebook_that_imports_it(start: Start) -> None:
    async with start("visual_studio_code") as session:
        (session.root / "pyproject.toml").touch()
        module = f"{SETUP}\n\ndef add(callback):\n    bot.register_reply([Agent, None], callback)\n"
        (session.root / "team.py").write_text(module)
        cells = ("import team", CALLBACK, "team.add(on_reply)")
        (session.root / "a.ipynb").write_text(notebook(*cells))
        book = Notebook(session, *cells)
        uri = session.open(module, "team.py")

        def newest() -> list[types.Diagnostic]:
            found = [p for p in session.editor.published if p.uri == uri]
            return list(found[-1].diagnostics) if found else []

        (shown,) = await until(newest)
        assert shown.code == "CB201"
        assert shown.related_information is not None
        assert {link.location.uri for link in shown.related_information} == {book.cells[1]}
        book.replace(1, MENDED)
        await until(lambda: not newest())


async def test_pages_are_about_the_cell(start: Start) -> None:
    async with start("visual_studio_code") as session:
        book = Notebook(session, SETUP, CALLBACK, f"\n{REGISTERED}")
        await book.shows([], [], ["CB201 1:34"])
        params = {
            "textDocument": {"uri": book.cells[REGISTRATION]},
            "position": {"line": 1, "character": 6},
        }
        protocol: Any = session.editor.protocol
        page = await within(protocol.send_request_async("callscope/contract", params))
        assert page.title == "Contract of on_reply"
