"""CB201: a reply function cannot take the arguments AutoGen calls it with."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import REPLY
from callscope.model import Model
from callscope.rules._shared import on_agent
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ReplySignature(Rule):
    """A reply function has a signature that AutoGen's call does not fit.

    ## What it does
    Compares each function handed to `register_reply` or `replace_reply_func` with the one call
    AutoGen makes: `reply_func(recipient, messages=..., sender=..., config=...)`. The recipient is
    positional and may have any name; the other three are passed by keyword, so their names count.

    ## Why it matters
    AutoGen never looks at the signature when the function is registered. The first message that
    reaches it raises TypeError in the middle of the chat; nothing skips a function that does not
    fit.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(message):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the function is not defined in this file, takes `*args` or `**kwargs` that absorb the
    rest, or is wrapped by a decorator that is not known to keep its signature.

    ## Fix safety
    Safe when the missing parameters can be added without touching the body; unsafe when a
    parameter has to be renamed.
    """

    code = "CB201"
    name = "reply-signature"
    default_severity = Severity.ERROR

    speaks = (
        # beside a failure that is asked for in another test, and one that is swallowed
        """
import contextlib
import pytest
from autogen import Agent, AssistantAgent, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot = AssistantAgent("bot", llm_config=False)
def test_raises():
    with pytest.raises(TypeError):
        user.initiate_chat(bot, message="x", max_turns=1)
def test_answers():
    bot.register_reply([Agent, None], lambda messages: (False, None))
    with contextlib.suppress(KeyboardInterrupt):
        user.initiate_chat(bot, message="x", max_turns=1)
""",
        # one of several that a loop registers
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def log(recipient, messages, sender, config):
    return False, None
def count(recipient, messages, sender):
    return False, None
for function in (log, count):
    bot.register_reply([Agent, None], function)
""",
        # the recipient missing
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def audit(messages, sender, config):
    return False, None
bot.register_reply([ConversableAgent, None], audit)
""",
        # a renamed keyword
        """
import autogen as ag
bot = ag.ConversableAgent("bot", llm_config=False)
def audit(recipient, msgs=None, sender=None, config=None):
    return False, None
bot.register_reply(trigger=[ag.Agent, None], reply_func=audit)
""",
        # config left out
        """
from autogen.agentchat import AssistantAgent, Agent
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply(Agent, lambda recipient, messages, sender: (False, None))
""",
        # a bound method has its recipient slot taken by messages
        """
from autogen import Agent, AssistantAgent
class Audit:
    def on_reply(self, messages=None, sender=None, config=None):
        return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], Audit().on_reply)
""",
        # positional-only parameters
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages, sender, config, /):
    return False, None
bot.register_reply([Agent, None], audit)
""",
        # one parameter too many, on an agent kept on self
        """
from autogen import Agent, AssistantAgent
def audit(recipient, messages, sender, config, log):
    return False, None
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([Agent, None], audit)
""",
        # registered inside a subclass, bound
        """
from autogen import Agent, AssistantAgent
class Auditor(AssistantAgent):
    def __init__(self):
        super().__init__("auditor", llm_config=False)
        self.register_reply([Agent, None], self.on_reply)
    def on_reply(self, messages=None, sender=None, config=None):
        return False, None
""",
    )

    silent = (
        # a test that asks for the failure
        """
import unittest
from autogen import Agent, AssistantAgent, UserProxyAgent
class TestDesk(unittest.TestCase):
    def setUp(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    def test_raises(self):
        self.bot.register_reply([Agent, None], lambda messages: (False, None))
        with self.assertRaises(TypeError):
            self.user.initiate_chat(self.bot, message="x", max_turns=1)
""",
        # any name for the recipient
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(agent, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
""",
        # the rest absorbed
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], lambda recipient, **rest: (False, None))
bot.register_reply([Agent, None], lambda *args, **kwargs: (False, None))
""",
        # an unbound method, as AutoGen's own classes register theirs
        """
from autogen import Agent, AssistantAgent
class Auditor(AssistantAgent):
    def __init__(self):
        super().__init__("auditor", llm_config=False)
        self.register_reply([Agent, None], Auditor.on_reply)
    def on_reply(self, messages=None, sender=None, config=None):
        return False, None
""",
        # an object that is no agent
        """
import autogen
class Bus:
    def register_reply(self, topic, handler): ...
bus = Bus()
def handler(message): ...
bus.register_reply("orders", handler)
""",
        # functools.partial fills the extra parameter
        """
import functools
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], functools.partial(audit, []))
""",
        # a callable object
        """
from autogen import Agent, AssistantAgent
class Audit:
    def __call__(self, recipient, messages=None, sender=None, config=None):
        return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], Audit())
""",
        # wrapped by a decorator whose result is not known
        """
from autogen import Agent, AssistantAgent
from somewhere import adapt
bot = AssistantAgent("bot", llm_config=False)
@adapt
def audit(message):
    return False, None
bot.register_reply([Agent, None], audit)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            if registration.kind != "reply":
                continue
            known = registration.function
            misfit = known.misfit(REPLY.shape) if known is not None else None
            if misfit is None:
                continue
            known, problem = misfit
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"Reply function `{known.name}`{on_agent(registration)} {problem}: "
                f"AutoGen calls it as `{REPLY.shape.render(known.name)}`",
                evidence=(Evidence(f"`{known.name}` is defined here", model.range(known.node)),),
                about=registration,
            )
