"""Completions, as an editor gets them."""

from __future__ import annotations

import pytest
from lsprotocol import types

from callscope.contracts import Target
from callscope.contracts.classic.callbacks import hook_names
from tests.lsp.conftest import Session, Start, within

PROGRAM = """\
from autogen import Agent, ConversableAgent

über = ConversableAgent("über", llm_config=False)
user = ConversableAgent("user", llm_config=False)
user.initiate_chat(über, message="hi", max_turns=1)
"""


async def complete(
    session: Session, uri: str, typed: str, trigger: str | None = None
) -> list[types.CompletionItem]:
    """What is offered behind ``typed``, which is typed at the end; by itself after ``trigger``."""
    session.replace(uri, PROGRAM + typed)
    line = (PROGRAM + typed).count("\n")
    column = len(typed.rpartition("\n")[2].encode("utf-16-le")) // 2
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
    if trigger is not None:
        kind = types.CompletionTriggerKind.TriggerCharacter
        params.context = types.CompletionContext(kind, trigger)
    found = await within(session.editor.text_document_completion_async(params))
    assert not isinstance(found, types.CompletionList)
    return list(found or [])


async def test_hooks(start: Start) -> None:
    async with start() as session:
        options = session.server.completion_provider
        assert options is not None
        assert options.trigger_characters is not None
        assert {'"', "'", "("} <= set(options.trigger_characters)
        uri = session.open(PROGRAM)
        found = await complete(session, uri, "'🙂'; über.register_hook(\"pro")
        assert [item.label for item in found] == list(
            hook_names(Target.parse("autogen==0.14.1").release)
        )
        assert sorted(found, key=lambda item: item.sort_text or "") == found
        edit = found[0].text_edit
        assert isinstance(edit, types.TextEdit)
        assert edit.new_text == "process_last_received_message"
        assert (edit.range.start.character, edit.range.end.character) == (26, 29)
        assert isinstance(found[0].documentation, types.MarkupContent)
        assert "**Returns** the new content." in found[0].documentation.value
        session.configure(target="autogen-agentchat==0.2.40")
        found = await complete(session, uri, "über.register_hook('")
        assert "a_process_message_before_send" in [item.label for item in found]


@pytest.mark.parametrize("snippets", [True, False])
async def test_a_new_function(start: Start, snippets: bool) -> None:
    def adjust(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.text_document is not None
        capabilities.text_document.completion = types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=snippets)
        )

    async with start(adjust=adjust) as session:
        uri = session.open(PROGRAM)
        new, inline = await complete(session, uri, "über.register_reply(user, ")
        assert new.label == "on_reply"
        assert new.additional_text_edits is not None
        assert "def on_reply(recipient, messages, sender, config)" in (
            new.additional_text_edits[0].new_text
        )
        assert isinstance(inline.text_edit, types.TextEdit)
        is_snippet = inline.insert_text_format == types.InsertTextFormat.Snippet
        assert is_snippet is snippets
        assert inline.text_edit.new_text.endswith("${0:(False, None)}") is snippets


async def test_silence(start: Start) -> None:
    async with start() as session:
        uri = session.open(PROGRAM)
        assert await complete(session, uri, "print(") == []
        assert await complete(session, uri, "import re\nre.compile('") == []
        other = session.open("bot.register_hook('", "other.py")
        params = types.CompletionParams(types.TextDocumentIdentifier(other), types.Position(0, 19))
        assert await within(session.editor.text_document_completion_async(params)) == []


async def test_keys_and_values_of_a_configuration_file(start: Start) -> None:
    async with start() as session:
        uri = session.open('# 🙂\nignore = ["CB30', name="callscope.toml")
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(1, 15))
        found = await within(session.editor.text_document_completion_async(params))
        assert isinstance(found, list)
        (item,) = [each for each in found if each.label == "CB303"]
        assert isinstance(item.documentation, types.MarkupContent)
        assert item.documentation.value
        edit = item.text_edit
        assert isinstance(edit, types.TextEdit)
        assert (edit.new_text, edit.range.start.character) == ('CB303"', 11)
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(0, 2))
        assert await within(session.editor.text_document_completion_async(params)) == []


async def test_a_list_that_opens_by_itself_holds_something_of_the_code(start: Start) -> None:
    async with start() as session:
        uri = session.open(PROGRAM)
        labels = [item.label for item in await complete(session, uri, "über.register_reply(", "(")]
        assert "user" in labels
        assert await complete(session, uri, "user.register_reply(") != []
        assert await complete(session, uri, "user.register_reply(", "(") == []
        assert await complete(session, uri, "über.register_reply(user, ") != []
        assert await complete(session, uri, "über.register_reply(user,", ",") == []
        toml = session.open("ignore = [", name="callscope.toml")
        params = types.CompletionParams(types.TextDocumentIdentifier(toml), types.Position(0, 10))
        assert await within(session.editor.text_document_completion_async(params))
        params.context = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, "[")
        assert await within(session.editor.text_document_completion_async(params)) == []
