"""CB207: what a selector, trigger, message or FunctionTarget function returns is not accepted."""

from __future__ import annotations

import ast
from collections.abc import Callable as Check
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.callables import Callable
from callscope.model.events import Access
from callscope.model.registrations import Registration
from callscope.model.results import Result, results
from callscope.model.values import (
    NONE,
    Constant,
    Instance,
    Mapping,
    Value,
    literal,
    one_of,
    options,
    path_of,
    truth,
)
from callscope.rules._shared import defined_here, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity

_SELECTION_METHODS = frozenset({"auto", "manual", "random", "round_robin"})
_READING = frozenset({"get", "keys", "values", "items", "copy"})
_MATCHES = frozenset(
    f"re.{of}{name}()" for of in ("", "compile().") for name in ("match", "search", "fullmatch")
)


class CallbackReturn(Rule):
    """A callback returns something that AutoGen does not accept.

    ## What it does
    Looks at what speaker selectors, callable triggers, message functions, termination checks and
    `FunctionTarget` functions return. A selector gives an agent of the group, None, or one of
    `auto`, `manual`, `random`, `round_robin`; a trigger a real `bool`; a `FunctionTarget` function
    a `FunctionTargetResult`.

    ## Why it matters
    The name of an agent, or an agent outside the group, raises ValueError; a trigger that returns
    a name or a match object raises AssertionError; a nested chat whose message is empty is dropped
    without a word.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

    writer = AssistantAgent("writer", llm_config=False)
    editor = AssistantAgent("editor", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def select(last_speaker, groupchat):
        return "editor" if last_speaker is writer else "writer"


    writer.register_reply([Agent, None], on_reply)
    chat = GroupChat([user, writer, editor], [], max_round=3, speaker_selection_method=select)
    manager = GroupChatManager(chat, llm_config=False)
    user.initiate_chat(manager, message="hello")
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

    writer = AssistantAgent("writer", llm_config=False)
    editor = AssistantAgent("editor", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def select(last_speaker, groupchat):
        return editor if last_speaker is writer else writer


    writer.register_reply([Agent, None], on_reply)
    chat = GroupChat([user, writer, editor], [], max_round=3, speaker_selection_method=select)
    manager = GroupChatManager(chat, llm_config=False)
    user.initiate_chat(manager, message="hello")
    ```

    ## When it stays silent
    When the returned value is not known, when the members of the group are not all known, and for
    messages that are empty only in some cases, which is how a nested chat is skipped.

    ## Fix safety
    Wrapping a trigger's result in `bool(...)` is safe. Returning the agent in place of its name is
    safe where the name belongs to one agent.
    """

    code = "CB207"
    name = "callback-return"
    default_severity = Severity.ERROR

    speaks = (
        # a trigger that gives a match, and one that falls back to None
        """
import re
from autogen import AssistantAgent, UserProxyAgent
GUEST = re.compile(r"guest_[0-9]+")
def is_guest(sender):
    return GUEST.fullmatch(sender.name)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply(is_guest, audit)
bot.register_reply(lambda sender: sender.name.startswith("g") or None, audit)
""",
        # the name of an agent
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
def select(last_speaker, groupchat):
    return b.name
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # an agent outside the group
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
boss = AssistantAgent("boss", llm_config=False)
chat = GroupChat(agents=[a, b], messages=[], speaker_selection_method=lambda last, chat: boss)
""",
        # a name from a table
        """
from autogen import AssistantAgent, GroupChat
NEXT = {"a": "b", "b": None}
class Team:
    def __init__(self):
        self.agents = [AssistantAgent(name, llm_config=False) for name in NEXT]
        self.chat = GroupChat(self.agents, messages=[], speaker_selection_method=self.follow)
    def follow(self, last_speaker, groupchat):
        return NEXT[last_speaker.name]
Team()
""",
        # a name from a table, with another one to fall back to
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
TABLE = {"a": "b"}
def follow(last_speaker, groupchat):
    return TABLE.get(last_speaker.name, "a")
chat = GroupChat([a, b], messages=[], speaker_selection_method=follow)
""",
        # a trigger that gives the name
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(lambda s: s and s.name, answer)
""",
        # a trigger that gives a match object
        """
import re
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def is_user(sender):
    return re.match("user.*", sender.name)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([is_user], answer)
""",
        # a trigger that ends without a return
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def is_user(sender):
    if sender.name == "user":
        return True
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(is_user, answer)
""",
        # a nested chat's message that is always empty
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
patient = ConversableAgent("patient", llm_config=False)
def question(recipient, messages, sender, config):
    print(messages[-1]["content"])
doctor.register_nested_chats([{"recipient": expert, "message": question}], trigger=patient)
""",
        # a FunctionTarget that gives the target itself
        """
from autogen import ConversableAgent
from autogen.agentchat.group import AgentTarget, FunctionTarget
critic = ConversableAgent("critic", llm_config=False)
def route(output, context_variables):
    return AgentTarget(critic)
target = FunctionTarget(route)
""",
        # a termination check whose comparison is not returned
        """
from autogen import AssistantAgent
def is_done(message):
    "bye" in message["content"]
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
    )

    silent = (
        # agents of the group, None, and the words that are understood
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
def select(last_speaker, groupchat):
    if last_speaker is a:
        return b
    if last_speaker is b:
        return None
    return "auto"
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # looked up in the group
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
def select(last_speaker, groupchat):
    return groupchat.agent_by_name("b")
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # methods, and agents, from tables
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
METHODS, FOLLOWERS = {"a": "auto", "b": "round_robin", "": None}, {"a": b, "b": "random"}
def by_method(last_speaker, groupchat):
    return METHODS[last_speaker.name]
def by_agent(last_speaker, groupchat):
    return FOLLOWERS.get(last_speaker.name)
chat = GroupChat([a, b], messages=[], speaker_selection_method=by_method)
other = GroupChat([a, b], messages=[], speaker_selection_method=by_agent)
""",
        # a table that is filled elsewhere
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
NEXT = {"": "nobody"}
def select(last_speaker, groupchat):
    return NEXT.get(last_speaker.name)
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
NEXT.clear()
NEXT["a"] = b
""",
        # a name that the agent is looked up by
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
NEXT = {"a": "b", "b": None}
def select(last_speaker, groupchat):
    name = NEXT[last_speaker.name]
    return groupchat.agent_by_name(name) if name else None
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # members not known
        """
from autogen import AssistantAgent, GroupChat
boss = AssistantAgent("boss", llm_config=False)
def build(agents):
    return GroupChat(agents, messages=[], speaker_selection_method=lambda last, chat: boss)
""",
        # real bools
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(lambda s: s is not None and s.name == "user", answer)
bot.register_reply(lambda s: isinstance(s, AssistantAgent), answer)
bot.register_reply([lambda s: s.name.startswith("user")], answer)
""",
        # a nested chat that is skipped now and then
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
patient = ConversableAgent("patient", llm_config=False)
def question(recipient, messages, sender, config):
    if "pain" in messages[-1]["content"]:
        return "what now?"
    return ""
doctor.register_nested_chats([{"recipient": expert, "message": question}], trigger=patient)
""",
        # a FunctionTargetResult
        """
from autogen.agentchat.group import FunctionTarget, FunctionTargetResult, TerminateTarget
def route(output, context_variables):
    return FunctionTargetResult(target=TerminateTarget())
target = FunctionTarget(route)
""",
        # a termination check may return anything
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: m.get("content"))
other = AssistantAgent("other", llm_config=False, is_termination_msg=lambda m: False)
""",
        # a member added later
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
chat = GroupChat([a], messages=[], speaker_selection_method=lambda last, chat: b)
chat.agents.append(b)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            judge = _JUDGES.get(registration.kind)
            known, contract = registration.function, registration.contract
            if judge is None or known is None or known.is_async or contract is None:
                continue
            if model.release not in contract.versions:
                continue
            given = results(model, known)
            evidence = (*defined_here(model, registration), *registered_here(model, registration))
            for result, problem in judge(model, registration, known, given):
                yield self.finding(
                    model,
                    model.range(result.node),
                    f"{owned(registration)} {problem}",
                    evidence=evidence,
                    about=registration,
                )


_Problems = Iterator[tuple[Result, str]]


def _selector(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    group = next((g for g in model.group_chats if g.call is registration.call), None)
    for result in given:
        kind, value = result.kind, result.value
        agent = as_agent(value)
        if kind == "str" or _is_name_of_argument(result, known):
            if not _is_selection_method(value):
                yield result, "returns a name: AutoGen raises ValueError, return the agent itself"
        elif kind in ("bool", "int", "float", "dict", "list", "tuple", "set"):
            yield result, f"returns a {kind}: AutoGen raises ValueError, return an agent"
        elif _may_be_name(_looked_up(model, result.node, known) or value):
            yield result, "may return a name: AutoGen raises ValueError, return the agent itself"
        elif agent is not None and group is not None and group.members_known:
            certain = not agent.is_foreign and not agent.instance.many
            if certain and agent not in group.members:
                yield result, f"returns `{agent.label}`, which is not in the group: ValueError"


def _is_selection_method(value: Value) -> bool:
    return isinstance(value, Constant) and str(value.value).lower() in _SELECTION_METHODS


def _may_be_name(value: Value) -> bool:
    """Whether ``value`` is one of several texts or None, and one of them would be refused."""
    found = options(value)
    plain = all(option == NONE or isinstance(literal(option), str) for option in found)
    wrong = [option for option in found if option != NONE and not _is_selection_method(option)]
    return plain and bool(wrong)


def _looked_up(model: Model, node: ast.AST, known: Callable) -> Value | None:
    """What ``TABLE.get(key, fallback)`` may give, if nothing changes the table."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    holder, fallbacks = node.func.value, node.args[1:]
    if node.func.attr != "get" or not isinstance(holder, ast.Name) or node.keywords:
        return None
    table = known.function.scope.find(holder.id)
    if not isinstance(table, Mapping) or not table.exact or not table.items:
        return None
    changes = (w for w in model.interpreter.writes if w.value is table)
    if not all(map(_only_reads, changes)):
        return None
    if not all(isinstance(fallback, ast.Constant) for fallback in fallbacks):
        return None
    given = [Constant(f.value) for f in fallbacks if isinstance(f, ast.Constant)] or [NONE]
    return one_of([*table.items.values(), *given])


def _only_reads(access: Access) -> bool:
    """Whether the method that is called on a dict leaves it as it is."""
    node = access.node
    method = node.func if isinstance(node, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _READING


def _trigger(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    for result in given:
        wrong = result.kind not in (None, "bool", "coroutine")
        if not wrong and result.kind is None:
            wrong = _is_name_of_argument(result, known) or _is_match(result)
            wrong = wrong or as_agent(result.value) is not None or _falls_back_to_none(result)
        if wrong:
            what = _what(result) if result.kind else "returns something else than a bool"
            yield result, f"{what}: AutoGen raises AssertionError unless it is True or False"


def _nested_message(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    if given and all(truth(result.value) is False for result in given):
        yield given[-1], f"{_what(given[-1])}: the nested chat is dropped without a word"


def _chat_message(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    if given and all(result.kind == "None" for result in given):
        yield given[-1], f"{_what(given[-1])}: there is no message to start the chat with"
    for result in given:
        if result.kind in ("bool", "int", "float"):
            yield result, f"{_what(result)}: AutoGen raises TypeError, return a str or dict"


def _function_target(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    for result in given:
        path = path_of(result.value) or ""
        other = isinstance(result.value, Instance) and path.startswith("autogen.")
        if result.kind not in (None, "object", "coroutine") or (
            other and path != "autogen.FunctionTargetResult()"
        ):
            what = _what(result) if result.kind else f"returns `{ast.unparse(result.node)}`"
            yield result, f"{what}: AutoGen raises ValueError unless it is a FunctionTargetResult"


def _termination(
    model: Model, registration: Registration, known: Callable, given: list[Result]
) -> _Problems:
    body = known.node.body
    last = body[-1] if isinstance(body, list) else None
    forgotten = isinstance(last, ast.Expr) and isinstance(last.value, ast.Compare | ast.BoolOp)
    if forgotten and len(given) == 1 and given[0].at_end:
        yield given[0], "does not return its last comparison, so it never ends the chat"


_JUDGES: dict[str, Check[[Model, Registration, Callable, list[Result]], _Problems]] = {
    "selector": _selector,
    "trigger": _trigger,
    "nested-message": _nested_message,
    "chat-message": _chat_message,
    "function-target": _function_target,
    "termination": _termination,
}


def _what(result: Result) -> str:
    if result.at_end:
        return "ends without returning anything"
    article = "an" if (result.kind or "")[:1] in "aeiou" else "a"
    return "returns None" if result.kind == "None" else f"returns {article} {result.kind}"


def _is_name_of_argument(result: Result, known: Callable) -> bool:
    """``sender.name``, ``sender and sender.name``: the name of the agent that is passed first."""
    node = result.node
    if isinstance(node, ast.BoolOp):
        node = node.values[-1]
    first = known.parameters[0].name if known.parameters else None
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "name"
        and isinstance(node.value, ast.Name)
        and node.value.id == first
    )


def _is_match(result: Result) -> bool:
    return path_of(result.value) in _MATCHES


def _falls_back_to_none(result: Result) -> bool:
    """``... or None``"""
    node = result.node
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
        return False
    last = node.values[-1]
    return isinstance(last, ast.Constant) and last.value is None
