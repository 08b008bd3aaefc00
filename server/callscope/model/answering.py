"""Which of the turns in view really come to pass.

:meth:`Model.turns` errs on the side of more turns. Here those are left out that the framework is
known not to take: members that a group's selector never chooses, or whose turn comes after the
last round, the one who starts a group chat without a limit, and chats that end before their first
message or with the first reply.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.dispatch import (
    CHAT_ASKS_TERMINATION,
    CHAT_SKIPS_SILENT_RECIPIENT,
)
from callscope.model.agents import Agent, as_agent
from callscope.model.blockers import is_stop_word
from callscope.model.callables import Callable, as_callable
from callscope.model.chats import Turn
from callscope.model.coverage import covers_all
from callscope.model.finality import is_final, reply_function
from callscope.model.involvement import entry_of
from callscope.model.model import Model
from callscope.model.order import Slot
from callscope.model.registrations import EntryCall, GroupChat
from callscope.model.values import NONE, Constant, Sequence, Value, literal, one_of, options

_STARTS = ("initiate_chat", "run")


@dataclass(frozen=True)
class Choice:
    """The members that a group's selector can choose, by what it returns."""

    selector: Callable
    members: tuple[Agent, ...]


def choice_of(model: Model, group: GroupChat) -> Choice | None:
    """Whom the selector of ``group`` chooses; None if that is not known."""
    if "speaker_selection_method" in group.instance.attributes or group.instance.escapes:
        return None
    selector = as_callable(group.argument("speaker_selection_method"))
    if selector is None:
        return None
    returned = [o for _, value in model.returned(selector.function) for o in options(value)]
    members = [as_agent(value) for value in returned if value != NONE]
    known = tuple(dict.fromkeys(member for member in members if member is not None))
    if not returned or len([m for m in members if m is not None]) != len(members):
        return None
    return Choice(selector, known)


def real_turns(model: Model, agent: Agent) -> list[Turn]:
    """The turns of ``agent`` that may come to pass."""
    return [turn for turn in model.turns(agent).known if may_come(model, turn)]


def may_come(model: Model, turn: Turn) -> bool:
    """Whether nothing in view rules ``turn`` out."""
    if turn.in_group:
        return _may_be_selected(model, turn)
    entry = entry_of(model, turn.entry)
    if entry is None:
        return True
    return not (
        says_nothing(model, entry)
        or _only_starts_group(model, turn, entry)
        or ends_with_reply(model, turn)
    )


def _may_be_selected(model: Model, turn: Turn) -> bool:
    for group in model.group_chats:
        if turn.sender in group.managers and turn.agent in group.members:
            choice = choice_of(model, group)
            if choice is not None and turn.agent not in choice.members:
                continue
            if not rounds_end_before(model, group, turn):
                return True
    return False


def rounds_end_before(model: Model, group: GroupChat, turn: Turn) -> bool:
    """Whether a ``round_robin`` certainly reaches ``max_round`` before the turn of its agent."""
    entry, limit = entry_of(model, turn.entry), literal(group.argument("max_round"))
    if entry is None or entry.partner not in group.managers or not isinstance(limit, int):
        return False
    if not _is_plain_round_robin(model, group) or not _runs_once(model, entry):
        return False
    # The first message counts as a round, and is from the one who starts the chat; a round goes on
    # behind him, or from the first member if he is none.
    members = list(group.members)
    start = members.index(entry.agent) if entry.agent in members else -1
    distance = (members.index(turn.agent) - start) % len(members) or len(members)
    return distance > limit - 1


def _is_plain_round_robin(model: Model, group: GroupChat) -> bool:
    """Whether the members speak one after the other, with nothing to change their order."""
    method, given = literal(group.argument("speaker_selection_method")), group.call.arguments
    return (
        isinstance(method, str)
        and method.lower() == "round_robin"
        and group.members_known
        and not given.open
        and not any("transitions" in name for name in given.keywords)
        and not group.instance.attributes
        and not group.instance.escapes
        # A tool call goes to a member who can execute it, whose turn it need not be.
        and not model.tools.executions
        and all(model.tools.is_plain(member) for member in group.members)
    )


def _runs_once(model: Model, entry: EntryCall) -> bool:
    """Whether ``entry`` lets the manager of a group run it once."""
    manager = entry.partner
    return (
        entry.agent is not None
        and manager is not None
        and entry.method.removeprefix("a_") in _STARTS
        and entry.argument("max_turns") in (None, NONE, Constant(1))
        and not any(r.kind in ("reply", "nested") for r in model.registrations_on(manager))
    )


def says_nothing(model: Model, entry: EntryCall) -> bool:
    """Whether the chat ends before its first message is sent, as the recipient may not reply."""
    limit = entry.argument("max_turns")
    return (
        model.release in CHAT_SKIPS_SILENT_RECIPIENT
        and entry.method == "initiate_chat"
        and entry.partner is not None
        and entry.partner.max_auto_reply == 0
        and isinstance(limit, Constant)
        and isinstance(limit.value, int)
    )


def _only_starts_group(model: Model, turn: Turn, entry: EntryCall) -> bool:
    """Whether the agent starts a group chat and is not asked again: the manager sends no reply."""
    manager = turn.sender
    if manager is None or manager.row.name != "GroupChatManager" or turn.agent != entry.agent:
        return False
    return entry.argument("max_turns") in (None, NONE) and _runs_once(model, entry)


def ends_with_reply(model: Model, turn: Turn) -> bool:
    """Whether the recipient's first reply ends the chat: with ``max_turns``, its own termination
    check is asked about it before the one who started the chat is."""
    entry = entry_of(model, turn.entry)
    if entry is None or turn.agent != entry.agent or turn.sender != entry.partner:
        return False
    partner, limit = entry.partner, entry.argument("max_turns")
    return (
        model.release in CHAT_ASKS_TERMINATION
        and entry.method.endswith("initiate_chat")
        and partner is not None
        and isinstance(limit, Constant)
        and isinstance(limit.value, int)
        and partner.argument("is_termination_msg") is None
        and isinstance(literal(entry.argument("message")), str)
        and is_stop_word(only_reply(model, partner))
    )


def only_reply(model: Model, agent: Agent) -> Value | None:
    """What ``agent`` says to any text it has to answer; None if that differs or is not known."""
    order = model.order(agent)
    if not order.exact or agent.human_input_mode != "NEVER" or _may_have_model(model, agent):
        return None
    if any(slot.registration is None and "code_execution" in slot.name for slot in order.slots):
        return None
    for slot in order.slots:
        if slot.registration is not None:
            final, reply = _answer(model, slot)
            if final is not False:
                return reply
    silence = agent.argument("default_auto_reply")
    return Constant("") if silence is None else silence


def _answer(model: Model, slot: Slot) -> tuple[bool | None, Value | None]:
    """Whether what is registered in ``slot`` gives the reply, and which, if it does for all."""
    assert slot.registration is not None
    known = reply_function(slot.registration)
    if known is None:
        return None, None
    returned = [value for _, value in model.returned(known.function)]
    final = is_final(returned)
    trigger = slot.registration.argument("trigger")
    if not final or trigger is None or not covers_all(trigger):
        return final, None
    pairs = [option for value in returned for option in options(value)]
    return True, one_of([pair.items[1] for pair in pairs if isinstance(pair, Sequence)])


def _may_have_model(model: Model, agent: Agent) -> bool:
    """Whether ``agent`` may answer with a model; without an ``llm_config`` it takes that of the
    ``with`` block around, if any."""
    if agent.argument("llm_config") is None:
        return any(call.use == "with" for call in model.calls_to("autogen.LLMConfig"))
    return agent.has_model is not False
