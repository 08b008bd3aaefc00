"""The dict that a reply function is registered with, instead of its copy."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
"""
CHAT = """
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["turns"])
"""


def test_every_use_becomes_the_dict() -> None:
    before = (
        HEAD
        + """
state = {"turns": 0, "seen": []}
def count(recipient, messages=None, sender=None, config=None):
    # one more
    config["turns"] += 1
    config.get("seen").append([m for m in messages if m != config])
    return config["turns"] > 3, "enough"
bot.register_reply(
    [Agent, None],
    count,  # counts
    config=state,
)
"""
        + CHAT
    )
    body = before.index("    # one more")
    end = before.index("bot.register_reply")
    inside = before[body:end].replace("config", "state")
    after = before[:body] + inside + before[end:].replace("    config=state,\n", "")
    fix = fixed(before, after, "CB423", safety=Safety.UNSAFE)
    assert fix.title == "Change `state` itself in `count`"


def test_a_local_dict_of_the_function_around() -> None:
    text = """
def main():
    state = {{"turns": 0}}
    def count(recipient, messages, sender, config):
        {}["turns"] += 1
        return False, None
    bot.register_reply([Agent, None], count{})
    user.initiate_chat(bot, message="hi", max_turns=1)
    return state["turns"]
main()
"""
    fixed(HEAD + text.format("config", ", config=state"), HEAD + text.format("state", ""), "CB423")


def test_an_attribute_under_another_name_for_self() -> None:
    text = """
class Usage:
    def __init__(self):
        self.stats = {{"turns": 0}}
        bot.register_reply([Agent, None], self.count{})
    def count(me, recipient, messages=None, sender=None, config=None):
        {}["turns"] += 1
        return False, None
    def run(self):
        user.initiate_chat(bot, message="hi", max_turns=2)
        return self.stats["turns"]
print(Usage().run())
"""
    fixed(
        HEAD + text.format(", config=self.stats", "config"),
        HEAD + text.format("", "me.stats"),
        "CB423",
    )


COUNT = """
state = {"turns": 0}
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return False, None
bot.register_reply([Agent, None], count, config=state)
"""


@pytest.mark.parametrize(
    "text",
    [
        # the copy is reset between chats
        COUNT.replace("config=state", "config=state, reset_config=print") + CHAT,
        # counts for another agent as well
        COUNT + "user.register_reply([Agent, None], count, config={'turns': 0})\n" + CHAT,
        # called by hand
        COUNT + "count(bot, config={'turns': 0})\n" + CHAT,
        # the name means something else inside
        COUNT.replace("    config", "    state = messages\n    config") + CHAT,
    ],
)
def test_the_copy_stays(text: str) -> None:
    assert offers(HEAD + text, "CB423") == []


def test_a_local_dict_that_the_function_cannot_name() -> None:
    text = """
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return False, None
def main():
    state = {"turns": 0}
    bot.register_reply([Agent, None], count, config=state)
    user.initiate_chat(bot, message="hi", max_turns=1)
    return state["turns"]
main()
"""
    assert offers(HEAD + text, "CB423") == []
