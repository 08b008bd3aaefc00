"""AG2's group chats made from a pattern, in which AutoGen runs the tools on an agent of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callscope.model.agents import Agent, agents_in
from callscope.model.events import Call
from callscope.model.values import Instance, Sequence, Value

if TYPE_CHECKING:
    from callscope.model.model import Model

_ENTRIES = frozenset(
    f"autogen.{prefix}{name}"
    for prefix in ("", "a_")
    for name in ("initiate_group_chat", "run_group_chat", "run_group_chat_iter")
)


@dataclass(frozen=True, eq=False)
class PatternChat:
    """One such chat: the call that starts it, and its agents as far as they are known."""

    call: Call
    agents: tuple[Agent, ...]


def pattern_chats(model: Model) -> list[PatternChat]:
    """Every chat started with ``initiate_group_chat`` or one of its kin."""
    return [
        PatternChat(call, _agents_of(call.arguments.get(0, "pattern")))
        for call in model.calls_to(*_ENTRIES)
    ]


def _agents_of(pattern: Value | None) -> tuple[Agent, ...]:
    if not isinstance(pattern, Instance) or pattern.init is None:
        return ()
    listed = pattern.init.get(1, "agents")
    values = [pattern.init.get(0, "initial_agent"), pattern.init.get(2, "user_agent")]
    values += listed.items if isinstance(listed, Sequence) else []
    return tuple(dict.fromkeys(agent for value in values for agent in agents_in(value)[0]))
