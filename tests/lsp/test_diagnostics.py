"""What an editor shows in the text and in its list of problems."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

from tests.cli.programs import BROKEN, CLEAN, UNRELATED
from tests.lsp.conftest import Session, Start, until
from tests.lsp.places import range_of

CLIENTS = ("visual_studio_code", "neovim", "emacs")
EMOJI = BROKEN.replace("\nassistant.reg", '\n_ = "漢🎉é"; assistant.reg')


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_finding_is_pushed_with_its_version(start: Start, client: str) -> None:
    async with start(client) as session:
        uri = session.open(BROKEN)
        (found,) = await session.diagnostics(uri)
        assert found.range == range_of(session.source(), "on_reply", session.encoding)
        assert (found.code, found.source) == ("CB201", "Callscope")
        assert found.severity == types.DiagnosticSeverity.Error
        related = found.related_information or []
        if client == "emacs":
            assert found.code_description is None
            assert not related, "emacs does not claim to understand these"
        else:
            assert related[0].location.uri == uri
            assert related[0].location.range.start.line == 6
        if client == "visual_studio_code":
            assert found.code_description is not None
            assert found.code_description.href.endswith("/CB201")
        assert session.editor.messages == [], "nothing pops up"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_columns_are_in_the_editors_units(start: Start, encoding: str) -> None:
    async with start(encodings=[encoding]) as session:
        assert session.encoding == encoding
        uri = session.open(EMOJI)
        (found,) = await session.diagnostics(uri)
        assert found.range == range_of(session.source(), "on_reply", session.encoding)
        length = {"utf-8": 9, "utf-16": 4, "utf-32": 3}[encoding]
        assert found.range.start.character == 48 + len('_ = ""; ') + length


async def test_utf_16_where_the_editor_says_nothing(start: Start) -> None:
    async with start("visual_studio_code") as session:
        assert session.encoding == "utf-16"


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
async def test_other_line_breaks(start: Start, newline: str) -> None:
    async with start() as session:
        uri = session.open(BROKEN.replace("\n", newline))
        (found,) = await session.diagnostics(uri)
        assert found.range.start == types.Position(10, 48)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_typing_moves_and_removes_it(start: Start, encoding: str) -> None:
    async with start(encodings=[encoding]) as session:
        # Only these three end a line for an editor; Python's splitlines knows many more.
        uri = session.open("# 🎉\x0c\u2028\x85\n" + EMOJI)
        await session.diagnostics(uri)
        top = types.Range(types.Position(0, 0), types.Position(0, 0))
        session.change(uri, types.TextDocumentContentChangePartial(top, "# 漢\r\n"))
        (found,) = await session.diagnostics(uri)
        assert found.range == range_of(session.source(), "on_reply", session.encoding)
        parameters = range_of(session.source(), "message):", session.encoding)
        good = "recipient, messages, sender, config):"
        session.change(uri, types.TextDocumentContentChangePartial(parameters, good))
        assert await session.diagnostics(uri) == []
        assert "def on_reply(recipient, messages, sender, config):" in session.texts[uri]


async def test_half_typed_code_keeps_its_findings(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        (before,) = await session.diagnostics(uri)
        session.replace(uri, BROKEN + "\nuser.register_reply([autogen.Agent")
        (found,) = await session.diagnostics(uri)
        assert found.range == before.range
        session.replace(uri, BROKEN.replace("\n\ndef", "\nassistant.\n\ndef", 1))
        (found,) = await session.diagnostics(uri)
        assert found.range.start.line == before.range.start.line + 1


async def test_of_rapid_edits_the_last_one_counts(start: Start) -> None:
    async with start() as session:
        filler = "".join(f"def f{number}(x):\n    return x + {number}\n" for number in range(1500))
        uri = session.open(CLEAN + filler)
        for number in range(30):
            session.replace(uri, (BROKEN if number % 2 else CLEAN) + filler + f"# {number}\n")
        assert len(await session.diagnostics(uri)) == 1
        versions = [p.version or 0 for p in session.editor.published if p.uri == uri]
        assert versions == sorted(versions), "never an old one after a new one"
        assert len(versions) < 25, "not every version was worth the work"


async def test_several_documents(start: Start) -> None:
    async with start() as session:
        uris = [session.open(BROKEN if n % 2 else CLEAN, f"m{n}.py") for n in range(6)]
        found = [len(await session.diagnostics(uri)) for uri in uris]
        assert found == [0, 1, 0, 1, 0, 1]


async def test_closing_clears(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        await session.diagnostics(uri)
        session.close(uri)
        last = await until(lambda: session.editor.published[-1:])
        await until(lambda: session.editor.published[-1].version is None)
        last = session.editor.published[-1]
        assert (last.uri, list(last.diagnostics)) == (uri, [])


async def test_a_document_closed_at_once_stays_clear(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        session.close(uri)
        other = session.open(BROKEN, "other.py")
        await session.diagnostics(other)
        about = [p for p in session.editor.published if p.uri == uri]
        assert not list(about[-1].diagnostics)


async def test_other_documents_are_ignored(start: Start) -> None:
    async with start() as session:
        session.open(BROKEN, "notes.md", language="markdown")
        session.open(BROKEN, "git:/app.py?x", language="python")
        uri = session.open(UNRELATED)
        assert await session.diagnostics(uri) == []
        assert {params.uri for params in session.editor.published} == {uri}


async def test_an_editor_that_names_no_language(start: Start) -> None:
    async with start("neovim") as session:
        assert len(await session.diagnostics(session.open(BROKEN, language=""))) == 1


async def test_a_buffer_without_a_file(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN, "untitled:Untitled-1")
        assert len(await session.diagnostics(uri)) == 1


async def test_pulled_diagnostics_are_not_pushed(start: Start) -> None:
    async with start("neovim", pull=True) as session:
        uri = session.open(BROKEN)
        first = await session.pull(uri)
        assert first.kind == "full"
        assert [item.code for item in first.items] == ["CB201"]
        again = await session.pull(uri, first.result_id)
        assert (again.kind, again.result_id) == ("unchanged", first.result_id)
        session.replace(uri, CLEAN)
        fixed = await session.pull(uri, first.result_id)
        assert (fixed.kind, list(fixed.items)) == ("full", [])
        assert session.editor.published == []


async def test_pulling_while_typing_answers_for_the_newest(start: Start) -> None:
    async with start(pull=True) as session:
        uri = session.open(CLEAN)
        answers = []
        for number in range(20):
            session.replace(uri, (BROKEN if number % 2 else CLEAN) + f"# {number}\n")
            answers.append(asyncio.ensure_future(session.pull(uri)))
        results = await asyncio.gather(*answers)
        assert len(results[-1].items) == 1


async def test_pulling_what_is_not_open(start: Start) -> None:
    async with start(pull=True) as session:
        report = await session.pull(session.uri("nowhere.py"))
        assert list(report.items) == []


async def test_an_unused_suppression_is_faded_out(start: Start) -> None:
    async with start() as session:
        uri = session.open(f"{CLEAN}\nprint(user)  # callscope: ignore[CB201] -- old\n")
        (found,) = await session.diagnostics(uri)
        assert list(found.tags or []) == [types.DiagnosticTag.Unnecessary]
        assert found.severity == types.DiagnosticSeverity.Information


async def _messages(session: Session) -> list[str]:
    await until(lambda: session.editor.messages)
    return [message.message for message in session.editor.messages]


async def test_settings_that_cannot_be_obeyed_are_told_once(start: Start) -> None:
    async with start(settings={"target": "ag2"}) as session:
        uri = session.open(BROKEN)
        assert len(await session.diagnostics(uri)) == 1
        session.replace(uri, BROKEN + "\n")
        await session.diagnostics(uri)
        (message,) = await _messages(session)
        assert "settings: target 'ag2' is not NAME==VERSION" in message
        assert session.editor.messages[0].type == types.MessageType.Warning
