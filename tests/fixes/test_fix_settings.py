"""Settings of chats and models that keep a callback from being reached."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

STREAM = """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Screen:
    def print(self, *objects, sep=" ", end="", flush=False):
        self.lines.append(sep.join(map(str, objects)))
    def send(self, event):
        self.lines.append(event)
    def input(self, prompt="", *, password=False):
        return ""
with IOStream.set_default(Screen()):
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('bot, message="hi", silent=True', 'bot, message="hi"'),
        ('bot, silent=True, message="hi"', 'bot, message="hi"'),
        ('silent=True, recipient=bot, message="hi"', 'recipient=bot, message="hi"'),
        ('bot, True, True, message="hi"', 'bot, True, False, message="hi"'),
        (
            'bot,\n        message="hi",  # ask\n        silent=True,\n    ',
            'bot,\n        message="hi",  # ask\n    ',
        ),
        (
            'bot,\n        silent=True,  # quiet\n        message="hi"',
            'bot,  # quiet\n        message="hi"',
        ),
    ],
)
def test_a_chat_is_heard(before: str, after: str) -> None:
    chat = STREAM + "    user.initiate_chat({})\n"
    fix = fixed(chat.format(before), chat.format(after), "CB426", safety=Safety.UNSAFE)
    assert fix.title == "Let the stream hear the messages: without `silent=True`"


def test_all_chats_of_the_block_are_heard() -> None:
    before = (
        STREAM
        + """
    user.initiate_chat(bot, message="hi", silent=True)
    bot.initiate_chat(user, message="ho", silent=True)
user.initiate_chat(bot, message="hi", silent=True)
"""
    )
    fixed(before, before.replace(", silent=True)", ")", 2), "CB426")


def test_a_setting_from_elsewhere_stays() -> None:
    text = STREAM + "    user.initiate_chat(bot, **OPTIONS)\n"
    text = text.replace("with IO", 'OPTIONS = {"silent": True, "message": "hi"}\nwith IO')
    assert offers(text, "CB426") == []


CLIENT = """
from autogen import AssistantAgent, ConversableAgent
from clients import Mine
{}
bot = AssistantAgent("bot", llm_config=config)
bot.register_model_client(Mine)
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
user.initiate_chat(bot, message="hi", max_turns=1)
user.initiate_chat(bot, message="hi", max_turns=1)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "config = {'config_list': [{'model': 'm', 'model_client_cls': 'Mine'}]}",
            "config = {'config_list': [{'model': 'm', 'model_client_cls': 'Mine'}], "
            "'cache_seed': None}",
        ),
        (
            'listed = [{"model": "m", "model_client_cls": "Mine"}]\n'
            "config = {\n"
            '    "config_list": listed,  # one\n'
            "}",
            'listed = [{"model": "m", "model_client_cls": "Mine"}]\n'
            "config = {\n"
            '    "config_list": listed,  # one\n'
            '    "cache_seed": None,\n'
            "}",
        ),
        (
            'config = {\n    "config_list": [{"model": "m", "model_client_cls": "Mine"}]  # one\n}',
            'config = {\n    "config_list": [{"model": "m", "model_client_cls": "Mine"}],  # one\n'
            '    "cache_seed": None\n}',
        ),
        (
            'config = dict(config_list=[{"model": "m", "model_client_cls": "Mine"}])',
            'config = dict(config_list=[{"model": "m", "model_client_cls": "Mine"}], '
            "cache_seed=None)",
        ),
    ],
)
def test_nothing_is_kept(before: str, after: str) -> None:
    on = "autogen-agentchat==0.2.40"
    fix = fixed(
        CLIENT.format(before), CLIENT.format(after), "CB428", safety=Safety.UNSAFE, target=on
    )
    assert fix.title == 'Keep no answers on disk: `"cache_seed": None`'


GROUP = """
from autogen import AssistantAgent, GroupChat, UserProxyAgent
class Policy:
    def is_eligible(self, agent, ctx):
        return True
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def pick(last_speaker, groupchat):
    return alice
OPTIONS = {}
GroupChat([alice, user], [], {})  # a team
"""
BOTH = "speaker_selection_method=pick, eligibility_policies=[Policy()]"


def test_policies_are_asked() -> None:
    before = GROUP.format("None", BOTH)
    fix = fixed(before, before.replace("=pick", '="round_robin"'), "CB416", safety=Safety.UNSAFE)
    assert fix.title == "Select in turn instead of by `pick`, so that the policies are asked"


def test_policies_from_elsewhere() -> None:
    assert offers(GROUP.format(f"dict({BOTH})", "**OPTIONS"), "CB416") == []
