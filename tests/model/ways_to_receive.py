"""Ways to write the agent that a callback is registered on, each a few lines.

Every program defines ``build`` or uses it from the head, and registers ``on_reply``.
"""

HEAD = """\
import autogen
from autogen import Agent, AssistantAgent, ConversableAgent, GroupChat, GroupChatManager
def build(name="bot"):
    return ConversableAgent(name, llm_config=False, human_input_mode="NEVER")
def on_reply(SIGNATURE):
    print("FIRED")
    return True, "done"
"""

FOLLOWED = """
#: an attribute set in __init__
class Desk:
    def __init__(self):
        self.bot = build()
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
Desk().attach()

#: an attribute set in a helper method
class Desk:
    def __init__(self):
        self._make()
        self._attach()
    def _make(self):
        self.bot = build()
    def _attach(self):
        self.bot.register_reply([Agent, None], on_reply)
Desk()

#: an attribute of a class that nobody in view makes
class Desk:
    def __init__(self):
        self._make()
    def _make(self):
        self.bot = build()
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
def main():
    import sys
    desk = Desk()
    getattr(desk, "attach")()
main()

#: an inherited attribute
class Base:
    def __init__(self):
        self.bot = build()
class Desk(Base):
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
Desk().attach()

#: an inherited attribute by super
class Base:
    def __init__(self, name):
        self.bot = build(name)
class Desk(Base):
    def __init__(self):
        super().__init__("bot")
        self.bot.register_reply([Agent, None], on_reply)
Desk()

#: a mixin
class Mixin:
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
class Desk(Mixin):
    def __init__(self):
        self.bot = build()
Desk().attach()

#: a template method
class Base:
    def run(self):
        self.make().register_reply([Agent, None], on_reply)
class Desk(Base):
    def make(self):
        return build()
Desk().run()

#: an item of a list
bots = [build("a"), build("b")]
bots[1].register_reply([Agent, None], on_reply)

#: the last item of a list
bots = [build("a")]
bots.append(build("b"))
bots[-1].register_reply([Agent, None], on_reply)

#: a slice of a list
bots = [build("a"), build("b")]
for bot in bots[1:]:
    bot.register_reply([Agent, None], on_reply)

#: an item of a tuple
bots = build("a"), build("b")
bots[0].register_reply([Agent, None], on_reply)

#: an item of a dict
bots = {"a": build("a"), "b": build("b")}
bots["b"].register_reply([Agent, None], on_reply)

#: an item of a dict made by dict()
bots = dict(a=build("a"), b=build("b"))
bots["b"].register_reply([Agent, None], on_reply)

#: an item of a dict made of pairs
bots = dict([("a", build("a")), ("b", build("b"))])
bots["b"].register_reply([Agent, None], on_reply)

#: an item of a dict made by zip
names = ["a", "b"]
bots = dict(zip(names, [build(name) for name in names]))
bots["b"].register_reply([Agent, None], on_reply)

#: an item set later
bots = {}
bots["a"] = build("a")
bots["a"].register_reply([Agent, None], on_reply)

#: an item of two dicts joined
bots = {"a": build("a")} | {"b": build("b")}
bots["b"].register_reply([Agent, None], on_reply)

#: the items of a dict
bots = {"a": build("a"), "b": build("b")}
for name, bot in bots.items():
    bot.register_reply([Agent, None], on_reply)

#: the values of a dict
bots = {"a": build("a"), "b": build("b")}
for bot in bots.values():
    bot.register_reply([Agent, None], on_reply)

#: the values of a dict as a list
bots = {"a": build("a"), "b": build("b")}
list(bots.values())[0].register_reply([Agent, None], on_reply)

#: the keys of a dict
bots = {"a": build("a"), "b": build("b")}
for name in bots:
    bots[name].register_reply([Agent, None], on_reply)

#: a key that is not known
import random
bots = {"a": build("a"), "b": build("b")}
bots[random.choice(["a", "b"])].register_reply([Agent, None], on_reply)

#: one chosen at random
import random
random.choice([build("a"), build("b")]).register_reply([Agent, None], on_reply)

#: a dict comprehension
bots = {name: build(name) for name in ("a", "b")}
bots["a"].register_reply([Agent, None], on_reply)

#: a list comprehension
bots = [build(name) for name in ("a", "b")]
for bot in bots:
    bot.register_reply([Agent, None], on_reply)

#: the letters of a text
first, second = (build(letter) for letter in "ab")
if second.name == "b":
    second.register_reply([Agent, None], on_reply)

#: a list comprehension over unknown names
import os
bots = [build("bot_" + str(part)) for part in range(len(os.sep))]
bots[0].register_reply([Agent, None], on_reply)

#: a nested comprehension
teams = [[build(a + b) for a in "xy"] for b in "uv"]
for team in teams:
    for bot in team:
        bot.register_reply([Agent, None], on_reply)

#: two loops in one comprehension
teams = [[build("a")], [build("b")]]
bots = [bot for team in teams for bot in team]
for bot in bots:
    bot.register_reply([Agent, None], on_reply)

#: a filtered comprehension
bots = [build("a"), build("b")]
for bot in [b for b in bots if b.name != "a"]:
    bot.register_reply([Agent, None], on_reply)

#: filter with a lambda
bots = [build("a"), build("b")]
for bot in filter(lambda b: b.name != "a", bots):
    bot.register_reply([Agent, None], on_reply)

#: map over names
for bot in map(build, ["a", "b"]):
    bot.register_reply([Agent, None], on_reply)

#: next of a generator expression
bots = [build("a"), build("b")]
bot = next(b for b in bots if b.name == "b")
bot.register_reply([Agent, None], on_reply)

#: next with a default
bots = [build("a"), build("b")]
bot = next((b for b in bots if b.name == "b"), None)
bot.register_reply([Agent, None], on_reply)

#: max of agents
bots = [build("a"), build("b")]
max(bots, key=lambda b: b.name).register_reply([Agent, None], on_reply)

#: a dataclass field
from dataclasses import dataclass
@dataclass
class Team:
    bot: ConversableAgent
Team(build()).bot.register_reply([Agent, None], on_reply)

#: a dataclass field with a factory
from dataclasses import dataclass, field
@dataclass
class Team:
    bot: ConversableAgent = field(default_factory=build)
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
Team().attach()

#: a dataclass field with a lambda factory
import dataclasses
@dataclasses.dataclass(frozen=True)
class Team:
    bots: list = dataclasses.field(default_factory=lambda: [build("a"), build("b")])
for bot in Team().bots:
    bot.register_reply([Agent, None], on_reply)

#: a dataclass field appended to
from dataclasses import dataclass, field
@dataclass
class Team:
    bots: list = field(default_factory=list)
    def add(self, bot):
        self.bots.append(bot)
        return bot
team = Team()
team.add(build())
for bot in team.bots:
    bot.register_reply([Agent, None], on_reply)

#: a dataclass with __post_init__
from dataclasses import dataclass, field
@dataclass
class Team:
    name: str
    bot: ConversableAgent = field(init=False)
    def __post_init__(self):
        self.bot = build(self.name)
Team("x").bot.register_reply([Agent, None], on_reply)

#: a field of dataclasses.replace
from dataclasses import dataclass, replace
@dataclass
class Team:
    bot: ConversableAgent
    size: int = 1
replace(Team(build()), size=2).bot.register_reply([Agent, None], on_reply)

#: a named tuple
from typing import NamedTuple
class Team(NamedTuple):
    bot: ConversableAgent
    peer: ConversableAgent
team = Team(build("a"), build("b"))
team.peer.register_reply([Agent, None], on_reply)

#: a named tuple unpacked
from typing import NamedTuple
class Team(NamedTuple):
    bot: ConversableAgent
    peer: ConversableAgent
bot, peer = Team(build("a"), build("b"))
peer.register_reply([Agent, None], on_reply)

#: collections.namedtuple
from collections import namedtuple
Team = namedtuple("Team", "bot peer")
team = Team(build("a"), peer=build("b"))
team.peer.register_reply([Agent, None], on_reply)

#: SimpleNamespace
from types import SimpleNamespace
team = SimpleNamespace(bot=build("a"), peer=build("b"))
team.peer.register_reply([Agent, None], on_reply)

#: a SimpleNamespace filled later
import types
team = types.SimpleNamespace()
team.bot = build()
team.bot.register_reply([Agent, None], on_reply)

#: a TypedDict
from typing import TypedDict
class Team(TypedDict):
    bot: ConversableAgent
team: Team = {"bot": build()}
team["bot"].register_reply([Agent, None], on_reply)

#: a TypedDict called
from typing import TypedDict
class Team(TypedDict):
    bot: ConversableAgent
team = Team(bot=build())
team["bot"].register_reply([Agent, None], on_reply)

#: a pydantic model
from pydantic import BaseModel, ConfigDict
class Team(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    bot: ConversableAgent
team = Team(bot=build())
team.bot.register_reply([Agent, None], on_reply)

#: a pydantic model with a factory
from pydantic import BaseModel, Field
class Team(BaseModel):
    bot: ConversableAgent = Field(default_factory=build)
    class Config:
        arbitrary_types_allowed = True
Team().bot.register_reply([Agent, None], on_reply)

#: a class of attributes by hand
class Team:
    pass
team = Team()
team.bot = build()
team.bot.register_reply([Agent, None], on_reply)

#: the members of a group chat
chat = GroupChat(agents=[build("a"), build("b")], messages=[])
for bot in chat.agents:
    bot.register_reply([Agent, None], on_reply)

#: the members of a manager's group chat
manager = GroupChatManager(GroupChat([build("a"), build("b")], messages=[]), llm_config=False)
for bot in manager.groupchat.agents:
    bot.register_reply([Agent, None], on_reply)

#: one member of a group chat
chat = GroupChat(agents=[build("a"), build("b")], messages=[])
chat.agents[0].register_reply([Agent, None], on_reply)

#: enumerate
for index, bot in enumerate([build("a"), build("b")], start=1):
    bot.register_reply([Agent, None], on_reply)

#: zip
for name, bot in zip(["x", "y"], [build("a"), build("b")], strict=True):
    bot.register_reply([Agent, None], on_reply)

#: zip of an unknown column
import os
for name, bot in zip(os.environ, [build("a"), build("b")]):
    bot.register_reply([Agent, None], on_reply)

#: reversed
for bot in reversed([build("a"), build("b")]):
    bot.register_reply([Agent, None], on_reply)

#: sorted
for bot in sorted([build("b"), build("a")], key=lambda b: b.name):
    bot.register_reply([Agent, None], on_reply)

#: itertools.chain
from itertools import chain
for bot in chain([build("a")], [build("b")]):
    bot.register_reply([Agent, None], on_reply)

#: itertools.chain.from_iterable
import itertools
for bot in itertools.chain.from_iterable([[build("a")], [build("b")]]):
    bot.register_reply([Agent, None], on_reply)

#: itertools.islice
import itertools
for bot in itertools.islice([build("a"), build("b")], 1):
    bot.register_reply([Agent, None], on_reply)

#: lists added
first, second = [build("a")], [build("b")]
for bot in first + second:
    bot.register_reply([Agent, None], on_reply)

#: lists unpacked into one
first, second = [build("a")], [build("b")]
for bot in [*first, *second]:
    bot.register_reply([Agent, None], on_reply)

#: a list extended in place
bots = [build("a")]
bots += [build("b")]
for bot in bots:
    bot.register_reply([Agent, None], on_reply)

#: a set
for bot in {build("a"), build("b")}:
    bot.register_reply([Agent, None], on_reply)

#: a deque
from collections import deque
for bot in deque([build("a"), build("b")]):
    bot.register_reply([Agent, None], on_reply)

#: a defaultdict of lists
from collections import defaultdict
teams = defaultdict(list)
teams["x"].append(build())
for bot in teams["x"]:
    bot.register_reply([Agent, None], on_reply)

#: an OrderedDict
from collections import OrderedDict
bots = OrderedDict()
bots["a"] = build()
bots["a"].register_reply([Agent, None], on_reply)

#: a tuple of a factory
def make():
    return build("a"), build("b")
one, two = make()
two.register_reply([Agent, None], on_reply)

#: a tuple of a factory with a star
def make():
    return build("a"), build("b"), build("c")
one, *rest = make()
for bot in rest:
    bot.register_reply([Agent, None], on_reply)

#: the last of a star
one, *rest, last = build("a"), build("b"), build("c")
last.register_reply([Agent, None], on_reply)

#: nested tuples
(one, (two, three)) = build("a"), (build("b"), build("c"))
three.register_reply([Agent, None], on_reply)

#: a list appended to in a branch of a loop
bots = []
for name in ("a", "b", "c"):
    if name != "b":
        bots.append(build(name))
for bot in bots:
    bot.register_reply([Agent, None], on_reply)

#: a dict of a factory
def make():
    bot = build("a")
    return {"bot": bot, "name": "x"}
make()["bot"].register_reply([Agent, None], on_reply)

#: if and else
import sys
if len(sys.argv) > 1:
    bot = build("a")
else:
    bot = AssistantAgent("b", llm_config=False)
bot.register_reply([Agent, None], on_reply)

#: a conditional expression
import sys
bot = build("a") if sys.argv else AssistantAgent("b", llm_config=False)
bot.register_reply([Agent, None], on_reply)

#: None or an agent
bot = None
bot = bot or build()
bot.register_reply([Agent, None], on_reply)

#: a default argument of None
def attach(bot=None):
    bot = bot or build()
    bot.register_reply([Agent, None], on_reply)
attach()

#: a default argument replaced
def attach(bot=None):
    if bot is None:
        bot = build()
    bot.register_reply([Agent, None], on_reply)
attach()

#: a match statement
import sys
match len(sys.argv):
    case 0:
        bot = build("a")
    case _:
        bot = build("b")
bot.register_reply([Agent, None], on_reply)

#: try and except
try:
    bot = build("a")
except Exception:
    bot = build("b")
bot.register_reply([Agent, None], on_reply)

#: finally
bot = None
try:
    bot = build("a")
finally:
    bot.register_reply([Agent, None], on_reply)

#: an assertion on the class
import copy
def attach(bot):
    assert isinstance(bot, ConversableAgent)
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a test of the class
def attach(bot):
    if isinstance(bot, (AssistantAgent, ConversableAgent)):
        bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a test of the class that leaves
def attach(bot):
    if not isinstance(bot, ConversableAgent):
        return
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: walrus in a test
if bot := build():
    bot.register_reply([Agent, None], on_reply)

#: chained assignment
first = second = build()
second.register_reply([Agent, None], on_reply)

#: an augmented swap
first, second = build("a"), None
first, second = second, first
second.register_reply([Agent, None], on_reply)

#: global
bot = None
def make():
    global bot
    bot = build()
def main():
    make()
    bot.register_reply([Agent, None], on_reply)
main()

#: nonlocal
def main():
    bot = None
    def make():
        nonlocal bot
        bot = build()
    make()
    bot.register_reply([Agent, None], on_reply)
main()

#: a closure
def main():
    bot = build()
    def attach():
        bot.register_reply([Agent, None], on_reply)
    attach()
main()

#: a closure returned
def attacher(bot):
    def attach():
        bot.register_reply([Agent, None], on_reply)
    return attach
attacher(build())()

#: a lambda that registers
attach = lambda bot: bot.register_reply([Agent, None], on_reply)
attach(build())

#: a context manager of a generator
from contextlib import contextmanager
@contextmanager
def team():
    yield build()
with team() as bot:
    bot.register_reply([Agent, None], on_reply)

#: a context manager that yields two
import contextlib
@contextlib.contextmanager
def team():
    yield build("a"), build("b")
with team() as (one, two):
    two.register_reply([Agent, None], on_reply)

#: a context manager of a class
class Team:
    def __enter__(self):
        self.bot = build()
        return self
    def __exit__(self, *_):
        return None
with Team() as team:
    team.bot.register_reply([Agent, None], on_reply)

#: nullcontext
import contextlib
with contextlib.nullcontext(build()) as bot:
    bot.register_reply([Agent, None], on_reply)

#: an ExitStack
import contextlib
@contextlib.contextmanager
def team():
    yield build()
with contextlib.ExitStack() as stack:
    bot = stack.enter_context(team())
    bot.register_reply([Agent, None], on_reply)

#: an async context manager
import asyncio, contextlib
@contextlib.asynccontextmanager
async def team():
    yield build()
async def main():
    async with team() as bot:
        bot.register_reply([Agent, None], on_reply)
asyncio.run(main())

#: a property
class Desk:
    def __init__(self):
        self._bot = build()
    @property
    def bot(self):
        return self._bot
Desk().bot.register_reply([Agent, None], on_reply)

#: a lazy property
class Desk:
    _bot = None
    @property
    def bot(self):
        if self._bot is None:
            self._bot = build()
        return self._bot
Desk().bot.register_reply([Agent, None], on_reply)

#: cached_property
from functools import cached_property
class Desk:
    @cached_property
    def bot(self):
        return build()
Desk().bot.register_reply([Agent, None], on_reply)

#: cached_property by its module
import functools
class Desk:
    @functools.cached_property
    def bot(self):
        return build()
desk = Desk()
desk.bot.register_reply([Agent, None], on_reply)

#: lru_cache
from functools import lru_cache
@lru_cache(maxsize=None)
def get(name):
    return build(name)
get("a").register_reply([Agent, None], on_reply)

#: functools.cache
import functools
@functools.cache
def get():
    return build()
get().register_reply([Agent, None], on_reply)

#: a partial factory
import functools
make = functools.partial(ConversableAgent, llm_config=False, human_input_mode="NEVER")
make("bot").register_reply([Agent, None], on_reply)

#: a partial of a function
import functools
make = functools.partial(build, "bot")
make().register_reply([Agent, None], on_reply)

#: keyword arguments from a dict
common = dict(llm_config=False, human_input_mode="NEVER")
bot = ConversableAgent("bot", **common)
bot.register_reply([Agent, None], on_reply)

#: a class attribute
class Desk:
    bot = build()
Desk.bot.register_reply([Agent, None], on_reply)

#: a class attribute from an object
class Desk:
    bot = build()
    def attach(self):
        self.bot.register_reply([Agent, None], on_reply)
Desk().attach()

#: a class attribute set from outside
class Desk:
    bot = None
Desk.bot = build()
Desk.bot.register_reply([Agent, None], on_reply)

#: a static method as a factory
class Factory:
    @staticmethod
    def make():
        return build()
Factory.make().register_reply([Agent, None], on_reply)

#: a class method as a factory
class Desk:
    def __init__(self, bot):
        self.bot = bot
    @classmethod
    def standard(cls):
        return cls(build())
Desk.standard().bot.register_reply([Agent, None], on_reply)

#: a class method of a subclass of an agent
class Own(ConversableAgent):
    @classmethod
    def make(cls, name):
        return cls(name, llm_config=False, human_input_mode="NEVER")
Own.make("bot").register_reply([Agent, None], on_reply)

#: a class passed as an argument
def make(kind, name):
    return kind(name, llm_config=False, human_input_mode="NEVER")
make(ConversableAgent, "bot").register_reply([Agent, None], on_reply)

#: a class from a registry
KINDS = {"plain": ConversableAgent, "assistant": AssistantAgent}
KINDS["plain"]("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a factory from a registry
MAKERS = {"a": lambda: build("a"), "b": build}
MAKERS["a"]().register_reply([Agent, None], on_reply)

#: a generator
def team():
    for name in ("a", "b"):
        yield build(name)
for bot in team():
    bot.register_reply([Agent, None], on_reply)

#: a generator of a method
class Team:
    def __init__(self):
        self.bots = [build("a"), build("b")]
    def __iter__(self):
        yield from self.bots
for bot in Team():
    bot.register_reply([Agent, None], on_reply)

#: an iterator of its list
class Team:
    def __init__(self):
        self.bots = [build("a"), build("b")]
    def __iter__(self):
        return iter(self.bots)
for bot in Team():
    bot.register_reply([Agent, None], on_reply)

#: __getitem__
class Team:
    def __init__(self):
        self.bots = {"a": build("a")}
    def __getitem__(self, name):
        return self.bots[name]
Team()["a"].register_reply([Agent, None], on_reply)

#: __getattr__
class Team:
    def __init__(self):
        self.bots = {"a": build("a")}
    def __getattr__(self, name):
        return self.bots[name]
Team().a.register_reply([Agent, None], on_reply)

#: next of a generator
def team():
    yield build("a")
next(team()).register_reply([Agent, None], on_reply)

#: list of a generator
def team():
    yield build("a")
    yield build("b")
list(team())[0].register_reply([Agent, None], on_reply)

#: an async generator
import asyncio
async def team():
    yield build("a")
async def main():
    async for bot in team():
        bot.register_reply([Agent, None], on_reply)
asyncio.run(main())

#: an async comprehension
import asyncio
async def team():
    yield build("a")
async def main():
    bots = [bot async for bot in team()]
    bots[0].register_reply([Agent, None], on_reply)
asyncio.run(main())

#: an async factory
import asyncio
async def make():
    return build()
async def main():
    bot = await make()
    bot.register_reply([Agent, None], on_reply)
asyncio.run(main())

#: gathered factories
import asyncio
async def make(name):
    return build(name)
async def main():
    one, two = await asyncio.gather(make("a"), make("b"))
    two.register_reply([Agent, None], on_reply)
asyncio.run(main())

#: typing.cast
from typing import cast
bot = cast(ConversableAgent, build())
bot.register_reply([Agent, None], on_reply)

#: typing.cast of something unknown
import typing
bot = typing.cast("ConversableAgent", globals()["build"]())
bot.register_reply([Agent, None], on_reply)

#: copy
import copy
bot = copy.copy(build())
bot.register_reply([Agent, None], on_reply)

#: dict.get
bots = {"a": build("a")}
bots.get("a").register_reply([Agent, None], on_reply)

#: dict.get of an unknown key
import sys
bots = {"a": build("a")}
bot = bots.get(sys.argv[-1]) or bots["a"]
bot.register_reply([Agent, None], on_reply)

#: dict.setdefault
bots = {}
bots.setdefault("a", build("a")).register_reply([Agent, None], on_reply)

#: dict.setdefault, read later
bots = {}
bots.setdefault("a", build("a"))
bots["a"].register_reply([Agent, None], on_reply)

#: dict.pop
bots = {"a": build("a")}
bots.pop("a").register_reply([Agent, None], on_reply)

#: a cache of agents in a dict
CACHE = {}
def get(name):
    if name not in CACHE:
        CACHE[name] = build(name)
    return CACHE[name]
get("a").register_reply([Agent, None], on_reply)

#: getattr
class Desk:
    def __init__(self):
        self.bot = build()
getattr(Desk(), "bot").register_reply([Agent, None], on_reply)

#: setattr
class Desk:
    def __init__(self):
        setattr(self, "bot", build())
Desk().bot.register_reply([Agent, None], on_reply)

#: setattr in a loop
class Desk:
    def __init__(self):
        for name in ("one", "two"):
            setattr(self, name, build(name))
Desk().two.register_reply([Agent, None], on_reply)

#: the method by getattr
getattr(build(), "register_reply")([Agent, None], on_reply)

#: the method kept in a name
register = build().register_reply
register([Agent, None], on_reply)

#: the method of the class
ConversableAgent.register_reply(build(), [Agent, None], on_reply)

#: an annotated parameter
def attach(bot: ConversableAgent):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: an annotated parameter as a string
def attach(bot: "autogen.ConversableAgent"):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: an annotated parameter that may be None
from typing import Optional
def attach(bot: Optional[ConversableAgent] = None):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: Optional of a string
import typing as t
def attach(bot: t.Optional["ConversableAgent"] = None):
    if bot:
        bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a union of two agents
from typing import Union
def attach(bot: Union[AssistantAgent, ConversableAgent]):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a union by an operator
def attach(bot: AssistantAgent | ConversableAgent | None):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a type variable
from typing import TypeVar
T = TypeVar("T", bound=ConversableAgent)
def attach(bot: T) -> T:
    bot.register_reply([Agent, None], on_reply)
    return bot
globals()["attach"](build())

#: an alias of a type
Bot = ConversableAgent
def attach(bot: Bot):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a list of annotated agents
def attach(bots: list[ConversableAgent]):
    for bot in bots:
        bot.register_reply([Agent, None], on_reply)
globals()["attach"]([build()])

#: a typing.List of annotated agents
from typing import List
def attach(bots: List["ConversableAgent"]):
    for index, bot in enumerate(bots):
        bot.register_reply([Agent, None], on_reply)
globals()["attach"]([build()])

#: an iterable of annotated agents
from collections.abc import Iterable
def attach(bots: Iterable[ConversableAgent]):
    for bot in bots:
        bot.register_reply([Agent, None], on_reply)
globals()["attach"]([build()])

#: a dict of annotated agents
def attach(bots: dict[str, ConversableAgent]):
    for name, bot in bots.items():
        bot.register_reply([Agent, None], on_reply)
globals()["attach"]({"a": build()})

#: an item of a dict of annotated agents
from typing import Dict
def attach(bots: Dict[str, ConversableAgent]):
    bots["a"].register_reply([Agent, None], on_reply)
globals()["attach"]({"a": build()})

#: a tuple of annotated agents
def attach(bots: tuple[ConversableAgent, ConversableAgent]):
    one, two = bots
    two.register_reply([Agent, None], on_reply)
globals()["attach"]((build("a"), build("b")))

#: an annotated star parameter
def attach(*bots: ConversableAgent):
    for bot in bots:
        bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a star parameter
def attach(*bots):
    for bot in bots:
        bot.register_reply([Agent, None], on_reply)
attach(build("a"), build("b"))

#: keyword parameters
def attach(**bots):
    for bot in bots.values():
        bot.register_reply([Agent, None], on_reply)
attach(a=build("a"))

#: arguments unpacked
def attach(one, two):
    two.register_reply([Agent, None], on_reply)
attach(*[build("a"), build("b")])

#: a keyword-only parameter
def attach(*, bot):
    bot.register_reply([Agent, None], on_reply)
attach(bot=build())

#: an annotated attribute of an unknown object
class Desk:
    bot: ConversableAgent
def attach(desk: Desk):
    desk.bot.register_reply([Agent, None], on_reply)
desk = Desk()
desk.bot = build()
globals()["attach"](desk)

#: an annotated group chat
def attach(chat: GroupChat):
    for bot in chat.agents:
        if isinstance(bot, ConversableAgent):
            bot.register_reply([Agent, None], on_reply)
globals()["attach"](GroupChat([build()], messages=[]))

#: annotations under TYPE_CHECKING
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from autogen import ConversableAgent as Bot
def attach(bot: "Bot"):
    bot.register_reply([Agent, None], on_reply)
globals()["attach"](build())

#: a module alias
import autogen as ag
ag.ConversableAgent("bot", llm_config=False).register_reply([ag.Agent, None], on_reply)

#: a submodule by from
from autogen import agentchat
agentchat.ConversableAgent("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a submodule alias
import autogen.agentchat as ac
ac.ConversableAgent("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a class from its own module
from autogen.agentchat.conversable_agent import ConversableAgent as Bot
Bot("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a module by its whole name
import autogen.agentchat.conversable_agent
autogen.agentchat.conversable_agent.ConversableAgent("b", llm_config=False).register_reply([Agent, None], on_reply)

#: an import that may fail
try:
    from autogen import ConversableAgent as Bot
except ImportError:
    from ag2 import ConversableAgent as Bot
Bot("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: an import that may fail, tested by a flag
try:
    import autogen as ag
    HAS_AUTOGEN = True
except ImportError:
    ag = None
    HAS_AUTOGEN = False
if HAS_AUTOGEN:
    ag.ConversableAgent("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: an import in a function
def main():
    from autogen import ConversableAgent as Bot
    Bot("bot", llm_config=False).register_reply([Agent, None], on_reply)
main()

#: a name for the class
Base = autogen.ConversableAgent
Base("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a class derived from a name for the class
Base = autogen.ConversableAgent
class Own(Base):
    pass
Own("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a class made in a function
def kind():
    class Own(ConversableAgent):
        pass
    return Own
kind()("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a generic class of one's own
from typing import Generic, TypeVar
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, item: T):
        self.item = item
Box(build()).item.register_reply([Agent, None], on_reply)

#: a rebound name
bot = object()
bot = build()
bot.register_reply([Agent, None], on_reply)

#: a name rebound in a loop
bot = None
for name in ("a", "b"):
    bot = build(name)
bot.register_reply([Agent, None], on_reply)

#: a while loop
count = 0
while count < 2:
    bot = build(str(count))
    bot.register_reply([Agent, None], on_reply)
    count += 1

#: a name deleted and bound again
bot = object()
del bot
bot = build()
bot.register_reply([Agent, None], on_reply)

#: an item deleted
bots = {"a": build("a"), "b": build("b")}
del bots["a"]
for bot in bots.values():
    bot.register_reply([Agent, None], on_reply)

#: a fluent builder
class Builder:
    def __init__(self):
        self.bot = build()
    def replying(self, function):
        self.bot.register_reply([Agent, None], function)
        return self
Builder().replying(on_reply)

#: map with a lambda that registers
list(map(lambda bot: bot.register_reply([Agent, None], on_reply), [build("a")]))

#: a main guard
def main():
    bot = build()
    bot.register_reply([Agent, None], on_reply)
if __name__ == "__main__":
    main()

#: a callback of a decorator of one's own
def with_bot(function):
    def call():
        return function(build())
    return call
@with_bot
def main(bot):
    bot.register_reply([Agent, None], on_reply)
main()

#: a decorator that registers
bot = build()
def replies(function):
    bot.register_reply([Agent, None], function)
    return function
replies(on_reply)

#: a decorator with arguments that registers
def replies_on(bot):
    def register(function):
        bot.register_reply([Agent, None], function)
        return function
    return register
replies_on(build())(on_reply)
"""

# What no walk of this kind follows; nothing may be said, whatever the callback is.
NOT_FOLLOWED = """
#: a member by name
chat = GroupChat(agents=[build("a"), build("b")], messages=[])
chat.agent_by_name("b").register_reply([Agent, None], on_reply)

#: a match on the class
bot = build()
match bot:
    case ConversableAgent() as found:
        found.register_reply([Agent, None], on_reply)

#: a match on a sequence
match [build("a"), build("b")]:
    case [first, *rest]:
        first.register_reply([Agent, None], on_reply)

#: a match on a mapping
match {"bot": build("a")}:
    case {"bot": bot}:
        bot.register_reply([Agent, None], on_reply)

#: walrus in a comprehension
names = [bot.name for name in ["a"] if (bot := build(name))]
bot.register_reply([Agent, None], on_reply)

#: a singleton by __new__
class Desk:
    _one = None
    def __new__(cls):
        if cls._one is None:
            cls._one = super().__new__(cls)
            cls._one.bot = build()
        return cls._one
Desk().bot.register_reply([Agent, None], on_reply)

#: a factory in a thread
import asyncio
async def main():
    bot = await asyncio.to_thread(build)
    bot.register_reply([Agent, None], on_reply)
asyncio.run(main())

#: an annotated result of a function not in view
from typing import Callable
def attach(make: Callable[[], ConversableAgent]):
    make().register_reply([Agent, None], on_reply)
globals()["attach"](build)

#: a class derived by a conditional name
import sys
Base = AssistantAgent if sys.argv else ConversableAgent
class Own(Base):
    pass
Own("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: a callback of functools.reduce
import functools
bots = functools.reduce(lambda found, name: [*found, build(name)], ["a"], [])
for bot in bots:
    bot.register_reply([Agent, None], on_reply)

#: an enum member
import enum
class Kind(enum.Enum):
    PLAIN = ConversableAgent
Kind.PLAIN.value("bot", llm_config=False).register_reply([Agent, None], on_reply)

#: itemgetter and attrgetter
import operator
class Desk:
    def __init__(self):
        self.bot = build()
operator.attrgetter("bot")(Desk()).register_reply([Agent, None], on_reply)

#: a context variable
from contextvars import ContextVar
current = ContextVar("current")
current.set(build())
current.get().register_reply([Agent, None], on_reply)
"""
