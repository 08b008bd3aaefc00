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


def test_the_manager_in_the_same_object() -> None:
    text = """
from typing import NamedTuple
class Crew(NamedTuple):
    captain: UserProxyAgent
    sailors: list
    boss: GroupChatManager
def pick(last_speaker, groupchat):
    return bot
def make():
    team = GroupChat([user, bot], [], max_round=3, speaker_selection_method=pick)
    return Crew(user, [bot], GroupChatManager(team, llm_config=False))
def main():
    crew = make()
    crew.captain.initiate_chat(crew.{}, message="hi")
main()
"""
    fixed(HEAD + text.format("sailors[0]"), HEAD + text.format("boss"), "CB407")


def test_a_round_to_select_for() -> None:
    text = GROUP.format("boss = GroupChatManager(team, llm_config=False)", "boss")
    fix = fixed(
        HEAD + text.replace("max_round=3", "max_round=1"),
        HEAD + text.replace("max_round=3", "max_round=2"),
        "CB407",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Leave a round for the one who is selected: `max_round=2`"


CHECKED = """
def is_over(message):
    return "bye" in message["content"]
def main():
    user = UserProxyAgent("user", human_input_mode="NEVER", {}code_execution_config=False)
    team = GroupChat([user, bot], [], max_round=3, speaker_selection_method=lambda last, group: bot)
    boss = GroupChatManager({}llm_config=False{})
    user.initiate_chat(boss, message="hi")
main()
"""


def test_the_manager_checks() -> None:
    fix = fixed(
        HEAD + CHECKED.format("is_termination_msg=is_over, ", "team, ", ""),
        HEAD + CHECKED.format("", "team, ", ", is_termination_msg=is_over"),
        "CB407",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Let `boss` check instead, which gets every message"


def test_the_manager_has_a_check() -> None:
    given = "is_termination_msg=is_over, "
    assert offers(HEAD + CHECKED.format(given, "team, " + given, ""), "CB407") == []


CODE = """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
coder = ConversableAgent("coder", human_input_mode="NEVER", default_auto_reply="```sh\\nls\\n```",
                         code_execution_config={})
boss = ConversableAgent("boss", human_input_mode="NEVER"{})
boss.initiate_chat(coder, message="list the files", max_turns=2)
"""


@pytest.mark.parametrize("own", [", code_execution_config=False", ""])
def test_the_one_who_gets_the_code_runs_it(own: str) -> None:
    box = '{"executor": Sandbox()}'
    fix = fixed(
        CODE.format(box, own),
        CODE.format("False", f", code_execution_config={box}"),
        "CB407",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Let `boss`, which gets the code, run it"
