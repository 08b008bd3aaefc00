"""CB301: a coroutine is made and dropped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.classes import is_framework
from callscope.contracts.classic.methods import ASYNC_PROPERTIES, ASYNC_RUNS, coroutine_row
from callscope.contracts.versions import AG2_ONLY
from callscope.model import Model
from callscope.model.callables import as_callable
from callscope.model.events import Call
from callscope.model.values import Coroutine
from callscope.rules._shared import kept_as
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk


class MissingAwait(Rule):
    """A coroutine of AutoGen, or one that works with agents, is never awaited.

    ## What it does
    Follows what each call of a coroutine function gives: `a_initiate_chat`, `a_generate_reply` and
    the other `a_` methods, async tools, and async functions of the file that use agents. Speaks
    when the result is thrown away, or kept in a name that nothing but `print` ever reads. The
    `summary`, `messages`, `cost`, `last_speaker` and `context_variables` of the response of AG2's
    `a_run` are such calls, too: they speak when used as a value.

    ## Why it matters
    Calling a coroutine function only makes a coroutine. Without `await` no agent is asked, no
    reply function, hook or tool runs, and all Python says is a RuntimeWarning when the object is
    collected, often in somebody else's log.

    ## Example
    ```python
    import asyncio
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)


    async def main():
        user.a_initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
    ```

    ## Fixed
    ```python
    import asyncio
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)


    async def main():
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
    ```

    ## When it stays silent
    When the coroutine is returned, stored in an object or container, or handed to any function
    (`asyncio.create_task`, `gather`, `run` ...), since it may well be awaited there. Async
    functions that have nothing to do with agents are left to general linters.

    ## Fix safety
    Safe inside an `async def`; unsafe where the enclosing function has to become async.
    """

    code = "CB301"
    name = "missing-await"
    default_severity = Severity.ERROR

    speaks = (
        # a property of an async response
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def main():
    response = await bot.a_run(message="hi", max_turns=1)
    await response.process()
    summary = response.summary
    print(f"done: {summary}", len(response.messages))
asyncio.run(main())
""",
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False)
reply = bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}])
print(reply)
""",
        """
from autogen import ConversableAgent
class Service:
    def __init__(self):
        self.bot = ConversableAgent("bot", llm_config=False)
        self.user = ConversableAgent("user", llm_config=False)
    async def ask(self, text):
        self.user.a_send(text, self.bot, request_reply=True)
        return "sent"
""",
        """
from autogen import ConversableAgent
async def ask(bot: ConversableAgent, text: str):
    answer = bot.a_generate_reply(messages=[{"role": "user", "content": text}])
    return "done"
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
async def chat():
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
async def main():
    chat()
asyncio.run(main())
""",
        """
from autogen import ConversableAgent
class Loud(ConversableAgent):
    async def run_twice(self, other):
        self.a_initiate_chat(other, message="1")
        await self.a_initiate_chat(other, message="2")
""",
        """
from typing import Any
from autogen import ConversableAgent
def ask(bot: ConversableAgent) -> str:
    reply: Any = bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}])
    return "done"
""",
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"model": "m"})
user = UserProxyAgent("user", code_execution_config=False)
@user.register_for_execution()
@bot.register_for_llm(description="look up")
async def lookup(key: str) -> str:
    return key
lookup("a")
""",
    )

    silent = (
        # properties that are awaited, now or later
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def main():
    response = await bot.a_run(message="hi", max_turns=1)
    await response.process()
    print((await response.summary).upper(), response.uuid)
    later = response.messages
    await asyncio.gather(response.cost, later)
    return response.last_speaker
asyncio.run(main())
""",
        # the sync response has plain ones
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def main():
    response = bot.run(message="hi", max_turns=1)
    response.process()
    print(response.summary)
main()
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
async def main():
    task = asyncio.create_task(user.a_initiate_chat(bot, message="hi", max_turns=1))
    await task
asyncio.run(main())
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
async def main(texts):
    pending = []
    for text in texts:
        chat = user.a_initiate_chat(bot, message=text, max_turns=1)
        pending.append(chat)
    await asyncio.gather(*pending)
asyncio.run(main(["a", "b"]))
""",
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def start(text):
    return bot.a_generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
import autogen
class Robot:
    async def a_send(self, what): ...
robot = Robot()
robot.a_send("hi")
""",
        """
import asyncio
from autogen import ConversableAgent
async def main():
    bot = ConversableAgent("bot", llm_config=False)
    user = ConversableAgent("user", llm_config=False)
    async with asyncio.TaskGroup() as group:
        group.create_task(user.a_initiate_chat(bot, message="hi", max_turns=1))
asyncio.run(main())
""",
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def main():
    chat = bot.a_generate_reply(messages=[])
    answer = await chat
    return answer
""",
        """
from autogen import ConversableAgent
user = ConversableAgent("user", llm_config=False)
bot = ConversableAgent("bot", llm_config=False)
def stream():
    return user.a_run_iter(bot, message="hi")
user.run_iter(bot, message="hi")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for coroutine in model.coroutines:
            if not _is_dropped(coroutine) or not _matters(model, coroutine):
                continue
            call = coroutine.call
            text = _callee_text(call.node)
            effect = "thrown away" if call.use == "discarded" else "kept but never awaited"
            yield self.finding(
                model,
                model.range(call.node),
                f"`{text}(...)` is not awaited: it gives a coroutine, which is {effect}, and "
                "nothing runs",
                evidence=_evidence(model, coroutine),
                about=coroutine,
            )
        for call in model.calls:
            if (
                call.method in ASYNC_RUNS
                and is_framework(call.path or "")
                and call.use == "awaited"
            ):
                yield from self._properties(model, call)

    def _properties(self, model: Model, call: Call) -> Iterator[Finding]:
        """Properties of an async run's response that are taken for their values."""
        name, function = kept_as(model, call.node), call.where.function
        if model.release not in AG2_ONLY or name is None or function is None:
            return
        body = list(walk(function.node))
        bound = [n for n in body if isinstance(n, ast.Name) and n.id == name]
        if sum(isinstance(node.ctx, ast.Store) for node in bound) != 1:
            return
        for node in body:
            if not isinstance(node, ast.Attribute) or node.value not in bound:
                continue
            if node.attr in ASYNC_PROPERTIES and _is_taken_for_value(function.node, node):
                yield self.finding(
                    model,
                    model.range(node),
                    f"`{name}.{node.attr}` is not awaited: after `{call.method}` it gives a "
                    "coroutine, not the value",
                    evidence=(Evidence("The response comes from here", model.range(call.node)),),
                )


# Functions that do something with a value, and await nothing.
_VALUE_FUNCTIONS = frozenset(
    {"print", "len", "str", "repr", "isinstance", "bool", "list", "sorted"}
)


def _is_taken_for_value(outer: ast.AST, node: ast.expr) -> bool:
    """Whether ``node``, or the one name it is assigned to, is used as only a value can be."""
    parents = {
        id(child): parent for parent in walk(outer) for child in ast.iter_child_nodes(parent)
    }
    parent = parents.get(id(node))
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
        reads = [
            found
            for found in walk(outer)
            if isinstance(found, ast.Name)
            and isinstance(target, ast.Name)
            and found.id == target.id
            and isinstance(found.ctx, ast.Load)
        ]
        uses = [(parents.get(id(read)), read) for read in reads]
        return any(_is_value_use(*use) for use in uses) and not any(map(_may_await, uses))
    return _is_value_use(parent, node)


def _may_await(use: tuple[ast.AST | None, ast.expr]) -> bool:
    parent, _ = use
    of_loop = isinstance(parent, ast.Call) and ast.unparse(parent.func).startswith("asyncio.")
    return of_loop or isinstance(parent, ast.Await | ast.Starred | ast.List | ast.Tuple)


def _is_value_use(parent: ast.AST | None, node: ast.expr) -> bool:
    if isinstance(parent, ast.Call):
        named = isinstance(parent.func, ast.Name) and parent.func.id in _VALUE_FUNCTIONS
        return named and parent.func is not node
    used = ast.FormattedValue | ast.Attribute | ast.Subscript | ast.Compare | ast.BinOp | ast.BoolOp
    return isinstance(parent, used) or (isinstance(parent, ast.For) and parent.iter is node)


def _is_dropped(coroutine: Coroutine) -> bool:
    if coroutine.consumed is not None:
        return False
    use = coroutine.call.use
    return use == "discarded" or (use == "kept" and coroutine.reads <= 0)


def _matters(model: Model, coroutine: Coroutine) -> bool:
    """Whether the coroutine is AutoGen's own, or of a function that has to do with agents."""
    if coroutine.call.path is not None:
        return coroutine_row(coroutine.call.path, model.release) is not None
    known = as_callable(coroutine.function)
    if known is None:
        return False
    if any(r.function is not None and r.function.node is known.node for r in model.registrations):
        return True
    return any(
        call.where.function is not None
        and call.where.function.node is known.node
        and is_framework(call.path or "")
        for call in model.calls
    )


def _callee_text(node: ast.expr) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ast.unparse(node)


def _evidence(model: Model, coroutine: Coroutine) -> tuple[Evidence, ...]:
    known = as_callable(coroutine.function)
    if known is None:
        return ()
    return (Evidence(f"`{known.name}` is a coroutine function", model.range(known.node)),)
