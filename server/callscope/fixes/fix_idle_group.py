"""Let a group chat ask the callbacks of its members, its manager and its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword, remove_keyword, written_argument
from callscope.fixes._names import name_there
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import GroupChat, Registration
from callscope.model.values import Constant
from callscope.rules.base import Finding

_CHECK = "is_termination_msg"


class FixIdleGroup(FixProvider):
    """Chats with the group's manager, leaves a round for a choice, or lets the manager check."""

    codes = frozenset({"CB407"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """By what keeps the group from asking."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        groups = [g for g in model.group_chats if g.call is about.call or _has(g, about)]
        if len(groups) != 1:
            return
        yield from _through_manager(model, finding, groups[0])
        yield from _one_more_round(model, about, groups[0])
        yield from _checked_by_manager(model, about, groups[0])


def _has(group: GroupChat, about: Registration) -> bool:
    return about.agent is not None and about.agent in (*group.managers, *group.members)


def _through_manager(model: Model, finding: Finding, group: GroupChat) -> Iterator[Proposal]:
    """The manager in the place of the member that a chat is started with."""
    places = {link.range for link in finding.evidence}
    past = {id(e.node): e for e in model.entry_calls if model.range(e.node) in places}
    if len(past) != 1 or len(group.managers) != 1:
        return
    chat, manager = next(iter(past.values())), group.managers[0]
    member = written_argument(model, chat, "recipient")
    if member is not None and chat.partner in group.members:
        yield proposal(
            model,
            f"Chat with `{manager.label}`, the manager of the group",
            Safety.UNSAFE,
            lambda patch: patch.replace(member, name_there(patch, manager, chat.node)),
        )


def _one_more_round(model: Model, about: Registration, group: GroupChat) -> Iterator[Proposal]:
    """Two rounds: in the first the one who starts the chat speaks."""
    written = group.call.node.keywords if isinstance(group.call.node, ast.Call) else []
    rounds = next((k.value for k in written if k.arg == "max_round"), None)
    one = group.argument("max_round") == Constant(1)
    if about.call is group.call and one and isinstance(rounds, ast.Constant):
        yield proposal(
            model,
            "Leave a round for the one who is selected: `max_round=2`",
            Safety.UNSAFE,
            lambda patch: patch.replace(rounds, "2"),
        )


def _checked_by_manager(model: Model, about: Registration, group: GroupChat) -> Iterator[Proposal]:
    """The termination check of a member that is not asked, on the manager, which gets all."""
    if about.kind != "termination" or len(group.managers) != 1:
        return
    manager, check = group.managers[0], about.callback_node
    member, made = about.node, manager.node
    if check is None or not isinstance(made, ast.Call) or not isinstance(member, ast.Call):
        return
    if about.agent == manager or manager.argument(_CHECK) is not None:
        return

    def change(patch: Patch) -> None:
        if patch.function(member) is not patch.function(made):
            raise CannotFix("may mean something else there")
        add_keyword(patch, made, f"{_CHECK}={patch.text(check)}")
        remove_keyword(patch, member, _CHECK)

    title = f"Let `{manager.label}` check instead, which gets every message"
    yield proposal(model, title, Safety.UNSAFE, change)
