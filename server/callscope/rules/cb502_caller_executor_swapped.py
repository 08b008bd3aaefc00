"""CB502: ``register_function`` has its caller and its executor the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import NOT_FOUND
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.events import Call
from callscope.model.tools import lacks_model
from callscope.rules.base import Evidence, Finding, Rule, Severity


class CallerExecutorSwapped(Rule):
    """`register_function` has its caller and its executor the wrong way round.

    ## What it does
    `caller` is the agent whose model may ask for the tool, `executor` the one that runs it. The
    rule reports a `register_function` whose caller certainly has no `llm_config` while its
    executor may have one, and one whose tool is called for, in a chat in view, by the executor.

    ## Why it matters
    A caller without `llm_config` makes AutoGen raise
    `AssertionError: To update a tool signature, agent must have an llm_config` at registration.
    Where both agents have a model nothing is raised: the call then reaches the agent that only
    offers the tool, and that one answers `Error: Function add not found.`

    ## Example
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    register_function(add, caller=user, executor=assistant, description="Add two numbers.")

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import AssistantAgent, UserProxyAgent, register_function

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = AssistantAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    register_function(add, caller=assistant, executor=user, description="Add two numbers.")

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## When it stays silent
    When either agent is not known, when both have a model and no chat in view shows which of them
    asks, and when neither has one (that is `tool-needs-model`).

    ## Fix safety
    Safe: exchanging the two arguments.
    """

    code = "CB502"
    name = "caller-executor-swapped"
    default_severity = Severity.ERROR

    speaks = (
        # UserProxyAgent has no model unless it is given one
        """
import autogen
assistant = autogen.AssistantAgent("assistant", llm_config={"config_list": []})
user = autogen.UserProxyAgent("user")
def f(a: int) -> int:
    return a
autogen.register_function(f, caller=user, executor=assistant, description="d")
""",
        # said in so many words
        """
from autogen import ConversableAgent, register_function
config = {"config_list": []}
planner = ConversableAgent("planner", llm_config=config)
runner = ConversableAgent("runner", llm_config=False)
register_function(lambda a: a, caller=runner, executor=planner, name="f", description="d")
""",
        # in a loop over tools
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
assistant = AssistantAgent("assistant", llm_config=config)
user = UserProxyAgent("user")
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
for tool in (one, two):
    register_function(tool, caller=user, executor=assistant, description="d")
""",
        # agents kept on self, the tool a method's inner function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Desk:
    def __init__(self, config):
        self.user = UserProxyAgent("user")
        self.clerk = AssistantAgent("clerk", llm_config=dict(config_list=config))
        self._tools()
    def _tools(self):
        def look_up(key: str) -> str:
            return key
        register_function(look_up, caller=self.user, executor=self.clerk, description="d")
""",
        # from a factory
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
from autogen import config_list_from_json
def build():
    config = {"config_list": config_list_from_json("OAI_CONFIG_LIST")}
    return AssistantAgent("assistant", llm_config=config), UserProxyAgent("user", llm_config=False)
assistant, user = build()
def f(a: int) -> int:
    return a
register_function(f, executor=assistant, caller=user, description="d")
""",
        # both have a model: the call in view comes from the executor
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
assistant = AssistantAgent("assistant", llm_config=config)
user = UserProxyAgent("user", llm_config=config)
def f(a: int) -> int:
    return a
register_function(f, caller=user, executor=assistant, description="d")
call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
user.generate_reply(messages=[{"content": None, "tool_calls": [call]}], sender=assistant)
""",
    )

    silent = (
        # as it should be
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user")
def f(a: int) -> int:
    return a
register_function(f, caller=assistant, executor=user, description="d")
""",
        # both have a model, and either may ask
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
assistant = AssistantAgent("assistant", llm_config=config)
user = UserProxyAgent("user", llm_config=config)
def f(a: int) -> int:
    return a
register_function(f, caller=user, executor=assistant, description="d")
user.initiate_chat(assistant, message="go")
""",
        # a model given afterwards
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
assistant = AssistantAgent("assistant", llm_config=config)
user = UserProxyAgent("user")
user.llm_config = config
def f(a: int) -> int:
    return a
register_function(f, caller=user, executor=assistant, description="d")
""",
        # agents of somebody else
        """
from autogen import ConversableAgent, register_function
def f(a: int) -> int:
    return a
def wire(caller: ConversableAgent, executor: ConversableAgent):
    register_function(f, caller=caller, executor=executor, description="d")
""",
        # a function of the same name that is not AutoGen's
        """
from autogen import AssistantAgent, UserProxyAgent
from registry import register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user")
register_function(print, caller=user, executor=assistant)
""",
        # a proxy class that brings its own model
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
class Thinker(UserProxyAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=config)
assistant = AssistantAgent("assistant", llm_config=config)
user = Thinker("user")
def f(a: int) -> int:
    return a
register_function(f, caller=user, executor=assistant, description="d")
""",
        # a model that may or may not be there
        """
import os
from autogen import AssistantAgent, UserProxyAgent, register_function
config = {"config_list": []}
assistant = AssistantAgent("assistant", llm_config=config)
user = UserProxyAgent("user", llm_config=config if os.environ.get("MODEL") else False)
def f(a: int) -> int:
    return a
register_function(f, caller=user, executor=assistant, description="d")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a ``register_function`` that is the wrong way round."""
        for registration in model.registrations:
            call = registration.call
            if registration.kind != "tool-llm" or call.path != "autogen.register_function":
                continue
            caller = registration.agent
            executor = as_agent(call.arguments.get(None, "executor"))
            if caller is None or executor is None or not lacks_model(caller, model):
                continue
            if lacks_model(executor, model):
                continue
            having = "has one" if executor.has_model else "is not known to lack one"
            yield self.finding(
                model,
                model.range(call.arguments.node(None, "caller") or registration.node),
                f"`{registration.callback_name}` cannot be registered: caller and executor are "
                f"swapped; `{caller.label}`, the caller, has no llm_config, which raises "
                f"AssertionError, and `{executor.label}` {having}",
                evidence=tuple(
                    Evidence(text, model.range(agent.node))
                    for agent, text in (
                        (caller, f"`{caller.label}` is made without llm_config"),
                        (executor, f"`{executor.label}`, the executor, is made here"),
                    )
                    if agent.node is not None
                ),
                about=registration,
            )
        yield from self._called_for_by_the_executor(model)

    def _called_for_by_the_executor(self, model: Model) -> Iterator[Finding]:
        said: list[Call] = []
        for request in model.tools.requests:
            swapped = model.tools.swapped(request)
            if swapped is None or not model.tools.unanswered(request) or swapped.call in said:
                continue
            said.append(swapped.call)
            asker, responder = request.asker, request.responders.agents[0]
            assert asker is not None
            outcome = NOT_FOUND.format(name=request.name)
            yield self.finding(
                model,
                model.range(swapped.call.arguments.node(None, "caller") or swapped.node),
                f"Tool `{request.name}` never runs: caller and executor are swapped; "
                f"`{asker.label}` asks for it, and `{responder.label}`, which gets the call, "
                f"answers `{outcome}`",
                evidence=(Evidence("The call is made here", model.range(request.node)),),
                about=swapped,
            )
