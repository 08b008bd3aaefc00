"""Inlay hints: how a function is called by the framework that it is handed to."""

from __future__ import annotations

from lsprotocol import types

from callscope.lsp.beside import Beside
from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import from_range, to_position
from callscope.lsp.places import location
from callscope.lsp.protocol import Server, guarded


def register(server: Server, editor: Editor, beside: Beside) -> None:
    """Answer editors that ask for inlay hints."""
    kind = types.MarkupKind.Markdown if editor.markdown else types.MarkupKind.PlainText

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    @guarded(default=[])
    async def inlay_hint(params: types.InlayHintParams) -> list[types.InlayHint]:
        analysed = await server.analyse_newest(params.text_document.uri)
        if analysed is None or not analysed.settings.inlay_hints:
            return []
        from callscope.hints import hints

        source, encoding = analysed.report.source, server.documents.encoding
        span = from_range(source, params.range, encoding)
        found = await beside.work(analysed, lambda memory: hints(analysed.report, span, memory))
        return [
            types.InlayHint(
                to_position(source, hint.position, encoding),
                [
                    types.InlayHintLabelPart(
                        hint.label,
                        tooltip=types.MarkupContent(kind, hint.tooltip),
                        location=location(analysed, hint.place, encoding),
                    )
                ],
                padding_left=True,
            )
            for hint in found
        ]
