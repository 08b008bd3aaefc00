"""CB217: ``register_model_client`` on an agent that has no place for it."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.registrations import agent_method
from callscope.model.values import Constant, External, Mapping, Sequence, UserClass, Value
from callscope.rules.base import Finding, Rule, Severity


class ModelClientRefused(Rule):
    """A custom model client is registered on an agent whose configuration does not name it.

    ## What it does
    Compares the class given to `register_model_client` with the `model_client_cls` entries of the
    agent's `llm_config`.

    ## Why it matters
    Without an entry of exactly the class's name `register_model_client` raises ValueError; with
    `llm_config=False` it raises AttributeError. The client's `create` is never called.

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


    config = {"config_list": [{"model": "m", "model_client_cls": "MyModel"}], "cache_seed": None}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
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


    config = {"config_list": [{"model": "m", "model_client_cls": "Model"}], "cache_seed": None}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the configuration or the class is not known in full.

    ## Fix safety
    Correcting the name in the configuration is safe, and so is adding it to the only entry: no
    program runs without. Which model an agent without `llm_config` should have is yours to say.
    """

    code = "CB217"
    name = "model-client-refused"
    default_severity = Severity.ERROR

    speaks = (
        # no model at all
        """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config=False)
bot.register_model_client(Mine)
""",
        # a UserProxyAgent has none by default
        """
from autogen import UserProxyAgent
from clients import Mine
user = UserProxyAgent("user", code_execution_config=False)
user.register_model_client(model_client_cls=Mine)
""",
        # a configuration without it
        """
import autogen
class Mine:
    pass
bot = autogen.AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_model_client(Mine)
""",
        # another spelling
        """
from autogen import AssistantAgent
from clients import MyClient
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Myclient"}]})
bot.register_model_client(MyClient)
""",
        # on self
        """
from autogen import AssistantAgent
class Mine:
    pass
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_model_client(Mine)
""",
        # in a loop
        """
from autogen import AssistantAgent
class Mine:
    pass
for agent in [AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)]:
    agent.register_model_client(Mine)
""",
    )

    silent = (
        # named
        """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
bot.register_model_client(Mine)
""",
        # one of several
        """
from autogen import AssistantAgent
from clients import Mine
entries = [{"model": "gpt"}, {"model_client_cls": "Mine"}]
bot = AssistantAgent("bot", llm_config={"config_list": entries})
bot.register_model_client(Mine)
""",
        # not known
        """
from autogen import AssistantAgent
from settings import CONFIG
from clients import Mine
bot = AssistantAgent("bot", llm_config=CONFIG)
bot.register_model_client(Mine)
""",
        # read from a file
        """
import json
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": json.load(open("models.json"))})
bot.register_model_client(Mine)
""",
        # a class by another name
        """
from autogen import AssistantAgent
from clients import make_client
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
bot.register_model_client(make_client("Mine"))
""",
        # no agent
        """
import autogen
class Hub:
    def register_model_client(self, cls): ...
Hub().register_model_client(dict)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            found = agent_method(call)
            if found is None or found[0] != "register_model_client" or found[2]:
                continue
            problems = [_problem(call, agent) for agent in found[1]]
            if problems and all(problems):
                yield self.finding(model, model.range(call.node), str(problems[0]))


def _problem(call: Call, agent: Agent) -> str | None:
    """Why ``register_model_client`` raises on ``agent``; None if it does not, or is not known."""
    if agent.is_foreign or agent.has_unknown_bases:
        return None
    if agent.has_model is False:
        return f"`{agent.label}` has no llm_config: `register_model_client` raises AttributeError"
    given = _class_name(call.arguments.get(0, "model_client_cls"))
    names = _configured(agent.argument("llm_config"))
    if given is None or names is None or given in names:
        return None
    has = f"names {', '.join(map(repr, names))}" if names else "names no `model_client_cls`"
    return f"`register_model_client` raises ValueError: the llm_config of `{agent.label}` {has}"


def _class_name(value: Value | None) -> str | None:
    if isinstance(value, UserClass):
        return value.name
    if isinstance(value, External):
        name = value.path.rpartition(".")[2]
        return name if name[:1].isupper() else None
    return None


def _configured(config: Value | None) -> list[str] | None:
    """The ``model_client_cls`` entries; None if they are not all known."""
    listed = config.items.get("config_list") if isinstance(config, Mapping) else None
    if not isinstance(config, Mapping) or not isinstance(listed, Sequence) or not listed.exact:
        return None
    names = []
    for entry in listed.items:
        if not isinstance(entry, Mapping) or not entry.exact:
            return None
        name = entry.items.get("model_client_cls")
        if name is not None and not isinstance(name, Constant):
            return None
        names += [str(name.value)] if isinstance(name, Constant) else []
    return names
