"""Loops that make the same registration in every turn."""

from __future__ import annotations

import ast

from callscope.model import Model
from callscope.model.events import Loop, Where
from callscope.model.registrations import Registration
from callscope.model.values import UNKNOWN, Instance, Value, alike, reaches
from callscope.rules._once_in_loop import may_be_once
from callscope.source import walk

# The arguments that say when the callback is called: with another one it is another registration.
_WHEN = ("hookable_method", "trigger")


def repeating_loop(model: Model, registration: Registration) -> Loop | None:
    """The innermost loop that repeats this very registration; None if none certainly does."""
    agent = registration.agent
    assert agent is not None
    made = agent.instance.call
    if made is None or agent.instance.many or agent.instance.escapes:
        return None
    own_loops = registration.where.loops
    if not own_loops:
        return None
    loop = own_loops[-1]
    in_turn = any(other.node is loop.node for other in made.where.loops)
    if in_turn and not _is_made_once(made.where):
        return None
    if not isinstance(loop.node, ast.For | ast.AsyncFor | ast.While) or _leaves_early(
        loop.node.body
    ):
        return None
    tests = registration.where.branches
    header = loop.node.test if isinstance(loop.node, ast.While) else loop.node.iter
    if any(test is not header for test in tests):
        return None
    known = registration.function
    if known is None and registration.kind != "nested":
        return None
    if loop.turn is None:
        # The loop's own variable may be another agent, or another callback, in each turn.
        varied = (agent.instance, registration.callback)
        turns_on = any(reaches(loop.element, value) for value in varied)
        if may_be_once(loop.node, registration.node, registration.where):
            return None
        return None if turns_on or _turns_on(registration, loop.node) else loop
    same_turns = [
        twin
        for twin in model.twins(registration)
        if isinstance(twin, Registration)
        and twin.agent == agent
        and _is_alike(_holder(twin), _holder(registration))
        and all(map(alike, _when(twin), _when(registration)))
    ]
    return loop if len(same_turns) > 1 else None


def _is_made_once(where: Where) -> bool:
    """Whether it is made in a cached function, which gives the same one ever after."""
    return any(
        function.cached and isinstance(node, ast.Call) and not (node.args or node.keywords)
        for node, function in where.stack
    )


def _holder(registration: Registration) -> Value | None:
    """The object that the callback is a method of."""
    return registration.function.holder if registration.function is not None else None


def _is_alike(one: Value | None, other: Value | None) -> bool:
    """Whether the two are one object, or objects of their turn, made by the same call."""
    if one is other:
        return True
    calls = [v.call.node for v in (one, other) if isinstance(v, Instance) and v.call is not None]
    return len(calls) == 2 and calls[0] is calls[1]


def _when(registration: Registration) -> list[Value | None]:
    return [] if registration.is_own else [registration.argument(name) for name in _WHEN]


def _turns_on(registration: Registration, loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether the hook or the trigger may be another one in each turn."""
    if UNKNOWN in _when(registration):
        return True
    targets = [] if isinstance(loop, ast.While) else [loop.target]
    changing = {n.id for t in targets for n in walk(t) if isinstance(n, ast.Name)}
    places = [registration.argument_node(name) for name in _WHEN]
    names = {n.id for place in places if place for n in walk(place) if isinstance(n, ast.Name)}
    return bool(changing & names)


def _leaves_early(body: list[ast.stmt]) -> bool:
    """Whether a loop's first turn is its last unless something goes wrong, as in a retry loop."""
    for statement in body:
        if isinstance(statement, ast.Break | ast.Return | ast.Raise):
            return True
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try) and _leaves_early(
            [*statement.body, *getattr(statement, "orelse", ())]
        ):
            return True
    return False
