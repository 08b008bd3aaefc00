"""Fixes at the chats themselves, and names that async chats read something into."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

RESET = """
from autogen import Agent, AssistantAgent, UserProxyAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], answer, config={{}}, reset_config=lambda config: None)
{}
"""


def test_reset_before_each_chat() -> None:
    chats = """
for question in "ab":  # both
    {0}user.initiate_chat(bot, message=question, max_turns=1)  # ask
{1}last = user.initiate_chat(bot, message="c", max_turns=1)
"""
    fix = fixed(
        RESET.format(chats.format("", "")),
        RESET.format(chats.format("bot.reset()\n    ", "bot.reset()\n")),
        "CB414",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Reset `bot` before each chat"


def test_reset_where_the_agent_has_another_name() -> None:
    text = """
    from autogen import Agent, AssistantAgent
    def answer(recipient, messages=None, sender=None, config=None):
        return False, None
    class Service:
        def __init__(self):
            self.bot = AssistantAgent("bot", llm_config=False)
            self.bot.register_reply([Agent, None], answer, config={}, reset_config=print)
        def ask(self, text):
            {}return self.bot.generate_reply(messages=[{{"role": "user", "content": text}}])
    """
    text = text.replace("config={}", "config={{}}")
    fixed(text.format(""), text.format("self.bot.reset()\n            "), "CB414")


@pytest.mark.parametrize(
    "chat",
    [
        # it goes on with the last chat's messages, which a reset would drop
        'user.initiate_chat(bot, message="hi", clear_history=False, max_turns=1)',
        'user.send("hi", bot, request_reply=True)',
        # many chats in one statement
        '[user.initiate_chat(bot, message=text, max_turns=1) for text in "ab"]',
        # a test that is made again and again
        'while user.initiate_chat(bot, message="hi", max_turns=1).cost: pass',
    ],
)
def test_no_reset(chat: str) -> None:
    assert offers(RESET.format(chat), "CB414") == []


TWINS = """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def a_audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)  # both
{}asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
"""


def test_another_name_for_the_twin() -> None:
    before = TWINS.format("print(a_audit)\n")
    fix = fixed(before, before.replace("a_audit", "audit_async"), "CB415", safety=Safety.UNSAFE)
    assert fix.title == "Rename `a_audit` to `audit_async`, so that both are asked"


def test_a_name_that_is_free() -> None:
    before = TWINS.format("audit_async = 1\n")
    fixed(before, before.replace("a_audit", "audit_async_1"), "CB415")


@pytest.mark.parametrize(
    "more",
    [
        # a string may be the name
        'print(globals()["a_audit"])\n',
        "__all__ = ['a_audit']\n",
        # the name means two things
        "def other(a_audit):\n    return a_audit\n",
        "from hooks import a_audit as more\n",
    ],
)
def test_the_name_stays(more: str) -> None:
    assert offers(TWINS.format(more), "CB415") == []
