"""CB508: an agent answers in another way before it comes to running its tools."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.blockers import changes_limit
from callscope.model.events import Call
from callscope.model.finality import is_final, reply_function
from callscope.model.order import Slot
from callscope.model.tools import Execution
from callscope.model.triggers import match
from callscope.model.values import NONE, Constant, Value, options
from callscope.rules.base import Evidence, Finding, Rule, Severity

_DISPATCH = "generate_tool_calls_reply"


class ToolNeverReached(Rule):
    """An agent answers in another way before it comes to running its tools.

    ## What it does
    Running a tool is one of the reply functions an agent tries in turn. This rule reports tools
    registered for execution on an agent that always answers earlier: with
    `max_consecutive_auto_reply=0`, with a `get_human_input` that always gives text while
    `human_input_mode` is `"ALWAYS"`, or with a reply function in front whose reply is always
    final.

    ## Why it matters
    The termination and human-input check comes before the tools. With no automatic reply left it
    ends the turn, and text typed by a human is sent instead, with `USER INTERRUPTED` for the tool.
    A final reply in front has the same effect. No error says that the tool was not run.

    ## Example
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    bot = ConversableAgent("bot", llm_config=False)
    user = UserProxyAgent(
        "user", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=0
    )


    @user.register_for_execution()
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=bot))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    bot = ConversableAgent("bot", llm_config=False)
    user = UserProxyAgent(
        "user", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=5
    )


    @user.register_for_execution()
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=bot))
    ```

    ## When it stays silent
    When the agent is handed to code not in view, when the limit is changed later, when another
    agent of the chat executes the tool, when no chat in view lets the agent answer, and when a
    reply or a human input is not the same each time.

    ## Fix safety
    Unsafe: without `max_consecutive_auto_reply=0` the agent replies to everything; and a reply
    function in front no longer answers what asks for a tool. No fix for a human input that always
    gives text: what it should give instead is not in the file.
    """

    code = "CB508"
    name = "tool-never-reached"
    default_severity = Severity.ERROR

    speaks = (
        # no automatic reply
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", max_consecutive_auto_reply=0, code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the options come from a dict
        """
from autogen import AssistantAgent, UserProxyAgent
OPTIONS = {"human_input_mode": "NEVER", "max_consecutive_auto_reply": 0}
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
def add(a: int, b: int) -> int:
    return a + b
user = UserProxyAgent("user", function_map={"add": add}, **OPTIONS)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # somebody always types something
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Typist(UserProxyAgent):
    def get_human_input(self, prompt, **options):
        return "carry on"
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = Typist("user", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # a final reply in front
        """
from autogen import Agent, AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
def answer(recipient, messages=None, sender=None, config=None):
    return True, "thanks"
register_function(add, caller=assistant, executor=user, description="d")
user.register_reply([Agent, None], answer)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the same for a class of agents
        """
from autogen import ConversableAgent, AssistantAgent, UserProxyAgent
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config={"config_list": []})
        self.user = UserProxyAgent("user", code_execution_config=False)
        self.user.register_function({"add": self.add})
        self.user.register_reply(ConversableAgent, lambda r, messages, sender, config: (True, ""))
        self.user.initiate_chat(self.bot, message="go")
    def add(self, a, b):
        return a + b
Desk()
""",
        # the limit is lowered afterwards
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
user.update_max_consecutive_auto_reply(0)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # in a group
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
config = {"config_list": []}
alice = AssistantAgent("alice", llm_config=config)
user = UserProxyAgent("user", max_consecutive_auto_reply=0, code_execution_config=False)
@user.register_for_execution()
@alice.register_for_llm(description="d")
def search(query: str) -> str:
    return query
manager = GroupChatManager(GroupChat([user, alice], messages=[]), llm_config=config)
user.initiate_chat(manager, message="go")
""",
    )

    silent = (
        # automatic replies are left
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", max_consecutive_auto_reply=1, code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the limit is lifted later
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", max_consecutive_auto_reply=0, code_execution_config=False)
user.update_max_consecutive_auto_reply(3)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the limit is lowered between two chats
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
user.update_max_consecutive_auto_reply(0)
user.initiate_chat(assistant, message="thanks")
""",
        # an empty text lets the tool run
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Typist(UserProxyAgent):
    def get_human_input(self, prompt, **options):
        return "" if "tool" in prompt else "carry on"
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = Typist("user", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # nobody is asked
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Typist(UserProxyAgent):
    def get_human_input(self, prompt, **options):
        return "carry on"
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = Typist("user", human_input_mode="NEVER", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=assistant, executor=user, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the reply in front lets tool calls pass
        """
from autogen import Agent, AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
def answer(recipient, messages=None, sender=None, config=None):
    if messages[-1].get("tool_calls"):
        return False, None
    return True, "thanks"
register_function(add, caller=assistant, executor=user, description="d")
user.register_reply([Agent, None], answer)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the final reply comes behind
        """
from autogen import Agent, AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
def answer(recipient, messages=None, sender=None, config=None):
    return True, "thanks"
register_function(add, caller=assistant, executor=user, description="d")
user.register_reply([Agent, None], answer, position=6)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # run by hand
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", max_consecutive_auto_reply=0, code_execution_config=False)
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
print(user.execute_function({"name": "add", "arguments": "{}"}))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding for each tool on an agent that always answers in another way."""
        for agent in dict.fromkeys(e.agent for e in model.tools.executions if e.agent is not None):
            reason = _reason(model, agent)
            if reason is None:
                continue
            for execution in model.tools.executions:
                if execution.agent != agent or _is_run_elsewhere(model, execution):
                    continue
                registration = execution.registration
                name = execution.name or registration.callback_name
                yield self.finding(
                    model,
                    model.range(registration.callback_node or registration.node),
                    f"Tool `{name}` never runs on `{agent.label}`: {reason[0]}",
                    evidence=(reason[1],),
                    about=registration,
                )


def _reason(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    """Why the agent never comes to its tools."""
    turns = model.turns(agent)
    if not model.tools.is_plain(agent) or not turns.closed or not turns.known:
        return None
    return _no_auto_reply(model, agent) or _interrupted(model, agent) or _answered(model, agent)


def _no_auto_reply(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    changes = [call for call in model.calls if changes_limit(call)]
    place = agent.node
    if not changes and agent.max_auto_reply == 0 and place is not None:
        made = "The agent is made here"
    elif changes and all(_sets_limit_to_zero(call, agent) for call in changes):
        turns = model.turns(agent).known
        if not all(model.happens_before(changes[0], turn.entry) for turn in turns):
            return None
        made, place = "The limit is set here", changes[0].node
    else:
        return None
    return (
        "with `max_consecutive_auto_reply=0` its turn ends before it comes to tools",
        Evidence(made, model.range(place)),
    )


def _sets_limit_to_zero(call: Call, agent: Agent) -> bool:
    return (
        call.receiver is agent.instance
        and call.where.certain
        and call.arguments.get(0, "value") == Constant(0)
        and call.arguments.get(1, "sender") in (None, NONE)
    )


def _interrupted(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    human = agent.overrides("get_human_input")
    if human is None or agent.human_input_mode != "ALWAYS":
        return None
    given = [option for _, value in model.returned(human) for option in options(value)]
    if not given or not all(_is_text(value) for value in given):
        return None
    if any(turn.is_async for turn in model.turns(agent).known):
        return None
    reason = (
        "`get_human_input` always gives text, which is sent instead, with `USER INTERRUPTED` as "
        "the tool's result"
    )
    return reason, Evidence("What it gives counts as typed by a human", model.range(human.node))


def _is_text(value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, str) and bool(value.value)


def _answered(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    order = model.order(agent)
    names = [slot.name for slot in order.slots]
    if not order.exact or _DISPATCH not in names:
        return None
    for slot in order.slots[: names.index(_DISPATCH)]:
        if slot.registration is not None and _is_always_final(model, agent, slot):
            place = model.range(slot.registration.node)
            return (
                f"the reply of `{slot.name}`, which is tried before the tools, is always final",
                Evidence("The reply function is registered here", place),
            )
    return None


def _is_always_final(model: Model, agent: Agent, slot: Slot) -> bool:
    registration = slot.registration
    known = reply_function(registration) if registration is not None else None
    if registration is None or known is None or known.is_async or not slot.certain:
        return False
    trigger = registration.argument("trigger")
    if trigger is None or any(
        match(trigger, turn).matches is not True for turn in model.turns(agent).known
    ):
        return False
    return is_final(value for _, value in model.returned(known.function)) is True


def _is_run_elsewhere(model: Model, execution: Execution) -> bool:
    """Whether another agent executes the tool, or may."""
    return any(
        other.agent != execution.agent and other.name in (None, execution.name)
        for other in model.tools.executions
    ) or any(
        execution.agent is not None and call.receiver is execution.agent.instance
        for call in model.calls_named("execute_function", "a_execute_function")
    )
