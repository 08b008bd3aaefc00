"""Code lenses and inlay hints, as an editor gets them."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from callscope.lsp.places import GO_TO, PEEK
from tests.lsp.conftest import Session, Start, until, within
from tests.lsp.test_notebooks import Notebook

PROGRAM = """\
from autogen import Agent, ConversableAgent

über = ConversableAgent("über", llm_config=False, human_input_mode="NEVER")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")


def answer(recipient, messages, sender, config):
    return True, "42"


über.register_reply([Agent, None], answer); "🙂"; über.register_reply(user, answer, 1)
user.initiate_chat(über, message="hello", max_turns=1)
"""
OPTIONS = {"commands": [PEEK]}


async def lenses(session: Session, uri: str) -> list[types.CodeLens]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    return list(await within(session.editor.text_document_code_lens_async(params)) or [])


async def titles(session: Session, uri: str) -> list[tuple[int, str]]:
    return [
        (lens.range.start.line, lens.command.title)
        for lens in await lenses(session, uri)
        if lens.command is not None
    ]


async def hints(session: Session, uri: str) -> list[types.InlayHint]:
    everything = types.Range(types.Position(0, 0), types.Position(999, 0))
    params = types.InlayHintParams(types.TextDocumentIdentifier(uri), everything)
    return list(await within(session.editor.text_document_inlay_hint_async(params)) or [])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_lenses(start: Start, newline: str) -> None:
    async with start(options=OPTIONS) as session:
        uri = session.open(PROGRAM.replace("\n", newline))
        found = await lenses(session, uri)
        assert await titles(session, uri) == [
            (2, "2 registrations"),
            (10, "fires for `user` · tried 1st of 10 · 1 entry call"),
            (10, "tried 2nd of 10"),
        ]
        assert (
            found[2].range.start.character
            == len('über.register_reply([Agent, None], answer); "') + 5
        )
        command = found[1].command
        assert command is not None
        assert command.command == PEEK
        assert command.arguments is not None
        (place,) = plain(command.arguments)[2]
        assert plain(place)["uri"] == uri
        assert plain(plain(place)["range"])["start"] == {"line": 11, "character": 0}


def plain(value: Any) -> Any:
    """What came over the wire, whatever the client has made of it."""
    if isinstance(value, dict | list | str | int | None):
        return value
    if hasattr(value, "_asdict"):
        return {name: plain(each) for name, each in value._asdict().items()}
    return value


async def test_an_editor_without_the_command_is_asked_to_show_the_place(start: Start) -> None:
    async with start("neovim") as session:
        shown: list[types.ShowDocumentParams] = []
        uri = session.open(PROGRAM)
        command = (await lenses(session, uri))[1].command
        assert command is not None
        assert command.command == GO_TO
        assert session.server.execute_command_provider is not None
        assert GO_TO in session.server.execute_command_provider.commands

        def show(client: object, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            shown.append(params)
            return types.ShowDocumentResult(success=True)

        session.editor.protocol.fm.features.pop(types.WINDOW_SHOW_DOCUMENT, None)
        session.editor.feature(types.WINDOW_SHOW_DOCUMENT)(lambda params: show(None, params))
        params = types.ExecuteCommandParams(command.command, list(command.arguments or ()))
        await within(session.editor.workspace_execute_command_async(params))
        assert shown[0].uri == uri
        assert shown[0].selection is not None
        assert shown[0].selection.start.line == 11


async def test_hints(start: Start) -> None:
    async with start() as session:
        uri = session.open(PROGRAM)
        (hint,) = await hints(session, uri)
        assert hint.position == types.Position(
            6, len("def answer(recipient, messages, sender, config):")
        )
        part = hint.label[0]
        assert isinstance(part, types.InlayHintLabelPart)
        assert part.value == "as (recipient, messages=, sender=, config=)"
        assert isinstance(part.tooltip, types.MarkupContent)
        assert "Reply function" in part.tooltip.value
        assert part.location is not None
        assert part.location.range.start.line == 10


async def test_half_typed(start: Start) -> None:
    """What cannot be known while a statement is not whole is left out until it is."""
    async with start() as session:
        uri = session.open(PROGRAM)
        whole = await titles(session, uri)
        session.replace(uri, f"{PROGRAM}\nprint(")
        assert await titles(session, uri) == whole
        session.replace(uri, f"{PROGRAM}\nüber.register_reply(")
        assert [title for _, title in await titles(session, uri)] == [
            "2 registrations",
            "1 entry call",
        ]
        assert len(await hints(session, uri)) == 1
        session.replace(uri, f"# one more line\n{PROGRAM}")
        assert await titles(session, uri) == [(line + 1, title) for line, title in whole]


async def test_the_settings_are_live(start: Start) -> None:
    asked: list[str] = []

    def refreshes(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.code_lens = types.CodeLensWorkspaceClientCapabilities(True)
        capabilities.workspace.inlay_hint = types.InlayHintWorkspaceClientCapabilities(True)

    async with start(adjust=refreshes) as session:
        for method in (types.WORKSPACE_CODE_LENS_REFRESH, types.WORKSPACE_INLAY_HINT_REFRESH):
            session.editor.feature(method)(lambda _, method=method: asked.append(method))
        uri = session.open(PROGRAM)
        await lenses(session, uri)
        asked.clear()
        session.configure(codeLens={"enable": False})
        await until(lambda: len(set(asked)) == 2)
        assert await lenses(session, uri) == []
        assert len(await hints(session, uri)) == 1
        session.configure(inlayHints={"enable": False}, codeLens={"enable": True})
        assert await hints(session, uri) == []
        assert len(await lenses(session, uri)) == 3
        session.configure(codeLens="none")
        assert len(await lenses(session, uri)) == 3


async def test_other_files_get_nothing(start: Start) -> None:
    async with start() as session:
        uri = session.open("import json\n\ndef register_reply(): ...\n")
        assert await lenses(session, uri) == []
        assert await hints(session, uri) == []


async def test_a_finding_speaks_for_the_registration(start: Start) -> None:
    async with start() as session:
        uri = session.open(PROGRAM.replace("(user, answer, 1)", "(über, answer)"))
        assert any(title.startswith("never fires: ") for _, title in await titles(session, uri))


async def test_cells(start: Start) -> None:
    """Each cell gets its own; what is clicked leads to other cells."""
    head, _, tail = PROGRAM.partition("\n\n\ndef")
    callback, _, registered = f"def{tail}".partition("\n\n\n")
    async with start(options=OPTIONS) as session:
        notebook = Notebook(session, head, callback, registered, "über.register_hook('")
        made, _, called, typed = notebook.cells
        assert await titles(session, made) == [(2, "2 registrations")]
        assert len(await hints(session, notebook.cells[1])) == 1
        assert await hints(session, called) == []
        (agent,) = await lenses(session, made)
        assert agent.command is not None
        assert agent.command.arguments is not None
        uri, _, places = plain(agent.command.arguments)
        assert uri == made
        assert {plain(place)["uri"] for place in places} == {called}
        position = types.Position(0, len("über.register_hook('"))
        params = types.CompletionParams(types.TextDocumentIdentifier(typed), position)
        found = await within(session.editor.text_document_completion_async(params))
        assert "process_last_received_message" in [item.label for item in found or []]
        assert found[0].text_edit.range.start == position
