"""CB411: ``IOStream.set_default`` called without ``with``, or for a chat in another thread."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.callables import as_callable
from callscope.model.events import Call
from callscope.rules._shared import with_block, within
from callscope.rules.base import Evidence, Finding, Rule, Severity

_SET_DEFAULT = "autogen.IOStream.set_default"
_THREAD = "threading.Thread"


class StreamNotEntered(Rule):
    """`IOStream.set_default(stream)` has no effect on the chat.

    ## What it does
    Looks for `IOStream.set_default(...)` whose result is thrown away, and for threads that are
    made inside its `with` block.

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
            if block is None or call.path != _THREAD or not within(call.node, block):
                continue
            target = call.arguments.get(1, "target")
            known = as_callable(target)
            if known is None:
                continue
            function = known.node
            chats = [entry for entry in model.entry_calls if within(entry.node, function)]
            if not chats or any(
                other.path == _SET_DEFAULT and within(other.node, function) for other in model.calls
            ):
                continue
            yield self.finding(
                model,
                model.range(call.node),
                "The chat in this thread does not see the stream: `IOStream.set_default` sets a "
                "context variable, and a new thread starts without it",
                evidence=(
                    Evidence("The stream is set here", model.range(opened.node)),
                    Evidence("The chat runs here", model.range(chats[0].node)),
                ),
            )
