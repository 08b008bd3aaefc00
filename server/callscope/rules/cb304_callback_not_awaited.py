"""CB304: a callback gives a coroutine where AutoGen does not await."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import (
    CALLABLE_OBJECTS_RECOGNISED,
    COROUTINE_HOOK_SKIPPED,
    SYNC_FUNCTION_MAP,
)
from callscope.contracts.classic.classes import agent_class, lineage
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration, starts_async_chats
from callscope.model.results import results
from callscope.model.values import Function, UserClass, outer_base
from callscope.rules._shared import defined_here, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity


class CallbackNotAwaited(Rule):
    """A callback is a coroutine function, but AutoGen calls it without `await`.

    ## What it does
    Finds `async def` functions (and sync ones that return a coroutine) where AutoGen never awaits:
    hooks, speaker selectors, message and summary functions, termination checks, triggers,
    `update_agent_state`, `FunctionTarget`, nested-chat functions without `use_async=True`,
    overrides of `get_human_input`, and, by release, objects with an `async def __call__`.

    ## Why it matters
    The call gives a coroutine object and the body never runs, in async chats too. The object is
    taken for the result: a termination check that is always true, a message that cannot be sent.
    AutoGen 0.2.36 to 0.2.40 skips such hooks with a warning.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    async def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", audit)
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
    For async reply functions and tools, which async chats do await, for the `a_` hooks of AutoGen
    0.2.36 to 0.2.40, and when it is not known whether the callback is a coroutine function.

    ## Fix safety
    Dropping `async` is safe where the body awaits nothing; else the work has to go elsewhere.
    """

    code = "CB304"
    name = "callback-not-awaited"
    default_severity = Severity.ERROR

    speaks = (
        # a selector
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
async def select(last_speaker, groupchat):
    return b
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # a termination check
        """
import autogen
async def is_done(message):
    return message["content"] == "bye"
bot = autogen.AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
        # message and summary functions, in an async chat
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
class Texts:
    async def opening(self, sender, recipient, context):
        return "hi"
    async def summary(self, sender, recipient, args):
        return "short"
texts = Texts()
async def main():
    await a.a_initiate_chat(b, message=texts.opening, summary_method=texts.summary, max_turns=1)
asyncio.run(main())
""",
        # a sync lambda that gives a coroutine
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
async def answer(messages):
    return True, "hi"
bot.register_reply([Agent, None], lambda recipient, messages, sender, config: answer(messages))
""",
        # a nested chat's function without use_async
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
async def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
doctor.register_nested_chats([{"recipient": expert}], trigger=expert,
                             reply_func_from_nested_chats=run)
""",
        # update_agent_state
        """
from autogen import ConversableAgent
async def update(agent, messages):
    agent.update_system_message("x")
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[update])
""",
        # get_human_input
        """
from autogen import UserProxyAgent
class Queued(UserProxyAgent):
    async def get_human_input(self, prompt, **kwargs):
        return "exit"
""",
        # a trigger in a list
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
async def wanted(sender):
    return True
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([wanted], answer)
""",
    )

    silent = (
        # an async reply function is awaited in async chats
        """
import asyncio
from autogen import Agent, ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
async def answer(recipient, messages=None, sender=None, config=None):
    return False, None
b.register_reply([Agent, None], answer)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # an async tool
        """
from autogen import ConversableAgent
user = ConversableAgent("user", llm_config=False)
@user.register_for_execution()
async def look_up(word: str) -> str:
    return word
""",
        # nested chats with use_async
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
async def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
doctor.register_nested_chats([{"recipient": expert, "chat_id": 1}], trigger=expert,
                             reply_func_from_nested_chats=run, use_async=True)
""",
        # the coroutine is run to its end
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def clean(content):
    return content.strip()
bot.register_hook("process_last_received_message", lambda content: asyncio.run(clean(content)))
""",
        # an object of another library
        """
import autogen
from bus import Bus
async def handler(event):
    return event
Bus().register_hook("process_last_received_message", handler)
""",
        # an override that is awaited
        """
from autogen import UserProxyAgent
class Queued(UserProxyAgent):
    async def a_get_human_input(self, prompt, **kwargs):
        return "exit"
""",
        # made sync by a decorator
        """
from asgiref.sync import async_to_sync
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
@async_to_sync
async def clean(content):
    return content.strip()
bot.register_hook("process_last_received_message", clean)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known = registration.function
            if known is None:
                continue
            problem = _problem(model, registration, known)
            if problem is None:
                continue
            evidence = (*defined_here(model, registration), *registered_here(model, registration))
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{owned(registration)} {problem}",
                evidence=evidence,
                about=registration,
            )
        for owner in model.interpreter.classes:
            yield from self._override(model, owner)

    def _override(self, model: Model, owner: UserClass) -> Iterator[Finding]:
        method = owner.names.get("get_human_input")
        if not isinstance(method, Function) or not method.is_async:
            return
        if agent_class(outer_base(owner)) is not None:
            yield self.finding(
                model,
                model.range(method.node),
                f"`{owner.name}.get_human_input` is async and never runs: AutoGen does not await "
                "it; override `a_get_human_input` for async chats",
                about=method,
            )


def _problem(model: Model, registration: Registration, known: Callable) -> str | None:
    """What becomes of the coroutine that nobody awaits; None if it is awaited, or there is none."""
    kind, contract = registration.kind, registration.contract
    if not known.is_async:
        gives = {result.kind for result in results(model, known)}
        if gives != {"coroutine"} or contract is None or model.release not in contract.versions:
            return None
        return "returns a coroutine that AutoGen does not await, so its body never runs"
    if kind == "tool-execution":
        agent = registration.agent
        slow = agent is not None and "GPTAssistantAgent" in lineage(agent.row.name)
        if slow and model.release in SYNC_FUNCTION_MAP:
            return "is async and never runs: GPTAssistantAgent calls its tools without await"
        return None
    if contract is None or model.release not in contract.versions:
        return None
    if kind == "reply":
        if known.through != "object" or model.release in CALLABLE_OBJECTS_RECOGNISED:
            return None
        return "is async, but an object: this release does not await its `__call__`, TypeError"
    if kind == "nested-reply" and starts_async_chats(registration, model.release) is not False:
        return None
    if contract.coroutine != "never":
        return None
    if kind == "hook" and model.release in COROUTINE_HOOK_SKIPPED and known.through != "object":
        return "is async and never runs: AutoGen warns when it is registered, and skips it"
    return f"is async and never runs: {contract.on_coroutine or 'it is not awaited'}"
