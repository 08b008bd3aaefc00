"""CB426: a stream waits for the messages of a chat that is silent."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.events import BASES, EVENTS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.registrations import EntryCall
from callscope.model.values import NONE, Constant, Function, Instance, UserClass
from callscope.rules._shared import with_block, within
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_SET_DEFAULT = "autogen.IOStream.set_default"

_HEAD = """
from autogen import AssistantAgent, UserProxyAgent
from autogen.io import IOStream
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Screen:
    def __init__(self):
        self.lines = []
    def print(self, *objects, sep=" ", end="", flush=False):
        self.lines.append(sep.join(map(str, objects)))
    def send(self, event):
        self.lines.append(event)
    def input(self, prompt="", *, password=False):
        return ""
"""


class SilentChat(Rule):
    """A stream is set for a chat whose messages are silenced.

    ## What it does
    Looks at `with IOStream.set_default(stream):` where the stream is an object of this file that
    does something with what it gets, and all chats in the block are plain ones between two agents
    that ask nobody, with `silent=True`.

    ## Why it matters
    `silent=True` does not only spare the console: the messages are not sent to the stream either.
    A window, socket or list that waits for them stays empty.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.io import IOStream

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    class Window:
        def __init__(self):
            self.shown = []

        def print(self, *objects, sep=" ", end="", flush=False):
            self.shown.append(sep.join(map(str, objects)))

        def send(self, event):
            if "Text" in type(event).__name__:
                self.shown.append(str(event))

        def input(self, prompt="", *, password=False):
            return ""


    window = Window()
    with IOStream.set_default(window):
        user.initiate_chat(assistant, message="hi", max_turns=1, silent=True)
    if window.shown:
        print("FIRED")
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.io import IOStream

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    class Window:
        def __init__(self):
            self.shown = []

        def print(self, *objects, sep=" ", end="", flush=False):
            self.shown.append(sep.join(map(str, objects)))

        def send(self, event):
            if "Text" in type(event).__name__:
                self.shown.append(str(event))

        def input(self, prompt="", *, password=False):
            return ""


    window = Window()
    with IOStream.set_default(window):
        user.initiate_chat(assistant, message="hi", max_turns=1)
    if window.shown:
        print("FIRED")
    ```

    ## When it stays silent
    When the stream may be there for input, does nothing with what it gets, or looks for events
    other than messages; for group chats, which print by their manager's own `silent`; and when a
    chat in the block is not silent.

    ## Fix safety
    Unsafe: without `silent=True` all that the chat prints goes to the stream.
    """

    code = "CB426"
    name = "silent-chat"
    default_severity = Severity.WARNING

    speaks = (
        _HEAD
        + """
with IOStream.set_default(Screen()):
    user.initiate_chat(bot, message="hi", max_turns=1, silent=True)
""",
        # kept by name, in a function
        _HEAD
        + """
def main():
    screen = Screen()
    with IOStream.set_default(screen):
        user.initiate_chat(bot, message="hi", silent=True)
    return screen.lines
main()
""",
        # an async chat
        _HEAD
        + """
import asyncio
async def main():
    with IOStream.set_default(Screen()):
        await user.a_initiate_chat(bot, message="hi", silent=True, max_turns=2)
asyncio.run(main())
""",
        # a session
        _HEAD
        + """
class Session:
    def __init__(self):
        self.screen = Screen()
    def ask(self, text):
        with IOStream.set_default(self.screen):
            return user.initiate_chat(bot, message=text, silent=True, max_turns=1).summary
Session().ask("hi")
""",
        # two chats
        _HEAD
        + """
with IOStream.set_default(Screen()) as screen:
    user.initiate_chat(bot, message="hi", max_turns=1, silent=True)
    bot.initiate_chat(user, message="ho", max_turns=1, silent=True)
""",
    )

    silent = (
        # heard
        speaks[0].replace(", silent=True", ""),
        # one of two is heard
        speaks[4].replace('ho", max_turns=1, silent=True', 'ho", max_turns=1'),
        # there for the input
        speaks[0].replace('"NEVER"', '"ALWAYS"'),
        # as configured
        speaks[0].replace("silent=True", "silent=user.silent"),
        # nothing is done with what it gets
        speaks[0]
        .replace("self.lines.append(sep.join(map(str, objects)))", "pass")
        .replace("self.lines.append(event)", "pass"),
        # another event
        speaks[0].replace(
            "        self.lines.append(event)",
            "        if type(event).__name__ == 'TerminationEvent':\n            print(event)",
        ),
        # the block holds something else that is not known
        speaks[0]
        .replace("from autogen.io", "from work import work\nfrom autogen.io")
        .replace("    user.initiate_chat", "    work()\n    user.initiate_chat"),
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a chat whose stream hears nothing."""
        for opened in model.calls:
            if opened.path != _SET_DEFAULT or opened.use != "with" or not _listens(opened):
                continue
            block = with_block(model, opened.node)
            chats = [e for e in model.entry_calls if block is not None and within(e.node, block)]
            if not chats or not all(map(_is_silenced, chats)):
                continue
            if any(block is not None and _is_other(call, block) for call in model.calls):
                continue
            for entry in chats:
                yield self.finding(
                    model,
                    model.range(entry.call.arguments.node(None, "silent") or entry.node),
                    f"`silent=True` keeps the messages of this chat from `{_class(opened).name}`: "
                    "the stream hears nothing of them",
                    evidence=(Evidence("The stream is set here", model.range(opened.node)),),
                    about=entry,
                )


def _class(opened: Call) -> UserClass:
    stream = opened.arguments.get(0, "stream")
    assert isinstance(stream, Instance)
    assert isinstance(stream.type, UserClass)
    return stream.type


def _listens(opened: Call) -> bool:
    """Whether the stream is of this file and does something with the messages it gets."""
    stream = opened.arguments.get(0, "stream")
    if not isinstance(stream, Instance) or not isinstance(stream.type, UserClass):
        return False
    methods = [stream.type.find(name) for name in ("print", "send")]
    found = [method.node for method in methods if isinstance(method, Function)]
    named = {word for node in found for word in _words(node) if word in EVENTS}
    return any(map(_does_something, found)) and named <= {*BASES}


def _words(node: ast.AST) -> Iterator[str]:
    """The names and texts that are tested for; what something must not be is left aside."""
    for inner in walk(node):
        if isinstance(inner, ast.Compare) and isinstance(inner.ops[0], ast.NotEq | ast.NotIn):
            continue
        for child in ast.iter_child_nodes(inner):
            if isinstance(child, ast.Name):
                yield child.id
            elif isinstance(child, ast.Attribute):
                yield child.attr
            elif isinstance(child, ast.Constant) and isinstance(child.value, str):
                yield child.value


def _does_something(node: ast.AST) -> bool:
    """Whether a method's body holds more than ``pass`` or a text."""
    body = getattr(node, "body", [])
    return isinstance(body, list) and any(
        not isinstance(s, ast.Pass | ast.Return)
        and not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in body
    )


def _is_silenced(entry: EntryCall) -> bool:
    """Whether the chat is one between two agents that keep quiet and ask nobody."""
    if entry.method not in ("initiate_chat", "a_initiate_chat"):
        return False
    sides = [side for side in (entry.agent, entry.partner) if side is not None]
    return (
        entry.argument("silent") == Constant(True)
        and len(sides) == 2
        and all(map(_is_quiet, sides))
    )


def _is_quiet(agent: Agent) -> bool:
    own = agent.argument("silent")
    plain = agent.row.name in ("ConversableAgent", "AssistantAgent", "UserProxyAgent")
    return plain and agent.human_input_mode == "NEVER" and (own is None or own == NONE)


def _is_other(call: Call, block: ast.AST) -> bool:
    """Whether ``call``, in the block, goes to code not in view that may use the stream."""
    known = ("autogen.", "builtins.", "asyncio.")
    path = call.path
    return path is not None and not path.startswith(known) and within(call.node, block)
