"""CB208: a trigger that AutoGen refuses."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.triggers import rejected
from callscope.model.values import NONE, Constant, Mapping, Sequence, Value
from callscope.rules._shared import is_certain
from callscope.rules.base import Finding, Rule, Severity

_TAKES_TRIGGER = frozenset({"register_reply", "register_nested_chats"})


class InvalidTrigger(Rule):
    """A trigger is of a kind that AutoGen does not accept.

    ## What it does
    Checks the trigger of `register_reply` and `register_nested_chats`. It has to be a class, a
    name, an agent, a function, or a *list* of these, in which None stands for no sender.

    ## Why it matters
    A bare None, a tuple or a set raises ValueError at once, although the documentation speaks of
    None and a tuple reads like a list. Within a list, anything else raises when a message comes.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply(None, on_reply)
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([None], on_reply)
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## When it stays silent
    When the trigger is not known, or only one of its possible values is wrong.

    ## Fix safety
    Making the tuple a list, and None `[None]`, is safe: no program runs with what was there.
    """

    code = "CB208"
    name = "invalid-trigger"
    default_severity = Severity.ERROR

    speaks = (
        # a tuple
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply((Agent, None), lambda recipient, messages, sender, config: (False, None))
""",
        # by keyword
        """
import autogen
bot = autogen.ConversableAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(trigger=None, reply_func=answer)
""",
        # a set
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply({AssistantAgent, UserProxyAgent}, answer)
""",
        # a constant of the module
        """
from autogen import AssistantAgent, UserProxyAgent
SENDERS = (AssistantAgent, UserProxyAgent)
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply(SENDERS, self.answer)
    def answer(self, recipient, messages=None, sender=None, config=None):
        return False, None
""",
        # nested chats
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
patient = ConversableAgent("patient", llm_config=False)
doctor.register_nested_chats([{"recipient": expert}], trigger=(patient, expert))
""",
        # a bool
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply(True, lambda recipient, messages, sender, config: (False, None))
""",
        # something else within the list
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply([1], lambda recipient, messages, sender, config: (False, None))
""",
    )

    silent = (
        # every kind that is accepted
        """
from autogen import Agent, ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
for trigger in [Agent, "b", b, lambda sender: True, [Agent, None], [None], []]:
    a.register_reply(trigger, answer)
""",
        # a list made of a tuple
        """
from autogen import AssistantAgent, UserProxyAgent
SENDERS = (AssistantAgent, UserProxyAgent)
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(list(SENDERS), answer)
bot.register_reply([*SENDERS], answer)
""",
        # not known
        """
from autogen import AssistantAgent
def attach(bot: AssistantAgent, trigger=None):
    bot.register_reply(trigger or [None], lambda recipient, messages, sender, config: (False, None))
""",
        # not an agent
        """
import autogen
class Bus:
    def register_reply(self, trigger, function): ...
Bus().register_reply(None, print)
""",
        # a test that expects it
        """
import pytest
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
with pytest.raises(ValueError):
    bot.register_reply(None, lambda recipient, messages, sender, config: (False, None))
""",
        # a method of its own
        """
from autogen import AssistantAgent
class Bot(AssistantAgent):
    def register_reply(self, trigger, reply_func, **rest):
        super().register_reply(trigger or [None], reply_func, **rest)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
Bot("bot", llm_config=False).register_reply(None, answer)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            method = registration.call.method
            if method not in _TAKES_TRIGGER or registration.kind not in ("reply", "nested"):
                continue
            trigger = registration.argument("trigger")
            problem = _problem(trigger, method) if trigger is not None else None
            if problem is None or not is_certain(registration):
                continue
            yield self.finding(
                model,
                model.range(registration.argument_node("trigger") or registration.node),
                problem,
                about=registration,
            )


def _problem(trigger: Value, method: str) -> str | None:
    """Why AutoGen refuses ``trigger``; None if it does not, or that is not known."""
    if rejected(trigger) is not None or isinstance(trigger, Mapping):
        if trigger == NONE:
            hint = "use `[None]` for messages without a sender, `[Agent, None]` for all"
        elif isinstance(trigger, Sequence):
            hint = f"a {trigger.kind} is refused, use a list"
        else:
            hint = "it has to be a class, a name, an agent, a function or a list of these"
        return f"`{method}` raises ValueError for this trigger: {hint}"
    if isinstance(trigger, Sequence):
        for item in trigger.items:
            if isinstance(item, Constant) and item != NONE and not isinstance(item.value, str):
                return f"{item.value!r} in a trigger list raises ValueError when a message comes"
    return None
