"""What the walk makes of receivers as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.contracts import NEWEST_CLASSIC
from callscope.model import Model, build_model
from callscope.source import SourceText, parse

HEAD = """\
import autogen
from autogen import Agent, AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
def on_reply(recipient, messages=None, sender=None, config=None):
    return False, None
"""


def model_of(body: str, head: str = HEAD) -> Model:
    return build_model(parse(SourceText(Path("x.py"), head + body)), NEWEST_CLASSIC)


def replies(body: str) -> list[str | None]:
    """The labels of the agents that reply functions are registered on, None where unknown."""
    model = model_of(body)
    return [r.agent.label if r.agent else None for r in model.registrations if r.kind == "reply"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("bot = AssistantAgent('b')\nbot.register_reply([Agent], on_reply)\n", ["bot"]),
        (
            "bot = autogen.agentchat.AssistantAgent('b')\nbot.register_reply(Agent, on_reply)\n",
            ["bot"],
        ),
        (
            "class D:\n  def __init__(self):\n    self.bot = AssistantAgent('b')\n"
            "  def go(self):\n    self.bot.register_reply(Agent, on_reply)\n",
            ["bot"],
        ),
        (
            "def make():\n  return AssistantAgent('a'), AssistantAgent('b')\n"
            "one, two = make()\ntwo.register_reply(Agent, on_reply)\n",
            ["two"],
        ),
        (
            "a = AssistantAgent('a')\nb = AssistantAgent('b')\n"
            "for agent in [a, b]:\n  agent.register_reply(Agent, on_reply)\n",
            ["a", "b"],
        ),
        (
            "def team():\n  for name in ('a', 'b'):\n    bot = AssistantAgent(name)\n"
            "    yield bot\n  yield AssistantAgent('c')\n"
            "for agent in team():\n  agent.register_reply(Agent, on_reply)\n",
            ["bot", "bot", "c"],
        ),
        (
            "a = AssistantAgent('a')\nb = AssistantAgent('b')\n"
            "chat = GroupChat(agents=[a, b], messages=[])\n"
            "for agent in chat.agents:\n  agent.register_reply(Agent, on_reply)\n",
            ["a", "b"],
        ),
        (
            "team = {'a': AssistantAgent('a'), 'b': AssistantAgent('b')}\n"
            "for agent in team.values():\n  agent.register_reply(Agent, on_reply)\n",
            ["a", "b"],
        ),
        ("if (bot := AssistantAgent('b')):\n  bot.register_reply(Agent, on_reply)\n", ["bot"]),
        (
            "from dataclasses import dataclass\n@dataclass\nclass T:\n  bot: AssistantAgent\n"
            "team = T(AssistantAgent('b'))\nteam.bot.register_reply(Agent, on_reply)\n",
            ["bot"],
        ),
        (
            "import sys\nbot = None\nif sys.argv:\n  bot = AssistantAgent('b')\n"
            "bot.register_reply(Agent, on_reply)\n",
            ["bot"],
        ),
        (
            "class Own(AssistantAgent):\n  def __init__(self):\n    super().__init__('own')\n"
            "    self.register_reply(Agent, on_reply)\n",
            ["own"],
        ),
        (
            "def attach(agent: ConversableAgent):\n  agent.register_reply(Agent, on_reply)\n",
            ["ConversableAgent"],
        ),
        (
            "def attach(agent):\n  agent.register_reply(Agent, on_reply)\n"
            "bot = AssistantAgent('b')\nattach(bot)\n",
            ["bot"],
        ),
        (
            "import functools\n@functools.lru_cache\ndef get():\n  return AssistantAgent('b')\n"
            "get().register_reply(Agent, on_reply)\nget().register_reply(Agent, on_reply)\n",
            ["b", "b"],
        ),
        (
            "try:\n  from autogen import AssistantAgent as A\nexcept ImportError:\n  A = None\n"
            "bot = A('b')\nbot.register_reply(Agent, on_reply)\n",
            ["bot"],
        ),
    ],
)
def test_receivers_are_followed(body: str, expected: list[str]) -> None:
    assert replies(body) == expected


@pytest.mark.parametrize(
    ("last", "certain"),
    [
        ("  yield AssistantAgent('b')\n", True),
        ("  if more:\n    yield AssistantAgent('b')\n", False),
        ("  if more:\n    return\n  yield AssistantAgent('b')\n", False),
        ("  for name in more:\n    yield AssistantAgent(name)\n", False),
    ],
)
def test_what_a_generator_surely_yields(last: str, certain: bool) -> None:
    model = model_of(
        f"def team(more):\n  yield AssistantAgent('a')\n{last}"
        "for agent in team(unknown):\n  agent.register_reply(Agent, on_reply)\n"
    )
    found = [r.where.certain for r in model.registrations if r.kind == "reply"]
    assert len(found) == 2
    assert all(found) is certain


@pytest.mark.parametrize(
    "body",
    [
        "class Bus:\n  def register_reply(self, a, b): ...\nBus().register_reply(Agent, on_reply)\n",
        "def attach(agent):\n  agent.register_reply(Agent, on_reply)\n",
        "from somewhere import bot\nbot.register_reply(Agent, on_reply)\n",
        "bot = AssistantAgent('b')\nbot = object()\nbot.register_reply(Agent, on_reply)\n",
        "bot = make_bot()\nbot.register_reply(Agent, on_reply)\n",
        "class Own(AssistantAgent):\n  def register_reply(self, a, b): ...\nOwn('o').register_reply(1, 2)\n",
    ],
)
def test_what_is_no_agent_is_no_receiver(body: str) -> None:
    assert replies(body) == []


def test_a_star_import_leaves_names_unknown() -> None:
    model = model_of("from helpers import *\nbot.register_reply(Agent, on_reply)\n")
    assert not model.registrations


def test_callers_are_walked_before_what_they_call() -> None:
    model = model_of(
        "def make(name):\n  return AssistantAgent(name)\n"
        "def serve():\n  bot = make('b')\n  bot.register_reply(Agent, on_reply)\n"
    )
    found = [r.agent for r in model.registrations if r.kind == "reply"]
    assert len(found) == 1
    assert found[0] is not None
    assert found[0].name == "b"


def test_the_guard_is_known_inside_what_it_calls() -> None:
    model = model_of(
        "bot = AssistantAgent('b')\ndef main():\n  bot.register_reply(Agent, on_reply)\n"
        "if __name__ == '__main__':\n  main()\n"
    )
    assert [r.where.guard for r in model.registrations if r.kind == "reply"] == [True]


def test_turns_of_a_group_chat_have_the_manager_as_sender() -> None:
    model = model_of(
        "a = AssistantAgent('a')\nb = AssistantAgent('b')\n"
        "manager = GroupChatManager(GroupChat([a, b], messages=[]))\n"
        "a.initiate_chat(manager, message='hi')\n"
    )
    agent = next(agent for agent in model.agents if agent.name == "b")
    turns = model.turns(agent)
    assert turns.closed
    assert {turn.sender.class_name for turn in turns.known if turn.sender} == {"GroupChatManager"}


def test_an_agent_handed_to_unknown_code_is_open() -> None:
    model = model_of(
        "from somewhere import use\na = AssistantAgent('a')\nb = AssistantAgent('b')\n"
        "a.initiate_chat(b, message='hi')\nuse(b)\n"
    )
    closed = {agent.name: model.is_closed(agent) for agent in model.agents}
    assert closed == {"a": True, "b": False}


def test_endless_recursion_ends() -> None:
    model = model_of("def f(x):\n  return g(x)\ndef g(x):\n  return f(x)\nf(1)\n")
    assert model.registrations == []


def test_a_function_may_find_any_value_a_name_has_had() -> None:
    model = model_of(
        "bot = AssistantAgent('first')\n"
        "def choose():\n  bot.register_reply(Agent, on_reply)\n"
        "bot = AssistantAgent('second')\n"
    )
    found = [r for r in model.registrations if r.kind == "reply"]
    assert {r.agent.name for r in found if r.agent} == {"first", "second"}
    assert not any(r.where.certain for r in found)


def test_an_agent_with_its_own_way_to_chat_is_open() -> None:
    model = model_of(
        "class Own(ConversableAgent):\n  def initiate_chat(self, other):\n    pass\n"
        "own = Own('o')\nother = ConversableAgent('x')\nother.initiate_chat(own)\n"
    )
    closed = {agent.name: model.is_closed(agent) for agent in model.agents}
    assert closed == {"o": False, "x": True}


def test_a_list_that_holds_itself_ends() -> None:
    assert model_of("x = []\nx.append(x)\nprint(x)\nopen(x)\n").registrations == []


def hooks(body: str) -> list[tuple[str | None, str, str | None]]:
    """Name of the hook, of the callback, and why AutoGen's call of it fails."""
    model = model_of("import functools\nbot = AssistantAgent('b')\n" + body)
    found = []
    for registration in model.registrations:
        known, contract = registration.function, registration.contract
        if registration.kind == "hook" and known is not None and contract is not None:
            found.append((registration.hook_name, known.name, known.mismatch(contract.shape)))
    return found


WRAPPER = (
    "def logged(function):\n  @functools.wraps(function)\n"
    "  def wrapper(*args, **kwargs):\n{body}\n  return wrapper\n"
)
LAST = "process_last_received_message"


@pytest.mark.parametrize(
    ("body", "fails"),
    [
        ("    print('called')\n    return function(*args, **kwargs)", True),
        ("    try:\n      return function(*args, **kwargs)\n    finally:\n      print(1)", True),
        (
            "    try:\n      return function(*args, **kwargs)\n    except TypeError:\n      pass",
            False,
        ),
        ("    if kwargs:\n      return None\n    return function(*args, **kwargs)", False),
        ("    return function(None, *args, **kwargs)", False),
        ("    kwargs = {}\n    return function(*args, **kwargs)", False),
        ("    kwargs.update(agent=1)\n    return function(*args, **kwargs)", False),
    ],
)
def test_a_wrapper_that_hands_all_on_fits_where_the_wrapped_does(body: str, fails: bool) -> None:
    [(_, name, problem)] = hooks(
        f"{WRAPPER.format(body=body)}@logged\ndef clean(agent, content):\n  return content\n"
        f"bot.register_hook('{LAST}', clean)\n"
    )
    assert name == "clean"
    assert (problem is not None) is fails


def test_a_wrapped_method_is_bound() -> None:
    found = hooks(
        "def logged(method):\n  def wrapper(self, content):\n    return method(self, content)\n"
        "  return wrapper\nclass Desk:\n  @logged\n  def clean(self, content):\n    return content\n"
        f"bot.register_hook('{LAST}', Desk().clean)\n"
    )
    assert found == [(LAST, "wrapper", None)]


@pytest.mark.parametrize(
    "table",
    [
        "from enum import Enum\nclass Stage(Enum):\n  LAST = '{0}'\nnames = [Stage.LAST.value]\n",
        "from collections import defaultdict\nkept = defaultdict(list)\nkept['x'].append('{0}')\n"
        "names = kept['x']\n",
        "kept = {{}}\nkept.setdefault('x', []).append('{0}')\nnames = kept['x']\n",
        "def {0}(): ...\nnames = [f.__name__ for f in ({0},)]\n",
        "class {0}: ...\nnames = [{0}.__name__]\n",
        "def name(x, y):\n  return y\nnames = [functools.partial(name, 1)('{0}')]\n",
    ],
)
def test_tables_are_read(table: str) -> None:
    found = hooks(
        table.format(LAST)
        + "for name in names:\n  bot.register_hook(name, lambda content: content)\n"
    )
    assert [name for name, _, _ in found] == [LAST]


@pytest.mark.parametrize(("last", "closed"), [("task()\n", True), ("use(task)\n", False)])
def test_what_goes_into_a_partial_goes_where_it_goes(last: str, closed: bool) -> None:
    model = model_of(
        "import functools\nfrom somewhere import use\nbot = AssistantAgent('b')\n"
        "def talk(agent):\n  agent.register_reply(Agent, on_reply)\n"
        f"task = functools.partial(talk, bot)\n{last}"
    )
    assert [model.is_closed(agent) for agent in model.agents] == [closed]
