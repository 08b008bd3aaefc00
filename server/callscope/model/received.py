"""What an agent is told: the texts of the messages it has to answer, if all of them are known."""

from __future__ import annotations

from callscope.model.agents import Agent
from callscope.model.answering import only_reply, real_turns
from callscope.model.chats import Turn
from callscope.model.involvement import entry_of
from callscope.model.model import Model
from callscope.model.values import Constant, Value, literal


def texts_received(model: Model, agent: Agent) -> list[str] | None:
    """The texts that ``agent`` has to answer in all its chats; None if it may get others."""
    turns = real_turns(model, agent)
    if not turns or not model.is_closed(agent):
        return None
    others = [turn.sender for turn in turns if turn.sender is not None]
    if any(r.kind == "hook" and r.agent in (None, agent, *others) for r in model.registrations):
        return None
    found: list[str] = []
    for turn in turns:
        texts = _texts_of(model, turn)
        words = [literal(text) for text in texts or [None]]
        if not all(isinstance(word, str) for word in words):
            return None
        found.extend(str(word) for word in words)
    return found


def _texts_of(model: Model, turn: Turn) -> list[Value | None] | None:
    """What the agent's partner says to it in one chat; None if it may be anything."""
    entry = entry_of(model, turn.entry)
    if entry is None or turn.sender is None or turn.in_group:
        return None
    given = entry.call.arguments
    if (
        entry.method.removeprefix("a_") != "initiate_chat"
        or given.open
        or "carryover" in given.keywords
    ):
        return None
    texts: list[Value | None] = []
    if turn.agent == entry.partner:
        texts.append(entry.argument("message"))
    if turn.agent == entry.agent or entry.argument("max_turns") != Constant(1):
        texts.append(only_reply(model, turn.sender))
    return texts
