"""CB511: a tool is proposed without the description that the targeted release demands."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import DESCRIPTION_REQUIRED, NO_DESCRIPTION
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.tools import python_function
from callscope.model.values import Constant, Function
from callscope.rules.base import Finding, Rule, Severity

_MISSING = "TypeError: register_function() missing 1 required keyword-only argument: 'description'"


class ToolNotDescribed(Rule):
    """A tool is proposed without the description that AutoGen demands.

    ## What it does
    Reports `register_function` without `description=` (all releases), and, in AutoGen 0.2,
    the first `register_for_llm` of a function that gives it no description.

    ## Why it matters
    The registration raises: `TypeError` for the missing keyword, and in AutoGen 0.2
    `ValueError: Function description is required, none found.`, for a docstring does not count
    there. A description given once stays with the function for later registrations.

    ## Example
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        "Add two numbers."
        print("FIRED")
        return a + b


    register_function(add, caller=assistant, executor=user)
    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        "Add two numbers."
        print("FIRED")
        return a + b


    register_function(add, caller=assistant, executor=user, description="Add two numbers.")
    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## When it stays silent
    When keywords are passed on with `**`, when the description is not a literal, when an earlier
    registration gave one, and for `register_for_llm` in AG2, which takes the docstring or nothing.

    ## Fix safety
    Passing what the docstring says is unsafe, as the model reads it. Without a docstring there is
    no fix: what the model should read about the tool is yours to say.
    """

    code = "CB511"
    name = "tool-not-described"
    default_severity = Severity.ERROR
    example_target = "autogen-agentchat==0.2.40"

    speaks = (
        # a decorator without one
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm()
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b
""",
        # a name is no description
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config={"config_list": []})
user = autogen.UserProxyAgent("user")
@user.register_for_execution()
@bot.register_for_llm(name="plus")
def add(a: int, b: int) -> int:
    return a + b
""",
        # an empty one
        """
from autogen import AssistantAgent
class Team:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config={"config_list": []})
        self.bot.register_for_llm(description="")(add)
def add(a: int, b: int) -> int:
    return a + b
Team()
""",
        # the first registration is the outer one's inner
        """
from autogen import AssistantAgent
config = {"config_list": []}
one, two = AssistantAgent("one", llm_config=config), AssistantAgent("two", llm_config=config)
@one.register_for_llm(description="Add two numbers.")
@two.register_for_llm()
def add(a: int, b: int) -> int:
    return a + b
""",
        # register_function in a loop
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
for tool in (one, two):
    register_function(tool, caller=bot, executor=user, name=tool.__name__)
""",
        # None
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config={"config_list": []})
def add(a: int, b: int) -> int:
    return a + b
bot.register_for_llm(name="add", description=None)(add)
""",
    )

    silent = (
        # described
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm(description="Add two numbers.")
def add(a: int, b: int) -> int:
    return a + b
""",
        # by the inner decorator
        """
from autogen import AssistantAgent
config = {"config_list": []}
one, two = AssistantAgent("one", llm_config=config), AssistantAgent("two", llm_config=config)
@one.register_for_llm()
@two.register_for_llm(description="Add two numbers.")
def add(a: int, b: int) -> int:
    return a + b
""",
        # by an earlier register_function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
one, two = AssistantAgent("one", llm_config=config), AssistantAgent("two", llm_config=config)
user = UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=one, executor=user, description="Add two numbers.")
two.register_for_llm()(add)
""",
        # computed
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b
bot.register_for_llm(description=add.__doc__)(add)
""",
        # passed on
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def equip(tool, **options):
    register_function(tool, caller=bot, executor=user, **options)
""",
        # execution needs none
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
""",
        # set by hand
        """
from autogen import AssistantAgent
from tools import add
bot = AssistantAgent("bot", llm_config={"config_list": []})
bot.register_for_llm()(add)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration that raises for want of a description."""
        described: set[int] = set()
        for registration in model.registrations:
            if registration.kind != "tool-llm":
                continue
            function = python_function(registration.callback)
            error = _error(model, registration, function, described)
            if error is None:
                described.add(id(function))
                continue
            yield self.finding(
                model,
                model.range(registration.node),
                f"`{registration.callback_name}` cannot be proposed without a description "
                f"(`{error}`)",
                about=registration,
            )


def _error(
    model: Model, registration: Registration, function: Function | None, described: set[int]
) -> str | None:
    given = registration.argument("description")
    if registration.call.path == "autogen.register_function":
        return _MISSING if given is None else None
    if registration.call.method != "register_for_llm" or registration.application is None:
        return None
    if model.release not in DESCRIPTION_REQUIRED or function is None or id(function) in described:
        return None
    absent = given is None or (isinstance(given, Constant) and not given.value)
    return NO_DESCRIPTION if absent and not _has_attribute(model, function) else None


def _has_attribute(model: Model, function: Function) -> bool:
    """Whether ``_description`` may be set on the function by hand."""
    return model.mentions("_description") or function.kind != "plain"
