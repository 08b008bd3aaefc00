"""CB203: a hook is registered under a name that AutoGen does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS, hook_names, hooks_exist
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.values import Constant, External, Member, Value, options
from callscope.rules._shared import is_certain, on_agent, registered_here
from callscope.rules.base import Finding, Rule, Severity


class UnknownHook(Rule):
    """A hook name that this release of AutoGen does not have.

    ## What it does
    Compares the first argument of `register_hook` with the names that the target release accepts.
    The list is closed, and it differs between releases.

    ## Why it matters
    `register_hook` raises AssertionError for any other name, when the agent is set up. A name that
    works in one release (`a_process_last_received_message` in AutoGen 0.2.36 to 0.2.40,
    `update_agent_state` in AG2) fails in another.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_message", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the name is not a literal, when the object is not certainly an agent, and in a file that
    adds names of its own to `hook_lists`.

    ## Fix safety
    Correcting a name to the only one that is close is safe: no program runs with the wrong one.
    """

    code = "CB203"
    name = "unknown-hook"
    default_severity = Severity.ERROR

    speaks = (
        # a name that never was
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.register_hook("on_message", lambda content: content)
""",
        # of another release
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def audit(content):
    return content
bot.register_hook(hookable_method="a_process_last_received_message", hook=audit)
""",
        # by way of a constant
        """
import autogen
HOOK = "process_all_messages_before_replies"
class Service:
    def __init__(self):
        self.bot = autogen.AssistantAgent("bot", llm_config=False)
        self.bot.register_hook(HOOK, self.trim)
    def trim(self, messages):
        return messages[-5:]
""",
        # in a loop over agents
        """
from autogen import AssistantAgent
def audit(content):
    return content
for agent in [AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)]:
    agent.register_hook("process_last_recieved_message", audit)
""",
        # in a subclass
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("before_send", self.audit)
    def audit(self, sender, message, recipient, silent):
        return message
""",
        # the method instead of its name
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook(bot.process_last_received_message, lambda content: content)
""",
    )

    silent = (
        # the three of all releases with hooks
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", lambda content: content)
bot.register_hook("process_all_messages_before_reply", lambda messages: messages)
bot.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message)
""",
        # those of AG2
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("update_agent_state", lambda agent, messages: None)
bot.register_hook("safeguard_tool_inputs", lambda tool_input: tool_input)
""",
        # not an agent
        """
import autogen
import torch
model = torch.nn.Linear(1, 1)
model.register_hook("on_message", print)
""",
        # the name is not known
        """
from autogen import AssistantAgent
def attach(bot: AssistantAgent, name: str):
    bot.register_hook(name, lambda content: content)
""",
        # one of two names, one of which is right
        """
import sys
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
name = "a_process_message" if len(sys.argv) > 1 else "process_last_received_message"
bot.register_hook(name, lambda content: content)
""",
        # a name the program adds
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.hook_lists["on_message"] = []
bot.register_hook("on_message", lambda content: content)
""",
        # a method of the same name of its own
        """
from autogen import AssistantAgent
class Bot(AssistantAgent):
    def register_hook(self, name, hook):
        self.mine = {name: hook}
Bot("bot", llm_config=False).register_hook("on_message", print)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        known = hook_names(model.release)
        if model.mentions("hook_lists"):
            return
        for registration in model.registrations:
            value = registration.argument("hookable_method")
            if registration.call.method != "register_hook" or value is None:
                continue
            if not is_certain(registration):
                continue
            problem = _problem(model, value, known)
            if problem is None:
                continue
            node = registration.argument_node("hookable_method") or registration.node
            yield self.finding(
                model,
                model.range(node),
                f"`{registration.callback_name}` is not registered{on_agent(registration)}: "
                f"{problem}",
                evidence=registered_here(model, registration),
                about=registration,
            )


def _problem(model: Model, value: Value, known: tuple[str, ...]) -> str | None:
    """Why ``value`` is refused as a hook's name; None if it is accepted, or not known."""
    if not hooks_exist(model.release):
        return f"{model.target.title} has no `register_hook`; hooks came with AutoGen 0.2.20"
    if not all(isinstance(option, Constant) for option in options(value)):
        return _method_for_name(value)
    names = [option.value for option in options(value) if isinstance(option, Constant)]
    if any(name in known for name in names):
        return None
    name = names[0]
    refused = f"{model.target.title} has no hook {name!r} and raises AssertionError"
    row = HOOKS.get(name) if isinstance(name, str) else None
    if row is not None:
        return f"{refused}; {row.callback.versions} has it{_plain_twin(name, known)}"
    close = difflib.get_close_matches(str(name), known, 1, 0.6)
    return f"{refused}; did you mean {close[0]!r}?" if close else refused


def _method_for_name(value: Value) -> str | None:
    method = isinstance(value, Member) and as_agent(value.owner) is not None
    if method or (isinstance(value, External) and value.path.startswith("autogen.")):
        return "`register_hook` wants the hook's name as a text and raises AssertionError"
    return None


def _plain_twin(name: object, known: tuple[str, ...]) -> str:
    """What to use where there are no hooks for async chats of their own."""
    twin = str(name).removeprefix("a_")
    if twin != name and twin in known:
        return f"; a plain function under {twin!r} fires in async chats too"
    return ""
