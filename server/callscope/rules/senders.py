"""Words for who talks to whom, shared by the dispatch rules."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.chats import Turn
from callscope.model.registrations import Registration
from callscope.rules.base import Evidence


def named(agent: Agent) -> str:
    """An agent in a message: ``user`` (UserProxyAgent), with its name where that differs."""
    name = f" {agent.name!r}" if agent.name not in (None, agent.label) else ""
    return f"`{agent.label}` ({agent.class_name}{name})"


def sender_of(turn: Turn) -> str:
    """The sender of a turn in a message."""
    if turn.sender is not None:
        return named(turn.sender)
    if turn.sender_class is not None:
        return f"a {turn.sender_class} that `{turn.method}` makes"
    return "calls without a sender"


def listed(items: Iterable[str]) -> str:
    """``a``, ``b`` and ``c``, each once."""
    unique = list(dict.fromkeys(items))
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def what(registration: Registration) -> str:
    """The subject of a message: the callback, or the nested chats."""
    if registration.kind == "nested":
        return "The nested chats"
    return f"`{registration.callback_name}`"


def fires(registration: Registration) -> str:
    """``never fires`` in the number of :func:`what`."""
    return "never start" if registration.kind == "nested" else "never fires"


def source_of(node: ast.expr | None) -> str:
    """An expression as it stands in the source, shortened where long."""
    text = ast.unparse(node) if node is not None else ""
    return text if len(text) <= 60 else f"{text[:57]}..."


def turns_evidence(model: Model, turns: Iterable[Turn]) -> Iterator[Evidence]:
    """One link for each place that makes the agent answer."""
    seen: set[tuple[int, int]] = set()
    for turn in turns:
        key = (id(turn.node), id(turn.sender.instance) if turn.sender else 0)
        if key in seen:
            continue
        seen.add(key)
        how = " as a member of a GroupChat, whose manager is the sender" if turn.in_group else ""
        yield Evidence(
            f"Here `{turn.agent.label}` answers {sender_of(turn)}{how}", model.range(turn.node)
        )


def made_here(model: Model, agent: Agent) -> Iterator[Evidence]:
    """Where the agent is made."""
    if agent.node is not None:
        yield Evidence(
            f"`{agent.label}` ({agent.class_name}) is made here", model.range(agent.node)
        )
