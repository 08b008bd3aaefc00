"""Completions of what only the contract knows; all else is left to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import from_position, to_edits, to_range
from callscope.lsp.protocol import Server, guarded
from callscope.source import PositionEncoding, SourceText

if TYPE_CHECKING:
    from callscope.completion import Item

_TRIGGERS = ('"', "'", "(", ",", "=", "[")
_KINDS = {
    "hook": types.CompletionItemKind.EnumMember,
    "function": types.CompletionItemKind.Function,
    "new": types.CompletionItemKind.Snippet,
    "lambda": types.CompletionItemKind.Snippet,
    "agent": types.CompletionItemKind.Variable,
    "class": types.CompletionItemKind.Class,
    "value": types.CompletionItemKind.Value,
}


def register(server: Server, editor: Editor) -> None:
    """Answer editors that ask for completions."""
    options = types.CompletionOptions(trigger_characters=_TRIGGERS)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    @guarded(default=[])
    async def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
        from callscope.completion import completions, typed_at

        snapshot = server.documents.get(params.text_document.uri)
        if snapshot is None:
            return []
        encoding = server.documents.encoding
        position = from_position(snapshot.source, params.position, encoding)
        if typed_at(snapshot.source, position) is None:
            return []
        analysed = await server.analyse_unless_stale(params.text_document.uri)
        if analysed is None or not analysed.report.matters:
            return []
        report = analysed.report
        found = await server.analysis.in_background(lambda: completions(report, position))
        return [
            _item(report.source, item, number, editor, encoding)
            for number, item in enumerate(found)
        ]


def _item(
    source: SourceText, item: Item, number: int, editor: Editor, encoding: PositionEncoding
) -> types.CompletionItem:
    kind = types.MarkupKind.Markdown if editor.completion_markdown else types.MarkupKind.PlainText
    is_snippet = bool(item.stop) and editor.snippets
    text = f"{item.text.removesuffix(item.stop)}${{0:{item.stop}}}" if is_snippet else item.text
    shape = types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText
    return types.CompletionItem(
        item.label,
        kind=_KINDS[item.kind],
        detail=f"{item.detail} (Callscope)".lstrip(),
        documentation=types.MarkupContent(kind, item.documentation) if item.documentation else None,
        sort_text=f"{number:04}",
        filter_text=item.found_by or None,
        insert_text_format=shape,
        text_edit=types.TextEdit(to_range(source, item.range, encoding), text),
        additional_text_edits=to_edits(source, item.additions, encoding) or None,
    )
