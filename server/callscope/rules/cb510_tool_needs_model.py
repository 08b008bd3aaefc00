"""CB510: a tool is proposed on an agent that has no model to propose it to."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import FUNCTIONS_ARGUMENT, NEEDS_MODEL
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.registrations import Registration
from callscope.model.tools import is_offered_by_constructor, lacks_model
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ToolNeedsModel(Rule):
    """A tool is proposed on an agent that has no model to propose it to.

    ## What it does
    Reports `register_for_llm`, `register_function(caller=...)` and `functions=[...]` on an agent
    that certainly has no `llm_config`: it is `False`, or left out, which a `UserProxyAgent` and
    every other agent take for none.

    ## Why it matters
    AutoGen raises
    `AssertionError: To update a tool signature, agent must have an llm_config` at registration.
    The agent that only runs the tool needs `register_for_execution`, and no model.

    ## Example
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## When it stays silent
    When the configuration is not a literal, is set afterwards, or may come from a class not in
    view or from an enclosing `with llm_config:` (releases that have it). A `register_function`
    whose executor has a model is `caller-executor-swapped`.

    ## Fix safety
    Unsafe: the tool is proposed on the only agent that has a model; or an agent that was passed no
    configuration gets the only one that the module has. No fix where several could be meant.
    """

    code = "CB510"
    name = "tool-needs-model"
    default_severity = Severity.ERROR
    every_walk = False

    speaks = (
        # said outright
        """
import autogen
bot = autogen.ConversableAgent("bot", llm_config=False)
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # a UserProxyAgent has none
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
def f(a: int) -> int:
    return a
user.register_for_llm(name="f", description="d")(f)
""",
        # neither side has one
        """
from autogen import ConversableAgent, UserProxyAgent, register_function
def f(a: int) -> int:
    return a
bot, user = ConversableAgent("bot", llm_config=False), UserProxyAgent("user")
register_function(f, caller=bot, executor=user, description="d")
""",
        # functions= offers them to the model
        """
from autogen import ConversableAgent
def f(a: int) -> int:
    return a
bot = ConversableAgent("bot", llm_config=False, functions=[f])
""",
        # None is the same as none
        """
from autogen import AssistantAgent
class Team:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=None)
        for tool in (one, two):
            self.bot.register_for_llm(description="d")(tool)
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
Team()
""",
        # a subclass that says so
        """
from autogen import AssistantAgent
class Quiet(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
bot = Quiet("bot")
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # through a Tool
        """
from autogen import UserProxyAgent
from autogen.tools import tool
@tool(description="d")
def f(a: int) -> int:
    return a
user = UserProxyAgent("user")
f.register_for_llm(user)
""",
    )

    silent = (
        # it has one
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # execution needs none
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
@user.register_for_execution()
def f(a: int) -> int:
    return a
""",
        # it comes from a parameter
        """
from autogen import AssistantAgent
def build(llm_config=None):
    bot = AssistantAgent("bot", llm_config=llm_config)
    @bot.register_for_llm(description="d")
    def f(a: int) -> int:
        return a
    return bot
""",
        # it is set afterwards
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot")
bot.llm_config = {"config_list": []}
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # the class is not in view
        """
from agents import HouseAgent
class Bot(HouseAgent):
    pass
bot = Bot("bot", llm_config=False)
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # no agent at all
        """
import autogen
class Registry:
    def register_for_llm(self, **options):
        return lambda function: function
registry = Registry()
@registry.register_for_llm(description="d")
def f(a: int) -> int:
    return a
""",
        # the keywords may hold one
        """
from autogen import AssistantAgent
def build(**options):
    bot = AssistantAgent("bot", **options)
    bot.register_for_llm(description="d")(f)
def f(a: int) -> int:
    return a
""",
        # expected by a test
        """
import pytest
from autogen import AssistantAgent
def test_refused():
    bot = AssistantAgent("bot", llm_config=False)
    with pytest.raises(AssertionError):
        @bot.register_for_llm(description="d")
        def f(a: int) -> int:
            return a
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration on an agent without a model."""
        for registration in model.registrations:
            agent = registration.agent
            if registration.kind != "tool-llm" or agent is None or not lacks_model(agent, model):
                continue
            if _is_swapped(model, registration):
                continue
            if is_offered_by_constructor(registration) and model.release not in FUNCTIONS_ARGUMENT:
                continue
            yield self.finding(
                model,
                model.range(registration.node),
                f"`{registration.callback_name}` cannot be proposed: `{agent.label}` has no "
                f"llm_config (`{NEEDS_MODEL}`)",
                evidence=tuple(
                    Evidence(f"`{agent.label}` is made without llm_config", model.range(node))
                    for node in (agent.node,)
                    if node is not None
                ),
                about=registration,
            )


def _is_swapped(model: Model, registration: Registration) -> bool:
    """Whether it is a ``register_function`` whose executor could be the caller."""
    if registration.call.path != "autogen.register_function":
        return False
    executor = as_agent(registration.call.arguments.get(None, "executor"))
    return executor is not None and not lacks_model(executor, model)
