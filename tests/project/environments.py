"""Environments as an installer leaves them, with a company's packages in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent

AGENTS = """
import functools
import threading

import autogen
from autogen import AssistantAgent
from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent

try:
    from autogen import UserProxyAgent
except ImportError:
    UserProxyAgent = object

class Audited:
    def agent(self):
        return AssistantAgent("a")

class SupportAgent(Audited, AssistantAgent):
    def __init__(self, desk):
        super().__init__(name="support", llm_config=False)
        self.desk = desk

class NightAgent(SupportAgent):
    def ask(self):
        reset = 1
        return reset

class Proxy(UserProxyAgent): ...

try:
    from autogen import ConversableAgent
except ImportError:
    class ConversableAgent:
        def __init__(self, name, **kwargs):
            self.name = name

class Persona(ConversableAgent):
    def greet(self):
        return "hello"
class Remote(GPTAssistantAgent): ...
class Chatty(autogen.agentchat.ConversableAgent): ...
class Chatty(Chatty): ...

def build(name) -> SupportAgent:
    return SupportAgent(name)

def build_night(name):
    if name is None:
        return build("night")
    agent = NightAgent(name)
    agent.desk = "night"
    return agent

# What looks like it, and of which nothing can be said.

try:
    from autogen import ConversableAgent as Known
except ValueError:
    class Known: ...

class OneOfTwo(Known): ...

class Board:
    def register_reply(self, trigger, callback):
        return trigger, callback

class Adapting(AssistantAgent):
    def register_reply(self, trigger, callback):
        super().register_reply(trigger, lambda *args, **kwargs: callback(args))

class Patched(AssistantAgent):
    def __init__(self):
        super().__init__("patched")
        self.register_reply = print

class Mixed(Board, AssistantAgent): ...

class Threaded(AssistantAgent, threading.Thread): ...

class Once(AssistantAgent):
    def __new__(cls):
        return _ONE

class Made(AssistantAgent, metaclass=functools.partial): ...

@functools.singledispatch
class Wrapped(AssistantAgent): ...

from missing_package import Unknown
class Strange(Unknown, AssistantAgent): ...

class Ring(Circle): ...
class Circle(Ring): ...

class Rebound(AssistantAgent): ...
Rebound = audited(Rebound)

if _DEBUG:
    class Either(AssistantAgent): ...
else:
    class Either: ...

_ONE = SupportAgent("one")
_KNOWN = {}

def the_one():
    return _ONE

def known(name) -> SupportAgent:
    if name not in _KNOWN:
        _KNOWN[name] = SupportAgent(name)
    return _KNOWN[name]

def lazily() -> SupportAgent:
    global _ONE
    _ONE = SupportAgent("one")
    return _ONE

def passed(agent: SupportAgent) -> SupportAgent:
    return agent

def of_class(name, kind=SupportAgent):
    return kind(name)

def of_desk(desk: Audited):
    return desk.agent()

def perhaps(name):
    if name:
        return SupportAgent(name)

def either(name):
    return SupportAgent(name) if name else None

def mixed(name):
    if name:
        return SupportAgent(name)
    return Board()

def one_of_two(name):
    agent = SupportAgent(name)
    for agent in [_ONE]:
        pass
    return agent

def each():
    yield SupportAgent("a")
    return SupportAgent("b")

async def later():
    return SupportAgent("a")

@functools.cache
def cached():
    return SupportAgent("a")

def round_about():
    return round_about()
"""

_AUTOGEN = ("__init__.py", "agentchat/__init__.py", "agentchat/contrib/gpt_assistant_agent.py")


def install(
    root: Path,
    name: str,
    files: Mapping[str, str],
    needs: Iterable[str] = (),
    *,
    version: str = "1.0",
    edited_in: Path | None = None,
) -> Path:
    """Put a distribution into the environment ``root``, or only the way to ``edited_in``; gives the
    folder of its files."""
    site = root / "lib" / "python3.11" / "site-packages"
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    place = edited_in or site
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(dedent(text), "utf-8")
    requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{requires}\nWith autogen.\n")
    brought = list(files)
    if edited_in is not None:
        brought = [f"_{name}.pth"]
        (site / brought[0]).write_text(f"import os\n{edited_in}\n", "utf-8")
    (info / "RECORD").write_text("".join(f"{path},sha256=x,1\n" for path in brought))
    return place


def environment(root: Path) -> Path:
    """AutoGen, and ``acme_agents`` on top of it."""
    install(root, "ag2", {f"autogen/{path}": "" for path in _AUTOGEN}, version="0.9.10")
    init = "from autogen import AssistantAgent as Helper\nfrom .agents import *\n"
    files = {"acme_agents/__init__.py": init, "acme_agents/agents.py": AGENTS}
    install(root, "acme_agents", files, ["requests", "ag2[openai]>=0.9"])
    return root
