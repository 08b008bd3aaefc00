"""CB503: a tool is asked for under one name and executed under another."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.tools import FUNCTIONS_ARGUMENT, NOT_FOUND, TOOL_OBJECTS
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.tools import Execution, ToolRequest
from callscope.model.values import NONE
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ToolNameMismatch(Rule):
    """A tool is asked for under one name and executed under another.

    ## What it does
    Compares the name under which a tool is offered to the model (`register_for_llm`, a schema in
    `llm_config`, a literal tool call) with the names in the function map of the agent that gets
    the call. Names left out are worked out as AutoGen does: the inner decorator runs first, so an
    inner `register_for_execution()` takes the function's name even if an outer
    `register_for_llm(name=...)` names the tool otherwise.

    ## Why it matters
    The name in the call is looked up in the function map as it is. Nothing is raised where it is
    missing: the model is answered `Error: Function get_weather not found.`, and the function
    never runs.

    ## Example
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @assistant.register_for_llm(name="get_weather", description="Weather of a city.")
    @user.register_for_execution()
    def weather(city: Annotated[str, "city"]) -> str:
        print("FIRED")
        return f"{city}: clear"


    weather_call = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    tool_calls = [{"id": "1", "type": "function", "function": weather_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(name="get_weather", description="Weather of a city.")
    def weather(city: Annotated[str, "city"]) -> str:
        print("FIRED")
        return f"{city}: clear"


    weather_call = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    tool_calls = [{"id": "1", "type": "function", "function": weather_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## When it stays silent
    When a name is computed, when the function is executed under the asked name too, or when some
    agent's function map may hold more than the file shows.

    ## Fix safety
    Safe: registering for execution under the name that is asked for.
    """

    code = "CB503"
    name = "tool-name-mismatch"
    default_severity = Severity.ERROR

    speaks = (
        # two names in two decorators
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@user.register_for_execution(name="weather")
@assistant.register_for_llm(name="get_weather", description="d")
def weather(city: str) -> str:
    return city
user.initiate_chat(assistant, message="Rome?")
""",
        # decorated in a function that takes the agents
        """
from autogen import ConversableAgent
def register_tools(assistant: ConversableAgent, user: ConversableAgent) -> None:
    @assistant.register_for_llm(name="get_weather", description="d")
    @user.register_for_execution()
    def weather(city: str) -> str:
        return city
""",
        # the key of a function map
        """
import autogen
schema = {"name": "search", "description": "d", "parameters": {"type": "object", "properties": {}}}
assistant = autogen.AssistantAgent("a", llm_config={"config_list": [], "functions": [schema]})
def search_web() -> str:
    return ""
user = autogen.UserProxyAgent("user", function_map={"search_web": search_web})
user.initiate_chat(assistant, message="go")
""",
        # a schema in tools, registered afterwards
        """
from autogen import AssistantAgent, UserProxyAgent
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {}}}]
assistant = AssistantAgent("assistant", llm_config={"config_list": [], "tools": TOOLS})
user = UserProxyAgent("user", code_execution_config=False)
def lookup() -> str:
    return ""
user.register_function(function_map={"lookup": lookup})
user.initiate_chat(assistant, message="go")
""",
        # a literal call
        """
from autogen import UserProxyAgent, ConversableAgent
user = UserProxyAgent("user", code_execution_config=False)
bot = ConversableAgent("bot", llm_config=False)
def add(a: int, b: int) -> int:
    return a + b
user.register_function({"add_numbers": add})
call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
user.generate_reply(messages=[{"content": None, "tool_calls": [call]}], sender=bot)
""",
        # called by hand, agents kept on self
        """
from autogen import AssistantAgent, UserProxyAgent
def weather(city: str) -> str:
    return city
class Desk:
    def __init__(self):
        self.assistant = AssistantAgent("assistant", llm_config={"config_list": []})
        self.user = UserProxyAgent("user", code_execution_config=False)
        self.assistant.register_for_llm(name="forecast", description="d")(weather)
        self.user.register_for_execution(name="weather")(weather)
        self.user.initiate_chat(self.assistant, message="go")
Desk()
""",
        # the plain function again, which is not the Tool the decorator made
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def weather(city: str) -> str:
    return city
assistant.register_for_llm(name="forecast", description="d")(weather)
user.register_for_execution()(weather)
user.initiate_chat(assistant, message="go")
""",
    )

    silent = (
        # a wrapper that shows the name of what it wraps
        """
import functools
from autogen import AssistantAgent, UserProxyAgent
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
@logged
def search(query: str) -> str:
    return query
bot.register_for_llm(name="search", description="d")(search)
user.register_for_execution()(search)
user.initiate_chat(bot, message="go")
""",
        # functions that are given a name
        """
from autogen import AssistantAgent, UserProxyAgent
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def getter(store):
    def get(key: str) -> str:
        return store[key]
    get.__name__ = "get_config"
    return get
tool = getter({})
bot.register_for_llm(name="get_config", description="d")(tool)
user.register_for_execution()(tool)
user.initiate_chat(bot, message="go")
""",
        # the inner decorator names it for both
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@user.register_for_execution()
@assistant.register_for_llm(name="get_weather", description="d")
def weather(city: str) -> str:
    return city
user.initiate_chat(assistant, message="Rome?")
""",
        # decorated, then registered by its name: that is the Tool
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@assistant.register_for_llm(name="get_weather", description="d")
def weather(city: str) -> str:
    return city
user.register_for_execution()(weather)
user.initiate_chat(assistant, message="Rome?")
""",
        # what the first registration gives back carries the name
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def weather(city: str) -> str:
    return city
tool = assistant.register_for_llm(name="get_weather", description="d")(weather)
user.register_for_execution()(tool)
user.initiate_chat(assistant, message="Rome?")
""",
        # executed under both names
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def weather(city: str) -> str:
    return city
assistant.register_for_llm(name="get_weather", description="d")(weather)
user.register_function({"weather": weather, "get_weather": weather})
user.initiate_chat(assistant, message="Rome?")
""",
        # a computed name
        """
import os
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
NAME = os.environ["TOOL"]
def weather(city: str) -> str:
    return city
assistant.register_for_llm(name=NAME, description="d")(weather)
user.register_for_execution(name="weather")(weather)
user.initiate_chat(assistant, message="Rome?")
""",
        # one name, given to both by register_function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def weather(city: str) -> str:
    return city
register_function(weather, caller=assistant, executor=user, name="forecast", description="d")
user.initiate_chat(assistant, message="Rome?")
""",
        # offered by two agents under two names, executed under both
        """
from autogen import AssistantAgent, UserProxyAgent
config = {"config_list": []}
one, two = AssistantAgent("one", llm_config=config), AssistantAgent("two", llm_config=config)
user = UserProxyAgent("user", code_execution_config=False)
def weather(city: str) -> str:
    return city
for agent, name in ((one, "weather"), (two, "forecast")):
    agent.register_for_llm(name=name, description="d")(weather)
    user.register_for_execution(name=name)(weather)
user.initiate_chat(one, message="Rome?")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration for execution under the wrong name."""
        tools = model.tools
        for request in tools.requests:
            if request.origin == "functions" and model.release not in FUNCTIONS_ARGUMENT:
                continue
            meant = tools.misnamed(request) if tools.unanswered(request) else None
            severity = Severity.ERROR
            if meant is None:
                meant, severity = _misnamed_anywhere(model, request), Severity.WARNING
            if meant is None or meant.registration.agent is None:
                continue
            yield self.finding(
                model,
                model.range(_place(meant)),
                _message(model, request, meant),
                evidence=(
                    Evidence(f"It is asked for as `{request.name}`", model.range(request.node)),
                ),
                severity=severity,
                about=meant.registration,
            )


def _misnamed_anywhere(model: Model, request: ToolRequest) -> Execution | None:
    """The one execution of a function that is offered under a name which nobody executes.

    For the places that only tell how agents from elsewhere are equipped: both registrations are in
    view, the chat is not.
    """
    if request.origin != "registered" or request.function is None or request.name is None:
        return None
    executions = model.tools.executions
    same = [e for e in executions if e.function is request.function]
    other_names = [e for e in executions if e.name in (None, request.name)]
    if len(same) != 1 or other_names or same[0].agent == request.asker:
        return None
    asked = {r.name for r in model.tools.requests if r.function is request.function}
    return same[0] if same[0].name is not None and same[0].name not in asked else None


def _place(execution: Execution) -> ast.AST:
    registration = execution.registration
    if registration.call.method == "register_for_execution":
        return registration.node
    return registration.callback_node or registration.node


def _message(model: Model, request: ToolRequest, meant: Execution) -> str:
    registration = meant.registration
    assert registration.agent is not None
    how = ""
    if registration.call.method == "register_for_execution" and not _is_named(registration):
        if registration.callback_node is registration.node:
            how = " (without `name=` an inner decorator takes the function's name)"
        elif model.release in TOOL_OBJECTS:
            how = " (the plain function does not carry the name given to `register_for_llm`)"
    return (
        f"`{meant.function.name if meant.function else meant.name}` never runs: "
        f"`{registration.agent.label}` executes it as `{meant.name}`{how}, but it is asked for as "
        f"`{request.name}` and the answer is `{NOT_FOUND.format(name=request.name)}`"
    )


def _is_named(registration: Registration) -> bool:
    return registration.argument("name") not in (None, NONE)
