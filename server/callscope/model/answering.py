"""Which of the turns in view really come to pass.

:meth:`Model.turns` errs on the side of more turns. Here those are left out that the framework is
known not to take: members that a group's selector never chooses, the one who starts a group chat
without a limit, and chats that end before their first message.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.dispatch import CHAT_SKIPS_SILENT_RECIPIENT
from callscope.model.agents import Agent, as_agent
from callscope.model.callables import Callable, as_callable
from callscope.model.chats import Turn
from callscope.model.involvement import entry_of
from callscope.model.model import Model
from callscope.model.registrations import EntryCall, GroupChat
from callscope.model.values import NONE, Constant, options

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
    return not says_nothing(model, entry) and not _only_starts_group(model, turn, entry)


def _may_be_selected(model: Model, turn: Turn) -> bool:
    for group in model.group_chats:
        if turn.sender in group.managers and turn.agent in group.members:
            choice = choice_of(model, group)
            if choice is None or turn.agent in choice.members:
                return True
    return False


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
    if entry.method.removeprefix("a_") not in _STARTS:
        return False
    if entry.argument("max_turns") not in (None, NONE):
        return False
    return not any(r.kind in ("reply", "nested") for r in model.registrations_on(manager))
