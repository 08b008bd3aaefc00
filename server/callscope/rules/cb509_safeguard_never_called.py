"""CB509: a safeguard stands on an agent that never asks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.tools import MODEL_SAFEGUARDS, SAFEGUARD_VERSIONS, SAFEGUARDS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.answering import real_turns
from callscope.model.patterns import PatternChat, pattern_chats
from callscope.model.syntax import own_nodes
from callscope.rules._shared import defined_here
from callscope.rules.base import Evidence, Finding, Rule, Severity


class SafeguardNeverCalled(Rule):
    """A safeguard stands on an agent that never asks it.

    ## What it does
    The hooks `safeguard_tool_inputs` and `safeguard_tool_outputs` are asked by the agent that
    *runs* a tool. This rule reports them on an agent whose tools all run elsewhere: on its
    partner, or, in a chat started with `initiate_group_chat`, on an executor that AutoGen makes.
    The hook `safeguard_human_inputs` is asked by AutoGen's own `get_human_input`, and is reported
    on an agent whose class overrides that method without calling it. The hooks
    `safeguard_llm_inputs` and `safeguard_llm_outputs` are reported on an agent that has no model.

    ## Why it matters
    `register_hook` takes the safeguard on any agent and never says that it will not be asked. The
    tool runs with arguments that nobody has looked at.

    ## Example
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = ConversableAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        return a + b


    def guard(tool_input):
        print("FIRED")
        return tool_input


    assistant.register_hook("safeguard_tool_inputs", guard)

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = ConversableAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        return a + b


    def guard(tool_input):
        print("FIRED")
        return tool_input


    user.register_hook("safeguard_tool_inputs", guard)

    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## When it stays silent
    When the agent runs a tool itself, or may; when it is handed to code not in view; when no tool
    in view is run by anybody; and in releases that do not have these hooks.

    ## Fix safety
    Moving the safeguard to the one agent that runs the tools is unsafe: it starts to run. Deleting
    it is safe where that agent has it already. In a group made from a pattern, no agent of yours
    runs the tools, and nothing is offered.
    """

    code = "CB509"
    name = "safeguard-never-called"
    default_severity = Severity.ERROR

    speaks = (
        # about the model of an agent that has none
        """
from autogen import ConversableAgent
class Screen:
    def ask(self, messages):
        return messages
    def answer(self, response):
        return response
a, b = (ConversableAgent(name, llm_config=False, human_input_mode="NEVER") for name in "ab")
screen = Screen()
a.register_hook("safeguard_llm_inputs", screen.ask)
b.register_hook("safeguard_llm_outputs", screen.answer)
a.initiate_chat(b, message="hi", max_turns=2)
""",
        # outputs, with register_function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
bot.register_hook("safeguard_tool_outputs", lambda result: result)
user.initiate_chat(bot, message="1 + 2?")
""",
        # agents kept on self
        """
from autogen import AssistantAgent, UserProxyAgent
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config={"config_list": []})
        self.user = UserProxyAgent("user", function_map={"add": add})
        self.bot.register_hook(hookable_method="safeguard_tool_inputs", hook=self.guard)
    def guard(self, tool_input):
        return tool_input
    def run(self):
        self.user.initiate_chat(self.bot, message="go")
def add(a, b):
    return a + b
Desk().run()
""",
        # a group made from a pattern
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group.patterns import AutoPattern
def search(query: str) -> str:
    return query
def guard(tool_input):
    return tool_input
a = ConversableAgent("a", llm_config={"config_list": []}, functions=[search])
b = ConversableAgent("b", llm_config={"config_list": []})
a.register_hook("safeguard_tool_inputs", guard)
initiate_group_chat(pattern=AutoPattern(initial_agent=a, agents=[a, b]), messages="go")
""",
        # the same, async and in a function
        """
from autogen import ConversableAgent
from autogen.agentchat import a_run_group_chat
from autogen.agentchat.group.patterns import RoundRobinPattern
def search(query: str) -> str:
    return query
def guard(tool_output):
    return tool_output
async def main():
    a = ConversableAgent("a", llm_config={"config_list": []}, functions=[search])
    a.register_hook("safeguard_tool_outputs", guard)
    pattern = RoundRobinPattern(a, [a])
    await a_run_group_chat(pattern=pattern, messages="go")
""",
        # in a GroupChat another member runs them
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
config = {"config_list": []}
alice = AssistantAgent("alice", llm_config=config)
user = UserProxyAgent("user")
@user.register_for_execution()
@alice.register_for_llm(description="d")
def search(query: str) -> str:
    return query
alice.register_hook("safeguard_tool_inputs", lambda call: call)
manager = GroupChatManager(GroupChat([user, alice], messages=[]), llm_config=config)
user.initiate_chat(manager, message="go")
""",
        # on every member, where one runs none
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
def guard(call):
    return call
register_function(add, caller=bot, executor=user, description="d")
user.register_hook("safeguard_tool_inputs", guard)
bot.register_hook("safeguard_tool_inputs", guard)
user.initiate_chat(bot, message="1 + 2?")
""",
        # what a person types, in a class of its own
        """
from autogen import AssistantAgent, UserProxyAgent
class Person(UserProxyAgent):
    def get_human_input(self, prompt, **options):
        return "exit"
def scrub(text):
    return text.strip()
person = Person("person", code_execution_config=False)
person.register_hook("safeguard_human_inputs", scrub)
person.initiate_chat(AssistantAgent("bot", llm_config=False), message="hi")
""",
    )

    silent = (
        # a model is asked, for the answer or for the summary, or comes later
        """
from autogen import ConversableAgent, UserProxyAgent
a = ConversableAgent("a", llm_config={"config_list": []}, human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
a.register_hook("safeguard_llm_inputs", lambda messages: messages)
user.register_hook("safeguard_llm_inputs", lambda messages: messages)
user.initiate_chat(a, message="hi", max_turns=2, summary_method="reflection_with_llm")
""",
        # a model that comes later
        """
from autogen import ConversableAgent, OpenAIWrapper
a, b = (ConversableAgent(name, llm_config=False, human_input_mode="NEVER") for name in "ab")
b.register_hook("safeguard_llm_inputs", lambda messages: messages)
b.client = OpenAIWrapper(config_list=[])
a.initiate_chat(b, message="hi", max_turns=2)
""",
        # an override that asks AutoGen's own in the end
        """
from autogen import AssistantAgent, UserProxyAgent
class Person(UserProxyAgent):
    def get_human_input(self, prompt, **options):
        return super().get_human_input(prompt.upper(), **options)
person = Person("person", code_execution_config=False)
person.register_hook("safeguard_human_inputs", lambda text: text)
person.initiate_chat(AssistantAgent("bot", llm_config=False), message="hi")
""",
        # on the executor
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
user.register_hook("safeguard_tool_inputs", lambda call: call)
user.initiate_chat(bot, message="1 + 2?")
""",
        # nothing is known of the tools
        """
from autogen import AssistantAgent, UserProxyAgent
from tools import equip
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
equip(bot, user)
bot.register_hook("safeguard_tool_inputs", lambda call: call)
user.initiate_chat(bot, message="go")
""",
        # no tool anywhere
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
bot.register_hook("safeguard_tool_inputs", lambda call: call)
user.initiate_chat(bot, message="go")
""",
        # each runs the other's
        """
from autogen import AssistantAgent, register_function
config = {"config_list": []}
a, b = AssistantAgent("a", llm_config=config), AssistantAgent("b", llm_config=config)
def one(x: int) -> int:
    return x
def two(x: int) -> int:
    return x
register_function(one, caller=a, executor=b, description="d")
register_function(two, caller=b, executor=a, description="d")
a.register_hook("safeguard_tool_inputs", lambda call: call)
a.initiate_chat(b, message="go")
""",
        # another hook
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
bot.register_hook("process_message_before_send",
                  lambda sender, message, recipient, silent: message)
user.initiate_chat(bot, message="1 + 2?")
""",
        # a map built elsewhere
        """
from autogen import AssistantAgent, UserProxyAgent
from tools import FUNCTIONS
bot = AssistantAgent("bot", llm_config={"config_list": []}, function_map=FUNCTIONS)
user = UserProxyAgent("user", function_map={"add": print})
bot.register_hook("safeguard_tool_inputs", lambda call: call)
user.initiate_chat(bot, message="go")
""",
        # a group, and a chat of its own besides
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group.patterns import AutoPattern
def search(query: str) -> str:
    return query
a = ConversableAgent("a", llm_config={"config_list": []}, functions=[search])
b = ConversableAgent("b", llm_config={"config_list": []})
a.register_for_execution()(search)
a.register_hook("safeguard_tool_inputs", lambda call: call)
initiate_group_chat(pattern=AutoPattern(initial_agent=a, agents=[a, b]), messages="go")
b.initiate_chat(a, message="go")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a safeguard that no tool call can come to."""
        if model.release not in SAFEGUARD_VERSIONS:
            return
        groups = pattern_chats(model)
        for registration in model.registrations:
            agent, name = registration.agent, registration.hook_name
            found: tuple[str, Evidence] | None = None
            if agent is not None and name in SAFEGUARDS:
                found = _in_group(model, agent, groups) or _in_chat(model, agent)
            elif agent is not None and name in MODEL_SAFEGUARDS:
                found = _without_model(model, agent, groups)
            elif agent is not None and name == "safeguard_human_inputs":
                found = _overridden(model, agent)
            if found is None:
                continue
            why, link = found
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"Safeguard `{registration.callback_name}` never fires: {why}",
                evidence=(*defined_here(model, registration), link),
                about=registration,
            )


def _without_model(
    model: Model, agent: Agent, groups: list[PatternChat]
) -> tuple[str, Evidence] | None:
    """Where the agent is made, if it answers in chats in view and never with a model."""
    if agent.node is None or agent.has_model is not False or agent.has_unknown_bases:
        return None
    if agent.instance.attributes.keys() & {"client", "llm_config"} or agent.instance.escapes:
        return None
    # A summary by reflection asks the other side's model, and this agent's hooks.
    if agent.instance.many or model.mentions("reflection_with_llm"):
        return None
    if not real_turns(model, agent) and not any(agent in group.agents for group in groups):
        return None
    why = f"`{agent.label}` has no model, and such hooks are about what a model is asked and says"
    return why, Evidence(f"`{agent.label}` is made here", model.range(agent.node))


def _overridden(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    """The agent's own ``get_human_input``, if it leaves out the framework's, which asks the
    hook."""
    override = agent.overrides("get_human_input")
    if override is None or isinstance(override.node, ast.Lambda):
        return None
    mentions = {n.attr for n in own_nodes(override.node.body) if isinstance(n, ast.Attribute)}
    if mentions & {"get_human_input", "hook_lists", "_process_human_input"}:
        return None
    why = f"`{agent.label}` has a `get_human_input` of its own, and only AutoGen's asks such hooks"
    return why, Evidence("The method is overridden here", model.range(override.node))


def _in_group(model: Model, agent: Agent, groups: list[PatternChat]) -> tuple[str, Evidence] | None:
    """The group chat in which AutoGen's own executor runs the agent's tools, if it is all the
    agent takes part in."""
    mine = [group for group in groups if agent in group.agents]
    if not mine or agent.is_foreign or agent.instance.escapes or agent.instance.many:
        return None
    if model.turns(agent).known or any(entry.agent == agent for entry in model.entry_calls):
        return None
    where = (
        f"`{agent.label}` runs no tool, in a group chat made from a pattern AutoGen's own executor "
        "runs them"
    )
    return where, Evidence("The group chat is started here", model.range(mine[0].call.node))


def _in_chat(model: Model, agent: Agent) -> tuple[str, Evidence] | None:
    """The agent that runs the tools in place of ``agent``, which certainly runs none."""
    executions = model.tools.executions
    if not model.is_closed(agent) or not model.tools.is_plain(agent):
        return None
    if any(execution.agent in (None, agent) for execution in executions):
        return None
    partners = model.tools.responders(agent).agents
    run = next((e for e in executions if e.agent in partners and e.agent is not None), None)
    if run is None or run.agent is None:
        return None
    place = run.registration.callback_node or run.registration.node
    where = f"`{agent.label}` runs no tool, `{run.agent.label}` does"
    return where, Evidence("A tool is registered here", model.range(place))
