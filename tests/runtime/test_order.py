"""The order of reply functions: what the model works out, against ``agent._reply_func_list``.

Programs are made up by hypothesis. One process of each AutoGen runs them all, and tells what its
agent holds and which functions fired. There are a few hundred programs of each kind; to try more,
others each time:

    CALLSCOPE_EXAMPLES=5000 .venv/bin/pytest tests/runtime/test_order.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, note, settings
from hypothesis import strategies as st

from callscope.contracts import Target
from callscope.contracts.classic.dispatch import ASYNC_NESTED_CHATS
from callscope.model import Model, build_model
from callscope.model.agents import Agent
from callscope.model.blockers import situation_of
from callscope.model.chats import Turn
from callscope.model.dispatch import Fate, fates
from callscope.model.order import Order, Slot
from callscope.model.triggers import match
from callscope.source import SourceText, parse
from tests.runtime.conftest import installed
from tests.runtime.harness import Service
from tests.runtime.releases import TARGETS

EXAMPLES = int(os.environ.get("CALLSCOPE_EXAMPLES", "0"))

many = settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)

HEAD = """\
import asyncio
import autogen
from autogen import Agent, AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
from autogen import UserProxyAgent
fired = globals().get("fired", [])
peer = ConversableAgent("peer", llm_config=False, human_input_mode="NEVER")
other = ConversableAgent("other", llm_config=False, human_input_mode="NEVER")
person = UserProxyAgent("person", human_input_mode="NEVER", code_execution_config=False)
chief = GroupChatManager(GroupChat([], messages=[]), llm_config=False, name="chief")
"""

#: Who makes ``bot`` answer; ``{a}`` and ``{run}`` stand for what async chats have besides.
CHATS = (
    "{run}(peer.{a}initiate_chat(bot, message='hi', max_turns=1))\n",
    "{run}(person.{a}initiate_chat(bot, message='hi', max_turns=1))\n",
    "{run}(peer.{a}send('hi', bot, request_reply=True))\n",
    "{run}(bot.{a}generate_reply(messages=[{{'role': 'user', 'content': 'hi'}}], sender=peer))\n",
    "{run}(bot.{a}generate_reply(messages=[{{'role': 'user', 'content': 'hi'}}]))\n",
    "team = GroupChat([peer, bot], [], max_round=2, speaker_selection_method='round_robin')\n"
    "head = GroupChatManager(team, name='chief', llm_config=False)\n"
    "{run}(peer.{a}initiate_chat(head, message='hi'))\n",
    "ask = ConversableAgent('ask', llm_config=False, human_input_mode='NEVER')\n"
    "queue = [{{'recipient': bot, 'message': 'hi', 'max_turns': 1, 'chat_id': 1}}]\n"
    "ask.register_nested_chats(queue, trigger=Agent, use_async={is_async})\n"
    "{run}(person.{a}initiate_chat(ask, message='hi', max_turns=1))\n",
)

FUNCTION = """\
{keyword}def {name}(recipient, messages=None, sender=None, config=None):
    fired.append("{name}")
    return {answer}
"""

NESTED = """\
{keyword}def {name}(chat_queue, recipient, messages=None, sender=None, config=None):
    fired.append("{name}")
    return False, None
"""

MINE = """\
class Mine(ConversableAgent):
    def __init__(self, name, **rest):
        super().__init__(name, **rest)
        {inner}

    def on_mine(self, messages=None, sender=None, config=None):
        fired.append("on_mine")
        return False, None
"""

#: How an agent is made, without and with its own code to run programs.
CODE = (
    "",
    ", code_execution_config=False",
    ', code_execution_config={"use_docker": False}',
    ', code_execution_config={"use_docker": False, "work_dir": "out"}',
    ', code_execution_config={"executor": "commandline-local"}',
)
KINDS = ("ConversableAgent", "AssistantAgent", "UserProxyAgent", "Mine", "GroupChatManager")
COMMON = ', llm_config=False, human_input_mode="NEVER"'
#: Of the same name in real AutoGen and in the model, whatever makes them.
BUILTINS = (
    "ConversableAgent.generate_oai_reply",
    "ConversableAgent.a_generate_oai_reply",
    "autogen.ConversableAgent.check_termination_and_human_reply",
    "AssistantAgent.generate_tool_calls_reply",
    "bot.generate_oai_reply",
    "type(bot).generate_oai_reply",
    "ConversableAgent.generate_reply",
)
#: Some match every sender, some only one, one nobody.
TRIGGERS = (
    *("[Agent, None]", "Agent", "ConversableAgent", "[ConversableAgent]", "peer", "'peer'"),
    *("UserProxyAgent", "[AssistantAgent, 'person']", "[None, person]", "chief", "[other, 'Peer']"),
)
POSITIONS = (
    *("", ", 0", ", position=0", ", position=1", ", 2", ", position=3", ", position=6"),
    *(", position=-1", ", position=-2", ", position=-100", ", position=100"),
    *(", position=len(bot._reply_func_list)", ", position=1 + 1"),
)
#: What runs nested chats unless the program says otherwise; it always answers.
SYNC_CHATS = "_summary_from_nested_chats"
ASYNC_CHATS = "_a_summary_from_nested_chats"
NAMES = ("on_one", "on_two", "on_three", "on_four")
ASYNC_NAMES = ("later_one", "later_two")


@st.composite
def agents(draw: st.DrawFn) -> str:
    """The statements that make ``bot``."""
    kind = draw(st.sampled_from(KINDS))
    own = ""
    if kind == "GroupChatManager":
        members = draw(st.sampled_from(("[other]", "[peer, other]")))
        return (
            f"group = GroupChat(agents={members}, messages=[], max_round=1)\n"
            f"bot = GroupChatManager(groupchat=group{COMMON})\n"
        )
    code = draw(st.sampled_from(CODE if kind != "UserProxyAgent" else CODE[1:]))
    if kind == "Mine":
        inner = draw(
            st.sampled_from(
                (
                    "pass",
                    "self.register_reply([Agent, None], on_one, 2)",
                    "self.register_reply([Agent, None], Mine.on_mine, position=3)",
                    "self.replace_reply_func(Mine.generate_oai_reply, on_one)",
                )
            )
        )
        own = MINE.format(inner=inner)
    return f"{own}bot = {kind}('bot'{COMMON}{code})\n"


@st.composite
def registrations(draw: st.DrawFn) -> str:
    """One statement that changes ``bot``'s list."""
    trigger, place = draw(st.sampled_from(TRIGGERS)), draw(st.sampled_from(POSITIONS))
    what = draw(
        st.sampled_from(("plain", "plain", "async", "alone", "loop", "helper", "nested", "replace"))
    )
    name = draw(st.sampled_from(NAMES))
    if what == "async":
        name = draw(st.sampled_from(ASYNC_NAMES))
        return f"bot.register_reply({trigger}, {name}{place}, ignore_async_in_sync_chat=True)\n"
    if what == "alone":
        return f"bot.register_reply({trigger}, {name}{place}, remove_other_reply_funcs=True)\n"
    if what == "loop":
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
        listed = "".join(f"{each}, " for each in names)
        return f"for each in ({listed}):\n    bot.register_reply({trigger}, each{place})\n"
    if what == "helper":
        return f"attach(bot, {name})\n"
    if what == "nested":
        return draw(nested_chats(trigger))
    if what == "replace":
        old = draw(st.sampled_from((*BUILTINS, *NAMES)))
        return f"bot.replace_reply_func({old}, {name})\n"
    return f"bot.register_reply({trigger}, {name}{place})\n"


@st.composite
def nested_chats(draw: st.DrawFn, trigger: str) -> str:
    place = draw(st.sampled_from(("", ", position=0", ", position=4", ", position=-1")))
    own = draw(st.sampled_from(("", "nested_own", "nested_later")))
    is_async = own == "nested_later" or (not own and draw(st.booleans()))
    function = f", reply_func_from_nested_chats={own}" if own else ""
    flag = ", use_async=True" if is_async else ""
    queue = "[{'recipient': other, 'message': 'x', 'max_turns': 1, 'chat_id': 1}]"
    return f"bot.register_nested_chats({queue}, {trigger}{function}{place}{flag})\n"


@st.composite
def functions(draw: st.DrawFn) -> str:
    """The functions that are registered: observers, and at most two that give the reply."""
    answers = ("(False, None)",) * 4 + ("(True, 'done')",)
    texts = []
    for name in (*NAMES, *ASYNC_NAMES):
        keyword = "async " if name in ASYNC_NAMES else ""
        answer = draw(st.sampled_from(answers))
        texts.append(FUNCTION.format(keyword=keyword, name=name, answer=answer))
    texts.append(NESTED.format(keyword="", name="nested_own"))
    texts.append(NESTED.format(keyword="async ", name="nested_later"))
    return "".join(texts)


HELPER = """\
def attach(agent, function, place=1):
    agent.register_reply([Agent, None], function, position=place)
"""


@st.composite
def programs(draw: st.DrawFn) -> str:
    statements = draw(st.lists(registrations(), min_size=1, max_size=7))
    return "".join((HEAD, draw(functions()), HELPER, draw(agents()), *statements))


def for_release(target: str, program: str) -> str:
    """The program without what the release raises errors for: async functions of nested chats."""
    if Target.parse(target).release in ASYNC_NESTED_CHATS:
        return program
    return program.replace("_from_nested_chats=nested_later", "_from_nested_chats=nested_own")


@cache
def _service(target: str) -> Service:
    return Service(installed(target).python, Path(__file__).with_name("orders.py"))


@pytest.fixture(params=TARGETS, scope="module")
def target(request: pytest.FixtureRequest) -> str:
    installed(request.param)
    return str(request.param)


def observed(target: str, program: str) -> dict[str, Any]:
    note(program)
    found: dict[str, Any] = _service(target).ask({"program": program})
    return found


def modelled(target: str, program: str) -> tuple[Model, Agent, Order]:
    parsed = parse(SourceText(Path("program.py"), program))
    model = build_model(parsed, Target.parse(target))
    bot = next(agent for agent in model.agents if agent.label == "bot")
    return model, bot, model.order(bot)


def real_name(slot: Slot) -> str:
    """What real AutoGen calls the entry: its nested chats go by the function that runs them."""
    registration = slot.registration
    if registration is None or registration.kind != "nested":
        return slot.name
    own = registration.argument_node("reply_func_from_nested_chats")
    if own is not None:
        return own.id  # type: ignore[attr-defined,no-any-return]
    return ASYNC_CHATS if slot.is_coroutine else SYNC_CHATS


@many
@given(program=programs())
def test_list(target: str, program: str) -> None:
    """The list itself."""
    program = for_release(target, program)
    found = observed(target, program)
    assert not found["error"], found["error"]
    _, _, order = modelled(target, program)
    event(f"exact: {order.exact}")
    if order.exact:
        assert [[real_name(slot), slot.is_coroutine] for slot in order.slots] == found["tried"]


@many
@given(program=programs(), chat=st.sampled_from(CHATS), is_async=st.booleans())
def test_who_fires(target: str, program: str, chat: str, is_async: bool) -> None:
    """Those before the first final reply, in that order, whoever makes ``bot`` answer."""
    words = {"run": "asyncio.run", "a": "a_"} if is_async else {"run": "", "a": ""}
    text = for_release(target, program + chat.format(**words, is_async=is_async))
    found = observed(target, text)
    model, bot, order = modelled(target, text)
    event(f"exact: {order.exact}")
    if not order.exact:
        return
    # In nested chats of its own it answers ``other``, which none of the chats above do.
    turn = next(t for t in model.turns(bot).known if not t.sender or t.sender.label != "other")
    decided = [decision(slot, turn) for slot in order.slots]
    asked = list(expected(model, bot, turn))
    names = [real_name(slot) for slot, _ in asked if slot.registration is not None]
    checks_first = "generate_reply" not in chat and "send" not in chat and not is_async
    starts_chats = any(f is Fate.ASKED and real_name(slot) == SYNC_CHATS for slot, f in asked)
    if (checks_first or starts_chats) and any(is_awaited_chat(s) for s in order.slots):
        assert found["error"].startswith("RuntimeError: Async reply functions"), found["error"]
        return
    event(f"decided: {None not in decided}")
    if any(fate is Fate.RAISES for _, fate in asked):
        assert found["error"].startswith("SenderRequired"), found["error"]
        names.pop()
    else:
        assert not found["error"], found["error"]
    assert [name for name in names if name in program] == found["fired"]


def is_awaited_chat(slot: Slot) -> bool:
    """Whether the entry is a nested chat that the agent can start no sync chat with."""
    nested = slot.registration is not None and slot.registration.kind == "nested"
    return nested and slot.is_coroutine


def expected(model: Model, bot: Agent, turn: Turn) -> Iterator[tuple[Slot, Fate]]:
    """The entries that the agent asks, up to the one that answers or raises."""
    for slot, fate in fates(model, bot, turn, situation_of(turn, None)):
        if fate in (Fate.ASKED, Fate.RAISES):
            yield slot, fate
            # What runs nested chats always answers, unless the program brings its own.
            if slot.registration is not None and real_name(slot) in (SYNC_CHATS, ASYNC_CHATS):
                return


def decision(slot: Slot, turn: Turn) -> bool | None:
    """Whether the trigger matches, as far as the model tells."""
    return match(slot.trigger, turn).matches if slot.trigger is not None else True


def test_most_lists_are_known() -> None:
    """Nothing above would be shown if the model claimed to know no list."""
    found = []

    @settings(many, max_examples=100)
    @given(program=programs())
    def collect(program: str) -> None:
        found.append(modelled(TARGETS[-1], program)[2].exact)

    collect()
    assert sum(found) > len(found) * 0.8
