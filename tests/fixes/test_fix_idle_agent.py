"""Callbacks on the agent that never answers."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
def log(sender, message, recipient, silent):
    return message
"""


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (
            "user.register_reply([Agent, None], answer)  # audit\n"
            'user.initiate_chat(bot, message="hi", max_turns=1)\n',
            "bot.register_reply([Agent, None], answer)  # audit\n"
            'user.initiate_chat(bot, message="hi", max_turns=1)\n',
            "Register it on `bot`, which answers",
        ),
        (
            "user.register_reply([Agent, None], answer)\n"
            'user.initiate_chat(bot, message="hi", max_turns=1)  # once\n',
            "user.register_reply([Agent, None], answer)\n"
            'user.initiate_chat(bot, message="hi", max_turns=2)  # once\n',
            "Let `user` answer as well: `max_turns=2`",
        ),
        (
            'bot.register_hook("process_message_before_send", log)\nuser.send("hi", bot)\n',
            'user.register_hook("process_message_before_send", log)\nuser.send("hi", bot)\n',
            "Register it on `user`, which sends",
        ),
        (
            "bot.register_reply([Agent, None], answer)\n"
            'user.send("hi", bot, request_reply=False)\n',
            'bot.register_reply([Agent, None], answer)\nuser.send("hi", bot, request_reply=True)\n',
            "Ask `bot` for a reply: `request_reply=True`",
        ),
    ],
)
def test_a_choice(before: str, after: str, title: str) -> None:
    fixed(HEAD + before, HEAD + after, "CB407", title=title, safety=Safety.UNSAFE)


GROUP = """
def pick(last_speaker, groupchat):
    return bot
def main():
    team = GroupChat([user, bot], [], max_round=3, speaker_selection_method=pick)
    {}
    user.initiate_chat({}, message="hi")
main()
"""


@pytest.mark.parametrize("recipient", ["{}", "recipient={}"])
def test_the_manager_of_the_group(recipient: str) -> None:
    made = "boss = GroupChatManager(team, llm_config=False)"
    fix = fixed(
        HEAD + GROUP.format(made, recipient.format("bot")),
        HEAD + GROUP.format(made, recipient.format("boss")),
        "CB407",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Chat with `boss`, the manager of the group"


def test_a_manager_without_a_name() -> None:
    text = HEAD + GROUP.format("GroupChatManager(team, llm_config=False)", "bot")
    assert offers(text, "CB407") == []


@pytest.mark.parametrize(
    "rest",
    [
        # it answers already
        "bot.register_reply([Agent, None], answer)\nuser.register_reply([Agent, None], answer)\n"
        'user.initiate_chat(bot, message="hi", max_turns=turns)\n',
        # several chats, with several agents
        'two = AssistantAgent("two", llm_config=False)\n'
        "user.register_reply([Agent, None], answer)\n"
        'user.initiate_chat(bot, message="hi", max_turns=1)\n'
        'user.initiate_chat(two, message="hi", max_turns=1)\n',
        # by a helper of one's own
        "class Helper:\n"
        "    def on(self, agent, function):\n"
        "        agent.register_reply([Agent, None], function)\n"
        'Helper().on(user, answer)\nuser.initiate_chat(bot, message="hi", max_turns=turns)\n',
    ],
)
def test_the_registration_stays(rest: str) -> None:
    text = HEAD + "turns = 1\n" + rest
    assert offers(text, "CB407") == []
