"""CB415: a sync reply function that async chats pass over for its async namesake."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import ASYNC_CHATS_SKIP_TWINS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.registrations import Registration
from callscope.model.values import Constant
from callscope.rules._shared import is_final_here
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import turns_evidence


class AsyncTwinHidesReply(Rule):
    """A sync reply function `foo` is passed over, because there is an async `a_foo`.

    ## What it does
    Looks for two reply functions on one agent, a sync `foo` and an async `a_foo` that is registered
    with `ignore_async_in_sync_chat=True`, where the agent is only asked in async chats.

    ## Why it matters
    AG2 from 0.10.5 on takes the two for twins, as its own `a_generate_oai_reply` and
    `generate_oai_reply` are: in async chats only the async one is asked. Older releases ask both.

    ## Example
    ```python
    import asyncio

    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    async def a_audit(recipient, messages=None, sender=None, config=None):
        return False, None


    assistant.register_reply([Agent, None], audit)
    assistant.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
    asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1))
    ```

    ## Fixed
    ```python
    import asyncio

    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    async def a_notify(recipient, messages=None, sender=None, config=None):
        return False, None


    assistant.register_reply([Agent, None], audit)
    assistant.register_reply([Agent, None], a_notify, ignore_async_in_sync_chat=True)
    asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1))
    ```

    ## When it stays silent
    When a sync chat is in view too, which asks the sync one; when both always give the final reply,
    as two ways to do the same; and for releases that ask both.

    ## Fix safety
    Unsafe: renaming the async function breaks other files that import it.
    """

    code = "CB415"
    name = "async-twin-hides-reply"
    default_severity = Severity.WARNING

    _HEAD = """
import asyncio
from autogen import Agent, AssistantAgent, ConversableAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def a_audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def a_other(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
"""

    speaks = (
        # the other order
        _HEAD
        + """
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
bot.register_reply([Agent, None], audit)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # asked directly
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
asyncio.run(bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}]))
""",
        # at another position
        _HEAD
        + """
bot.register_reply([Agent, None], audit, position=2)
bot.register_reply(user, a_audit, position=3, ignore_async_in_sync_chat=True)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=3))
""",
        # in an async function
        _HEAD
        + """
async def main():
    bot.register_reply([Agent, None], audit)
    bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # by a helper
        _HEAD
        + """
def attach(agent):
    agent.register_reply([Agent, None], audit)
    agent.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
attach(bot)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # in a class
        _HEAD
        + """
class Service:
    def __init__(self):
        self.bot = ConversableAgent("bot", human_input_mode="NEVER")
        self.bot.register_reply([Agent, None], audit)
        self.bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
    async def ask(self, text):
        return await self.bot.a_generate_reply(messages=[{"role": "user", "content": text}])
""",
    )

    silent = (
        # without the flag they are no twins
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # a sync chat besides
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # another name
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_other, ignore_async_in_sync_chat=True)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # on different agents
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
user.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=2))
""",
        # no chat in view
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
""",
        # each of them gives the reply, in its kind of chat
        """
import asyncio
from autogen import Agent, ConversableAgent
def answer(recipient, messages=None, sender=None, config=None):
    return True, "now"
async def a_answer(recipient, messages=None, sender=None, config=None):
    return True, "later"
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], answer)
bot.register_reply([Agent, None], a_answer, ignore_async_in_sync_chat=True)
asyncio.run(bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}]))
""",
        # only sync chats
        _HEAD
        + """
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a sync function with an async twin, where only async chats are in view."""
        if model.release not in ASYNC_CHATS_SKIP_TWINS:
            return
        for registration in model.registrations:
            agent = registration.agent
            twin = _twin(model, registration, agent) if agent is not None else None
            if agent is None or twin is None or _do_the_same(model, registration, twin):
                continue
            turns = model.turns(agent)
            if not turns.closed or not turns.known or not all(t.is_async for t in turns.known):
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{registration.callback_name}` never fires: async chats pass it over for "
                f"`{twin.callback_name}`, which has the same name but for `a_`",
                evidence=(
                    Evidence("Its twin is registered here", model.range(twin.node)),
                    *turns_evidence(model, turns.known),
                ),
                about=registration,
            )


def _do_the_same(model: Model, *twins: Registration) -> bool:
    """Whether each of them always answers for the agent, so that one of them is enough."""
    return all(is_final_here(model, twin) for twin in twins)


def _twin(model: Model, registration: Registration, agent: Agent) -> Registration | None:
    """The coroutine function that async chats ask instead."""
    known = registration.function
    if registration.kind != "reply" or known is None or known.is_async:
        return None
    for other in model.registrations_on(agent):
        function = other.function
        if (
            other.kind == "reply"
            and function is not None
            and function.is_async
            and function.name == f"a_{known.name}"
            and other.argument("ignore_async_in_sync_chat") == Constant(True)
        ):
            return other
    return None
