"""CB302: an async reply function meets a sync chat."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from callscope.contracts.classic.callbacks import (
    CALLABLE_OBJECTS_RECOGNISED,
    RAISES_ON_ASYNC_REPLY,
)
from callscope.model import Model
from callscope.model.chats import Turn
from callscope.model.registrations import Registration
from callscope.model.values import Constant
from callscope.rules.base import Evidence, Finding, Rule, Severity


class AsyncReplyInSyncChat(Rule):
    """An async reply function meets a sync chat.

    ## What it does
    For each `async def` registered with `register_reply`, looks at the calls that make its agent
    answer. `initiate_chat` on either side (for a group chat: on the manager, for any member)
    raises RuntimeError, unless the registration says `ignore_async_in_sync_chat=True`;
    `generate_reply`, `send` and `receive` skip the function without a word.

    ## Why it matters
    The function works in one part of the program (`a_initiate_chat`) and raises, or silently does
    nothing, in another that looks the same.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    async def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    import asyncio
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    async def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1))
    ```

    ## When it stays silent
    When no sync entry call on the agent is in view, or the registration may run after it. With
    `ignore_async_in_sync_chat=True`, or with `generate_reply`, only when no async chat that the
    function could serve is in view either.

    ## Fix safety
    Making the function sync is safe when its body awaits nothing; making the chat async is unsafe.
    """

    code = "CB302"
    name = "async-reply-in-sync-chat"
    default_severity = Severity.ERROR

    speaks = (
        # a sync chat that a thread runs for a coroutine
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        self.bot.register_reply(self.user, note)
    async def ask(self, text):
        return await asyncio.to_thread(self.user.initiate_chat, self.bot, message=text, max_turns=1)
async def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
asyncio.run(Desk().ask("hi"))
""",
        """
import autogen
bot = autogen.ConversableAgent("bot", llm_config=False)
async def audit(recipient, messages, sender, config):
    return False, None
bot.register_reply([autogen.Agent, None], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
amy = AssistantAgent("amy", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
amy.register_reply([Agent, None], audit)
chat = GroupChat([user, amy], messages=[], max_round=3, speaker_selection_method="round_robin")
manager = GroupChatManager(chat, llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        """
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], audit, ignore_async_in_sync_chat=True)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        """
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], audit)
a.send("hi", b, request_reply=True)
""",
        """
from autogen import Agent, ConversableAgent
class Desk:
    def __init__(self):
        self.a = ConversableAgent("a", llm_config=False)
        self.b = ConversableAgent("b", llm_config=False)
        self.b.register_reply([Agent, None], self.audit)
    async def audit(self, recipient, messages=None, sender=None, config=None):
        return False, None
    def run(self):
        self.a.initiate_chat(self.b, message="hi", max_turns=1)
Desk().run()
""",
        """
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
a.register_reply([Agent, None], audit)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # one factory for a sync and an async chat
        """
import asyncio
from autogen import Agent, ConversableAgent
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def build():
    bot = ConversableAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot
user = ConversableAgent("user", llm_config=False)
user.initiate_chat(build(), message="hi", max_turns=1)
asyncio.run(user.a_initiate_chat(build(), message="hi", max_turns=1))
""",
    )

    silent = (
        # the async twin of a sync one
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def a_audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], a_audit, ignore_async_in_sync_chat=True)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
""",
        """
import asyncio
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], audit)
a.initiate_chat(b, message="hi", max_turns=1)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        """
import asyncio
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], audit, ignore_async_in_sync_chat=True)
a.initiate_chat(b, message="hi", max_turns=1)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        """
import asyncio
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
a.initiate_chat(b, message="hi", max_turns=1)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], audit)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        """
from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
c = ConversableAgent("c", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
c.register_reply([Agent, None], audit)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        """
import asyncio
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
async def main():
    await bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}])
asyncio.run(main())
print(bot.generate_reply(messages=[]))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known = registration.function
            if registration.kind != "reply" or registration.agent is None or known is None:
                continue
            if not known.is_async or not registration.where.certain:
                continue
            if known.through == "object" and model.release not in CALLABLE_OBJECTS_RECOGNISED:
                continue
            finding = self._raising(model, registration) or self._skipped(model, registration)
            if finding is not None:
                yield finding

    def _raising(self, model: Model, registration: Registration) -> Finding | None:
        """The first sync chat that raises because of this registration."""
        if registration.argument("ignore_async_in_sync_chat") not in (None, Constant(False)):
            return None
        for turn in _turns_around(model, registration):
            if turn.is_async or turn.method not in RAISES_ON_ASYNC_REPLY:
                continue
            if model.happens_before(registration.call, turn.entry):
                claim = f"is async, but `{turn.method}` starts a sync chat: RuntimeError"
                # True of this chat, whatever other chats the same line serves.
                return replace(self._report(model, registration, turn, claim), every_walk=False)
        return None

    def _skipped(self, model: Model, registration: Registration) -> Finding | None:
        """The sync call that passes the function by, where no async one is in view."""
        assert registration.agent is not None
        turns = model.turns(registration.agent)
        if not turns.closed or not turns.known or any(turn.is_async for turn in turns.known):
            return None
        if _has_sync_twin(model, registration):
            return None
        turn = turns.known[0]
        return self._report(
            model,
            registration,
            turn,
            f"is async and never runs: `{turn.method}` is sync and skips it without a word",
        )

    def _report(self, model: Model, registration: Registration, turn: Turn, claim: str) -> Finding:
        known = registration.function
        assert known is not None
        return self.finding(
            model,
            model.range(registration.callback_node or registration.node),
            f"Reply function `{known.name}` {claim}",
            evidence=(
                Evidence(f"`{known.name}` is a coroutine function", model.range(known.node)),
                Evidence(f"`{turn.method}` is a sync call", model.range(_place(turn.node))),
            ),
            about=registration,
        )


def _has_sync_twin(model: Model, registration: Registration) -> bool:
    """Whether the agent has ``foo`` for its sync chats, where the registration is of ``a_foo``."""
    assert registration.agent is not None
    return any(
        other.kind == "reply" and registration.callback_name == f"a_{other.callback_name}"
        for other in model.registrations_on(registration.agent)
    )


def _turns_around(model: Model, registration: Registration) -> Iterator[Turn]:
    """Turns of the agent, and those of its partners that it starts: both sides are looked at."""
    assert registration.agent is not None
    for turn in model.all_turns:
        if registration.agent in (turn.agent, turn.sender):
            yield turn


def _place(node: ast.expr) -> ast.AST:
    return node.func if isinstance(node, ast.Call) else node
