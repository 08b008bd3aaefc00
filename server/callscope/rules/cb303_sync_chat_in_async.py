"""CB303: a blocking chat inside a coroutine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.methods import BLOCKING_ENTRY_CALLS
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.model.values import Function
from callscope.rules.base import Evidence, Finding, Rule, Severity


class SyncChatInAsync(Rule):
    """A sync chat blocks the event loop that it is started from.

    ## What it does
    Finds `initiate_chat`, `generate_reply` and the other blocking entry calls that run inside an
    `async def`, directly or through plain functions of the file.

    ## Why it matters
    Until the chat is over nothing else of the event loop runs: no other request is served, no
    timeout fires, no task goes on. Async reply functions are not awaited either: `initiate_chat`
    raises RuntimeError for them, `generate_reply` skips them without a word. In a web handler this
    makes one slow model call stop every request of the worker.

    ## Example
    ```python
    import asyncio
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    async def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply, ignore_async_in_sync_chat=True)


    async def main():
        user.initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
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


    assistant.register_reply([Agent, None], on_reply, ignore_async_in_sync_chat=True)


    async def main():
        await user.a_initiate_chat(assistant, message="hello", max_turns=1)


    asyncio.run(main())
    ```

    ## When it stays silent
    When the chat is handed to a thread (`asyncio.to_thread`, `run_in_executor`), and in plain
    functions that nothing in the file calls from a coroutine. It is an information, and a warning
    in a web handler, where other requests wait for certain.

    ## Fix safety
    Unsafe: awaiting the `a_` twin lets other tasks run in between, and runs async callbacks.
    """

    code = "CB303"
    name = "sync-chat-in-async"
    default_severity = Severity.INFORMATION

    speaks = (
        """
from autogen import ConversableAgent
async def ask(user: ConversableAgent, bot: ConversableAgent):
    return user.initiate_chat(bot, message="hi", max_turns=1)
""",
        """
from fastapi import FastAPI
from autogen import ConversableAgent
app = FastAPI()
@app.post("/ask")
async def ask(text: str):
    bot = ConversableAgent("bot", llm_config=False)
    return {"reply": bot.generate_reply(messages=[{"role": "user", "content": text}])}
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def talk():
    user.initiate_chat(bot, message="hi", max_turns=1)
async def main():
    talk()
asyncio.run(main())
""",
        """
import autogen
class Desk:
    def __init__(self):
        self.bot = autogen.AssistantAgent("bot", llm_config=False)
    async def handle(self, text):
        return self.bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import ConversableAgent, initiate_chats
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
async def run():
    a.initiate_chats([{"recipient": b, "message": "hi", "max_turns": 1}])
""",
    )

    silent = (
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
async def main():
    await asyncio.to_thread(user.initiate_chat, bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        """
import asyncio
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def talk():
    return user.initiate_chat(bot, message="hi", max_turns=1)
async def main():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, talk)
asyncio.run(main())
""",
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        """
from autogen import ConversableAgent
async def ask(user: ConversableAgent, bot: ConversableAgent):
    return await user.a_initiate_chat(bot, message="hi", max_turns=1)
""",
        """
import autogen
class Phone:
    def initiate_chat(self, other): ...
async def ring(phone: Phone):
    phone.initiate_chat("you")
""",
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
async def outer():
    def inner():
        return bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
    return inner
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for entry in model.entry_calls:
            if entry.method not in BLOCKING_ENTRY_CALLS:
                continue
            coroutine = _coroutine_around(entry)
            if coroutine is None:
                continue
            in_handler = _is_web_handler(model, coroutine)
            who = f"while it runs, `{coroutine.name}` holds up the event loop"
            cost = ", and every other request waits" if in_handler else ""
            yield self.finding(
                model,
                model.range(_method_place(entry.node)),
                f"`{entry.method}` blocks: {who}{cost}",
                severity=Severity.WARNING if in_handler else Severity.INFORMATION,
                evidence=(
                    Evidence(
                        f"`{coroutine.name}` is a coroutine function", model.range(coroutine.node)
                    ),
                ),
                about=entry,
            )


def _coroutine_around(entry: EntryCall) -> Function | None:
    """The coroutine function whose event loop waits for ``entry``; None if there is none."""
    if entry.where.in_thread:
        return None
    running = [entry.where.root.function, *(function for _, function in entry.where.stack)]
    return next((f for f in reversed(running) if f is not None and f.is_async), None)


def _is_web_handler(model: Model, function: Function) -> bool:
    return any(
        crossing.boundary.engine == "web" and crossing.function is function
        for crossing in model.crossings
    )


def _method_place(node: ast.expr) -> ast.AST:
    return node.func if isinstance(node, ast.Call) else node
