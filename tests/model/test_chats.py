"""Who talks to whom: the senders an agent can get, and when that is not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.contracts import NEWEST_CLASSIC
from callscope.model import Model, build_model
from callscope.source import SourceText, parse

HEAD = """\
import asyncio, autogen
from autogen import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
peer = ConversableAgent("peer", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
"""


def model_of(body: str) -> Model:
    return build_model(parse(SourceText(Path("x.py"), HEAD + body)), NEWEST_CLASSIC)


def senders(model: Model, label: str) -> tuple[set[str], bool]:
    """Whom the agent answers, and whether that is all."""
    agent = next(agent for agent in model.agents if agent.label == label)
    turns = model.turns(agent)
    names = (t.sender.label if t.sender else t.sender_class or "nobody" for t in turns.known)
    return set(names), turns.closed


GROUP = """\
group = GroupChat([bot, peer], messages=[], max_round=3)
chief = GroupChatManager(group, llm_config=False)
"""
NESTED = "bot.register_nested_chats([{'recipient': peer, 'message': 'x'}], trigger=user)\n"


@pytest.mark.parametrize(
    ("body", "label", "expected"),
    [
        ("user.initiate_chat(bot, message='hi')\n", "bot", {"user"}),
        ("user.initiate_chat(bot, message='hi')\n", "user", {"bot"}),
        ("user.initiate_chat(bot, message='hi', max_turns=1)\n", "user", set()),
        ("asyncio.run(user.a_initiate_chat(bot, message='hi'))\n", "bot", {"user"}),
        ("user.send('hi', bot)\n", "bot", set()),
        ("user.send('hi', bot, request_reply=True)\n", "bot", {"user"}),
        ("bot.generate_reply(messages=[])\n", "bot", {"nobody"}),
        ("bot.generate_reply(messages=[], sender=peer)\n", "bot", {"peer"}),
        ("bot.run(message='hi', max_turns=1).process()\n", "bot", {"ConversableAgent"}),
        (
            "user.initiate_chats([{'recipient': a, 'message': 'x'} for a in (bot, peer)])\n",
            "peer",
            {"user"},
        ),
        (
            "autogen.initiate_chats([{'sender': peer, 'recipient': bot, 'message': 'x'}])\n",
            "bot",
            {"peer"},
        ),
        (f"{GROUP}user.initiate_chat(chief, message='hi')\n", "bot", {"chief"}),
        (f"{GROUP}user.initiate_chat(chief, message='hi')\n", "chief", {"user"}),
        (f"{GROUP}user.initiate_chat(bot, message='hi')\n", "bot", {"user"}),
        (f"{NESTED}user.initiate_chat(bot, message='hi')\n", "peer", {"bot"}),
        (f"{NESTED}user.initiate_chat(bot, message='hi')\n", "bot", {"user", "peer"}),
        (
            "def ask(who):\n  who.initiate_chat(bot, message='hi')\nfor a in (user, peer): ask(a)\n",
            "bot",
            {"user", "peer"},
        ),
    ],
)
def test_all_senders_are_known(body: str, label: str, expected: set[str]) -> None:
    assert senders(model_of(body), label) == (expected, True)


@pytest.mark.parametrize(
    "body",
    [
        "from elsewhere import run\nrun(bot)\n",
        "from elsewhere import registry\nregistry['bot'] = bot\n",
        "from elsewhere import run\nrun([user, {'agent': bot}])\n",
        "from elsewhere import stranger\nstranger.initiate_chat(bot, message='hi')\n",
        "from elsewhere import stranger\nbot.initiate_chat(stranger, message='hi')\n",
        "from elsewhere import stranger\nbot.generate_reply(messages=[], sender=stranger)\n",
        "from elsewhere import queue\nautogen.initiate_chats([{'recipient': bot}, *queue])\n",
        "from elsewhere import lead\nlead(GroupChat([bot, peer], messages=[], max_round=3))\n",
        "def handle(text):\n  return bot\n",
        "from elsewhere import *\nuser.initiate_chat(bot, message='hi')\n",
        "from elsewhere import Queue\nclass Jobs(Queue):\n  agent = bot\nJobs().put(bot)\n",
    ],
)
def test_others_may_be_out_of_view(body: str) -> None:
    assert senders(model_of(body), "bot")[1] is False


def test_each_turn_tells_what_brings_it_about() -> None:
    model = model_of(f"{GROUP}user.initiate_chat(chief, message='hi')\n")
    (turn,) = model.turns(next(a for a in model.agents if a.label == "peer")).known
    assert turn.in_group
    assert model.source.slice(model.range(turn.node)) == "user.initiate_chat(chief, message='hi')"
