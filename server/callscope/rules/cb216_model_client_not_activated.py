"""CB216: an agent has a custom model client that is not registered when it is asked."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.registrations import agent_method
from callscope.rules._shared import custom_client
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ModelClientNotActivated(Rule):
    """A custom model client is configured but not registered when the agent has to answer.

    ## What it does
    Finds agents whose `llm_config` names a `model_client_cls` for which `register_model_client` is
    never called, or is called before a tool is registered for the model: `register_for_llm` builds
    the client wrapper anew and forgets the one registered.

    ## Why it matters
    The first answer raises RuntimeError: `Model client(s) [...] are not activated`.

    ## Example
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
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
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
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
    ```

    ## When it stays silent
    When the agent is never made to answer in this file, goes to code that is not in view (which
    may register the client), or its configuration is not known.

    ## Fix safety
    Registering the client behind the last tool is safe.
    """

    code = "CB216"
    name = "model-client-not-activated"
    default_severity = Severity.ERROR

    speaks = (
        # forgotten, with a constant for the configuration
        """
import autogen
CONFIG = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
bot = autogen.AssistantAgent("bot", llm_config=CONFIG)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # a tool registered afterwards
        """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
bot.register_model_client(model_client_cls=Mine)
@bot.register_for_llm(description="adds")
def add(a: int, b: int) -> int:
    return a + b
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # register_function afterwards
        """
from autogen import AssistantAgent, ConversableAgent, register_function
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
bot.register_model_client(Mine)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="adds")
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # on self
        """
from autogen import AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent(
            "bot", llm_config={"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
        )
    def ask(self, text):
        return self.bot.generate_reply(messages=[{"role": "user", "content": text}])
Service().ask("hi")
""",
        # registered on the other agent
        """
from autogen import AssistantAgent
from clients import Mine
config = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
a = AssistantAgent("a", llm_config=config)
b = AssistantAgent("b", llm_config=config)
a.register_model_client(Mine)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # one of two configurations
        """
from autogen import AssistantAgent
entries = [{"model": "gpt"}, {"model": "m", "model_client_cls": "Mine"}]
bot = AssistantAgent("bot", llm_config={"config_list": entries, "cache_seed": None})
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
    )

    silent = (
        # registered
        """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
bot.register_model_client(Mine)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # registered behind the tool
        """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
@bot.register_for_llm(description="adds")
def add(a: int, b: int) -> int:
    return a + b
bot.register_model_client(Mine)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # in a loop
        """
from autogen import AssistantAgent
from clients import Mine
config = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
a, b = AssistantAgent("a", llm_config=config), AssistantAgent("b", llm_config=config)
for agent in (a, b):
    agent.register_model_client(Mine)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # handed to something that may register it
        """
from autogen import AssistantAgent
from clients import activate
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
activate(bot)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # no custom client
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "gpt"}]})
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # the tool is run, the model is not asked
        """
from autogen import AssistantAgent, ConversableAgent
config = {"config_list": [{"model": "m", "model_client_cls": "Mine"}]}
bot = AssistantAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=config, function_map={"add": lambda: 3})
call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
user.generate_reply(messages=[{"content": None, "tool_calls": [call]}], sender=bot)
""",
        # never asked here
        """
from autogen import AssistantAgent
def build():
    return AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for agent in model.agents:
            client = custom_client(agent)
            if client is None or not model.is_closed(agent) or not model.turns(agent).known:
                continue
            if not _asks_model(model, agent):
                continue
            registered = [c for c in model.calls if _is_on(c, agent, "register_model_client")]
            if not registered:
                node = agent.node
                if node is not None:
                    yield self.finding(
                        model,
                        model.range(node),
                        f"Model client {client!r} of `{agent.label}` is never registered: "
                        "RuntimeError when it has to answer",
                    )
                continue
            dropped = _dropped_by(model, agent, registered)
            if dropped is not None:
                yield self.finding(
                    model,
                    model.range(registered[-1].node),
                    f"Model client {client!r} of `{agent.label}` is forgotten when a tool is "
                    "registered afterwards: register the client last",
                    evidence=(Evidence("This tool comes after it", model.range(dropped.node)),),
                )


def _asks_model(model: Model, agent: Agent) -> bool:
    """Whether nothing in view answers in the model's place: a tool, a reply function, a person."""
    if agent.has_unknown_bases or agent.overrides("generate_reply") is not None:
        return False
    if agent.human_input_mode in (None, "ALWAYS") or agent.max_auto_reply == 0:
        return False
    others = ("reply", "nested", "tool-execution")
    return not any(r.kind in others for r in model.registrations_on(agent))


def _is_on(call: Call, agent: Agent, method: str) -> bool:
    found = agent_method(call)
    return found is not None and found[0] == method and (agent in found[1] or found[2])


def _dropped_by(model: Model, agent: Agent, registered: list[Call]) -> Call | None:
    """A tool registration behind all of ``registered``, on the same way through the program."""
    for registration in model.registrations:
        if registration.kind != "tool-llm" or registration.agent != agent:
            continue
        call = registration.call
        behind = all(
            r.where.course is call.where.course and r.index < call.index and r.where.certain
            for r in registered
        )
        if behind and call.where.certain:
            return call
    return None
