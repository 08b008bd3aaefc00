"""CB418: a loop over ``run_iter`` waits for an event that it is never given."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from callscope.contracts.classic.events import ENDS_THE_LOOP, EVENTS, RUN_ITER, is_a
from callscope.model import Model
from callscope.model.events import Call
from callscope.model.values import NONE, BoundMethod, External, Function, Sequence, Value
from callscope.rules._shared import bodies
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_ITERATED = frozenset({"run_iter", "a_run_iter", "run_group_chat_iter", "a_run_group_chat_iter"})
_Loop = ast.For | ast.AsyncFor


class EventNeverYielded(Rule):
    """A branch waits for an event that the iterated run never hands over.

    ## What it does
    Looks at loops over AG2's `run_iter`, `a_run_iter` and `run_group_chat_iter`, and at the
    `isinstance` checks and `case Class():` in their bodies, or in a function of this file that gets
    the event only from there. Speaks where the event's class is not among those of `yield_on`, and
    of `RunCompletionEvent` and `ErrorEvent`, which the iterator keeps to itself.

    ## Why it matters
    `yield_on` is a filter: any other event passes by and the loop's body is not run for it. The
    branch looks alive and never runs.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.events.agent_events import TerminationEvent, TextEvent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    wanted = [TerminationEvent]
    for event in user.run_iter(assistant, message="hi", max_turns=1, yield_on=wanted):
        if isinstance(event, TextEvent):
            print("FIRED")
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.events.agent_events import TerminationEvent, TextEvent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    wanted = [TerminationEvent, TextEvent]
    for event in user.run_iter(assistant, message="hi", max_turns=1, yield_on=wanted):
        if isinstance(event, TextEvent):
            print("FIRED")
    ```

    ## When it stays silent
    When `yield_on` is not known or names a base class of the event, and for functions that get
    events from elsewhere as well.

    ## Fix safety
    Unsafe: the body of the loop runs for more events. No fix for events that end the loop: use
    what comes after it, or catch the error.
    """

    code = "CB418"
    name = "event-never-yielded"
    default_severity = Severity.ERROR

    speaks = (
        # the end of the run is not handed over
        """
from autogen import AssistantAgent
from autogen.events.agent_events import RunCompletionEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", max_turns=1):
    if isinstance(event, RunCompletionEvent):
        print(event.content.summary)
""",
        # async, one of several
        """
import asyncio
from autogen import AssistantAgent
from autogen.events import agent_events as ev
bot = AssistantAgent("bot", llm_config=False)
async def main():
    async for event in bot.a_run_iter(message="hi", yield_on=[ev.TextEvent]):
        if isinstance(event, ev.TextEvent):
            print(event)
        elif isinstance(event, (ev.ToolCallEvent, ev.ToolResponseEvent)):
            print("tool")
asyncio.run(main())
""",
        # a match on its class
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TerminationEvent, TextEvent, ToolCallEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", max_turns=1, yield_on=[TerminationEvent]):
    match event:
        case TextEvent() | ToolCallEvent():
            print("said")
        case _:
            print("over")
""",
        # kept by name
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TextEvent, UsingAutoReplyEvent
bot = AssistantAgent("bot", llm_config=False)
def main():
    steps = bot.run_iter(message="hi", yield_on=[UsingAutoReplyEvent])
    for step in steps:
        if isinstance(step, TextEvent):
            print(step)
main()
""",
        # in a function that only this loop calls
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TextEvent, ToolCallEvent
bot = AssistantAgent("bot", llm_config=False)
class Board:
    def show(self, event):
        if isinstance(event, ToolCallEvent):
            print("tool")
board = Board()
for event in bot.run_iter(message="hi", yield_on=[TextEvent]):
    board.show(event)
""",
        # in a method of a session
        """
from autogen import AssistantAgent
from autogen.events.agent_events import ErrorEvent, TextEvent
class Session:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
    def texts(self, prompt):
        for event in self.bot.run_iter(message=prompt, max_turns=1):
            if isinstance(event, ErrorEvent):
                raise event.content.error
            yield event
""",
    )

    silent = (
        # a match on what is wanted, and on something else
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TerminationEvent, TextEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", max_turns=1, yield_on=[TextEvent]):
    match event:
        case TextEvent():
            print("said")
    match event.type:
        case TerminationEvent():
            print("over")
""",
        # no filter
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TextEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", max_turns=1):
    if isinstance(event, TextEvent):
        print(event)
""",
        # a base class
        """
from autogen import AssistantAgent
from autogen.events.base_event import BaseEvent
from autogen.events.agent_events import TextEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", yield_on=[BaseEvent]):
    if isinstance(event, TextEvent):
        print(event)
""",
        # requests for input always come
        """
from autogen import AssistantAgent
from autogen.events.agent_events import InputRequestEvent, TextEvent
bot = AssistantAgent("bot", llm_config=False)
for event in bot.run_iter(message="hi", yield_on=[TextEvent]):
    if isinstance(event, InputRequestEvent):
        event.content.respond("go on")
""",
        # the filter is an argument
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TextEvent
def watch(wanted):
    bot = AssistantAgent("bot", llm_config=False)
    for event in bot.run_iter(message="hi", yield_on=wanted):
        if isinstance(event, TextEvent):
            print(event)
""",
        # the events of run() hold the end
        """
from autogen import AssistantAgent
from autogen.events.agent_events import RunCompletionEvent
bot = AssistantAgent("bot", llm_config=False)
response = bot.run(message="hi", max_turns=1)
for event in response.events:
    if isinstance(event, RunCompletionEvent):
        print(event)
""",
        # a function with other callers
        """
from autogen import AssistantAgent
from autogen.events.agent_events import TextEvent, ToolCallEvent
bot = AssistantAgent("bot", llm_config=False)
def show(event):
    if isinstance(event, ToolCallEvent):
        print("tool")
for event in bot.run_iter(message="hi", yield_on=[TextEvent]):
    show(event)
for event in bot.run_iter(message="hi"):
    show(event)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a check that is never true."""
        if model.release not in RUN_ITER:
            return
        for call in model.calls:
            if call.method not in _ITERATED or not (call.path or "").startswith("autogen."):
                continue
            wanted = _wanted(call)
            for loop in _loops(model, call):
                for place, names in _checks(model, loop):
                    reason = _never(names, wanted)
                    if reason is not None:
                        yield self.finding(
                            model,
                            model.range(place),
                            f"This is never true: `{call.method}` does not hand over "
                            f"{' or '.join(names)}, {reason}",
                            evidence=(
                                Evidence("The run is asked for here", model.range(call.node)),
                            ),
                        )


def _wanted(call: Call) -> list[str] | None:
    """The classes of ``yield_on``; empty where all events are wanted, None if not known."""
    given = call.arguments.get(None, "yield_on")
    if given is None or given == NONE:
        return []
    if not isinstance(given, Sequence) or not given.exact:
        return None
    names = [_event(item) for item in given.items]
    return None if None in names else [name for name in names if name is not None]


def _event(value: Value | None) -> str | None:
    """The name of an event class of AutoGen's."""
    if isinstance(value, External) and value.path.startswith("autogen."):
        return value.path.rpartition(".")[2]
    return None


def _never(names: list[str], wanted: list[str] | None) -> str | None:
    """Why no event of ``names`` is handed over; None if one may be."""
    if names and all(name in ENDS_THE_LOOP for name in names):
        return ENDS_THE_LOOP[names[0]]
    if not names or not wanted or not EVENTS.issuperset(names):
        return None
    if any(is_a(name, other) for name in names for other in wanted):
        return None
    return f"only what `yield_on` names: {', '.join(wanted)}"


def _loops(model: Model, call: Call) -> Iterator[_Loop]:
    """The loops over what ``call`` gives: written in them, or by the name it is bound to."""
    for body in bodies(model):
        kept: set[str] = set()
        for statement in body:
            if isinstance(statement, ast.Assign) and statement.value is call.node:
                kept = {t.id for t in statement.targets if isinstance(t, ast.Name)}
            elif isinstance(statement, _Loop) and isinstance(statement.target, ast.Name):
                iterated = statement.iter
                if iterated is call.node or (
                    isinstance(iterated, ast.Name) and iterated.id in kept
                ):
                    yield statement


def _checks(model: Model, loop: _Loop) -> Iterator[tuple[ast.AST, list[str]]]:
    """The class checks of the loop's event, in its body and in functions only it is passed to."""
    assert isinstance(loop.target, ast.Name)
    yield from _checks_in(model, loop, loop.target.id)
    inside = {id(node) for node in walk(loop)}
    for call in model.calls:
        function = call.callee.function if isinstance(call.callee, BoundMethod) else call.callee
        if id(call.node) not in inside or not isinstance(function, Function):
            continue
        parameter = _parameter(call, function, loop.target.id)
        if parameter is None or not _only_from(model, function, inside):
            continue
        yield from _checks_in(model, function.node, parameter)


def _parameter(call: Call, function: Function, event: str) -> str | None:
    """The parameter that the call fills with the loop's event."""
    names = [argument.arg for argument in function.node.args.args]
    names = (
        names[1:] if isinstance(call.callee, BoundMethod) and function.kind != "static" else names
    )
    pairs = zip(names, call.arguments.positional_nodes, strict=False)
    given = [*pairs, *call.arguments.keyword_nodes.items()]
    return next((name for name, n in given if isinstance(n, ast.Name) and n.id == event), None)


def _only_from(model: Model, function: Function, inside: set[int]) -> bool:
    """Whether each use of ``function`` in this file is a call from ``inside``."""
    for call in model.calls:
        callee = call.callee.function if isinstance(call.callee, BoundMethod) else call.callee
        if isinstance(callee, Function) and callee.node is function.node:
            if id(call.node) not in inside:
                return False
        elif any(_is_function(argument, function) for argument in call.arguments.all()):
            return False
    return True


def _is_function(value: Value, function: Function) -> bool:
    inner = value.function if isinstance(value, BoundMethod) else value
    return isinstance(inner, Function) and inner.node is function.node


def _checks_in(model: Model, outer: ast.AST, name: str) -> Iterator[tuple[ast.AST, list[str]]]:
    inside = {id(node) for node in walk(outer)}
    seen: set[int] = set()
    for call in model.calls:
        if call.path != "builtins.isinstance" or id(call.node) not in inside | seen:
            continue
        tested = call.arguments.node(0, None)
        if id(call.node) in seen or not (isinstance(tested, ast.Name) and tested.id == name):
            continue
        seen.add(id(call.node))
        given = call.arguments.get(1, None)
        listed = given.items if isinstance(given, Sequence) and given.exact else [given]
        yield from _known(call.node, listed)
    yield from _cases_in(model, outer, name)


def _cases_in(model: Model, outer: ast.AST, name: str) -> Iterator[tuple[ast.AST, list[str]]]:
    """The class patterns that ``match name`` tries."""
    for match in walk(outer):
        if not isinstance(match, ast.Match) or not isinstance(match.subject, ast.Name):
            continue
        for case in match.cases if match.subject.id == name else ():
            whole = case.pattern
            patterns = whole.patterns if isinstance(whole, ast.MatchOr) else [whole]
            classes = [p.cls if isinstance(p, ast.MatchClass) else None for p in patterns]
            yield from _known(whole, [model.interpreter.matched.get(id(c)) for c in classes])


def _known(place: ast.AST, listed: Iterable[Value | None]) -> Iterator[tuple[ast.AST, list[str]]]:
    """The check at ``place``, if all of the classes that it is for are AutoGen's events."""
    names = [_event(item) for item in listed]
    if None not in names:
        yield place, [name for name in names if name is not None]
