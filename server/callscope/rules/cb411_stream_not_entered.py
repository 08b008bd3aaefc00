"""CB411: ``IOStream.set_default`` called without ``with``, or for a chat in another thread."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.boundaries import RUN_IN_EXECUTOR
from callscope.contracts.classic.classes import is_framework
from callscope.model import Model
from callscope.model.callables import as_callable
from callscope.model.events import Call
from callscope.model.registrations import ENTRY_METHODS
from callscope.model.values import Instance, Member, Value, path_of
from callscope.rules._shared import with_block, within
from callscope.rules.base import Evidence, Finding, Rule, Severity

_SET_DEFAULT = "autogen.IOStream.set_default"

# What begins in a thread with a context of its own, and where each is told what to call.
_THREADS: dict[str, tuple[int, str]] = {
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "concurrent.futures.ThreadPoolExecutor().submit": (0, "fn"),
    "concurrent.futures.ThreadPoolExecutor().map": (0, "fn"),
    **dict.fromkeys(RUN_IN_EXECUTOR, (1, "func")),
}


class StreamNotEntered(Rule):
    """`IOStream.set_default(stream)` has no effect on the chat.

    ## What it does
    Looks for `IOStream.set_default(...)` whose result is thrown away, and for chats that
    threads are given inside its `with` block: by `threading`, an executor or its pool.

    ## Why it matters
    `set_default` is a context manager: calling it changes nothing until the block is entered. What
    it sets is a context variable, which a new thread does not inherit. The chat then prints to the
    console as before, and your stream's `print`, `send` and `input` are never called.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.io import IOStream


    class Stream:
        def print(self, *objects, sep=" ", end="\\n", flush=False):
            sys_write("FIRED")

        def send(self, message):
            sys_write("FIRED")

        def input(self, prompt="", *, password=False):
            return "exit"


    def sys_write(text):
        import sys

        sys.stdout.write(text)


    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    IOStream.set_default(Stream())
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.io import IOStream


    class Stream:
        def print(self, *objects, sep=" ", end="\\n", flush=False):
            sys_write("FIRED")

        def send(self, message):
            sys_write("FIRED")

        def input(self, prompt="", *, password=False):
            return "exit"


    def sys_write(text):
        import sys

        sys.stdout.write(text)


    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    with IOStream.set_default(Stream()):
        user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the result is kept, as it may be entered later; for `set_global_default`, which is a plain
    function.

    ## Fix safety
    Unsafe: how far the block should reach is a guess.
    """

    code = "CB411"
    name = "stream-not-entered"
    default_severity = Severity.ERROR

    speaks = (
        # in the threads of an executor, or of a pool
        """
import asyncio
from functools import partial
from autogen import ConversableAgent
from autogen.io import IOStream
async def main(stream, user: ConversableAgent, bot: ConversableAgent):
    loop = asyncio.get_running_loop()
    with IOStream.set_default(stream):
        await loop.run_in_executor(None, partial(user.initiate_chat, bot, message="hi"))
""",
        """
from concurrent.futures import ThreadPoolExecutor
from autogen import ConversableAgent
from autogen.io import IOStream
bot = ConversableAgent("bot", llm_config=False)
def chat(name):
    ConversableAgent(name, llm_config=False).initiate_chat(bot, message="hi", max_turns=1)
def main(stream):
    with ThreadPoolExecutor() as pool, IOStream.set_default(stream):
        list(pool.map(chat, ["ann", "bob"]))
""",
        # by the module
        """
import autogen
def main(stream):
    autogen.io.IOStream.set_default(stream)
""",
        # in a method
        """
from autogen.io.base import IOStream
class App:
    def __init__(self, stream):
        IOStream.set_default(stream)
""",
        # imported from where it is defined, renamed
        """
from autogen.io import IOStream as Stream
Stream.set_default(Stream.get_default())
""",
        # in an async function
        """
from autogen.io import IOStream
async def serve(socket):
    IOStream.set_default(socket)
""",
        # a thread does not inherit it
        """
import threading
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def chat():
    user.initiate_chat(bot, message="hi", max_turns=1)
def main(stream):
    with IOStream.set_default(stream):
        worker = threading.Thread(target=chat)
        worker.start()
        worker.join()
""",
        # the same with a lambda
        """
from threading import Thread
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def main(stream):
    with IOStream.set_default(stream):
        Thread(target=lambda: user.initiate_chat(bot, message="hi", max_turns=1)).start()
""",
        # what the thread runs is a method
        """
import threading
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Server:
    def work(self, text):
        user.initiate_chat(bot, message=text, max_turns=1)
    def serve(self, stream):
        with IOStream.set_default(stream):
            threading.Thread(target=self.work, args=("hi",)).start()
""",
    )

    silent = (
        # threads that are given a copy of the context
        """
import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from autogen import ConversableAgent
from autogen.io import IOStream
async def main(stream, user: ConversableAgent, bot: ConversableAgent):
    with IOStream.set_default(stream), ThreadPoolExecutor() as pool:
        await asyncio.to_thread(user.initiate_chat, bot, message="hi")
        context = contextvars.copy_context()
        pool.submit(context.run, user.initiate_chat, bot, message="hi").result()
""",
        # the method that the thread runs enters it by itself
        """
import threading
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Server:
    def work(self, stream):
        with IOStream.set_default(stream):
            user.initiate_chat(bot, message="hi", max_turns=1)
    def serve(self, stream):
        with IOStream.set_default(stream):
            threading.Thread(target=self.work, args=(stream,)).start()
""",
        # entered
        """
from autogen.io import IOStream
def main(stream, chat):
    with IOStream.set_default(stream):
        chat()
""",
        # kept and entered
        """
from autogen.io import IOStream
def main(stream, chat):
    context = IOStream.set_default(stream)
    with context:
        chat()
""",
        # handed to an exit stack
        """
import contextlib
from autogen.io import IOStream
def main(stream, chat):
    with contextlib.ExitStack() as stack:
        stack.enter_context(IOStream.set_default(stream))
        chat()
""",
        # for the whole process
        """
from autogen.io import IOStream
def main(stream):
    IOStream.set_global_default(stream)
""",
        # another class of that name
        """
import autogen
class IOStream:
    @staticmethod
    def set_default(stream): ...
IOStream.set_default(print)
""",
        # the thread enters it by itself
        """
import threading
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def main(stream):
    def chat():
        with IOStream.set_default(stream):
            user.initiate_chat(bot, message="hi", max_turns=1)
    with IOStream.set_default(stream):
        threading.Thread(target=chat).start()
""",
        # a thread without a chat
        """
import threading
from autogen.io import IOStream
def main(stream, chat):
    with IOStream.set_default(stream):
        threading.Thread(target=print).start()
        chat()
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a stream that no chat gets to use."""
        for call in model.calls:
            if call.path != _SET_DEFAULT:
                continue
            if call.use == "discarded":
                yield self.finding(
                    model,
                    model.range(call.node),
                    "This has no effect: `IOStream.set_default` is a context manager, and nothing "
                    "enters it; the stream is never used",
                )
            elif call.use == "with":
                yield from self._threads(model, call)

    def _threads(self, model: Model, opened: Call) -> Iterator[Finding]:
        block = with_block(model, opened.node)
        for call in model.calls:
            told = _THREADS.get(call.path or "")
            if block is None or told is None or not within(call.node, block):
                continue
            chat = _chat_of(model, call.arguments.get(*told), call.arguments.node(*told))
            if chat is None:
                continue
            yield self.finding(
                model,
                model.range(call.node),
                "The chat in this thread does not see the stream: `IOStream.set_default` sets a "
                "context variable, and a new thread starts without it",
                evidence=(
                    Evidence("The stream is set here", model.range(opened.node)),
                    Evidence("The chat runs here", model.range(chat)),
                ),
            )


def _chat_of(model: Model, target: Value | None, place: ast.expr | None) -> ast.expr | None:
    """Where the chat is that ``target``, named at ``place``, begins with the stream it finds; None
    if it begins none, or sets a stream itself."""
    known = as_callable(target)
    if known is not None:
        chats = [entry for entry in model.entry_calls if within(entry.node, known.node)]
        sets = [call for call in model.calls if call.path == _SET_DEFAULT]
        alone = chats and not any(within(call.node, known.node) for call in sets)
        return chats[0].node if alone else None
    while isinstance(target, Instance) and path_of(target.type) == "functools.partial":
        target = target.init.get(0, None) if target.init is not None else None
    path = path_of(target) if isinstance(target, Member) else None
    begins = is_framework(path or "") and (path or "").rpartition(".")[2] in ENTRY_METHODS
    return place if begins else None
