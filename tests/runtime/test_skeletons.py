"""The callbacks that Callscope writes, on real AutoGen: each is accepted, called, and goes well.

In each program ``made`` is defined by nobody. The quick fix creates it; then the program runs, all
of them in one process.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from callscope.check import check, creations_at
from callscope.contracts import Target
from callscope.contracts.classic.callbacks import BY_KIND, HOOKS
from callscope.contracts.classic.skeletons import SKELETONS
from callscope.incremental import Recall
from callscope.project import Config, Project
from callscope.source import Position, Range, SourceText
from tests.runtime.conftest import installed
from tests.runtime.releases import NEWEST

HEAD = """\
from autogen import Agent, AssistantAgent, ConversableAgent, GroupChat, GroupChatManager


bot = ConversableAgent("bot", llm_config=False, human_input_mode="NEVER")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
"""
CHAT = 'user.initiate_chat(bot, message="hi", max_turns=1)\n'
ASYNC_CHAT = "import asyncio\nasyncio.run(user.a_initiate_chat(bot, message='hi', max_turns=1))\n"
ASYNC_SEND = "import asyncio\nasyncio.run(bot.a_send('hi', user))\n"
MODEL = """\
from types import SimpleNamespace
class Model:
    def __init__(self, config, **kwargs):
        pass
    def create(self, params):
        message = SimpleNamespace(content="yes", function_call=None, tool_calls=None)
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], model="m")
    def message_retrieval(self, response):
        return [choice.message.content for choice in response.choices]
    def cost(self, response):
        return 0
    @staticmethod
    def get_usage(response):
        return {}
entry = {"model": "m", "model_client_cls": "Model"}
"""
ANSWERING = f"""{MODEL}
bot = ConversableAgent("bot", llm_config={{"config_list": [entry], "cache_seed": None}})
bot.register_model_client(Model)
"""
TOOL_CALL = """\
call = {"id": "1", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
bot.register_function({"ping": lambda: "pong"})
bot.generate_reply(messages=[{"role": "assistant", "content": None, "tool_calls": [call]}], sender=user)
"""
ASKED = """\
bot = ConversableAgent("bot", llm_config=False, human_input_mode="ALWAYS")
bot._human_input = []
import builtins
builtins.input = lambda *_: "typed"
"""
TEAM = """\
team = GroupChat([user, bot], [], max_round=3, speaker_selection_method=made)
user.initiate_chat(GroupChatManager(team, llm_config=False), message="hi")
"""
TARGET = """\
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import FunctionTarget
from autogen.agentchat.group.patterns import DefaultPattern
bot.handoffs.set_after_work(FunctionTarget(made))
pattern = DefaultPattern(initial_agent=bot, agents=[bot], user_agent=user)
initiate_group_chat(pattern=pattern, messages="hi", max_rounds=4)
"""
RESUME = """\
team = GroupChat([user, bot], [], max_round=2, speaker_selection_method="round_robin")
manager = GroupChatManager(team, llm_config=False)
said = [{"role": "user", "name": "user", "content": "hi"}]
said.append({"role": "user", "name": "bot", "content": "bye TERMINATE"})
manager.resume(messages=said, remove_termination_string=made)
"""
QUEUE = '[{"recipient": user, "message": "hi", "max_turns": 1, "summary_method": "last_msg"}]'

PROGRAMS: dict[str, str] = {
    "reply": f"bot.register_reply([Agent, None], made)\n{CHAT}",
    "nested-reply": f"bot.register_nested_chats({QUEUE}, Agent, made)\n{CHAT}",
    "nested-message": "third = ConversableAgent('third', llm_config=False)\n"
    "bot.register_nested_chats(\n"
    '    [{"recipient": third, "message": made, "max_turns": 1}], trigger=Agent\n)\n' + CHAT,
    "chat-message": "user.initiate_chat(bot, message=made, max_turns=1, task='do')\n",
    "summary": "user.initiate_chat(bot, message='hi', max_turns=1, summary_method=made)\n",
    "selector": TEAM,
    "termination": 'bot = ConversableAgent("bot", llm_config=False, is_termination_msg=made)\n'
    + CHAT,
    "reset-config": "bot.register_reply(Agent, lambda *a, **k: (False, None), 0, {}, made)\n"
    "bot.reset()\n",
    "update-system-message": "from autogen import UpdateSystemMessage\n"
    'bot = ConversableAgent("bot", llm_config=False,\n'
    "    update_agent_state_before_reply=[UpdateSystemMessage(made)])\n" + CHAT,
    "function-target": TARGET,
    "remove-termination": RESUME,
    "filter": f"{MODEL}\n"
    'entry["filter_func"] = None\n'
    "bot = ConversableAgent(\n"
    '    "bot", llm_config={"config_list": [{"model": "m", "model_client_cls": "Model"}],\n'
    '    "cache_seed": None, "filter_func": made}\n)\n'
    f"bot.register_model_client(Model)\n{CHAT}",
    **{
        name: f'bot.register_hook("{name}", made)\n{chat}'
        for name, chat in (
            ("process_last_received_message", CHAT),
            ("process_all_messages_before_reply", CHAT),
            ("process_message_before_send", "bot.send('hi', user)\n"),
            ("a_process_last_received_message", ASYNC_CHAT),
            ("a_process_all_messages_before_reply", ASYNC_CHAT),
            ("a_process_message_before_send", ASYNC_SEND),
            ("update_agent_state", CHAT),
            ("safeguard_tool_inputs", TOOL_CALL),
            ("safeguard_tool_outputs", TOOL_CALL),
        )
    },
    "safeguard_llm_inputs": f'{ANSWERING}bot.register_hook("safeguard_llm_inputs", made)\n{CHAT}',
    "safeguard_llm_outputs": f'{ANSWERING}bot.register_hook("safeguard_llm_outputs", made)\n{CHAT}',
    "safeguard_human_inputs": f'{ASKED}bot.register_hook("safeguard_human_inputs", made)\n{CHAT}',
    "tool": "bot.register_for_execution()(made)\n"
    + TOOL_CALL.split("bot.register")[0]
    .replace("ping", "made")
    .replace('"{}"', '\'{"query": "x"}\'')
    + TOOL_CALL.split("\n")[2]
    + "\n",
}
DRIVER = """\
import contextlib, io, json, pathlib, traceback
outcomes = {}
for kind, program in json.loads(pathlib.Path("programs.json").read_text()).items():
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(program, kind, "exec"), {"__name__": "__main__"})
    except Exception:
        outcomes[kind] = traceback.format_exc()[-800:]
    else:
        text = printed.getvalue()
        wrong = "Error" in text or "Warning: Hook" in text
        outcomes[kind] = text if wrong else "fired" if "FIRED" in text else "silent"
print(json.dumps(outcomes))
"""


def created(target: str, kind: str) -> str | None:
    """The program of ``kind`` with what the quick fix at ``made`` writes; None if it is not
    offered."""
    text = HEAD + PROGRAMS[kind]
    report = check(
        Project(Config(target=Target.parse(target))),
        SourceText(Path("program.py"), text),
        recall=Recall(),
    )
    before = text[: re.search(r"\bmade\b", text).start()]  # type: ignore[union-attr]
    place = Position(before.count("\n"), len(before.rpartition("\n")[2]))
    fixes = creations_at(report, Range(place, place))
    return fixes[0].new_text if fixes else None


def test_each_kind_is_tried() -> None:
    assert set(PROGRAMS) - {"tool"} == set(SKELETONS)


@pytest.mark.parametrize("target", NEWEST)
def test_what_is_created_is_called(target: str) -> None:
    environment, release = installed(target), Target.parse(target).release
    programs = {}
    for kind in PROGRAMS:
        text = created(target, kind)
        if text is not None:
            programs[kind] = re.sub(r"(def made\(.*:)", r'\1\n    print("FIRED")', text)
    files = {"programs.json": json.dumps(programs), "driver.py": DRIVER}
    done = environment.run(files, "driver.py")
    assert done.returncode == 0, done
    outcomes = json.loads(done.stdout.splitlines()[-1])
    assert outcomes == dict.fromkeys(programs, "fired"), outcomes
    rows = {**BY_KIND, **{name: hook.callback for name, hook in HOOKS.items()}}
    there = {kind for kind in SKELETONS if release in rows[kind].versions}
    assert set(programs) == {*there, "tool"}
