"""CB209: a call to AutoGen with an argument that it does not take."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from callscope.contracts.classic.methods import Parameters
from callscope.contracts.classic.signatures import (
    REGISTER_FUNCTION_SIGNATURE,
    Signature,
    agent_keywords,
    method_signature,
)
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.events import Call
from callscope.model.registrations import agent_method
from callscope.rules.base import Finding, Rule, Severity

_PLAIN_AGENTS = frozenset({"ConversableAgent", "AssistantAgent", "UserProxyAgent"})


class RejectedArguments(Rule):
    """An argument that this release of AutoGen does not take.

    ## What it does
    Compares the calls that register callbacks, `generate_reply`, and the constructors of agents
    with the parameters they have in the target release: keyword-only ones that are passed by
    position, and keywords that do not exist.

    ## Why it matters
    Python raises TypeError, and what comes after is not reached. `ignore_async_in_sync_chat` is
    keyword-only; `generate_reply(exlude=...)` was swallowed up to AG2 0.9 and raises from 0.10 on;
    `functions=` and `update_agent_state_before_reply=` exist in AG2 only.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply, 0, None, None, True)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply, ignore_async_in_sync_chat=True)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When `*args` or `**kwargs` may change what is passed, for agent classes with parameters of
    their own, and for calls that pass on what they do not know.

    ## Fix safety
    Naming the argument is safe: no program runs with it as it was.
    """

    code = "CB209"
    name = "rejected-arguments"
    default_severity = Severity.ERROR

    speaks = (
        # a keyword that does not exist
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply([Agent, None], reply_function=lambda r, messages, sender, config: (False, None))
""",
        # a misspelt one
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}], exlude=[])
""",
        # the description by position
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm("adds two numbers")
def add(a: int, b: int) -> int:
    return a + b
""",
        # a constructor's
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_message=lambda m: True)
""",
        # by way of a subclass
        """
from autogen import ConversableAgent
class Bot(ConversableAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False, termination_msg=lambda m: True)
bot = Bot("bot")
""",
        # caller and executor by position
        """
from autogen import ConversableAgent, register_function
a = ConversableAgent("a", llm_config={"config_list": []})
b = ConversableAgent("b", llm_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, a, b, description="add")
""",
    )

    silent = (
        # everything there is
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[], functions=[])
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], answer, 0, {}, None, ignore_async_in_sync_chat=True)
bot.generate_reply(messages=[], sender=None, exclude=[answer])
""",
        # passed on
        """
from autogen import AssistantAgent
def build(**options):
    return AssistantAgent("bot", llm_config=False, **options)
""",
        # what a chat does not know goes into the context
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
a.initiate_chat(b, message="hi", topic="x", max_turns=1)
""",
        # a class with parameters of its own
        """
from autogen.agentchat.contrib.retrieve_user_proxy_agent import RetrieveUserProxyAgent
user = RetrieveUserProxyAgent("user", retrieve_config={}, code_execution_config=False)
""",
        # of this file
        """
from autogen import AssistantAgent
class Bot(AssistantAgent):
    def __init__(self, name, topic):
        super().__init__(name, llm_config=False)
    def generate_reply(self, messages=None, sender=None, style=None):
        return style
bot = Bot("bot", topic="x")
bot.generate_reply(messages=[], style="short")
""",
        # not an agent
        """
import autogen
class Bus:
    def register_reply(self, *args): ...
Bus().register_reply(1, 2, 3, 4, 5, 6)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            signature = _signature(model, call)
            problem = _problem(call, signature) if signature is not None else None
            if problem is None:
                continue
            node, text = problem
            yield self.finding(model, model.range(node), text)


def _signature(model: Model, call: Call) -> Signature | None:
    """What ``call`` takes; None if that is not known, or it takes anything."""
    if call.path == "autogen.register_function":
        return REGISTER_FUNCTION_SIGNATURE
    found = agent_method(call)
    if found is not None and found[0] != "__init__":
        if found[2]:
            return None
        plain = all(agent.row.name in _PLAIN_AGENTS for agent in found[1])
        return method_signature(found[0], model.release) if plain else None
    made = as_agent(call.receiver if call.method == "__init__" else call.result)
    is_constructor = call.method == "__init__" or (
        made is not None and made.instance.call is call and made.instance.init is call.arguments
    )
    if made is None or not is_constructor or made.row.name not in _PLAIN_AGENTS:
        return None
    names = agent_keywords(model.release)
    return None if names is None or made.has_unknown_bases else _keywords_only(names)


def _keywords_only(names: frozenset[str]) -> Signature:
    return Signature(Parameters(tuple("" for _ in range(20)), tuple(names)))


def _problem(call: Call, signature: Signature) -> tuple[ast.AST, str] | None:
    """The argument of ``call`` that ``signature`` has no place for, and what to say of it."""
    arguments = call.arguments
    name = call.method if call.method != "__init__" else "super().__init__"
    most = len(signature.parameters.positional)
    if len(arguments.positional) > most:
        extra = arguments.positional_nodes[most]
        kept = [p for p in signature.parameters.keyword_only if p not in arguments.keywords]
        hint = f"; {' and '.join(f'`{p}`' for p in kept[:2])} can only be passed by name"
        limit = f"{most or 'no'} positional argument{'' if most == 1 else 's'}"
        return extra, f"`{name}` raises TypeError: it takes {limit}{hint if kept else ''}"
    for keyword, node in arguments.keyword_nodes.items():
        if keyword in signature.names or keyword not in _written(call):
            continue
        close = difflib.get_close_matches(keyword, signature.names, 1, 0.6)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        return node, f"`{name}` raises TypeError: it has no parameter `{keyword}`{hint}"
    return None


def _written(call: Call) -> set[str]:
    """The keywords that are written out in the call, not passed on by ``**options``."""
    node = call.node
    return {k.arg for k in node.keywords if k.arg} if isinstance(node, ast.Call) else set()
