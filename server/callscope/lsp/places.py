"""Leading a user to places in files, in whatever way the editor has for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from callscope.lsp.analysis import Analysed
from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import to_range
from callscope.lsp.protocol import Server
from callscope.source import PositionEncoding, Range, SourceText

PEEK = "callscope.peek"
"""A command of editors that say they have it: shows places beside the line that leads to them."""

GO_TO = "callscope.goTo"
"""A command of the server, for all others: asks the editor to show a place."""


class Guide:
    """Makes the commands that lead to places."""

    def __init__(self, server: Server, editor: Editor, options: Mapping[str, object]) -> None:
        commands = options.get("commands")
        self._peeks = isinstance(commands, list) and PEEK in commands
        self._server = server
        self._goes = editor.shows_documents and not self._peeks
        if self._goes:
            _offer_to_go(server)

    def command(
        self, analysed: Analysed, title: str, place: Range, targets: Sequence[Range]
    ) -> types.Command:
        """What ``title`` at ``place`` does when it is clicked; nothing where the editor has no way
        to show ``targets``."""
        encoding = self._server.documents.encoding
        there = [location(analysed, target, encoding) for target in targets]
        if self._peeks:
            start = to_range(analysed.report.source, place, encoding).start
            return types.Command(title, PEEK, arguments=[analysed.snapshot.uri, start, there])
        if self._goes and there:
            first = there[0]
            return types.Command(title, GO_TO, arguments=[first.uri, first.range])
        return types.Command(title, "")


def _offer_to_go(server: Server) -> None:
    @server.command(GO_TO)
    async def go_to(uri: str, place: types.Range) -> None:
        params = types.ShowDocumentParams(uri, take_focus=True, selection=place)
        await server.window_show_document_async(params)


def location(analysed: Analysed, place: Range, encoding: PositionEncoding) -> types.Location:
    """``place``, in the document itself or in another file of the project."""
    report = analysed.report
    if not place.path or report.workspace is None:
        return types.Location(analysed.snapshot.uri, to_range(report.source, place, encoding))
    path = Path(place.path)
    text = report.workspace.sources.text(path) or SourceText(path, "")
    return types.Location(path.as_uri(), to_range(text, place, encoding))
