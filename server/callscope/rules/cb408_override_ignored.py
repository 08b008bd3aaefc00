"""CB408: a method overridden in a subclass that AutoGen never calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.classes import agent_class
from callscope.contracts.classic.dispatch import (
    ASYNC_ASKS_SYNC_HUMAN_INPUT,
    BUILTIN_REPLIES,
    CALLED_IN_ASYNC_CHATS,
    CALLS_ITS_OAI_REPLY,
    MANAGER_REPLIES,
)
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.values import External, Function, UserClass, outer_base
from callscope.rules._shared import asks_nobody, is_of
from callscope.rules.base import Evidence, Finding, Rule, Severity

_HUMAN_INPUT = "get_human_input"


class OverrideIgnored(Rule):
    """A subclass overrides a method that AutoGen does not look up on the agent.

    ## What it does
    Looks in subclasses of agent classes for methods named like a built-in reply function
    (`generate_oai_reply`, `check_termination_and_human_reply`, `run_chat` ...) that are nowhere
    registered, and for `get_human_input` on agents that never ask a person.

    ## Why it matters
    An agent keeps its reply functions in a list, as `ConversableAgent.generate_oai_reply` and so
    on: the functions of the framework's class, not the methods of yours. Overriding the method
    changes nothing; `replace_reply_func` or `register_reply` does. `get_human_input` is looked up,
    but not with `human_input_mode="NEVER"`, which is the default of AssistantAgent.

    ## Example
    ```python
    from autogen import ConversableAgent, UserProxyAgent


    class Offline(ConversableAgent):
        def __init__(self):
            super().__init__("offline", human_input_mode="NEVER")

        def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
            print("FIRED")
            return True, "an answer"


    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(Offline(), message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import ConversableAgent, UserProxyAgent


    class Offline(ConversableAgent):
        def __init__(self):
            super().__init__("offline", human_input_mode="NEVER")
            self.replace_reply_func(ConversableAgent.generate_oai_reply, Offline.generate_oai_reply)

        def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
            print("FIRED")
            return True, "an answer"


    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(Offline(), message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the method is mentioned anywhere else in the file, as it is when it is registered or called
    by hand. For `generate_oai_reply` when there may be async chats, which do call it.

    ## Fix safety
    Unsafe: a method that never ran starts to run.
    """

    code = "CB408"
    name = "override-ignored"
    default_severity = Severity.ERROR

    speaks = (
        # the termination check
        """
from autogen import AssistantAgent
class Office(AssistantAgent):
    def check_termination_and_human_reply(self, messages=None, sender=None, config=None):
        return True, "We are closed."
""",
        # calling super() is not a use
        """
import autogen
class Tools(autogen.UserProxyAgent):
    def generate_tool_calls_reply(self, messages=None, sender=None, config=None):
        print("a tool is called")
        return super().generate_tool_calls_reply(messages, sender, config)
""",
        # a manager
        """
from autogen import GroupChatManager
class Chair(GroupChatManager):
    def run_chat(self, messages=None, sender=None, config=None):
        print("the meeting begins")
        return super().run_chat(messages, sender, config)
""",
        # from a mixin
        """
from autogen import ConversableAgent
class Polite:
    async def a_generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, "please"
class Clerk(Polite, ConversableAgent):
    pass
""",
        # the model's place taken in a base, whose agents chat in view
        """
from autogen import ConversableAgent, UserProxyAgent
class Offline(ConversableAgent):
    def think(self, text): raise NotImplementedError
    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, self.think(messages[-1]["content"])
class Parrot(Offline):
    def think(self, text):
        return text
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
polly = Parrot("polly", llm_config=False, human_input_mode="NEVER")
user.initiate_chat(polly, message="hi", max_turns=1)
""",
        # nobody asks a person
        """
from autogen import AssistantAgent, UserProxyAgent
class Console(AssistantAgent):
    def get_human_input(self, prompt, **kwargs):
        return "yes"
console = Console("console", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(console, message="hi", max_turns=1)
""",
        # the mode is fixed by the class
        """
from autogen import ConversableAgent
class Kiosk(ConversableAgent):
    def __init__(self, name):
        super().__init__(name, human_input_mode="NEVER", llm_config=False)
    def get_human_input(self, prompt, **kwargs):
        return "yes"
kiosk = Kiosk("kiosk")
""",
        # async chats of AG2 read the stream, not this method
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
class Web(UserProxyAgent):
    def get_human_input(self, prompt, **kwargs):
        return "exit"
bot = AssistantAgent("bot", llm_config=False)
web = Web("web", human_input_mode="ALWAYS", code_execution_config=False)
asyncio.run(bot.a_initiate_chat(web, message="hi", max_turns=1))
""",
    )

    silent = (
        # these are looked up on the agent
        """
from autogen import ConversableAgent
class Bot(ConversableAgent):
    def generate_reply(self, messages=None, sender=None, **kwargs):
        return "hi"
    def send(self, message, recipient, request_reply=None, silent=False):
        super().send(message, recipient, request_reply, silent)
    def receive(self, message, sender, request_reply=None, silent=False):
        super().receive(message, sender, request_reply, silent)
""",
        # registered
        """
from autogen import Agent, ConversableAgent
class Bot(ConversableAgent):
    def __init__(self):
        super().__init__("bot", human_input_mode="NEVER")
        self.register_reply([Agent, None], Bot.generate_oai_reply)
    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, "hi"
""",
        # called by the program itself
        """
from autogen import ConversableAgent
class Bot(ConversableAgent):
    def generate_reply(self, messages=None, sender=None, **kwargs):
        return self.generate_oai_reply(messages, sender)[1]
    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, "hi"
""",
        # not an agent
        """
import autogen
class Script:
    def generate_oai_reply(self, messages):
        return True, "hi"
    def run_chat(self):
        return autogen.AssistantAgent("bot", llm_config=False)
""",
        # async chats call it
        """
import asyncio
from autogen import ConversableAgent, UserProxyAgent
class Bot(ConversableAgent):
    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, "hi"
bot = Bot("bot", human_input_mode="NEVER", llm_config={"model": "m"})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # a person is asked
        """
from autogen import AssistantAgent, UserProxyAgent
class Console(UserProxyAgent):
    def get_human_input(self, prompt, **kwargs):
        return "yes"
console = Console("console", code_execution_config=False)
bot = AssistantAgent("bot", llm_config=False)
console.initiate_chat(bot, message="hi", max_turns=2)
""",
        # the mode is up to whoever makes the agent
        """
from autogen import AssistantAgent
class Console(AssistantAgent):
    def get_human_input(self, prompt, **kwargs):
        return "yes"
""",
        # both are overridden
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
class Web(UserProxyAgent):
    def get_human_input(self, prompt, **kwargs):
        return "exit"
    async def a_get_human_input(self, prompt, **kwargs):
        return "exit"
bot = AssistantAgent("bot", llm_config=False)
web = Web("web", human_input_mode="ALWAYS", code_execution_config=False)
asyncio.run(bot.a_initiate_chat(web, message="hi", max_turns=1))
""",
        # without a message, the one who starts is asked for it
        """
from autogen import AssistantAgent, UserProxyAgent
class Console(UserProxyAgent):
    def get_human_input(self, prompt, **kwargs):
        return "hello"
console = Console("console", human_input_mode="NEVER", code_execution_config=False)
console.initiate_chat(AssistantAgent("bot", llm_config=False), max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding an override that is never called."""
        seen: set[int] = set()
        for owner in model.interpreter.classes:
            base = agent_class(outer_base(owner))
            if base is None:
                continue
            own = MANAGER_REPLIES if base.name == "GroupChatManager" else frozenset[str]()
            for name in sorted(BUILTIN_REPLIES | own | {_HUMAN_INPUT}):
                method = owner.find(name)
                if not isinstance(method, Function) or id(method) in seen:
                    continue
                if _is_mentioned(model, name):
                    continue
                reason = self._reason(model, owner, name)
                if reason is None:
                    continue
                seen.add(id(method))
                yield self._report(model, owner, method, *reason)

    def _reason(self, model: Model, owner: UserClass, name: str) -> tuple[str, Severity] | None:
        agents = [agent for agent in model.agents if is_of(agent, owner)]
        if name == _HUMAN_INPUT:
            return _human_input(model, owner, agents)
        text = f"the reply functions are the framework's own; register `{owner.name}.{name}`"
        if name not in CALLED_IN_ASYNC_CHATS:
            return text, Severity.ERROR
        if outer_base(owner) in CALLS_ITS_OAI_REPLY or _has_async_chats(model):
            return None
        made = [agent for agent in agents if not agent.is_foreign]
        in_view = bool(made) and all(model.turns(agent).known for agent in made)
        return text, Severity.ERROR if in_view else Severity.INFORMATION

    def _report(
        self, model: Model, owner: UserClass, method: Function, reason: str, severity: Severity
    ) -> Finding:
        return self.finding(
            model,
            model.range(method.node),
            f"`{owner.name}.{method.name}` is never called: {reason}",
            evidence=(Evidence(f"`{owner.name}` is an agent class", model.range(owner.node)),),
            severity=severity,
            about=method,
        )


def _is_mentioned(model: Model, name: str) -> bool:
    """Whether the file does anything with the method but define it and call super()'s."""
    for node in model.everything(ast.Attribute):
        if node.attr == name and not _is_super(node.value):
            owner = model.interpreter.loads.get(id(node.value))
            if not isinstance(owner, External):
                return True
    return any(node.value == name for node in model.everything(ast.Constant))


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _has_async_chats(model: Model) -> bool:
    """Whether any chat in this file, or one that may use it, is async."""
    return any(entry.is_async for entry in model.entry_calls)


def _human_input(
    model: Model, owner: UserClass, agents: list[Agent]
) -> tuple[str, Severity] | None:
    if not agents or any("human_input_mode" in agent.instance.attributes for agent in agents):
        return None
    if asks_nobody(model, agents):
        # Other files may make agents of this class that do ask.
        used = model.is_script or any(model.turns(agent).known for agent in agents)
        text = 'with human_input_mode="NEVER" no person is ever asked'
        return text, Severity.ERROR if used else Severity.INFORMATION
    modes = {agent.human_input_mode for agent in agents}
    if None in modes or "NEVER" in modes or model.release in ASYNC_ASKS_SYNC_HUMAN_INPUT:
        return None
    if owner.find(f"a_{_HUMAN_INPUT}") is not None:
        return None
    for agent in agents:
        turns = model.turns(agent)
        if not turns.closed or not turns.known or not all(turn.is_async for turn in turns.known):
            return None
    return f"async chats ask `a_{_HUMAN_INPUT}`, which is not overridden", Severity.ERROR
