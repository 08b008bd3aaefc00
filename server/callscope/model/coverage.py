"""Whether one trigger matches whenever another does."""

from __future__ import annotations

from collections.abc import Iterable

from callscope.contracts.classic.classes import agent_class, lineage
from callscope.model.agents import as_agent
from callscope.model.chats import Turns
from callscope.model.triggers import match, parts
from callscope.model.values import NONE, Constant, External, Sequence, Value

_EVERYBODY = frozenset({"Agent", "LLMAgent"})


def covers(front: Value, back: Value, turns: Turns) -> bool:
    """Whether ``front`` matches each sender that ``back`` matches, of those the agent can get."""
    if isinstance(back, Sequence) and not back.exact:
        return covers_all(front)
    if all(_covers(parts(front), part) for part in parts(back)):
        return True
    if not turns.closed or not turns.known:
        return False
    return all(
        match(front, turn).matches is True or match(back, turn).matches is False
        for turn in turns.known
    )


def covers_all(front: Value) -> bool:
    """Whether ``front`` matches everybody, and nobody: ``[Agent, None]``."""
    listed = parts(front)
    return NONE in listed and any(_name(part) in _EVERYBODY for part in listed)


def _covers(front: Iterable[Value], part: Value) -> bool:
    listed = list(front)
    if part in listed:
        return True
    if part == NONE:
        return False
    names = {_name(item) for item in listed}
    if isinstance(part, Constant):
        return bool(names & _EVERYBODY)
    agent = as_agent(part)
    if agent is not None:
        return any(agent.is_a(item) for item in listed)
    if isinstance(part, External) and agent_class(part.path) is not None:
        return bool(names & set(lineage(_name(part))))
    if isinstance(part, External) and _name(part) in _EVERYBODY:
        return "Agent" in names
    return NONE in listed and bool(names & _EVERYBODY)


def _name(value: Value) -> str:
    return value.path.removeprefix("autogen.") if isinstance(value, External) else ""
