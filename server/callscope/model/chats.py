"""Who answers whom: for each agent, the senders of the messages it gets to answer."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callscope.contracts.versions import Release
from callscope.model.agents import Agent, agents_in, as_agent
from callscope.model.events import Call
from callscope.model.registrations import EntryCall, GroupChat, Registration, starts_async_chats
from callscope.model.values import NONE, Constant, Mapping, Sequence, Value

# How deep group chats within group chats are followed.
_MOST_GROUPS = 3


@dataclass(frozen=True, eq=False)
class Turn:
    """``agent`` answers a message whose sender is ``sender`` (None: no sender is given).

    ``certain`` is False where the turn may not come to pass (a limit on turns, a branch).
    ``sender_class`` names the class of a sender the framework makes itself. ``is_async`` says
    that the reply is made by ``a_generate_reply``. ``entry`` is the call that sets it off.
    """

    agent: Agent
    sender: Agent | None
    entry: Call
    is_async: bool
    certain: bool = True
    sender_class: str | None = None
    method: str = ""
    in_group: bool = False

    @property
    def node(self) -> ast.expr:
        """The entry call."""
        return self.entry.node


@dataclass(frozen=True)
class Turns:
    """The turns of one agent. ``closed`` says that there are no others than these."""

    known: tuple[Turn, ...]
    closed: bool


def turns_of(
    entries: Iterable[EntryCall],
    group_chats: Iterable[GroupChat],
    registrations: Iterable[Registration],
    release: Release,
) -> Iterator[Turn]:
    """Every turn that the calls in view bring about."""
    groups = list(group_chats)
    for entry in entries:
        for turn in _by_entry(entry):
            yield from _with_members(turn, groups)
    for registration in registrations:
        if registration.kind == "nested" and registration.agent is not None:
            for turn in _nested_turns(registration, registration.agent, release):
                yield from _with_members(turn, groups)


def _with_members(turn: Turn, groups: list[GroupChat], depth: int = 0) -> Iterator[Turn]:
    """``turn``, and what it lets the members of a group speak, groups within groups included."""
    yield turn
    if turn.agent.row.name == "GroupChatManager" and depth < _MOST_GROUPS:
        for inner in _members_turns(turn, groups):
            yield from _with_members(inner, groups, depth + 1)


def _by_entry(entry: EntryCall) -> Iterator[Turn]:
    method = entry.method.removeprefix("a_").removesuffix("_iter")
    agent, partner, call = entry.agent, entry.partner, entry.call
    certain = entry.where.certain
    if method in ("initiate_chat", "run"):
        if partner is not None and agent is not None:
            limit = entry.argument("max_turns")
            once = limit == Constant(1)
            yield Turn(partner, agent, call, entry.is_async, certain, method=entry.method)
            if not once:
                yield Turn(agent, partner, call, entry.is_async, False, method=entry.method)
        elif agent is not None and entry.partner_known and method == "run":
            yield Turn(agent, None, call, entry.is_async, certain, "ConversableAgent", entry.method)
    elif method == "generate_reply" and agent is not None and entry.partner_known:
        yield Turn(agent, partner, call, entry.is_async, certain, method=entry.method)
    elif method == "send" and agent is not None and partner is not None:
        wanted = entry.argument("request_reply")
        if wanted == Constant(True):
            yield Turn(partner, agent, call, entry.is_async, certain, method=entry.method)
            yield Turn(agent, partner, call, entry.is_async, False, method=entry.method)
        elif wanted is not None and wanted != Constant(False) and wanted != NONE:
            yield Turn(partner, agent, call, entry.is_async, False, method=entry.method)
    elif method == "receive" and agent is not None and partner is not None:
        if entry.argument("request_reply") != Constant(False):
            yield Turn(agent, partner, call, entry.is_async, False, method=entry.method)
    elif method == "initiate_chats":
        yield from _queue_turns(entry.argument("chat_queue"), agent, entry)


def _queue_turns(queue: Value | None, agent: Agent | None, entry: EntryCall) -> Iterator[Turn]:
    for item in queue.items if isinstance(queue, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        sender = as_agent(item.items.get("sender")) or agent
        recipient = as_agent(item.items.get("recipient"))
        if sender is None or recipient is None:
            continue
        yield Turn(
            recipient, sender, entry.call, entry.is_async, entry.where.certain, method=entry.method
        )
        if item.items.get("max_turns") != Constant(1):
            yield Turn(sender, recipient, entry.call, entry.is_async, False, method=entry.method)


def _members_turns(turn: Turn, groups: list[GroupChat]) -> Iterator[Turn]:
    """A manager that answers lets the members of its group speak, each answering the manager."""
    for group in groups:
        if turn.agent not in group.managers:
            continue
        for member in group.members:
            yield Turn(
                member,
                turn.agent,
                turn.entry,
                turn.is_async,
                False,
                method=turn.method,
                in_group=True,
            )


def _nested_turns(registration: Registration, agent: Agent, release: Release) -> Iterator[Turn]:
    queue = registration.argument("chat_queue")
    in_async = starts_async_chats(registration, release) is True
    for item in queue.items if isinstance(queue, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        sender = as_agent(item.items.get("sender")) or agent
        recipient = as_agent(item.items.get("recipient"))
        if recipient is not None:
            yield Turn(recipient, sender, registration.call, in_async, False, method="nested")
            yield Turn(sender, recipient, registration.call, in_async, False, method="nested")


def unfollowed(entry: EntryCall) -> list[Agent]:
    """Agents that ``entry`` sets in motion together with something not known."""
    if entry.method.endswith("sequential_run"):
        return [*agents_in(entry.call.receiver)[0], *_mentioned(entry.argument("chat_queue"))]
    if entry.method.endswith("initiate_chats"):
        queue = entry.argument("chat_queue")
        exact = (
            isinstance(queue, Sequence)
            and queue.exact
            and all(
                isinstance(item, Mapping)
                and item.exact
                and as_agent(item.items.get("recipient")) is not None
                for item in queue.items
            )
        )
        if exact:
            return []
        return [*([entry.agent] if entry.agent else []), *_mentioned(queue)]
    if not entry.partner_known:
        agents, _ = agents_in(entry.call.receiver)
        return [*agents, *(a for value in entry.call.arguments.all() for a in agents_in(value)[0])]
    if entry.agent is None:
        agents, _ = agents_in(entry.call.receiver)
        return [*agents, *([entry.partner] if entry.partner else [])]
    return []


def _mentioned(queue: Value | None) -> Iterator[Agent]:
    """The agents that occur anywhere in a chat queue."""
    for item in queue.items if isinstance(queue, Sequence) else ():
        for value in item.items.values() if isinstance(item, Mapping) else ():
            yield from agents_in(value)[0]
