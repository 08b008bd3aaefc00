"""CB513: a tool is called with arguments that its function does not take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.callables import Callable, needs
from callscope.model.tools import Execution, ToolRequest, tool_callable
from callscope.model.values import UNKNOWN, Constant, Mapping, Sequence, path_of
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_INJECTED = ("Depends", "ChatContext", "ContextVariables", "Agent")


class ToolArguments(Rule):
    """A tool is called with arguments that its function does not take.

    ## What it does
    Compares the parameters in a literal schema (`llm_config["functions"]`, `llm_config["tools"]`),
    and the arguments of a literal tool call, with the function that is executed under that name.

    ## Why it matters
    The arguments are passed by keyword. A name that does not fit raises TypeError inside AutoGen,
    which turns it into the tool's result: the model reads `Error: add() got an unexpected keyword
    argument 'a'`, nobody else does, and the body of the function never runs.

    ## Example
    ```python
    from autogen import ConversableAgent, UserProxyAgent

    bot = ConversableAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: int, second: int) -> int:
        print("FIRED")
        return a + second


    user.register_function({"add": add})

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=bot))
    ```

    ## Fixed
    ```python
    from autogen import ConversableAgent, UserProxyAgent

    bot = ConversableAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: int, b: int) -> int:
        print("FIRED")
        return a + b


    user.register_function({"add": add})

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=bot))
    ```

    ## When it stays silent
    When the function takes `**kwargs`, is wrapped by a decorator, or is not in this file; for
    parameters that AG2 fills in itself; and for a parameter in a schema that is not required and
    that the function does not have, if the schema is not wholly written out.

    ## Fix safety
    Unsafe: the parameter is renamed to what is passed, where only one of each does not fit. Either
    side may be the right one.
    """

    code = "CB513"
    name = "tool-arguments"
    default_severity = Severity.ERROR

    speaks = (
        # a schema with another name
        """
from autogen import AssistantAgent, UserProxyAgent
SCHEMA = {
    "name": "search",
    "description": "d",
    "parameters": {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
    },
}
def search(text):
    return text
bot = AssistantAgent("bot", llm_config={"config_list": [], "functions": [SCHEMA]})
user = UserProxyAgent("user", function_map={"search": search})
user.initiate_chat(bot, message="go")
""",
        # the same in tools
        """
import autogen
PARAMETERS = {"type": "object", "properties": {"city": {}, "unit": {}}, "required": ["city"]}
FUNCTION = {"name": "weather", "parameters": PARAMETERS}
config = {"config_list": [], "tools": [{"type": "function", "function": FUNCTION}]}
bot = autogen.AssistantAgent("bot", llm_config=config)
user = autogen.UserProxyAgent("user")
@user.register_for_execution()
def weather(city: str) -> str:
    return city
user.initiate_chat(bot, message="go")
""",
        # a parameter that the schema does not have
        """
from autogen import AssistantAgent, UserProxyAgent
PARAMETERS = {"type": "object", "properties": {"query": {"type": "string"}}}
config = {"config_list": [], "functions": [{"name": "search", "parameters": PARAMETERS}]}
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=config)
        self.user = UserProxyAgent("user", function_map={"search": self.search})
        self.user.initiate_chat(self.bot, message="go")
    def search(self, query, limit):
        return query
Desk()
""",
        # a literal call without an argument
        """
from autogen import ConversableAgent, UserProxyAgent
bot, user = ConversableAgent("bot", llm_config=False), UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
user.register_for_execution()(add)
call = {"name": "add", "arguments": '{"a": 1}'}
message = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
user.generate_reply(messages=[message], sender=bot)
""",
        # sent by a reply function
        """
from autogen import Agent, ConversableAgent
bot, user = ConversableAgent("bot", llm_config=False), ConversableAgent("user", llm_config=False)
def ask(recipient, messages=None, sender=None, config=None):
    return True, {"content": None, "function_call": {"name": "add", "arguments": '{"x": 1}'}}
bot.register_reply([Agent, None], ask)
user.register_function({"add": lambda a: a})
user.initiate_chat(bot, message="go", max_turns=2)
""",
        # a wrapper with parameters of its own
        """
import json
from autogen import ConversableAgent
def checked(function):
    def wrapper(value):
        return function(value)
    return wrapper
@checked
def area(width, height):
    return width * height
desk = ConversableAgent("desk", llm_config=False, function_map={"area": area})
asker = ConversableAgent("asker", llm_config=False)
call = {"name": "area", "arguments": json.dumps({"width": 2, "height": 3})}
desk.generate_reply(messages=[{"content": None, "function_call": call}], sender=asker)
""",
        # the same function, a schema for another one
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
PARAMETERS = {"type": "object", "properties": {"path": {}}, "required": ["path"]}
config = {"config_list": [], "functions": [{"name": "read", "parameters": PARAMETERS}]}
bot = AssistantAgent("bot", llm_config=config)
def read(filename):
    return filename
user = UserProxyAgent("user", function_map={"read": read})
manager = GroupChatManager(GroupChat([bot, user], messages=[]), llm_config=False)
user.initiate_chat(manager, message="go")
""",
    )

    silent = (
        # they agree
        """
from autogen import AssistantAgent, UserProxyAgent
PARAMETERS = {"type": "object", "properties": {"query": {}, "limit": {}}, "required": ["query"]}
config = {"config_list": [], "functions": [{"name": "search", "parameters": PARAMETERS}]}
def search(query, limit=3, verbose=False):
    return query
bot = AssistantAgent("bot", llm_config=config)
user = UserProxyAgent("user", function_map={"search": search})
user.initiate_chat(bot, message="go")
""",
        # it takes anything
        """
from autogen import AssistantAgent, UserProxyAgent
PARAMETERS = {"type": "object", "properties": {"query": {}}, "required": ["query"]}
config = {"config_list": [], "functions": [{"name": "search", "parameters": PARAMETERS}]}
bot = AssistantAgent("bot", llm_config=config)
user = UserProxyAgent("user", function_map={"search": lambda **options: options})
user.initiate_chat(bot, message="go")
""",
        # the schema is not written out
        """
from autogen import AssistantAgent, UserProxyAgent
from schemas import PARAMETERS
config = {"config_list": [], "functions": [{"name": "search", "parameters": PARAMETERS}]}
def search(text):
    return text
bot = AssistantAgent("bot", llm_config=config)
user = UserProxyAgent("user", function_map={"search": search})
user.initiate_chat(bot, message="go")
""",
        # the schema is made of the function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
def search(text: str) -> str:
    return text
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
register_function(search, caller=bot, executor=user, description="d")
user.initiate_chat(bot, message="go")
""",
        # wrapped
        """
from autogen import AssistantAgent, UserProxyAgent
from helpers import renamed
PARAMETERS = {"type": "object", "properties": {"query": {}}, "required": ["query"]}
config = {"config_list": [], "functions": [{"name": "search", "parameters": PARAMETERS}]}
@renamed(query="text")
def search(text):
    return text
bot = AssistantAgent("bot", llm_config=config)
user = UserProxyAgent("user", function_map={"search": search})
user.initiate_chat(bot, message="go")
""",
        # filled in by the framework
        """
from typing import Annotated
from autogen import ConversableAgent, UserProxyAgent
from autogen.tools import Depends
bot, user = ConversableAgent("bot", llm_config=False), UserProxyAgent("user")
def token() -> str:
    return "secret"
@user.register_for_execution()
def search(query: str, key: Annotated[str, Depends(token)]) -> str:
    return query
call = {"name": "search", "arguments": '{"query": "x"}'}
message = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
user.generate_reply(messages=[message], sender=bot)
""",
        # the same under other names
        """
from typing import Annotated
from autogen import ConversableAgent, UserProxyAgent
from autogen.tools import Depends as Given
from autogen.tools.dependency_injection import ChatContext as Chat
bot, user = ConversableAgent("bot", llm_config=False), UserProxyAgent("user")
def token() -> str:
    return "secret"
Token = Annotated[str, Given(token)]
@user.register_for_execution()
def search(query: str, key: Token, other: Annotated[str, Given(token)], chat: Chat) -> str:
    return query
call = {"name": "search", "arguments": '{"query": "x"}'}
message = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
user.generate_reply(messages=[message], sender=bot)
""",
        # arguments that are computed
        """
import json
from autogen import ConversableAgent, UserProxyAgent
bot, user = ConversableAgent("bot", llm_config=False), UserProxyAgent("user")
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
call = {"name": "add", "arguments": json.dumps({"a": 1, "b": 2})}
message = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
user.generate_reply(messages=[message], sender=bot)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a request whose arguments do not fit."""
        for request in model.tools.requests:
            names, needed = _passed(request)
            execution = _executed(model, request) if names is not None else None
            if names is None or execution is None:
                continue
            known = tool_callable(execution.registration.callback)
            if known is None or _is_wrapped(known):
                continue
            problem = _problem(known, names)
            if problem is None:
                continue
            text, culprit = problem
            certain = culprit is None or culprit in needed
            yield self.finding(
                model,
                model.range(request.node),
                f"Tool `{request.name}` fails: `{known.name}` {text}; the error becomes the "
                "tool's result",
                evidence=(Evidence(f"`{known.name}` is defined here", model.range(known.node)),),
                severity=Severity.ERROR if certain else Severity.WARNING,
                about=request.about,
            )


def _passed(request: ToolRequest) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The names that may be passed (None if they are not known), and those that must be."""
    if request.schema is None:
        return request.arguments, request.arguments or frozenset()
    parameters = request.schema.items.get("parameters")
    properties = parameters.items.get("properties") if isinstance(parameters, Mapping) else None
    if not isinstance(parameters, Mapping) or not isinstance(properties, Mapping):
        return None, frozenset()
    if not parameters.exact or not properties.exact:
        return None, frozenset()
    required = parameters.items.get("required")
    listed = required.items if isinstance(required, Sequence) else []
    needed = frozenset(str(item.value) for item in listed if isinstance(item, Constant))
    return frozenset(str(name) for name in properties.items), needed


def _executed(model: Model, request: ToolRequest) -> Execution | None:
    """The one function that a call of ``request`` comes to."""
    found = [
        execution
        for execution in model.tools.executions
        if execution.name == request.name and execution.agent in request.responders.agents
    ]
    known = request.responders.known and len(found) == 1
    return (
        found[0]
        if known and found[0].agent is not None and (model.tools.is_plain(found[0].agent))
        else None
    )


def _is_wrapped(known: Callable) -> bool:
    if isinstance(known.node, ast.Lambda):
        return False
    seen_through = ("register_for_", "wraps(")
    written = [ast.unparse(decorator) for decorator in known.node.decorator_list]
    return any(all(name not in text for name in seen_through) for text in written)


def _problem(known: Callable, names: frozenset[str]) -> tuple[str, str | None] | None:
    """Why a call with ``names`` by keyword fails, and the name at fault (None: one is missing)."""
    parameters = known.parameters
    taken = {p.name for p in parameters if p.kind in ("positional", "keyword-only")}
    takes_any = any(p.kind == "**" for p in parameters)
    missing = [
        p.name
        for p in parameters
        if p.required and p.name not in names and not _may_be_injected(known, p.node)
    ]
    if missing:
        return needs([f"`{name}`" for name in missing]), None
    unexpected = sorted(names - taken)
    if unexpected and not takes_any:
        return f"has no parameter `{unexpected[0]}`", unexpected[0]
    return None


def _may_be_injected(known: Callable, node: ast.arg) -> bool:
    """Whether AG2 may fill the parameter in by itself."""
    if node.annotation is None:
        return False
    written = [ast.unparse(node.annotation)]
    for part in walk(node.annotation):
        bound = known.function.scope.find(part.id) if isinstance(part, ast.Name) else None
        path = (path_of(bound) if bound is not None else None) or ""
        if bound is UNKNOWN or (part is node.annotation and path == "typing.Annotated"):
            # Unknown, or a name for some `Annotated[...]`.
            return True
        written.append(path)
    return any(name in text for name in _INJECTED for text in written)
