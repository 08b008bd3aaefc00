"""CB512: a tool hands over to another agent in a chat that does not follow it."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import REPLY_RESULT_VERSIONS
from callscope.model import Model
from callscope.model.tools import Execution, tool_callable
from callscope.model.values import NONE, Instance, options, path_of
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ReplyResultIgnored(Rule):
    """A tool hands over to another agent in a chat that does not follow it.

    ## What it does
    Reports a tool that returns `ReplyResult(target=...)` or `ReplyResult(context_variables=...)`
    and is run in a plain chat: `initiate_chat`, `generate_reply`, or a `GroupChat` of your own.

    ## Why it matters
    Only the executor of a chat started with `initiate_group_chat` or `run_group_chat` looks into a
    `ReplyResult`. Anywhere else it is turned into text like every other result: the target agent
    never speaks, its callbacks never fire, and the variables stay as they were.

    ## Example
    ```python
    from typing import Annotated

    from autogen import Agent, ConversableAgent
    from autogen.agentchat.group import AgentTarget, ReplyResult

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    boss = ConversableAgent("boss", human_input_mode="NEVER", default_auto_reply="I see.")
    clerk = ConversableAgent("clerk", human_input_mode="NEVER", llm_config=config)
    customer = ConversableAgent("customer", human_input_mode="NEVER")


    def on_takeover(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def ask(recipient, messages=None, sender=None, config=None):
        if any(message.get("tool_calls") for message in messages):
            return True, "Done."
        function = {"name": "escalate", "arguments": '{"why": "angry"}'}
        call = {"id": "1", "type": "function", "function": function}
        return True, {"content": None, "tool_calls": [call]}


    def escalate(why: Annotated[str, "reason"]) -> ReplyResult:
        return ReplyResult(message=f"escalated: {why}", target=AgentTarget(boss))


    boss.register_reply([Agent, None], on_takeover)
    clerk.register_reply([Agent, None], ask)
    clerk.register_for_llm(description="Hand over to the boss.")(escalate)
    customer.register_for_execution()(escalate)
    customer.initiate_chat(clerk, message="this is outrageous", max_turns=2)
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import Agent, ConversableAgent
    from autogen.agentchat import initiate_group_chat
    from autogen.agentchat.group import AgentTarget, ReplyResult
    from autogen.agentchat.group.patterns import DefaultPattern

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    boss = ConversableAgent("boss", human_input_mode="NEVER", default_auto_reply="I see.")
    clerk = ConversableAgent("clerk", human_input_mode="NEVER", llm_config=config)
    customer = ConversableAgent("customer", human_input_mode="NEVER")


    def on_takeover(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def ask(recipient, messages=None, sender=None, config=None):
        if any(message.get("tool_calls") for message in messages):
            return True, "Done."
        function = {"name": "escalate", "arguments": '{"why": "angry"}'}
        call = {"id": "1", "type": "function", "function": function}
        return True, {"content": None, "tool_calls": [call]}


    def escalate(why: Annotated[str, "reason"]) -> ReplyResult:
        return ReplyResult(message=f"escalated: {why}", target=AgentTarget(boss))


    boss.register_reply([Agent, None], on_takeover)
    clerk.register_reply([Agent, None], ask)
    clerk.register_for_llm(description="Hand over to the boss.")(escalate)
    pattern = DefaultPattern(initial_agent=clerk, agents=[clerk, boss], user_agent=customer)
    initiate_group_chat(pattern=pattern, messages="this is outrageous", max_rounds=5)
    ```

    ## When it stays silent
    When the result has nothing but a message, when the tool is not run by an agent in view, and
    when that agent may take part in a chat that is not in view.

    ## Fix safety
    No fix: the chat has to be set up in another way.
    """

    code = "CB512"
    name = "reply-result-ignored"
    default_severity = Severity.ERROR

    speaks = (
        # with register_function
        """
from autogen import ConversableAgent, register_function
from autogen.agentchat.group import AgentTarget, ReplyResult
boss = ConversableAgent("boss", llm_config=False)
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target=AgentTarget(boss))
register_function(escalate, caller=clerk, executor=customer, description="d")
customer.initiate_chat(clerk, message="hello")
""",
        # positional, on one branch
        """
from autogen import ConversableAgent
from autogen.agentchat.group import AgentNameTarget, ReplyResult
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
@customer.register_for_execution()
@clerk.register_for_llm(description="d")
def escalate(why: str):
    if why == "angry":
        return ReplyResult(message="to the boss", target=AgentNameTarget("boss"))
    return "no"
customer.initiate_chat(clerk, message="hello")
""",
        # variables
        """
from autogen import ConversableAgent
from autogen.agentchat.group import ContextVariables, ReplyResult
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def note(text: str) -> ReplyResult:
    return ReplyResult(message="noted", context_variables=ContextVariables(data={"note": text}))
clerk.register_for_llm(description="d")(note)
customer.register_for_execution()(note)
customer.initiate_chat(clerk, message="hello")
""",
        # a function map, agents on self
        """
from autogen import ConversableAgent
from autogen.agentchat.group import AgentTarget, ReplyResult
class Desk:
    def __init__(self):
        self.boss = ConversableAgent("boss", llm_config=False)
        self.clerk = ConversableAgent("clerk", llm_config={"config_list": []})
        self.customer = ConversableAgent("c", function_map={"escalate": self.escalate})
        self.customer.initiate_chat(self.clerk, message="hello")
    def escalate(self, why: str):
        return ReplyResult(message=why, target=AgentTarget(self.boss))
Desk()
""",
        # a GroupChat of one's own
        """
from autogen import ConversableAgent, GroupChat, GroupChatManager, register_function
from autogen.agentchat.group import AgentTarget, ReplyResult
config = {"config_list": []}
boss = ConversableAgent("boss", llm_config=config)
clerk = ConversableAgent("clerk", llm_config=config)
customer = ConversableAgent("customer", llm_config=False)
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target=AgentTarget(boss))
register_function(escalate, caller=clerk, executor=customer, description="d")
manager = GroupChatManager(GroupChat([customer, clerk], messages=[]), llm_config=config)
customer.initiate_chat(manager, message="hello")
""",
        # the result kept in a name first
        """
from autogen import ConversableAgent
from autogen.agentchat.group import AgentTarget, ReplyResult
boss = ConversableAgent("boss", llm_config=False)
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
async def escalate(why: str):
    result = ReplyResult(message=why, target=AgentTarget(boss))
    return result
customer.register_function({"escalate": escalate})
customer.initiate_chat(clerk, message="hello")
""",
    )

    silent = (
        # in a group made from a pattern
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import AgentTarget, ReplyResult
from autogen.agentchat.group.patterns import DefaultPattern
boss = ConversableAgent("boss", llm_config=False)
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target=AgentTarget(boss))
clerk = ConversableAgent("clerk", llm_config={"config_list": []}, functions=[escalate])
customer = ConversableAgent("customer", llm_config=False)
initiate_group_chat(DefaultPattern(clerk, [clerk, boss], customer), messages="hello")
""",
        # a message and nothing else
        """
from autogen import ConversableAgent, register_function
from autogen.agentchat.group import ReplyResult
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def answer(why: str) -> ReplyResult:
    return ReplyResult(message=why)
register_function(answer, caller=clerk, executor=customer, description="d")
customer.initiate_chat(clerk, message="hello")
""",
        # a plain result
        """
from autogen import ConversableAgent, register_function
from autogen.agentchat.group import ReplyResult
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def answer(why: str) -> str:
    return why
register_function(answer, caller=clerk, executor=customer, description="d")
customer.initiate_chat(clerk, message="hello")
""",
        # the chat is not in view
        """
from autogen import ConversableAgent, register_function
from autogen.agentchat.group import AgentNameTarget, ReplyResult
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target=AgentNameTarget("boss"))
def build():
    clerk = ConversableAgent("clerk", llm_config={"config_list": []})
    customer = ConversableAgent("customer", llm_config=False)
    register_function(escalate, caller=clerk, executor=customer, description="d")
    return clerk, customer
""",
        # in a group as well
        """
from autogen import ConversableAgent, register_function
from autogen.agentchat import run_group_chat
from autogen.agentchat.group import AgentNameTarget, ReplyResult
from autogen.agentchat.group.patterns import AutoPattern
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target=AgentNameTarget("boss"))
register_function(escalate, caller=clerk, executor=customer, description="d")
customer.initiate_chat(clerk, message="hello")
run_group_chat(AutoPattern(clerk, [clerk, customer]), messages="hello")
""",
        # a class of one's own with the same name
        """
from autogen import ConversableAgent, register_function
class ReplyResult:
    def __init__(self, message, target=None):
        self.message = message
clerk = ConversableAgent("clerk", llm_config={"config_list": []})
customer = ConversableAgent("customer", llm_config=False)
def escalate(why: str) -> ReplyResult:
    return ReplyResult(message=why, target="boss")
register_function(escalate, caller=clerk, executor=customer, description="d")
customer.initiate_chat(clerk, message="hello")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a place that runs such a tool in a plain chat."""
        if model.release not in REPLY_RESULT_VERSIONS:
            return
        for execution in model.tools.executions:
            agent = execution.agent
            if agent is None:
                continue
            turns = model.turns(agent)
            what = _ignored(model, execution)
            if what is None or not turns.closed or not turns.known:
                continue
            registration = execution.registration
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"The {what} in the `ReplyResult` of `{registration.callback_name}` never takes "
                f"effect: `{agent.label}` runs the tool in a plain chat, which only takes the "
                "message; `initiate_group_chat` follows it",
                evidence=(Evidence("This chat runs the tool", model.range(turns.known[0].node)),),
                about=registration,
            )


def _ignored(model: Model, execution: Execution) -> str | None:
    """What a ``ReplyResult`` given back by the tool holds besides its message."""
    known = tool_callable(execution.registration.callback)
    if known is None:
        return None
    for _, value in model.returned(known.function):
        for option in options(value):
            if not isinstance(option, Instance) or path_of(option.type) != "autogen.ReplyResult":
                continue
            for name in ("target", "context_variables"):
                held = option.init.get(None, name) if option.init is not None else None
                if held not in (None, NONE) and option.init is not None and not option.init.open:
                    return name
    return None
