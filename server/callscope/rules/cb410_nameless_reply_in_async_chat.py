"""CB410: a reply function without a ``__name__`` in an async chat."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import ASYNC_CHATS_SKIP_TWINS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import Callable
from callscope.model.chats import Turn
from callscope.model.order import order_of
from callscope.model.registrations import Registration
from callscope.model.values import Instance
from callscope.rules.base import Finding, Rule, Severity
from callscope.rules.senders import turns_evidence

_NOUNS = {"partial": "a functools.partial", "object": "a callable object"}


class NamelessReplyInAsyncChat(Rule):
    """A partial or a callable object is a reply function in an async chat, which wants a name.

    ## What it does
    Looks for reply functions that are `functools.partial` objects or objects with `__call__`, on
    agents that answer in async chats.

    ## Why it matters
    AG2 from 0.10.5 on compares the names of reply functions in `a_generate_reply` and reads
    `__name__` of each. Partials and most callable objects have none: the chat ends with
    AttributeError, although the same program runs in a sync chat and on older releases.

    ## Example
    ```python
    import asyncio
    import functools

    from autogen import Agent, AssistantAgent, UserProxyAgent


    def on_reply(log, recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    async def main():
        assistant = AssistantAgent("assistant", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        assistant.register_reply([Agent, None], functools.partial(on_reply, []))
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
    ```

    ## Fixed
    ```python
    import asyncio

    from autogen import Agent, AssistantAgent, UserProxyAgent


    def on_reply(log, recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    async def main():
        assistant = AssistantAgent("assistant", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        log = []
        assistant.register_reply([Agent, None], lambda *args, **rest: on_reply(log, *args, **rest))
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
    ```

    ## When it stays silent
    When no async chat is in view, when the object gives itself a `__name__`, and for releases that
    do not read it.

    ## Fix safety
    Safe: a function or lambda in between has a name and changes nothing else.
    """

    code = "CB410"
    name = "nameless-reply-in-async-chat"
    default_severity = Severity.ERROR

    speaks = (
        # a callable object
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
class Audit:
    def __call__(self, recipient, messages=None, sender=None, config=None):
        return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], Audit())
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # a_generate_reply
        """
import asyncio
from functools import partial
from autogen import Agent, AssistantAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], partial(audit, []))
asyncio.run(bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}]))
""",
        # a member of an async group chat
        """
import asyncio
from functools import partial
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
alice.register_reply([Agent, None], partial(audit, []))
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=3), llm_config=False)
asyncio.run(user.a_initiate_chat(manager, message="hi"))
""",
        # a trigger that does not match is no help: all names are read
        """
import asyncio
from functools import partial
from autogen import AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([user], partial(audit, []))
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # kept on self
        """
import functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
class Service:
    def __init__(self):
        self.log = []
        self.bot = AssistantAgent("bot", llm_config=False)
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        self.bot.register_reply([Agent, None], functools.partial(audit, self.log))
    async def ask(self, text):
        return await self.user.a_initiate_chat(self.bot, message=text, max_turns=1)
""",
        # through a helper
        """
import asyncio, functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
def attach(agent, log):
    agent.register_reply([Agent, None], functools.partial(audit, log))
async def main():
    bot = AssistantAgent("bot", llm_config=False)
    attach(bot, [])
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
    )

    silent = (
        # a sync chat
        """
import functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], functools.partial(audit, []))
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a bound method has a name
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
class Audit:
    def run(self, recipient, messages=None, sender=None, config=None):
        return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], Audit().run)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # an object that names itself
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
class Audit:
    __name__ = "audit"
    def __call__(self, recipient, messages=None, sender=None, config=None):
        return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], Audit())
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # named afterwards
        """
import asyncio, functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
named = functools.partial(audit, [])
named.__name__ = "audit"
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], named)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # no chat in view
        """
import functools
from autogen import Agent, AssistantAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], functools.partial(audit, []))
""",
        # the other agent is asked in the async chat
        """
import asyncio, functools
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.register_reply([Agent, None], functools.partial(audit, []))
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # a coroutine function inside is recognised before the name is read
        """
import asyncio, functools
from autogen import Agent, AssistantAgent, UserProxyAgent
async def audit(log, recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], functools.partial(audit, []))
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a nameless reply function that an async chat comes by."""
        if model.release not in ASYNC_CHATS_SKIP_TWINS:
            return
        for registration in model.registrations:
            known = registration.function
            agent = registration.agent
            if registration.kind != "reply" or known is None or agent is None:
                continue
            if known.through not in _NOUNS or known.is_async or _has_name(registration, known):
                continue
            turns = [t for t in model.turns(agent).known if t.is_async and _after(registration, t)]
            if not turns or not _is_in_front(model, agent, registration):
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{known.name}` is {_NOUNS[known.through]} without a `__name__`, which async "
                "chats read: AttributeError",
                evidence=tuple(turns_evidence(model, turns)),
                about=registration,
            )


def _has_name(registration: Registration, known: Callable) -> bool:
    value = registration.callback
    if isinstance(value, Instance) and ("__name__" in value.attributes or value.escapes):
        return True
    owner = known.function.owner
    return known.through == "object" and owner is not None and owner.find("__name__") is not None


def _after(registration: Registration, turn: Turn) -> bool:
    return turn.entry.where.course is not registration.where.course or (
        turn.entry.index > registration.call.index
    )


def _is_in_front(model: Model, agent: Agent, registration: Registration) -> bool:
    """Whether it stands before a built-in function, the search for which comes by it."""
    slots = order_of(agent, model.registrations_on(agent), model.release).slots
    place = next((i for i, s in enumerate(slots) if s.registration is registration), None)
    return place is not None and any(
        slot.registration is None and not slot.is_coroutine for slot in slots[place:]
    )
