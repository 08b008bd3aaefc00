"""Quick fixes, suppression, fixing all, and hovers."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Session, Start
from tests.lsp.places import range_of

CLIENTS = ("visual_studio_code", "neovim", "emacs")
FIX_ALL = "source.fixAll.callscope"


async def _codes(session: Session, uri: str, text: str) -> list[object]:
    session.replace(uri, text)
    return [found.code for found in await session.diagnostics(uri)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_quick_fix_fixes(start: Start, client: str) -> None:
    async with start(client) as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        action = (await session.actions(uri, place))[0]
        assert action.kind == types.CodeActionKind.QuickFix
        assert action.is_preferred is True
        assert action.diagnostics
        assert action.diagnostics[0].code == "CB201"
        if client == "emacs":
            assert action.edit is not None, "it cannot ask for the edit later"
        else:
            assert action.edit is None, "the edit is not sent before it is wanted"
            action = await session.resolve(action)
        if client == "visual_studio_code":
            assert action.edit is not None
            assert action.edit.document_changes
        text = session.apply(uri, action.edit)
        assert text != BROKEN
        assert await _codes(session, uri, text) == []


async def test_the_edit_keeps_the_line_breaks(start: Start) -> None:
    async with start() as session:
        uri = session.open(("# 🎉漢\n" + BROKEN).replace("\n", "\r\n"))
        place = range_of(session.source(), "on_reply", session.encoding)
        action = await session.resolve((await session.actions(uri, place))[0])
        text = session.apply(uri, action.edit)
        assert text.startswith("# 🎉漢\r\nimport autogen\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert await _codes(session, uri, text) == []


async def test_no_actions_away_from_a_finding(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        top = types.Range(types.Position(0, 0), types.Position(0, 0))
        kinds = [action.kind for action in await session.actions(uri, top)]
        assert types.CodeActionKind.QuickFix not in kinds
        assert FIX_ALL not in kinds


async def test_only_what_is_asked_for(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        assert await session.actions(uri, place, ["source.organizeImports"]) == []
        assert {a.kind for a in await session.actions(uri, place, ["source"])} == {FIX_ALL}
        assert {a.kind for a in await session.actions(uri, place, ["source.fixAll"])} == {FIX_ALL}
        assert {a.kind for a in await session.actions(uri, place, [FIX_ALL])} == {FIX_ALL}
        quick = await session.actions(uri, place, ["quickfix"])
        assert {action.kind for action in quick} == {types.CodeActionKind.QuickFix}


async def test_a_callback_is_traced_and_untraced(start: Start) -> None:
    async with start() as session:
        uri = session.open(CLEAN)
        place = range_of(session.source(), "register_reply", session.encoding)
        (trace,) = await session.actions(uri, place, ["refactor"])
        assert trace.kind == types.CodeActionKind.RefactorRewrite
        assert trace.title.startswith("Trace `on_reply`")
        traced = session.apply(uri, (await session.resolve(trace)).edit)
        assert traced.count("os.getpid()") >= 2
        session.replace(uri, traced)
        place = range_of(session.source(), "register_reply", session.encoding)
        (back,) = await session.actions(uri, place, ["refactor"])
        assert back.title == "Remove the tracing of `on_reply`"
        assert session.apply(uri, (await session.resolve(back)).edit) == CLEAN


async def test_an_action_of_the_past_is_refused(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        action = (await session.actions(uri, place))[0]
        session.replace(uri, "# new\n" + BROKEN)
        with pytest.raises(JsonRpcException) as refusal:
            await session.resolve(action)
        assert refusal.value.code == types.LSPErrorCodes.ContentModified.value
        assert "Traceback" not in session.logged


@pytest.mark.parametrize("data", [None, [], {}, {"uri": "file:///x", "version": "1"}, 7])
async def test_nonsense_to_resolve_is_refused(start: Start, data: object) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        with pytest.raises(JsonRpcException):
            await session.resolve(types.CodeAction("?", data=data))
        assert len(await session.diagnostics(uri)) == 1


@pytest.mark.parametrize(
    ("before", "line", "expected"),
    [
        (BROKEN, 10, ", on_reply)  # callscope: ignore[CB201] -- "),
        (
            BROKEN.replace(", on_reply)", ", on_reply)  # callscope: ignore[CB902] -- x"),
            10,
            ", on_reply)  # callscope: ignore[CB902, CB201] -- x",
        ),
        (
            BROKEN.replace(", on_reply)", ", on_reply)  # noqa: E501"),
            10,
            "# callscope: ignore[CB201] -- ",
        ),
        (
            BROKEN.replace("\nassistant.reg", "\nif user:\n    assistant.reg").replace(
                ", on_reply)", ", on_reply \\\n    )"
            ),
            11,
            "    # callscope: ignore[CB201] -- ",
        ),
    ],
    ids=["plain", "extended", "beside another comment", "before a backslash"],
)
async def test_suppressing(start: Start, before: str, line: int, expected: str) -> None:
    async with start() as session:
        uri = session.open(before)
        place = range_of(session.source(), "on_reply", session.encoding)
        actions = await session.actions(uri, place)
        (action,) = [a for a in actions if a.title == "Suppress CB201 on this line"]
        assert not action.is_preferred
        quick = [a for a in actions if a.kind == types.CodeActionKind.QuickFix]
        assert action is quick[-1], "it comes after the fixes"
        text = session.apply(uri, (await session.resolve(action)).edit)
        assert text.splitlines()[line].endswith(expected)
        assert "CB201" not in await _codes(session, uri, text)


async def test_fix_all(start: Start) -> None:
    async with start() as session:
        second = BROKEN.replace("import autogen\n", "").replace("on_reply", "on_other")
        uri = session.open(BROKEN + second)
        assert len(await session.diagnostics(uri)) == 2
        everything = types.Range(types.Position(0, 0), types.Position(99, 0))
        (action,) = await session.actions(uri, everything, [FIX_ALL])
        text = session.apply(uri, (await session.resolve(action)).edit)
        assert await _codes(session, uri, text) == []


async def test_fix_all_where_all_is_well(start: Start) -> None:
    async with start() as session:
        uri = session.open(CLEAN)
        top = types.Range(types.Position(0, 0), types.Position(0, 0))
        for action in await session.actions(uri, top, [FIX_ALL]):
            assert (await session.resolve(action)).edit is None


async def test_hover_explains_a_finding(start: Start) -> None:
    async with start(settings={"target": "ag2==0.9.10"}) as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        hover = await session.hover(uri, place.start)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.kind == types.MarkupKind.Markdown
        assert "CB201" in hover.contents.value
        assert "reply-signature" in hover.contents.value
        assert hover.contents.value.count("AG2 0.9.10") == 1
        assert "on_reply(recipient, messages=..., sender=..., config=...)" in hover.contents.value
        assert "**When it stays silent**" in hover.contents.value, "the rule in full"
        assert hover.range == place


async def test_hover_tells_the_contract_where_all_is_well(start: Start) -> None:
    async with start() as session:
        uri = session.open(CLEAN)
        place = range_of(session.source(), "register_reply", session.encoding)
        hover = await session.hover(uri, place.start)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "on_reply(recipient, messages=..., sender=..., config=...)" in hover.contents.value
        assert "CB201" not in hover.contents.value


async def test_hover_on_nothing(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        assert await session.hover(uri, types.Position(1, 0)) is None
        assert await session.hover(uri, types.Position(9999, 9999)) is None
        assert await session.hover(session.uri("nowhere.py"), types.Position(0, 0)) is None


async def test_a_cancelled_request_is_answered_as_such(start: Start) -> None:
    async with start() as session:
        filler = "".join(f"def f{number}(x):\n    return x + {number}\n" for number in range(3000))
        uri = session.open(BROKEN + filler)
        place = range_of(session.source(), "on_reply", session.encoding, last=False)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), place, types.CodeActionContext([])
        )
        pending = session.editor.protocol.send_request(
            types.TEXT_DOCUMENT_CODE_ACTION, params, msg_id="slow"
        )
        session.editor.cancel_request(types.CancelParams("slow"))
        with pytest.raises(JsonRpcException) as refusal:
            await asyncio.wait_for(asyncio.wrap_future(pending), 20)
        assert refusal.value.code == types.LSPErrorCodes.RequestCancelled.value
        assert len(await session.diagnostics(uri)) == 1
