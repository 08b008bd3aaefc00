"""CB428: a custom model client that is not asked again for what is kept on disk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from callscope.contracts.classic.dispatch import CACHES_BY_DEFAULT
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.registrations import EntryCall, agent_method
from callscope.model.values import Constant
from callscope.rules._shared import custom_client
from callscope.rules.base import Evidence, Finding, Rule, Severity

_HEAD = """
from autogen import AssistantAgent, ConversableAgent
from clients import Mine
config = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
bot = AssistantAgent("bot", llm_config=config)
bot.register_model_client(Mine)
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
"""
_TWICE = """
user.initiate_chat(bot, message="hi", max_turns=1)
user.initiate_chat(bot, message="hi", max_turns=1)
"""


class CachedModelClient(Rule):
    """The same request is made again, and the custom model client is not asked.

    ## What it does
    Looks for two chats in a row that send the same text to an agent with a custom model client,
    where nothing in the file sets a `cache_seed`.

    ## Why it matters
    Up to AG2 0.7 answers are kept on disk under `cache_seed=41` by default. A request that was made
    before, even by another run of the program, is answered from there, and `create` of the client
    is not called.

    ## Example
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        asked = 0

        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
            Model.asked += 1
            if Model.asked == 2:
                print("FIRED")
            message = SimpleNamespace(content="done", function_call=None, tool_calls=None)
            choices = [SimpleNamespace(message=message)]
            return SimpleNamespace(choices=choices, model="model", cost=0)

        def message_retrieval(self, response):
            return [choice.message.content for choice in response.choices]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {}


    config = {"config_list": [{"model": "model", "model_client_cls": "Model"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        asked = 0

        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
            Model.asked += 1
            if Model.asked == 2:
                print("FIRED")
            message = SimpleNamespace(content="done", function_call=None, tool_calls=None)
            choices = [SimpleNamespace(message=message)]
            return SimpleNamespace(choices=choices, model="model", cost=0)

        def message_retrieval(self, response):
            return [choice.message.content for choice in response.choices]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {}


    config = {"config_list": [{"model": "model", "model_client_cls": "Model"}], "cache_seed": None}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the file says anything of a cache, when hooks, tools or other reply functions may change
    what is asked, when the chat goes on with its history, and for releases that keep nothing.

    ## Fix safety
    Unsafe: nothing is kept on disk any more, also for the other chats of the configuration.
    """

    code = "CB428"
    name = "cached-model-client"
    default_severity = Severity.WARNING
    example_target = "autogen-agentchat==0.2.40"

    speaks = (
        _HEAD + _TWICE,
        # three times
        _HEAD + _TWICE + _TWICE.splitlines()[1],
        # in a function
        _HEAD
        + """
def main():
    user.initiate_chat(bot, message="hi", max_turns=2)
    print("again")
    user.initiate_chat(bot, message="hi", max_turns=2)
main()
""",
        # on self
        """
from autogen import AssistantAgent, ConversableAgent
from clients import Mine
class Service:
    def __init__(self):
        config = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
        self.bot = AssistantAgent("bot", llm_config=config)
        self.bot.register_model_client(Mine)
        self.user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    def ask(self):
        self.user.initiate_chat(self.bot, message="hi", max_turns=1)
        self.user.initiate_chat(self.bot, message="hi", max_turns=1)
Service().ask()
""",
        # in coroutines
        _HEAD
        + """
import asyncio
async def main():
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # by a name
        _HEAD
        + """
QUESTION = "hi"
first = user.initiate_chat(bot, message=QUESTION, max_turns=1)
second = user.initiate_chat(bot, message=QUESTION, max_turns=1)
""",
    )

    silent = (
        # another question
        _HEAD + _TWICE.replace('"hi"', '"hello"', 1),
        # nothing is kept
        _HEAD.replace('"Mine"}]', '"Mine"}], "cache_seed": None') + _TWICE,
        # the history goes on
        _HEAD + _TWICE.replace("max_turns=1", "max_turns=1, clear_history=False"),
        # kept elsewhere, on purpose
        _HEAD
        + """
from autogen import Cache
with Cache.disk(cache_seed=7) as cache:
    user.initiate_chat(bot, message="hi", max_turns=1, cache=cache)
    user.initiate_chat(bot, message="hi", max_turns=1, cache=cache)
""",
        # a hook may change what is asked
        _HEAD
        + """
def stamp(messages):
    return [*messages, {"role": "user", "content": str(len(messages))}]
bot.register_hook("process_all_messages_before_reply", stamp)
"""
        + _TWICE,
        # not a client of one's own
        _HEAD.replace(', "model_client_cls": "Mine"', "").replace(
            "bot.register_model_client(Mine)", ""
        )
        + _TWICE,
        # the instructions change
        _HEAD + _TWICE.replace("\nuser", '\nbot.update_system_message("x")\nuser', 2),
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a chat whose first question was answered before."""
        if model.release not in CACHES_BY_DEFAULT or _sets_cache(model):
            return
        for agent in model.agents:
            client = custom_client(agent)
            if client is None or not model.is_closed(agent) or not _is_plain(model, agent):
                continue
            chats = [e for e in model.entry_calls if e.partner == agent]
            for first, second in pairwise(chats):
                if _is_repeated(first, second) and _is_plain(model, first.agent):
                    yield self.finding(
                        model,
                        model.range(second.node),
                        f"`{client}.create` is not called for this question: it was asked before, "
                        "and its answer is kept on disk, with `cache_seed=41` by default",
                        evidence=(Evidence("It was asked here", model.range(first.node)),),
                        about=second,
                    )


def _sets_cache(model: Model) -> bool:
    """Whether anything in view has to do with what is kept on disk."""
    return (
        any(node.attr in ("Cache", "cache") for node in model.everything(ast.Attribute))
        or any(node.arg in ("cache_seed", "cache") for node in model.everything(ast.keyword))
        or any(node.value == "cache_seed" for node in model.everything(ast.Constant))
    )


def _is_plain(model: Model, agent: Agent | None) -> bool:
    """Whether ``agent`` asks the same of a model each time, its client apart."""
    if agent is None or agent.has_unknown_bases or model.registrations_on(agent):
        return False
    methods = (found[0] for c in model.calls if (found := agent_method(c)) and agent in found[1])
    return all(m in ("register_model_client", "initiate_chat", "a_initiate_chat") for m in methods)


def _is_repeated(first: EntryCall, second: EntryCall) -> bool:
    """Whether ``second`` starts as ``first`` did."""
    text = first.argument("message")
    return (
        first.agent == second.agent
        and first.method.endswith("initiate_chat")
        and ast.dump(first.node) == ast.dump(second.node)
        and isinstance(text, Constant)
        and isinstance(text.value, str)
        and text == second.argument("message")
        and first.argument("clear_history") is None
        and first.where.certain
        and second.where.certain
        and first.where.course is second.where.course
        and not first.call.arguments.open
    )
