"""What a trigger matches: the framework's ``_match_trigger``, with a third answer for unknown."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.classes import lineage
from callscope.model.agents import as_agent
from callscope.model.callables import as_callable
from callscope.model.chats import Turn
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Constant,
    External,
    OneOf,
    Sequence,
    UserClass,
    Value,
    path_of,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a trigger matches (None: not known), or what it raises instead."""

    matches: bool | None
    raises: str | None = None


UNDECIDED = Verdict(None)


def match(trigger: Value, turn: Turn) -> Verdict:
    """Whether ``trigger`` matches the sender of ``turn``."""
    if isinstance(trigger, Sequence):
        return _any(trigger, turn)
    if trigger == NONE:
        return Verdict(turn.sender is None and turn.sender_class is None)
    if isinstance(trigger, Constant) and isinstance(trigger.value, str):
        return _by_name(trigger.value, turn)
    if isinstance(trigger, UserClass | External):
        return _by_class(trigger, turn)
    agent = as_agent(trigger)
    if agent is not None:
        if turn.sender_class is not None or turn.sender is None:
            return Verdict(False)
        if agent.instance.many or turn.sender.instance.many or agent.is_foreign:
            return UNDECIDED
        return Verdict(agent == turn.sender) if not turn.sender.is_foreign else UNDECIDED
    return UNDECIDED


def _any(trigger: Sequence, turn: Turn) -> Verdict:
    undecided = not trigger.exact
    for item in trigger.items:
        verdict = match(item, turn)
        if verdict.matches or verdict.raises:
            return UNDECIDED if undecided and verdict.raises else verdict
        undecided = undecided or verdict.matches is None
    return UNDECIDED if undecided else Verdict(False)


def _by_name(name: str, turn: Turn) -> Verdict:
    if turn.sender_class is not None:
        return UNDECIDED
    if turn.sender is None:
        return Verdict(False, "SenderRequired: Sender is required but not provided.")
    if turn.sender.name is None or turn.sender.instance.many:
        return UNDECIDED
    return Verdict(turn.sender.name == name)


def _by_class(trigger: Value, turn: Turn) -> Verdict:
    if turn.sender_class is not None:
        path = path_of(trigger) or ""
        return Verdict(path.removeprefix("autogen.") in lineage(turn.sender_class))
    if turn.sender is None:
        return Verdict(False)
    if turn.sender.is_foreign and not turn.sender.is_a(trigger):
        # An annotated parameter may be an object of a subclass.
        return UNDECIDED
    return Verdict(turn.sender.is_a(trigger))


def rejected(trigger: Value) -> str | None:
    """What ``register_reply`` raises for a trigger it does not accept; None if it accepts it."""
    refused = trigger == NONE or (
        isinstance(trigger, Sequence) and trigger.kind in ("tuple", "set")
    )
    if isinstance(trigger, Constant) and not isinstance(trigger.value, str):
        refused = True
    if refused:
        return "ValueError: trigger must be a class, a string, an agent, a callable or a list."
    return None


def parts(trigger: Value) -> list[Value]:
    """The elements of a list trigger, or the trigger itself."""
    return list(trigger.items) if isinstance(trigger, Sequence) else [trigger]


def is_decidable(trigger: Value) -> bool:
    """Whether every element of ``trigger`` is known."""
    if isinstance(trigger, Sequence):
        return trigger.exact and all(is_decidable(item) for item in trigger.items)
    if isinstance(trigger, OneOf) or trigger == UNKNOWN:
        return False
    return as_callable(trigger) is None
