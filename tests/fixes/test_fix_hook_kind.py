"""Hooks that are registered under a name that is not asked, or not listened to."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

OLD = "autogen-agentchat==0.2.40"

ASYNC_CHAT = """
import asyncio
from autogen import ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
{function}b.register_hook({name}, {hook})  # listen
{more}asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
"""
SYNC_CHAT = ASYNC_CHAT.replace("asyncio.run(a.a_initiate_chat", "print(a.initiate_chat")
PLAIN = "def audit(content):  # look\n    return content\n"
ASYNC = "async " + PLAIN


def program(
    name: str, function: str = PLAIN, *, hook: str = "audit", more: str = "", text: str = ASYNC_CHAT
) -> str:
    return text.format(name=name, function=function, hook=hook, more=more)


def test_the_async_twin() -> None:
    fix = fixed(
        program("'process_last_received_message'"),
        program("'a_process_last_received_message'", ASYNC),
        "CB305",
        safety=Safety.SAFE,
        target=OLD,
    )
    assert fix.title == ("Register it as `a_process_last_received_message`, and make `audit` async")


def test_the_sync_twin() -> None:
    fixed(
        program('"a_process_last_received_message"', ASYNC, text=SYNC_CHAT),
        program('"process_last_received_message"', PLAIN, text=SYNC_CHAT),
        "CB305",
        safety=Safety.SAFE,
        target=OLD,
    )


def test_a_plain_function_under_an_async_name() -> None:
    before = program('"a_process_last_received_message"')
    after = program('"a_process_last_received_message"', ASYNC)
    fixed(before, after, "CB305", safety=Safety.SAFE, target=OLD)
    sync = program('"a_process_last_received_message"', text=SYNC_CHAT)
    assert offers(sync, "CB305", OLD) == ["Register it as `process_last_received_message`"]


def test_a_method() -> None:
    text = """
    from autogen import AssistantAgent
    class Audited(AssistantAgent):
        def __init__(self, name):
            super().__init__(name, llm_config=False)
            self.register_hook("a_process_last_received_message", self.audit)
        {}def audit(self, content):
            return content
    """
    fixed(text.format(""), text.format("async "), "CB305", title="async", target=OLD)


@pytest.mark.parametrize(
    "text",
    [
        # a lambda cannot be async
        program('"process_last_received_message"', "", hook="lambda content: content"),
        # somebody else calls it, and would get a coroutine
        program('"process_last_received_message"', more='print(audit("x"))\n'),
        program('"process_last_received_message"', more="audits = [audit]\n"),
        # a generator
        program('"process_last_received_message"', "def audit(content):\n    yield content\n"),
        # a function that awaits cannot become plain
        program(
            '"a_process_last_received_message"',
            "async def audit(content):\n    await asyncio.sleep(0)\n    return content\n",
            text=SYNC_CHAT,
        ),
        # the name comes from elsewhere
        program("NAME", more='print(NAME)\nNAME = "x"\n').replace(
            "b.register", 'NAME = "process_last_received_message"\nb.register'
        ),
    ],
)
def test_no_twin(text: str) -> None:
    assert offers(text, "CB305", OLD) == []


def test_safeguards_have_no_async_twin() -> None:
    text = """
    import asyncio
    from autogen import ConversableAgent
    a = ConversableAgent("a", llm_config=False)
    b = ConversableAgent("b", llm_config=False)
    def check(text):
        return text
    b.register_hook("safeguard_human_inputs", check)
    asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
    """
    assert offers(text, "CB305") == []


REDACTING = """
from autogen import AssistantAgent
def redact(messages):
    return [{{**m, "content": "***"}} for m in messages]  # all of them
bot = AssistantAgent("bot", llm_config={{"config_list": [{{"model": "m"}}]}})
bot.register_hook({}, redact)
"""


def test_the_hook_whose_value_is_used() -> None:
    fixed(
        REDACTING.format("'safeguard_llm_inputs'"),
        REDACTING.format("'process_all_messages_before_reply'"),
        "CB213",
        safety=Safety.UNSAFE,
    )
    constant = 'NAME = "{}"\n' + REDACTING.format("NAME")[1:]
    fixed(
        constant.replace("{}", "safeguard_llm_inputs", 1),
        constant.replace("{}", "process_all_messages_before_reply", 1),
        "CB213",
    )


def test_what_the_model_says_cannot_be_rewritten_by_another_hook() -> None:
    text = REDACTING.format('"safeguard_llm_outputs"').replace("messages", "answer")
    assert offers(text, "CB213") == []
