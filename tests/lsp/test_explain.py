"""Pages to read beside the code, and the links that lead to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lsprotocol import types

from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Session, Start, within
from tests.lsp.places import range_of

PAGES = {"explain": {"scheme": "callscope", "command": "callscope.explain"}}


async def _request(session: Session, method: str, params: dict[str, Any]) -> Any:
    protocol: Any = session.editor.protocol
    return await within(protocol.send_request_async(method, params))


def _about(link: str) -> dict[str, str]:
    """What a link tells the editor to ask for."""
    query = parse_qs(unquote(urlsplit(link).query))
    return {name: values[0] for name, values in query.items()}


async def test_a_findings_code_links_to_its_page(start: Start) -> None:
    async with start(options=PAGES) as session:
        (finding,) = await session.diagnostics(session.open(BROKEN))
        assert finding.code_description is not None
        link = finding.code_description.href
        assert unquote(link).startswith("callscope:/CB201 reply-signature.md?")
        page = await _request(session, "callscope/explain", _about(link))
        assert page.title == "CB201 reply-signature"
        assert "app.py, line 11" in page.markdown
        assert "`on_reply` is defined here" in page.markdown


async def test_editors_without_pages_get_the_web(start: Start) -> None:
    async with start() as session:
        (finding,) = await session.diagnostics(session.open(BROKEN))
        assert finding.code_description is not None
        assert finding.code_description.href.startswith("https://")
        place = range_of(session.source(), "on_reply", session.encoding)
        titles = [action.title for action in await session.actions(session.uri(), place)]
        assert not any(title.startswith("Explain") for title in titles)


async def test_hover_and_menu_lead_to_the_page(start: Start) -> None:
    async with start(options=PAGES) as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        hover = await session.hover(uri, place.start)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "[Explain](command:callscope.explain?" in hover.contents.value
        assert "When it stays silent" not in hover.contents.value, "that is on the page"
        asked = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), place, types.CodeActionContext(diagnostics=[])
        )
        found = await within(session.editor.text_document_code_action_async(asked))
        (explain,) = [each for each in found if each.title.startswith("Explain")]
        assert explain.title == "Explain CB201 reply-signature"
        assert "'callscope.explain'" in str(explain.command)


async def test_a_page_outlives_its_finding(start: Start) -> None:
    async with start() as session:
        uri = session.open(CLEAN)
        page = await _request(
            session, "callscope/explain", {"code": "CB201", "uri": uri, "at": "10:48"}
        )
        assert page.title == "CB201 reply-signature"
        assert "app.py" not in page.markdown
        moved = BROKEN.replace("\n\n", "\n\n\n\n")
        session.replace(uri, moved)
        page = await _request(
            session, "callscope/explain", {"code": "CB201", "uri": uri, "at": "10:48"}
        )
        assert "app.py" in page.markdown


async def test_a_file_that_is_not_open_is_looked_at(start: Start) -> None:
    async with start() as session:
        (session.root / "closed.py").write_text(BROKEN)
        about = {"code": "CB201", "uri": session.uri("closed.py"), "at": "10:48"}
        page = await _request(session, "callscope/explain", about)
        assert "closed.py, line 11" in page.markdown


async def test_nonsense_has_no_page(start: Start) -> None:
    async with start() as session:
        for about in ({}, {"code": "CB999"}, {"code": 7, "uri": 8, "at": []}):
            assert await _request(session, "callscope/explain", about) is None
        about = {"code": "CB201", "uri": "file:///nowhere.py", "at": "x"}
        assert (await _request(session, "callscope/explain", about)).title.startswith("CB201")


async def test_the_contract_of_what_is_at_the_cursor(start: Start) -> None:
    async with start() as session:
        uri = session.open(CLEAN)
        place = range_of(session.source(), "register_reply", session.encoding)
        asked = {
            "textDocument": {"uri": uri},
            "position": {"line": place.start.line, "character": place.start.character},
        }
        page = await _request(session, "callscope/contract", asked)
        assert page.title == "Contract of on_reply"
        assert "on_reply(recipient, messages=..., sender=..., config=...)" in page.markdown
        asked["position"] = {"line": 0, "character": 0}
        assert await _request(session, "callscope/contract", asked) is None
        asked["textDocument"] = {"uri": session.uri("nowhere.py")}
        assert await _request(session, "callscope/contract", asked) is None
