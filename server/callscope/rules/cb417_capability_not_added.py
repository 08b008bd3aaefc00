"""CB417: a capability that is made and never given to an agent."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import CAPABILITIES
from callscope.model import Model
from callscope.model.events import Call
from callscope.model.values import Instance
from callscope.rules._shared import is_never_read
from callscope.rules.base import Finding, Rule, Severity


class CapabilityNotAdded(Rule):
    """A capability is constructed, but `add_to_agent` is never called.

    ## What it does
    Looks for `TransformMessages`, `Teachability`, `VisionCapability` and the like that nothing is
    done with after they are made, in a program that starts chats.

    ## Why it matters
    Making the object registers nothing. Its hooks and transforms come to the agent with
    `capability.add_to_agent(agent)`; without it the chat goes on as if it was not there.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages


    class Watch:
        def apply_transform(self, messages):
            print("FIRED")
            return messages

        def get_logs(self, before, after):
            return "", False


    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    capability = TransformMessages(transforms=[Watch()])
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages


    class Watch:
        def apply_transform(self, messages):
            print("FIRED")
            return messages

        def get_logs(self, before, after):
            return "", False


    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    capability = TransformMessages(transforms=[Watch()])
    capability.add_to_agent(assistant)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the object is read, returned or handed on, or kept where code in view may read it, and in
    files that start no chat.

    ## Fix safety
    Unsafe: which agent is meant is a guess.
    """

    code = "CB417"
    name = "capability-not-added"
    default_severity = Severity.ERROR

    _HEAD = """
from autogen import AssistantAgent, UserProxyAgent
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from autogen.agentchat.contrib.capabilities import transforms, transform_messages
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
"""
    _CHAT = """
user.initiate_chat(bot, message="hi", max_turns=1)
"""

    speaks = (
        # not even named
        _HEAD + "TransformMessages(transforms=[transforms.MessageHistoryLimiter(3)])" + _CHAT,
        # by the module
        _HEAD + "limit = transform_messages.TransformMessages(transforms=[])" + _CHAT,
        # in a function
        _HEAD
        + """
def main():
    limit = TransformMessages(transforms=[])
    user.initiate_chat(bot, message="hi", max_turns=1)
main()
""",
        # after the chat
        _HEAD + _CHAT + "limit = TransformMessages(transforms=[], verbose=False)\n",
        # one of two
        _HEAD
        + """
first = TransformMessages(transforms=[])
second = TransformMessages(transforms=[])
first.add_to_agent(bot)
"""
        + _CHAT,
        # kept on an object, and never read
        _HEAD
        + """
class Team:
    def __init__(self):
        self.limit = TransformMessages(transforms=[])
    def run(self):
        user.initiate_chat(bot, message="hi", max_turns=1)
Team().run()
""",
        # another capability
        _HEAD
        + """
from autogen.agentchat.contrib.capabilities.teachability import Teachability
teachability = Teachability(path_to_db_dir="db")
"""
        + _CHAT,
    )

    silent = (
        # kept on an object that others get
        _HEAD
        + """
import team
class Team:
    def __init__(self):
        self.limit = TransformMessages(transforms=[])
team.join(Team())
"""
        + _CHAT,
        # kept, and read by a name that is made up
        _HEAD
        + """
class Team:
    def __init__(self):
        self.limit = TransformMessages(transforms=[])
for name in ("limit",):
    getattr(Team(), name).add_to_agent(bot)
"""
        + _CHAT,
        # added
        _HEAD + "TransformMessages(transforms=[]).add_to_agent(bot)" + _CHAT,
        # added in a loop
        _HEAD
        + """
limit = TransformMessages(transforms=[])
for agent in (bot, user):
    limit.add_to_agent(agent)
"""
        + _CHAT,
        # returned
        _HEAD
        + """
def limit():
    return TransformMessages(transforms=[])
limit().add_to_agent(bot)
"""
        + _CHAT,
        # kept in a list
        _HEAD
        + """
capabilities = [TransformMessages(transforms=[])]
for capability in capabilities:
    capability.add_to_agent(bot)
"""
        + _CHAT,
        # handed on
        _HEAD
        + """
from team import equip
equip(bot, TransformMessages(transforms=[]))
"""
        + _CHAT,
        # no chat in this file
        _HEAD + "limit = TransformMessages(transforms=[])\n",
        # kept on self
        _HEAD
        + """
class Team:
    def __init__(self):
        self.limit = TransformMessages(transforms=[])
    def run(self):
        self.limit.add_to_agent(bot)
        user.initiate_chat(bot, message="hi", max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a capability that nothing is done with."""
        if not any(entry.where.root.is_module for entry in model.entry_calls):
            return
        for call in model.calls:
            made = call.result
            if call.path not in CAPABILITIES or not isinstance(made, Instance):
                continue
            if made.type is not call.callee or _is_used(model, call, made):
                continue
            name = (call.path or "").rpartition(".")[2]
            yield self.finding(
                model,
                model.range(call.node),
                f"This {name} does nothing: no agent gets it, as `add_to_agent` is never called",
            )


def _is_used(model: Model, call: Call, made: Instance) -> bool:
    """Whether anything is done with the object but binding it to a plain name."""
    if made.escapes or (made.label is None and call.use != "discarded"):
        return True
    if any(read.value is made for read in model.interpreter.reads):
        return True
    if any(other.receiver is made or made in other.arguments.all() for other in model.calls):
        return True
    return any(
        value is made and (holder.escapes or not is_never_read(model, name))
        for holder in model.interpreter.instances
        for name, value in holder.attributes.items()
    )
