"""Whose messages a reply function gets, and in which calls in view."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.model.agents import Agent
from callscope.model.answering import may_come
from callscope.model.blockers import is_stop_word, situation_of
from callscope.model.chats import Turn
from callscope.model.dispatch import Fate, fates
from callscope.model.finality import is_final, reply_function
from callscope.model.involvement import entry_of
from callscope.model.model import Model
from callscope.model.order import Slot
from callscope.model.registrations import ENTRY_METHODS, EntryCall, Registration
from callscope.model.triggers import match
from callscope.model.values import NONE, Constant, Sequence, Value


@dataclass(frozen=True)
class Heard:
    """One turn in which a reply function may be asked; its trigger certainly matches the sender.

    ``surely`` says that it is asked, whatever else the program does.
    """

    turn: Turn
    surely: bool


def heard_by(model: Model, registration: Registration) -> list[Heard]:
    """The turns in view that ``registration``, of a reply function or nested chats, is for."""
    agent = registration.agent
    if agent is None or not model.order(agent).exact:
        return []
    found = []
    for turn in model.turns(agent).known:
        slot = _asked(model, agent, registration, turn) if may_come(model, turn) else None
        if slot is not None and _matches(slot, turn):
            surely = _is_taken(model, agent, turn) and _is_reached(model, agent, slot, turn)
            found.append(Heard(turn, surely))
    return found


def _asked(model: Model, agent: Agent, mine: Registration, turn: Turn) -> Slot | None:
    """The entry that ``mine`` has in the list, if nothing known keeps it from being asked."""
    situation = situation_of(turn, entry_of(model, turn.entry))
    for slot, fate in fates(model, agent, turn, situation):
        if slot.registration is mine and fate is Fate.ASKED:
            return slot
    return None


def _matches(slot: Slot, turn: Turn) -> bool:
    return slot.trigger is None or match(slot.trigger, turn).matches is True


def _is_taken(model: Model, agent: Agent, turn: Turn) -> bool:
    """Whether ``turn`` certainly comes to pass, with the list as it stands in the end."""
    entry = entry_of(model, turn.entry)
    if entry is None or not turn.certain or not _asks(entry) or turn.sender_class is not None:
        return False
    changes = (r for r in model.registrations_on(agent) if r.kind in ("reply", "nested"))
    return (
        all(model.happens_before(change.call, turn.entry) for change in changes)
        and not any(_is_own(side) for side in entry.participants)
        and (entry.is_async or not _may_refuse(model))
    )


def _asks(entry: EntryCall) -> bool:
    """Whether the call, as it is written, lets the one it is made on or to reply."""
    method = entry.method.removeprefix("a_")
    if method == "initiate_chat":
        limit = entry.argument("max_turns")
        endless = limit in (None, NONE)
        return entry.argument("message") not in (None, NONE) and (endless or _is_positive(limit))
    if method == "generate_reply":
        messages = entry.argument("messages")
        given = isinstance(messages, Sequence) and messages.exact and bool(messages.items)
        return given and entry.call.arguments.get(None, "exclude") is None
    return method == "send"


def _is_positive(limit: Value | None) -> bool:
    return isinstance(limit, Constant) and isinstance(limit.value, int) and limit.value > 0


def _is_own(agent: Agent) -> bool:
    """Whether it may chat in a way of its own."""
    return agent.has_unknown_bases or any(agent.overrides(m) is not None for m in ENTRY_METHODS)


def _may_refuse(model: Model) -> bool:
    """Whether a sync chat may be refused for the async functions that one of its agents has."""
    return any(
        slot.registration is not None
        and slot.is_coroutine
        and slot.registration.argument("ignore_async_in_sync_chat") != Constant(True)
        for agent in model.agents
        for slot in model.order(agent).slots
    )


def _is_reached(model: Model, agent: Agent, mine: Slot, turn: Turn) -> bool:
    """Whether all that is asked before ``mine`` certainly lets the next one answer."""
    entry = entry_of(model, turn.entry)
    situation = situation_of(turn, entry)
    for slot, fate in fates(model, agent, turn, situation):
        if slot is mine:
            return True
        if fate is Fate.ASKED and not _passes(model, agent, slot, turn, entry):
            return False
    return False


def _passes(model: Model, agent: Agent, slot: Slot, turn: Turn, entry: EntryCall | None) -> bool:
    if slot.registration is not None:
        known = reply_function(slot.registration)
        decided = slot.trigger is None or match(slot.trigger, turn).matches is not None
        returned = model.returned(known.function) if known is not None else ()
        return decided and is_final(value for _, value in returned) is False
    name = slot.name.removeprefix("a_")
    if name == "generate_oai_reply":
        return agent.has_model is False
    if not _is_plain_text(entry, model, agent):
        return False
    if name == "check_termination_and_human_reply":
        given = map(agent.argument, ("is_termination_msg", "max_consecutive_auto_reply"))
        return agent.human_input_mode == "NEVER" and all(value is None for value in given)
    return name in ("generate_function_call_reply", "generate_tool_calls_reply")


def _is_plain_text(entry: EntryCall | None, model: Model, agent: Agent) -> bool:
    """Whether the message is a text that is written out, and no hook may change it."""
    message = entry.argument("message") if entry is not None else None
    hooks = any(r.kind == "hook" for r in model.registrations)
    is_text = isinstance(message, Constant) and isinstance(message.value, str)
    return is_text and not is_stop_word(message) and not hooks and not agent.is_foreign
