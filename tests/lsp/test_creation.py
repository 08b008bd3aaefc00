"""Creating a callback that is missing, as an editor offers it."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.cli.programs import CLEAN
from tests.lsp.conftest import Start, within
from tests.lsp.places import range_of

MISSING = CLEAN.replace("def on_reply(", "def other(")


@pytest.mark.parametrize("client", ["visual_studio_code", "emacs"])
async def test_a_missing_reply_function(start: Start, client: str) -> None:
    async with start(client) as session:
        text = MISSING.replace("\n", "\r\n")
        uri = session.open(text)
        place = range_of(session.source(), "on_reply", session.encoding)
        place.end = place.start
        undefined = types.Diagnostic(place, '"on_reply" is not defined', source="Pylance")
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), place, types.CodeActionContext([undefined])
        )
        found = await within(session.editor.text_document_code_action_async(params))
        (action,) = [each for each in found if each.title == "Create reply function `on_reply`"]
        assert action.kind == types.CodeActionKind.QuickFix
        assert [each.source for each in action.diagnostics] == ["Pylance"]
        if client != "emacs":
            action = await session.resolve(action)
        text = session.apply(uri, action.edit)
        assert "\r\ndef on_reply(recipient, messages, sender, config)" in text
        session.replace(uri, text)
        assert await session.diagnostics(uri) == []
        left = await session.actions(uri, place)
        assert not any(each.title.startswith("Create") for each in left)
