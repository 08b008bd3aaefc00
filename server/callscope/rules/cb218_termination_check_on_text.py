"""CB218: a termination check treats the message, a dict, as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.callables import Callable
from callscope.rules._shared import defined_here, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity
from callscope.source import walk

_TEXT_ONLY = frozenset(dir(str)) - frozenset(dir(dict))
_KEYS = frozenset(
    {
        "content",
        "role",
        "name",
        "function_call",
        "tool_calls",
        "tool_responses",
        "context",
        "tool_call_id",
    }
)


class TerminationCheckOnText(Rule):
    """`is_termination_msg` gets the whole message, not its text.

    ## What it does
    Finds termination checks that use their argument as text: `message.endswith(...)`,
    `message == "TERMINATE"`, `"TERMINATE" in message`.

    ## Why it matters
    AutoGen passes the message, a dict with `content`, `role` and more. A method of text raises
    AttributeError; a comparison with text, or a search for it among the dict's keys, is always
    false, so that the chat never ends.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        done = message.rstrip().endswith("bye")
        print("FIRED")
        return done


    assistant = AssistantAgent("assistant", llm_config=False, is_termination_msg=is_done)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="bye", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        done = (message["content"] or "").rstrip().endswith("bye")
        print("FIRED")
        return done


    assistant = AssistantAgent("assistant", llm_config=False, is_termination_msg=is_done)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="bye", max_turns=1)
    ```

    ## When it stays silent
    When the function asks what type the argument has, or binds its name anew.

    ## Fix safety
    Taking the `content` first is safe.
    """

    code = "CB218"
    name = "termination-check-on-text"
    default_severity = Severity.ERROR

    speaks = (
        # a method of text, in a lambda
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: m.endswith("DONE"))
""",
        # compared with text
        """
import autogen
def is_done(message):
    return message == "TERMINATE"
bot = autogen.ConversableAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
        # looked for among the keys
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: "TERMINATE" in m)
""",
        # a method of a class
        """
from autogen import UserProxyAgent
class Session:
    def __init__(self):
        self.user = UserProxyAgent("user", code_execution_config=False,
                                   is_termination_msg=self.is_over)
    def is_over(self, text: str) -> bool:
        return text.lower() in ("bye", "exit")
""",
        # a partial
        """
import functools
from autogen import AssistantAgent
def ends_with(word, text):
    return text.strip().endswith(word)
bot = AssistantAgent("bot", llm_config=False,
                     is_termination_msg=functools.partial(ends_with, "bye"))
""",
        # of a manager
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
manager = GroupChatManager(GroupChat([a, b], []), llm_config=False,
                           is_termination_msg=lambda text: text.startswith("STOP"))
""",
    )

    silent = (
        # a dict
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False,
                     is_termination_msg=lambda m: (m.get("content") or "").endswith("DONE"))
""",
        # a key of the message
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: "tool_calls" in m)
""",
        # both are handled
        """
from autogen import AssistantAgent
def is_done(message):
    if isinstance(message, dict):
        message = message.get("content") or ""
    return message.endswith("DONE")
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
        # bound anew
        """
from autogen import AssistantAgent
def is_done(message):
    message = str(message)
    return message.endswith("DONE")
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
        # its text
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: "DONE" in str(m))
""",
        # not a termination check
        """
import autogen
from bus import Bus
bus = Bus(is_termination_msg=lambda text: text.endswith("DONE"))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known = registration.function
            if registration.kind != "termination" or known is None:
                continue
            for node, problem in _uses(known):
                evidence = defined_here(model, registration)
                yield self.finding(
                    model,
                    model.range(node),
                    f"{owned(registration)} gets the whole message, a dict: {problem}",
                    evidence=(*evidence, *registered_here(model, registration)),
                    about=registration,
                )


def _uses(known: Callable) -> Iterator[tuple[ast.AST, str]]:
    """Where the function uses its argument as text, and what comes of it."""
    first = known.parameters[0].name if known.parameters else ""
    body = known.node.body
    nodes = [n for part in (body if isinstance(body, list) else [body]) for n in walk(part)]
    if any(isinstance(n, ast.Name) and n.id == first and _is_bound(n) for n in nodes):
        return
    asked = [ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call)]
    if "isinstance" in asked or "type" in asked:
        return
    for node in nodes:
        if isinstance(node, ast.Attribute) and _is(node.value, first) and node.attr in _TEXT_ONLY:
            yield node, f"`{first}.{node.attr}` raises AttributeError"
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right, operator = node.left, node.comparators[0], node.ops[0]
            if isinstance(operator, ast.Eq) and (
                (_is(left, first) and _text(right)) or (_is(right, first) and _text(left))
            ):
                yield node, "it never equals a text"
            elif isinstance(operator, ast.In) and _is(right, first) and _no_key(left):
                yield node, f"this looks for {_text(left)!r} among its keys"


def _is_bound(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _no_key(node: ast.AST) -> bool:
    return _text(node) is not None and _text(node) not in _KEYS


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
