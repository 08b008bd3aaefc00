"""Pages to read beside the code: requests of our own, which any editor may send.

``callscope/explain`` with ``{"code": "CB201", "uri": ..., "at": "10:48"}``, which a finding's link
holds (``uri`` and ``at`` may be left out), and ``callscope/contract`` with what a hover is asked
with. Both are answered by ``{"title": ..., "markdown": ...}`` or null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from callscope.lsp.analysis import Analysed
from callscope.lsp.convert import from_position
from callscope.lsp.documents import Snapshot, path_of
from callscope.lsp.links import place_of
from callscope.lsp.protocol import Server, guarded
from callscope.rules import Finding
from callscope.source import Position, UnreadableSource, read_source

if TYPE_CHECKING:
    from callscope.explain import Page

EXPLAIN = "callscope/explain"
CONTRACT = "callscope/contract"


def register(server: Server) -> None:
    """Answer the two requests."""

    @server.feature(EXPLAIN)
    @guarded(default=None)
    async def explain(params: Any) -> dict[str, str] | None:
        code, uri = str(getattr(params, "code", "")), getattr(params, "uri", None)
        at = place_of(getattr(params, "at", None))
        page = await _of_finding(server, uri, code, at) if isinstance(uri, str) and at else None
        return page or await _of_rule(server, uri, code)

    @server.feature(CONTRACT)
    @guarded(default=None)
    async def contract(params: Any) -> dict[str, str] | None:
        analysed = await server.analyse_unless_stale(params.textDocument.uri)
        if analysed is None:
            return None
        from callscope.explain import contract_at

        asked = types.Position(params.position.line, params.position.character)
        place = from_position(analysed.report.source, asked, server.documents.encoding)
        return await _page(server, lambda: contract_at(analysed.report, place))


async def _of_finding(server: Server, uri: str, code: str, at: Position) -> dict[str, str] | None:
    analysed = await _analysed(server, uri)
    finding = _meant(analysed.report.findings, code, at) if analysed is not None else None
    if analysed is None or finding is None:
        return None
    from callscope.explain import explain_finding

    return await _page(server, lambda: explain_finding(analysed.report, finding))


async def _of_rule(server: Server, uri: object, code: str) -> dict[str, str] | None:
    from callscope.explain import explain_rule

    path = path_of(uri) if isinstance(uri, str) else path_of("untitled:new.py")
    settings = await server.settings_of(path)
    folders = server.analysis.folders
    return await _page(server, lambda: explain_rule(code, folders.project_of(path, settings)))


async def _analysed(server: Server, uri: str) -> Analysed | None:
    """The analysis of a document, or of a file that is not open; None if neither can be had."""
    if server.documents.get(uri) is not None:
        return await server.analyse_unless_stale(uri)
    try:
        snapshot = Snapshot(uri, 0, "python", read_source(path_of(uri)))
    except UnreadableSource:
        return None
    return await server.analysis.of_closed(snapshot, await server.settings_for(snapshot))


def _meant(findings: Sequence[Finding], code: str, at: Position) -> Finding | None:
    """The finding of the rule at this place; where lines have moved since, the nearest."""
    of_rule = [finding for finding in findings if finding.code == code]
    return min(of_rule, key=lambda each: _distance(each.range.start, at), default=None)


def _distance(one: Position, other: Position) -> tuple[int, int]:
    return abs(one.line - other.line), abs(one.column - other.column)


async def _page(server: Server, make: Callable[[], Page | None]) -> dict[str, str] | None:
    """What ``make`` writes on the checking thread, as it is sent."""
    page = await server.analysis.in_background(make)
    return {"title": page.title, "markdown": page.markdown} if page is not None else None
