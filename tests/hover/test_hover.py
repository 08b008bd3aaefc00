"""What the hover says about registrations and entry calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check
from callscope.hover import HoverText, explain
from callscope.project import Project
from callscope.source import Position, SourceText

PROGRAM = """\
from autogen import Agent, AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", code_execution_config=False)
def first(recipient, messages=None, sender=None, config=None):
    return False, None
def second(recipient, messages=None, sender=None, config=None):
    return False, None
def mask(content):
    return content
assistant.register_reply([Agent, None], first)
assistant.register_reply(Agent, second, position=1)
assistant.register_hook("process_last_received_message", mask)
user.initiate_chat(assistant, message="hello", max_turns=1)
print("done")
"""


def hover(text: str, needle: str) -> HoverText | None:
    """The hover at the first character of ``needle``."""
    report = check(Project(), SourceText(Path("program.py"), text))
    before = text[: text.index(needle)]
    line = before.count("\n")
    return explain(report, Position(line, len(before.rpartition("\n")[2])))


def test_a_registration_shows_the_call_and_the_order() -> None:
    found = hover(PROGRAM, "assistant.register_reply(Agent, second")
    assert found is not None
    assert "second(recipient, messages=..., sender=..., config=...)" in found.markdown
    first = found.markdown.index("1. `first` (line 10")
    second = found.markdown.index("2. **`second` (line 11, for `Agent`)**")
    assert first < second < found.markdown.index("`check_termination_and_human_reply`")


def test_a_hook_shows_its_own_contract() -> None:
    found = hover(PROGRAM, "assistant.register_hook")
    assert found is not None
    assert "mask(content)" in found.markdown
    assert "reply functions" not in found.markdown.lower()


def test_an_entry_call_names_who_answers_and_what_is_registered() -> None:
    found = hover(PROGRAM, "user.initiate_chat")
    assert found is not None
    assert "`assistant` answers `user`" in found.markdown
    assert "`mask` (line 12)" in found.markdown


def test_an_entry_call_shows_what_is_asked_in_its_chat() -> None:
    text = """\
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def last(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    return True, "yes"
async def later(recipient, messages=None, sender=None, config=None):
    return False, None
def other(recipient, messages=None, sender=None, config=None):
    return True, "no"
bot.register_reply([Agent, None], last)
bot.register_reply("user", answer)
bot.register_reply(AssistantAgent, other)
bot.register_reply([Agent, None], later, ignore_async_in_sync_chat=True)
user.initiate_chat(bot, message="hello", max_turns=1)
"""
    found = hover(text, "user.initiate_chat")
    assert found is not None
    rows = [row for row in found.markdown.splitlines() if row[:1].isdigit()]
    assert rows[0].startswith("1. `later`")
    assert rows[0].endswith("of the other kind of chat")
    assert rows[1].startswith("2. `other`")
    assert rows[1].endswith("its trigger does not match the sender")
    assert rows[2].startswith("3. `answer`")
    assert rows[2].endswith(")")
    assert rows[3].startswith("4. `last`")
    assert rows[3].endswith("not reached: one before it always answers")
    assert not any("a_generate_oai_reply" in row for row in rows)


def test_the_version_is_named() -> None:
    found = hover(PROGRAM, "user.initiate_chat")
    assert found is not None
    assert "AG2 0.14.1" in found.markdown


@pytest.mark.parametrize("needle", ['print("done")', "def mask", "from autogen"])
def test_nothing_is_said_elsewhere(needle: str) -> None:
    assert hover(PROGRAM, needle) is None


def test_nothing_is_said_of_another_objects_method() -> None:
    text = "import autogen\nclass Bus:\n    def register_reply(self, a, b): ...\nBus().register_reply(1, 2)\n"
    assert hover(text, "Bus().register_reply") is None
