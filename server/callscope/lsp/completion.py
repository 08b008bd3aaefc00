"""Completions of what only the contract knows, and of keys and values in configuration files; all
else is left to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from callscope.configuration import is_configuration
from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import from_position, to_edits, to_range
from callscope.lsp.documents import Snapshot, path_of
from callscope.lsp.protocol import Server, guarded
from callscope.source import Position, PositionEncoding, SourceText

if TYPE_CHECKING:
    from callscope.completion import Item

_TRIGGERS = ('"', "'", "(", ",", "=", "[")
_MERELY_POSSIBLE = {"key", "value", "lambda", "new"}
_KINDS = {
    "key": types.CompletionItemKind.Property,
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
        snapshot = server.documents.get(params.text_document.uri)
        if snapshot is None:
            return []
        encoding = server.documents.encoding
        position = from_position(snapshot.source, params.position, encoding)
        if is_configuration(path_of(snapshot.uri)):
            source, found = snapshot.source, await _in_configuration(server, snapshot, position)
        else:
            source, found = await _in_program(server, snapshot, position)
        if _opens_by_itself(params.context) and all(x.kind in _MERELY_POSSIBLE for x in found):
            return []
        return [_item(source, item, number, editor, encoding) for number, item in enumerate(found)]


def _opens_by_itself(context: types.CompletionContext | None) -> bool:
    """Whether nobody has begun a word or a text, nor asked: Enter may be meant to end the line
    then, and must not take what has nothing to do with the code at hand."""
    return context is not None and context.trigger_character in ("(", ",", "=", "[")


async def _in_configuration(server: Server, snapshot: Snapshot, position: Position) -> list[Item]:
    from callscope.toml_completion import items_in

    return await server.analysis.in_background(lambda: items_in(snapshot.source, position))


async def _in_program(
    server: Server, snapshot: Snapshot, position: Position
) -> tuple[SourceText, list[Item]]:
    from callscope.completion import completions, typed_at

    if typed_at(snapshot.source, position) is None:
        return snapshot.source, []
    analysed = await server.analyse_unless_stale(snapshot.uri)
    if analysed is None or not analysed.report.matters:
        return snapshot.source, []
    report = analysed.report
    found = await server.analysis.in_background(lambda: completions(report, position))
    return report.source, found


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
