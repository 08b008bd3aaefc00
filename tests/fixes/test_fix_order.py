from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import clean, fixed, offers

HEAD = """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    return True, "the answer"
"""
AUDIT = "bot.register_reply([Agent, None], audit)  # listens\n"
ANSWER = "bot.register_reply([Agent, None], answer)  # speaks\n"
START = 'user.initiate_chat(bot, message="hi", max_turns=1)\n'


@pytest.mark.parametrize("between", ["", "# and\n", "print('x')\n"])
def test_registered_behind(between: str) -> None:
    fix = fixed(
        HEAD + AUDIT + between + ANSWER + START,
        HEAD + between + ANSWER + AUDIT + START,
        "CB403",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Register `audit` after `answer`, to be tried before it"


def test_last_line_of_the_file() -> None:
    fixed(HEAD + AUDIT + ANSWER, HEAD + ANSWER + AUDIT, "CB403")


def test_position() -> None:
    back = "bot.register_reply([Agent, None], audit, {})\n"
    fixed(
        HEAD + ANSWER + back.format("position=1") + START,
        HEAD + ANSWER + back.format("position=0") + START,
        "CB403",
        safety=Safety.UNSAFE,
    )
    fixed(
        HEAD + back.format("99") + START,
        HEAD + back.format("0") + START,
        "CB404",
        title="Let it be tried first: `position=0`",
        safety=Safety.UNSAFE,
    )


@pytest.mark.parametrize(
    "text",
    [
        HEAD + AUDIT + f"if user:\n    {ANSWER}" + START,
        HEAD + f"def attach():\n    {AUDIT}attach()\n" + ANSWER + START,
        HEAD + AUDIT.replace("  # listens\n", "; ") + ANSWER + START,
    ],
)
def test_not_two_statements_of_one_block(text: str) -> None:
    if not clean(text, "CB403"):
        assert offers(text, "CB403") == []


# -- CB405 ---------------------------------------------------------------------------------


def test_registration_moves_up() -> None:
    fixed(
        HEAD + "# talk\n" + START + AUDIT,
        HEAD + "# talk\n" + AUDIT + START,
        "CB405",
        title="Move the registration up, before line 9",
        safety=Safety.UNSAFE,
    )


def test_registration_moves_up_before_what_starts_the_chat() -> None:
    chat = HEAD + "def run():\n    " + START
    fixed(
        chat + "run()  # talk\n" + AUDIT,
        chat + AUDIT + "run()  # talk\n",
        "CB405",
        title="Move the registration up, before line 10",
    )


def test_what_registers_moves_up() -> None:
    helper = HEAD + "def attach(agent):\n    agent.register_reply([Agent, None], audit)\n"
    fixed(
        helper + START + "attach(bot)  # late\n",
        helper + "attach(bot)  # late\n" + START,
        "CB405",
        title="Move the registration up, before line 10",
    )


def test_chat_moves_down_where_the_callback_is_defined_behind_it() -> None:
    late = "def late(recipient, messages=None, sender=None, config=None):\n    return False, None\n"
    register = "bot.register_reply([Agent, None], late)\n"
    fixed(
        HEAD + START + late + register + "print('done')\n",
        HEAD + late + register + START + "print('done')\n",
        "CB405",
        title="Move line 8 down",
    )


def test_selector_assigned_late() -> None:
    text = """
        from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
        amy = AssistantAgent("amy", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        team = GroupChat([user, amy], messages=[], max_round=4)
        def select(last_speaker, groupchat):
            return amy
        {}
        {}
        user.initiate_chat(manager, message="hi")
    """
    lines = (
        "manager = GroupChatManager(team, llm_config=False)",
        "team.speaker_selection_method = select",
    )
    fixed(text.format(*lines), text.format(*lines[::-1]), "CB405", title="Move the assignment up")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + START + "other = bot\nother.register_reply([Agent, None], audit)\nprint(other)\n",
        HEAD + "result = " + START + "if result:\n    " + AUDIT,
    ],
)
def test_nothing_is_moved(text: str) -> None:
    if not clean(text, "CB405"):
        titles = offers(text, "CB405")
        assert not [title for title in titles if title.startswith("Move the registration")]
