"""CB506: ``llm_config`` lists Python functions where schemas belong."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.tools import tool_callable, tool_entries
from callscope.model.values import Constant, Instance, Mapping, Sequence, Value
from callscope.rules.base import Evidence, Finding, Rule, Severity


class FunctionInToolsConfig(Rule):
    """`llm_config` lists Python functions where schemas belong.

    ## What it does
    Reports functions in the lists `tools` and `functions` of an agent's `llm_config`.

    ## Why it matters
    These lists go to the model's service as they are: they hold JSON schemas, and the service
    never calls anything. With a function in them the first request fails
    (`TypeError: Object of type function is not JSON serializable`), and nothing registers the
    function for execution.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def add(a: int, b: int) -> int:
        '''Add two numbers.'''
        print("FIRED")
        return a + b


    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}], "tools": [add]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent, register_function


    def add(a: int, b: int) -> int:
        '''Add two numbers.'''
        print("FIRED")
        return a + b


    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    register_function(add, caller=assistant, executor=user, description="Add two numbers.")

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## When it stays silent
    When the configuration names a model client of your own (`model_client_cls`), which may do
    with its parameters what it likes, and when an entry is not known to be a function.

    ## Fix safety
    Unsafe: each function of the list is registered on the agent and on the one that gets its calls,
    described by the first line of its docstring. No fix without docstrings, or where it is not
    known who gets the calls.
    """

    code = "CB506"
    name = "function-in-tools-config"
    default_severity = Severity.ERROR

    speaks = (
        # the old key
        """
import autogen
def add(a: int, b: int) -> int:
    return a + b
bot = autogen.AssistantAgent("bot", llm_config={"config_list": [], "functions": [add]})
""",
        # a configuration of its own name
        """
from autogen import AssistantAgent
def add(a: int, b: int) -> int:
    return a + b
LLM_CONFIG = {"config_list": [{"model": "gpt-4o"}], "tools": [add]}
class Team:
    def __init__(self):
        self.bot = AssistantAgent(name="bot", llm_config=LLM_CONFIG)
""",
        # two functions, a lambda among them
        """
from autogen import ConversableAgent
def add(a: int, b: int) -> int:
    return a + b
bot = ConversableAgent("bot", llm_config=dict(config_list=[], tools=[add, lambda a: a]))
""",
        # an LLMConfig
        """
from autogen import ConversableAgent, LLMConfig
def add(a: int, b: int) -> int:
    return a + b
bot = ConversableAgent("bot", llm_config=LLMConfig(model="gpt-4o", tools=[add]))
""",
        # a method
        """
from autogen import AssistantAgent
class Service:
    def __init__(self, config_list):
        config = {"config_list": config_list, "tools": [self.search]}
        self.bot = AssistantAgent("bot", llm_config=config)
    def search(self, query: str) -> str:
        return query
""",
        # inside what should be a schema
        """
from autogen import AssistantAgent
def add(a: int, b: int) -> int:
    return a + b
TOOLS = [{"type": "function", "function": add}]
bot = AssistantAgent("bot", llm_config={"config_list": [], "tools": TOOLS})
""",
    )

    silent = (
        # schemas
        """
from autogen import AssistantAgent, UserProxyAgent
SCHEMA = {"name": "add", "parameters": {"type": "object", "properties": {}}}
TOOLS = [{"type": "function", "function": SCHEMA}]
bot = AssistantAgent("bot", llm_config={"config_list": [], "tools": TOOLS})
old = AssistantAgent("old", llm_config={"config_list": [], "functions": [SCHEMA]})
""",
        # a schema made by a function
        """
from autogen import AssistantAgent
def schema(name):
    return {"type": "function", "function": {"name": name, "parameters": {}}}
bot = AssistantAgent("bot", llm_config={"config_list": [], "tools": [schema("add")]})
""",
        # a client of one's own
        """
from autogen import AssistantAgent
def add(a: int, b: int) -> int:
    return a + b
models = [{"model": "mine", "model_client_cls": "MyClient"}]
bot = AssistantAgent("bot", llm_config={"config_list": models, "tools": [add]})
""",
        # something not in view
        """
from autogen import AssistantAgent
from tools import ADD, schemas
bot = AssistantAgent("bot", llm_config={"config_list": [], "tools": [ADD, *schemas()]})
""",
        # the constructor's functions= is for functions
        """
from autogen import ConversableAgent
def add(a: int, b: int) -> int:
    return a + b
bot = ConversableAgent("bot", llm_config={"config_list": []}, functions=[add])
""",
        # a configuration that no agent gets
        """
import autogen
def add(a: int, b: int) -> int:
    return a + b
OTHER = {"tools": [add]}
bot = autogen.AssistantAgent("bot", llm_config={"config_list": []})
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a function among the schemas."""
        for agent in model.agents:
            if _has_own_client(agent):
                continue
            for item, node in tool_entries(agent):
                inner = item.items.get("function") if isinstance(item, Mapping) else item
                known = tool_callable(inner) if isinstance(inner, Value) else None
                if known is None:
                    continue
                yield self.finding(
                    model,
                    model.range(node),
                    f"`{known.name}` is a function, and `llm_config` needs its JSON schema: the "
                    f"first request of `{agent.label}` to its model raises `TypeError: Object of "
                    "type function is not JSON serializable`",
                    evidence=_evidence(model, agent),
                )


def _has_own_client(agent: Agent) -> bool:
    """Whether a model client of the user's may answer for the agent."""
    config = agent.argument("llm_config")
    models: Value | None = None
    if isinstance(config, Mapping):
        models = config.items.get("config_list")
    elif isinstance(config, Instance) and config.init is not None:
        models = config.init.get(None, "config_list")
    listed = models.items if isinstance(models, Sequence) else []
    return any(isinstance(m, Mapping) and "model_client_cls" in m.items for m in listed) or (
        isinstance(config, Mapping) and isinstance(config.items.get("model_client_cls"), Constant)
    )


def _evidence(model: Model, agent: Agent) -> tuple[Evidence, ...]:
    if agent.node is None:
        return ()
    return (Evidence(f"`{agent.label}` gets this configuration here", model.range(agent.node)),)
