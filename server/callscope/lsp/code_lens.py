"""Code lenses: whom a registration fires for, and how many an agent has."""

from __future__ import annotations

from lsprotocol import types

from callscope.lsp.beside import Beside
from callscope.lsp.convert import to_range
from callscope.lsp.places import Guide
from callscope.lsp.protocol import Server, guarded


def register(server: Server, beside: Beside, guide: Guide) -> None:
    """Answer editors that ask for code lenses."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    @guarded(default=[])
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        analysed = await server.analyse_newest(params.text_document.uri)
        if analysed is None or not analysed.settings.code_lens:
            return []
        from callscope.lens import lenses

        found = await beside.work(analysed, lambda memory: lenses(analysed.report, memory))
        encoding = server.documents.encoding
        return [
            types.CodeLens(
                to_range(analysed.report.source, lens.range, encoding),
                guide.command(analysed, lens.title, lens.range, lens.places),
            )
            for lens in found
        ]
