"""CB406: a callback on an agent object that was replaced by another under the same name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.involvement import calls_with
from callscope.model.registrations import Registration
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, made_here, what
from callscope.source import Range

_KINDS = frozenset({"reply", "nested", "hook", "tool-llm", "tool-execution"})


class RegisteredOnReplacedAgent(Rule):
    """A callback is registered on an agent that is then thrown away.

    ## What it does
    Looks for a registration on an agent that takes part in nothing, while another agent, made later
    and bound to the same name, does. Also for a registration on an agent that nothing refers to,
    such as `make_agent().register_reply(...)`.

    ## Why it matters
    A callback belongs to the agent *object*, not to its name. Making the agent once more, as
    notebooks and factories do, gives an object without any callbacks; the old one keeps them and is
    never used.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the first agent is used anywhere, kept in a list or handed on, or when only one of the two
    is made in a run.

    ## Fix safety
    Unsafe: the callback that never ran starts to run, on the agent made last.
    """

    code = "CB406"
    name = "registered-on-replaced-agent"
    default_severity = Severity.ERROR

    speaks = (
        # a hook, in a function
        """
import autogen
def redact(content):
    return content
def main():
    bot = autogen.AssistantAgent("bot", llm_config=False)
    bot.register_hook("process_last_received_message", redact)
    bot = autogen.AssistantAgent("bot", llm_config=False, system_message="Be brief.")
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message="hi", max_turns=2)
main()
""",
        # on self
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
class Session:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([Agent, None], audit)
        self.bot = AssistantAgent("bot", llm_config=False)
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    def ask(self, text):
        return self.user.initiate_chat(self.bot, message=text, max_turns=1)
print(Session().ask("hi"))
""",
        # a factory called once more
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def make_bot():
    return AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
make_bot().register_reply([Agent, None], audit)
user.initiate_chat(make_bot(), message="hi", max_turns=1)
""",
        # replaced by what another function makes
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def fresh():
    return AssistantAgent("bot", llm_config=False)
bot = fresh()
bot.register_reply([Agent, None], audit)
bot = fresh()
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # the new one is a member of a group
        """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
alice = AssistantAgent("alice", llm_config=False)
alice.register_reply([Agent, None], audit)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
alice = AssistantAgent("alice", llm_config=False, system_message="You are Alice.")
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=3), llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        # made anew by another method
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
class Session:
    def __init__(self):
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([Agent, None], audit)
    def start(self, text):
        self.bot = AssistantAgent("bot", llm_config=False)
        return self.user.initiate_chat(self.bot, message=text, max_turns=1)
print(Session().start("hi"))
""",
        # a tool
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
    )

    silent = (
        # made only once
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], audit)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # both are used
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="hi", max_turns=1)
bot = AssistantAgent("bot", llm_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # either or
        """
import sys
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], audit)
if len(sys.argv) > 1:
    bot = AssistantAgent("bot", llm_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # kept elsewhere
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
from team import add_member
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
for name in ("a", "b"):
    bot = AssistantAgent(name, llm_config=False)
    bot.register_reply([Agent, None], audit)
    add_member(bot)
bot = AssistantAgent("c", llm_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # two functions with a local of the same name
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def one():
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot
def two():
    bot = AssistantAgent("bot", llm_config=False)
    UserProxyAgent("user", human_input_mode="NEVER").initiate_chat(bot, message="hi")
two()
""",
        # a factory that remembers
        """
import functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@functools.cache
def get_bot():
    return AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
get_bot().register_reply([Agent, None], audit)
user.initiate_chat(get_bot(), message="hi", max_turns=1)
""",
        # a factory that looks first
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
AGENTS = {}
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def agent(name):
    if name not in AGENTS:
        AGENTS[name] = AssistantAgent(name, llm_config=False)
    return AGENTS[name]
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
agent("bot").register_reply([Agent, None], audit)
user.initiate_chat(agent("bot"), message="hi", max_turns=1)
""",
        # agents kept in a list
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
team = []
for name in ("a", "b"):
    bot = AssistantAgent(name, llm_config=False)
    bot.register_reply([Agent, None], audit)
    team.append(bot)
for member in team:
    user.initiate_chat(member, message="hi", max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration on an agent that is thrown away."""
        for registration in model.registrations:
            agent = registration.agent
            if agent is None or registration.kind not in _KINDS or not _is_unused(model, agent):
                continue
            successor = _successor(model, registration, agent)
            if successor is None:
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{what(registration)} {fires(registration)}: it is registered on "
                f"{_which(model, agent)}, and the agent that is used is another one, "
                f"made on line {_line(model, successor)}",
                evidence=(
                    *made_here(model, agent),
                    Evidence("The agent that is used is made here", _place(model, successor)),
                ),
                about=registration,
            )


def _is_unused(model: Model, agent: Agent) -> bool:
    """Whether nothing in view or out of view can make the agent take part in a chat."""
    if not model.is_closed(agent) or calls_with(model, agent):
        return False
    return not model.is_grouped(agent)


def _successor(model: Model, registration: Registration, agent: Agent) -> Agent | None:
    """The agent that is used in the place of ``agent``."""
    mine = agent.instance.call
    if mine is None:
        return None
    alike = [*model.agents_called(agent.instance.label), *model.agents_made_at(agent.node)]
    for other in alike:
        call = other.instance.call
        if call is None or other == agent or call.where.course is not mine.where.course:
            continue
        replaces = _rebinds(agent, other) or _made_alike(registration, agent, other)
        if replaces and calls_with(model, other):
            return other
    return None


def _rebinds(agent: Agent, other: Agent) -> bool:
    """Whether ``other`` is bound, later and in the same function, to the name of ``agent``."""
    mine, theirs = agent.instance.call, other.instance.call
    assert mine is not None
    assert theirs is not None
    label = agent.instance.label
    if label is None or label != other.instance.label or agent.name != other.name:
        return False
    if _home(mine) is not _home(theirs):
        return False
    return mine.index < theirs.index and theirs.where.certain


def _home(call: Call) -> object:
    """The function that makes the agent, or the class whose method does; None for the module."""
    function = call.where.stack[0][1] if call.where.stack else None
    return function.owner if function is not None and function.owner is not None else function


def _made_alike(registration: Registration, agent: Agent, other: Agent) -> bool:
    """Whether both come from the same call in the source, and the first is kept nowhere."""
    node = registration.node
    receiver = (
        node.func.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        else None
    )
    if not isinstance(receiver, ast.Call):
        return False
    made = other.instance.call
    # What is made in a branch may be made only where there is none yet.
    always = made is not None and made.where.certain
    return agent.node is other.node and agent.name == other.name and always


def _which(model: Model, agent: Agent) -> str:
    return f"the `{agent.label}` made on line {_line(model, agent)}"


def _line(model: Model, agent: Agent) -> str:
    assert agent.node is not None
    return model.line(agent.node)


def _place(model: Model, agent: Agent) -> Range:
    assert agent.node is not None
    return model.range(agent.node)
