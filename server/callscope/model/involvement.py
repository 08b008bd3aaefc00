"""The calls in view in which an agent takes part."""

from __future__ import annotations

from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.model import Model
from callscope.model.registrations import EntryCall


def calls_with(model: Model, agent: Agent) -> list[Call]:
    """Every call that lets ``agent`` speak, listen or answer, in order."""
    found: dict[int, Call] = {}
    for turn in model.turns(agent).known:
        starts = [turn.entry] if turn.method != "nested" else _starts(model, turn.entry)
        found.update((id(call), call) for call in starts)
    for entry in model.entries_of(agent):
        found[id(entry.call)] = entry.call
    return sorted(found.values(), key=lambda call: call.index)


def _starts(model: Model, nested: Call) -> list[Call]:
    """The calls that make the agent answer on which ``nested`` registers nested chats."""
    owners = [r.agent for r in model.registrations if r.kind == "nested" and r.call is nested]
    return [
        turn.entry for turn in model.all_turns if turn.agent in owners and turn.method != "nested"
    ]


def entry_of(model: Model, call: Call) -> EntryCall | None:
    """The entry call that ``call`` is; None if it is none."""
    return next((entry for entry in model.entry_calls if entry.call is call), None)


def sends(model: Model, agent: Agent) -> list[Call]:
    """The calls in which ``agent`` sends a message: as the one who starts, or by its replies."""
    found = [
        entry.call
        for entry in model.entries_of(agent)
        if entry.method.endswith("initiate_chats")
        or (entry.agent == agent and _method(entry) in ("initiate_chat", "run", "send"))
    ]
    found += [
        turn.entry
        for turn in model.turns(agent).known
        if turn.method.removeprefix("a_") != "generate_reply" or turn.in_group
    ]
    return found


def _method(entry: EntryCall) -> str:
    return entry.method.removeprefix("a_").removesuffix("_iter")
