"""What becomes of each reply function when an agent has to answer in a given turn."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import ASYNC_CHATS_SKIP_TWINS
from callscope.model.agents import Agent
from callscope.model.blockers import Situation, always_answers
from callscope.model.chats import Turn
from callscope.model.finality import is_final, reply_function
from callscope.model.model import Model
from callscope.model.order import Slot
from callscope.model.triggers import match
from callscope.model.values import Constant


class Fate(enum.Enum):
    """What becomes of one entry of the list."""

    ASKED = "asked"
    """It is asked, or may be: nothing known speaks against it."""

    OTHER_SENDER = "its trigger does not match the sender"
    OTHER_KIND = "of the other kind of chat"
    RAISES = "its trigger raises without a sender"
    NOT_REACHED = "not reached: one before it always answers"


def fates(
    model: Model, agent: Agent, turn: Turn, situation: Situation
) -> Iterator[tuple[Slot, Fate]]:
    """The entries of the list of ``agent`` in their order, each with what becomes of it."""
    slots = model.order(agent).slots
    over = False
    for slot in slots:
        fate = _fate(model, slots, slot, turn)
        if over and fate is not Fate.OTHER_KIND:
            fate = Fate.NOT_REACHED
        yield slot, fate
        if fate is Fate.RAISES:
            over = True
        elif fate is Fate.ASKED and not over:
            over = _ends(model, agent, slot, turn, situation)


def _fate(model: Model, slots: tuple[Slot, ...], slot: Slot, turn: Turn) -> Fate:
    if _is_of_other_kind(model, slots, slot, turn.is_async):
        return Fate.OTHER_KIND
    verdict = match(slot.trigger, turn) if slot.trigger is not None else None
    if verdict is not None and verdict.raises:
        return Fate.RAISES
    return Fate.OTHER_SENDER if verdict is not None and verdict.matches is False else Fate.ASKED


def _is_of_other_kind(model: Model, slots: tuple[Slot, ...], slot: Slot, is_async: bool) -> bool:
    """Whether the chat passes over it: coroutines in sync chats, in async ones their twins."""
    if not is_async or slot.is_coroutine:
        return slot.is_coroutine and not is_async
    return model.release in ASYNC_CHATS_SKIP_TWINS and any(
        other.name == f"a_{slot.name}" and other.is_coroutine and _is_ignored_in_sync(other)
        for other in slots
    )


def _is_ignored_in_sync(slot: Slot) -> bool:
    ours = slot.registration
    return ours is None or ours.argument("ignore_async_in_sync_chat") == Constant(True)


def _ends(model: Model, agent: Agent, slot: Slot, turn: Turn, situation: Situation) -> bool:
    """Whether nothing behind ``slot`` is asked, as it certainly matches and always answers."""
    if slot.registration is None:
        return always_answers(slot, agent, situation) is not None
    if slot.trigger is not None and match(slot.trigger, turn).matches is not True:
        return False
    known = reply_function(slot.registration)
    if known is None or not slot.certain:
        return False
    return is_final(value for _, value in model.returned(known.function)) is True
