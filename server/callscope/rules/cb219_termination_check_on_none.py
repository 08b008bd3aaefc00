"""CB219: a termination check fails on a tool call, whose content is None."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.rules._shared import defined_here, owned
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk


class TerminationCheckOnNone(Rule):
    """A termination check takes the content for text, but a tool call has none.

    ## What it does
    Finds termination checks such as `"TERMINATE" in m["content"]`, without a guard for None, on an
    agent that tool calls visibly reach, since it executes tools.

    ## Why it matters
    The `content` of a message that calls a tool is None. The check raises TypeError or
    AttributeError, and the tool is not run.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        return "TERMINATE" in message["content"]


    user = UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config=False,
        is_termination_msg=is_done,
    )
    assistant = AssistantAgent("assistant", llm_config=False)


    @user.register_for_execution()
    def add() -> str:
        print("FIRED")
        return "3"


    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    user.generate_reply(messages=[message], sender=assistant)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        return "TERMINATE" in (message["content"] or "")


    user = UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config=False,
        is_termination_msg=is_done,
    )
    assistant = AssistantAgent("assistant", llm_config=False)


    @user.register_for_execution()
    def add() -> str:
        print("FIRED")
        return "3"


    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    user.generate_reply(messages=[message], sender=assistant)
    ```

    ## When it stays silent
    When no tools are in view, and when the function looks at the content in any other way, as a
    guard would.

    ## Fix safety
    `(m["content"] or "")` is safe.
    """

    code = "CB219"
    name = "termination-check-on-none"
    default_severity = Severity.WARNING

    speaks = (
        # a lambda, tools by register_function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
user = UserProxyAgent("user", code_execution_config=False,
                      is_termination_msg=lambda m: "TERMINATE" in m["content"])
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="adds")
""",
        # a method of the content
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a},
                      is_termination_msg=lambda m: m["content"].endswith("DONE"))
""",
        # get gives None as well, for the key is there
        """
import autogen
def is_done(message):
    return message.get("content", "").strip() == "DONE"
user = autogen.UserProxyAgent("user", code_execution_config=False, is_termination_msg=is_done)
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
""",
        # by a function of the module
        """
from autogen import ConversableAgent, register_function
def is_done(msg):
    return "bye" not in msg.get("content")
def add(a: int, b: int) -> int:
    return a + b
class Desk:
    def __init__(self):
        self.bot = ConversableAgent("bot", llm_config={"config_list": [{"model": "m"}]})
        self.user = ConversableAgent("user", llm_config=False, is_termination_msg=is_done)
        register_function(add, caller=self.bot, executor=self.user, description="adds")
""",
        # a variable in between
        """
from autogen import UserProxyAgent
class Session:
    def __init__(self):
        self.user = UserProxyAgent("user", code_execution_config=False,
                                   is_termination_msg=self.is_over)
        self.user.register_for_execution()(look_up)
    def is_over(self, message):
        return "bye" in message["content"].lower()
def look_up(word: str) -> str:
    return word
""",
        # on the agent that executes, registered in a loop
        """
from autogen import UserProxyAgent
def add(a: int) -> int:
    return a
def sub(a: int) -> int:
    return a
user = UserProxyAgent("user", code_execution_config=False,
                      is_termination_msg=lambda msg: msg["content"].startswith("DONE"))
for tool in (add, sub):
    user.register_for_execution()(tool)
""",
    )

    silent = (
        # a guard
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a},
                      is_termination_msg=lambda m: m["content"] and "DONE" in m["content"])
""",
        # or a substitute
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a},
                      is_termination_msg=lambda m: "DONE" in (m.get("content") or ""))
""",
        # no tools
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", code_execution_config=False,
                      is_termination_msg=lambda m: "DONE" in m["content"])
""",
        # the tools are on the other agent
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a})
""",
        # sorted out before
        """
from autogen import UserProxyAgent
def is_done(message):
    if message["content"] is None:
        return False
    return "DONE" in message["content"]
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a},
                      is_termination_msg=is_done)
""",
        # a GroupChatManager does not ask about them
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
user = UserProxyAgent("user", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="adds")
manager = GroupChatManager(GroupChat([bot, user], []), llm_config=False,
                           is_termination_msg=lambda m: "DONE" in m["content"])
""",
        # as text
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user", code_execution_config=False, function_map={"add": lambda a: a},
                      is_termination_msg=lambda m: "DONE" in str(m["content"]))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, agent = registration.function, registration.agent
            if registration.kind != "termination" or known is None or agent is None:
                continue
            node = _unguarded(known)
            tool = _tool_calls_reach(model, agent) if node is not None else None
            if node is None or tool is None:
                continue
            reason = Evidence("Tool calls reach it by this tool", model.range(tool.node))
            yield self.finding(
                model,
                model.range(node),
                f"{owned(registration)} raises when a tool is called: the content of that message "
                "is None",
                evidence=(*defined_here(model, registration), reason),
                about=registration,
            )


def _tool_calls_reach(model: Model, agent: Agent) -> Registration | None:
    """A tool whose calls are messages to ``agent``."""
    tools = (r for r in model.registrations if r.kind == "tool-execution")
    return next((tool for tool in tools if tool.agent == agent), None)


def _unguarded(known: Callable) -> ast.AST | None:
    """The one use of the content in the function, if it fails on None; None if there are more."""
    first = known.parameters[0].name if known.parameters else ""
    body = known.node.body
    nodes = [n for part in (body if isinstance(body, list) else [body]) for n in walk(part)]
    contents = [n for n in nodes if _is_content(n, first)]
    guards = (ast.Try, ast.BoolOp, ast.IfExp, ast.If, ast.NamedExpr, ast.Assign)
    if len(contents) != 1 or any(isinstance(n, guards) for n in nodes):
        return None
    content = contents[0]
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.value is content:
            return node
        if isinstance(node, ast.Compare) and node.comparators[0] is content:
            return node if isinstance(node.ops[0], ast.In | ast.NotIn) else None
    return None


def _is_content(node: ast.AST, first: str) -> bool:
    """``m["content"]``, ``m.get("content")``, ``m.get("content", "")``."""
    if isinstance(node, ast.Subscript):
        key: ast.AST = node.slice
        owner: ast.AST = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr != "get":
            return False
        key, owner = node.args[0], node.func.value
    else:
        return False
    named = isinstance(owner, ast.Name) and owner.id == first
    return named and isinstance(key, ast.Constant) and key.value == "content"
