"""What the entries of a chat queue lack."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
import asyncio
from autogen import ConversableAgent, a_initiate_chats
front = ConversableAgent("front", llm_config=False)
one, two = ConversableAgent("one", llm_config=False), ConversableAgent("two", llm_config=False)
user = ConversableAgent("user", llm_config=False)
"""

LAST = 'lambda recipient, messages, sender, config: messages[-1]["content"]'


def test_a_message_on_its_own_line() -> None:
    before = HEAD + (
        "front.register_nested_chats(\n"
        "    [\n"
        '        {"recipient": one},  # first\n'
        "        {\n"
        '            "recipient": two,  # then\n'
        '            "max_turns": 1,\n'
        "        },\n"
        "    ],\n"
        "    trigger=user,\n"
        ")\n"
    )
    after = before.replace(
        '"max_turns": 1,\n', f'"max_turns": 1,\n            "message": {LAST},\n'
    )
    fix = fixed(before, after, "CB425", safety=Safety.UNSAFE)
    assert fix.title == "Start it with the last message of the chat around it"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{'recipient': two}", f"{{'recipient': two, 'message': {LAST}}}"),
        ('{"message": "", "recipient": two}', f'{{"message": {LAST}, "recipient": two}}'),
        ("dict(recipient=two)", f"dict(recipient=two, message={LAST})"),
        ("dict(recipient=two, message=None)", f"dict(recipient=two, message={LAST})"),
    ],
)
def test_a_message_for_any_kind_of_dict(before: str, after: str) -> None:
    chats = HEAD + 'queue = [{{"recipient": one}}, {}]\nfront.register_nested_chats(queue, user)\n'
    fixed(chats.format(before), chats.format(after), "CB425")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the first that is free
        (
            '{"recipient": one, "message": "hi", "chat_id": 1}, {"recipient": two, "message": "a"}',
            '{"recipient": one, "message": "hi", "chat_id": 1}, '
            '{"recipient": two, "message": "a", "chat_id": 2}',
        ),
        # the one that another waits for
        (
            '{"recipient": one, "message": "hi"}, '
            '{"recipient": two, "message": "a", "chat_id": 1, "prerequisites": [7]}',
            '{"recipient": one, "message": "hi", "chat_id": 7}, '
            '{"recipient": two, "message": "a", "chat_id": 1, "prerequisites": [7]}',
        ),
    ],
)
def test_an_id(before: str, after: str) -> None:
    chats = HEAD + "asyncio.run(user.a_initiate_chats([{}]))\n"
    fixed(chats.format(before), chats.format(after), "CB425", safety=Safety.SAFE)


@pytest.mark.parametrize(
    "queue",
    [
        # several chats from one entry
        '[{"recipient": agent, "message": "hi"} for agent in (one, two)]',
        # which of the two the third waits for is not known
        '[{"recipient": one, "message": "hi"}, {"recipient": two, "message": "hi"}, '
        '{"recipient": front, "message": "hi", "chat_id": 1, "prerequisites": [7]}]',
        # ids that are not numbers
        '[{"recipient": one, "message": "a", "chat_id": "1"}, {"recipient": two, "message": "b"}]',
    ],
)
def test_no_id(queue: str) -> None:
    assert offers(HEAD + f"asyncio.run(user.a_initiate_chats({queue}))\n", "CB425") == []


def test_an_entry_of_a_function_is_no_single_chat() -> None:
    text = """
def entry(agent):
    return {"recipient": agent, "message": "hi"}
asyncio.run(user.a_initiate_chats([entry(one), entry(two)]))
"""
    assert offers(HEAD + text, "CB425") == []
