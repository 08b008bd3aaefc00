"""Losses to a child that ``os.fork`` made before: it has what its parent had by then."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from callscope.contracts.boundaries import FORKS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.forking import course_of_child, lies_in
from callscope.model.registrations import Registration


@dataclass(frozen=True)
class Forked:
    """The call that forks a child, and where that uses the agent."""

    call: Call
    use: ast.AST


def lost_to_fork(model: Model, registration: Registration) -> Forked | None:
    """The child that was forked before a registration in its parent, to use the agent without."""
    agent, where = registration.agent, registration.where
    if agent is None or agent.instance.many:
        return None
    loops = {loop.node for loop in where.loops}
    for fork in model.calls_to(*FORKS):
        if fork.where.course is not where.course:
            continue
        if fork.index > registration.call.index or _made_after(agent, fork):
            continue
        if any(loop.node in loops for loop in fork.where.loops):
            # The children of the next turns have what this one registers.
            continue
        inside = course_of_child(model, fork)
        if lies_in(registration.call, inside) or _parent_chats(model, registration, inside):
            continue
        use = _use_within(model, agent, inside)
        if use is not None:
            return Forked(fork, use)
    return None


def _parent_chats(model: Model, registration: Registration, inside: set[ast.AST]) -> bool:
    """Whether the registering process itself uses the agent later on."""
    return any(
        entry.call.index > registration.call.index and not lies_in(entry.call, inside)
        for entry in model.entry_calls
        if registration.agent in (entry.agent, entry.partner)
    )


def _made_after(agent: Agent, fork: Call) -> bool:
    made = agent.instance.call
    return made is None or (made.where.course is fork.where.course and made.index > fork.index)


def _use_within(model: Model, agent: Agent, inside: set[ast.AST]) -> ast.AST | None:
    """Where a chat of the agent begins that runs in what is written ``inside``."""
    entries = (entry for entry in model.entries_of(agent) if lies_in(entry.call, inside))
    return next((entry.node for entry in entries), None)
