"""CB505: a function proposed to a model has parameters without annotation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from callscope.contracts.classic.tools import FUNCTIONS_ARGUMENT, NOT_ANNOTATED, refusal
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.tools import is_offered_by_constructor, tool_callable
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ToolNotAnnotated(Rule):
    """A function proposed to a model has parameters without annotation.

    ## What it does
    Reports functions handed to `register_for_llm`, `register_function` or `functions=[...]` that
    have a parameter with neither an annotation nor a default value.

    ## Why it matters
    AutoGen makes the schema for the model from the annotations and raises
    `TypeError: All parameters of the function 'add' without default values must be annotated` at
    registration. `*args`, `**kwargs` and the `self` of a method taken from its class count too.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a, b):
        print("FIRED")
        return a + b


    register_function(add, caller=assistant, executor=user, description="Add two numbers.")
    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: int, b: int) -> int:
        print("FIRED")
        return a + b


    register_function(add, caller=assistant, executor=user, description="Add two numbers.")
    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## When it stays silent
    For parameters with a default, for functions that are only registered for execution, for
    functions wrapped by another decorator (which may carry the annotations), and for functions
    that are not in this file.

    ## Fix safety
    Safe where the docstring names the types. Unsafe where they are those of the values that the
    file passes itself, or `Any`, which tells the model nothing. No fix for `*args`, for lambdas and
    for a method taken from its class.
    """

    code = "CB505"
    name = "tool-not-annotated"
    default_severity = Severity.ERROR

    speaks = (
        # decorated
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm(description="d")
def search(query, limit: int = 3) -> str:
    return query
""",
        # both decorators, the offer inside
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config={"config_list": []})
user = autogen.UserProxyAgent("user")
@user.register_for_execution()
@bot.register_for_llm(name="s", description="d")
async def search(query):
    return query
""",
        # a lambda has no annotations
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
register_function(lambda a: a, caller=bot, executor=user, name="echo", description="d")
""",
        # variable arguments
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config={"config_list": []})
def search(query: str, **options) -> str:
    return query
bot.register_for_llm(description="d")(search)
""",
        # a method taken from its class
        """
from autogen import ConversableAgent
class Kit:
    def search(self, query: str) -> str:
        return query
bot = ConversableAgent("bot", llm_config={"config_list": []})
bot.register_for_llm(description="d")(Kit.search)
""",
        # one of several in a dict
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
def one(a: int) -> int:
    return a
def two(a) -> int:
    return a
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
register_function(one, caller=bot, executor=user, description="d")
register_function(two, caller=bot, executor=user, description="d")
""",
        # a wrapper that hides what it wraps
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
def logged(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
@bot.register_for_llm(name="search", description="d")
@logged
def search(query: str) -> str:
    return query
""",
        # `functools.wraps` of a function without annotations
        """
import functools
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
def search(query):
    return query
for tool in (search, ):
    bot.register_for_llm(description="d")(logged(tool))
""",
        # given to the constructor
        """
from autogen import ConversableAgent
def search(query):
    return query
bot = ConversableAgent("bot", llm_config={"config_list": []}, functions=[search])
""",
    )

    silent = (
        # defaults need no annotation
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm(description="d")
def search(query: str, limit=3, *, exact=False):
    return query
""",
        # execution needs none either
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", function_map={"other": lambda a: a})
@user.register_for_execution()
def search(query):
    return query
""",
        # wrapped, and `functools.wraps` shows the annotations of what is wrapped
        """
import functools
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
@bot.register_for_llm(description="d")
@logged
def search(query: str) -> str:
    return query
""",
        # the same, called by hand
        """
import functools
from autogen import AssistantAgent, UserProxyAgent, register_function
def cached(function):
    memory = {}
    @functools.wraps(function)
    def wrapper(a, b):
        return memory.setdefault((a, b), function(a, b))
    return wrapper
@cached
def add(a: int, b: int) -> int:
    return a + b
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
register_function(add, caller=bot, executor=user, description="d")
""",
        # the same with `functools.update_wrapper`
        """
import functools
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
def logged(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return functools.update_wrapper(wrapper, function)
@logged
def search(query: str) -> str:
    return query
bot.register_for_llm(description="d")(search)
""",
        # no parameters at all
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm(description="d")
def now():
    return ""
""",
        # a function of another file
        """
from autogen import AssistantAgent
from tools import search
bot = AssistantAgent("bot", llm_config={"config_list": []})
bot.register_for_llm(description="d")(search)
""",
        # no agent
        """
import autogen
class Registry:
    def register_for_llm(self, **options):
        return lambda function: function
@Registry().register_for_llm(description="d")
def search(query):
    return query
""",
        # a literal schema
        """
from autogen import AssistantAgent, UserProxyAgent
def search(query):
    return query
SCHEMA = {"name": "search", "parameters": {"type": "object", "properties": {"query": {}}}}
bot = AssistantAgent("bot", llm_config={"config_list": [], "functions": [SCHEMA]})
user = UserProxyAgent("user", function_map={"search": search})
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration of a function with bare parameters."""
        for registration in model.registrations:
            known = tool_callable(registration.callback)
            shown = known.function.presented if known is not None else None
            if registration.kind != "tool-llm" or known is None or shown is None:
                continue
            known = replace(known, function=shown)
            if _is_wrapped(known):
                continue
            if refusal(known.through, True, model.release) is not None:
                continue
            if is_offered_by_constructor(registration) and model.release not in FUNCTIONS_ARGUMENT:
                continue
            bare = _bare_parameters(known)
            if not bare:
                continue
            error = NOT_ANNOTATED.format(name=known.function.name)
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{known.name}` cannot be proposed: {_listed(bare)} without annotation "
                f"(`{error}`)",
                evidence=(Evidence(f"`{known.name}` is defined here", model.range(known.node)),),
                about=registration,
            )


def _is_wrapped(known: Callable) -> bool:
    """Whether the signature that counts may be another function's, or the callable is refused."""
    if known.through in ("method", "object"):
        return True
    if isinstance(known.node, ast.Lambda):
        return False
    return any("register_for_" not in ast.unparse(d) for d in known.node.decorator_list)


def _bare_parameters(known: Callable) -> list[str]:
    """Parameters that have neither an annotation nor a default."""
    return [
        {"*": "*", "**": "**"}.get(parameter.kind, "") + parameter.name
        for parameter in known.parameters
        if parameter.node.annotation is None
        and (parameter.required or parameter.kind in ("*", "**"))
    ]


def _listed(names: list[str]) -> str:
    quoted = ", ".join(f"`{name}`" for name in names)
    return f"{quoted} {'is' if len(names) == 1 else 'are'}"
