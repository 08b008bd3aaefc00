"""What to say about a registration or an entry call: the contract, and what is known around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from callscope.check import Report
from callscope.contracts.classic.callbacks import Callback
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.blockers import situation_of
from callscope.model.dispatch import Fate, fates
from callscope.model.order import Slot
from callscope.model.registrations import EntryCall, Registration
from callscope.source import Position, Range

_LEAST = 9
"""Runs of built-in reply functions are folded in longer lists than this."""


@dataclass(frozen=True)
class HoverText:
    """Markdown, and the range it is about."""

    markdown: str
    range: Range


def explain(report: Report, position: Position) -> HoverText | None:
    """The explanation of the smallest registration or entry call around ``position`` (0-based,
    code points); None where there is neither."""
    model = report.model_at(position.line)
    here = items_at(model, position) if model is not None else []
    if model is None or not here:
        return None
    texts = dict.fromkeys(describe(model, item) for item in here)
    body = "\n\n---\n\n".join(text for text in texts if text)
    footer = f"*{report.project.target.title}, {report.project.target_origin}*"
    return HoverText(f"{body}\n\n{footer}", model.range(here[0].node)) if body else None


def items_at(model: Model, position: Position) -> list[Registration | EntryCall]:
    """What the smallest registration or entry call around ``position`` is: a line that is walked
    several times gives several."""
    around = [item for item in _items(model) if model.range(item.node).contains(position)]
    if not around:
        return []
    smallest = min(around, key=lambda item: len(model.source.slice(model.range(item.node))))
    return [item for item in around if item.node is smallest.node]


def _items(model: Model) -> Iterator[Registration | EntryCall]:
    for registration in model.registrations:
        # A trigger is a callback of its own only where it is a function.
        if registration.kind != "trigger" or registration.function is not None:
            yield registration
    yield from model.entry_calls


def describe(model: Model, item: Registration | EntryCall) -> str:
    """Markdown for one of them; "" where there is nothing to say."""
    if isinstance(item, EntryCall):
        return _describe_entry(model, item)
    if item.contract is not None:
        return _describe_contract(model, item, item.contract)
    if item.kind == "nested":
        return _describe_nested(model, item)
    return _describe_tool(item)


def called_name(registration: Registration, contract: Callback) -> str:
    """What to call the callback where a call of it is shown."""
    name = registration.callback_name if registration.function else contract.kind.replace("-", "_")
    return name if name.isidentifier() else "callback"


def _describe_contract(model: Model, registration: Registration, contract: Callback) -> str:
    name = called_name(registration, contract)
    on = f" on `{registration.agent.label}`" if registration.agent else ""
    lines = [
        f"**{contract.title}**{on}",
        f"```python\n{contract.shape.render(name)}\n```",
        f"**Returns** {contract.returns}.",
    ]
    if contract.on_none:
        lines.append(f"**Returns nothing?** {contract.on_none[0].upper()}{contract.on_none[1:]}.")
    if contract.fires:
        lines.append(f"**Fires** {contract.fires[0].lower()}{contract.fires[1:]}")
    if contract.silent:
        lines.append(f"**Mind:** {contract.silent}")
    lines.append(
        f"**`async def`**: {ASYNC[contract.coroutine]}"
        + (
            f" {contract.on_coroutine[0].upper()}{contract.on_coroutine[1:]}."
            if contract.on_coroutine and contract.coroutine == "never"
            else ""
        )
    )
    if registration.kind in ("reply", "trigger") and registration.agent is not None:
        lines.append(reply_order(model, registration.agent, registration))
    lines.append(f"*Read in {contract.source}.*")
    return "\n\n".join(lines)


ASYNC = {
    "async-chat": "awaited in async chats; in sync ones it raises or is skipped.",
    "awaited": "awaited.",
    "never": "not awaited.",
}
"""What becomes of an ``async def``, by a contract's ``coroutine``."""


def _describe_nested(model: Model, registration: Registration) -> str:
    agent = registration.agent
    on = f" of `{agent.label}`" if agent else ""
    text = (
        f"**Nested chats**{on}\n\nRun when a message comes from a **sender** that matches "
        "`trigger`, unless a reply function tried earlier was final. A `message` function takes "
        "`(recipient, messages, sender, config)`."
    )
    return f"{text}\n\n{reply_order(model, agent, registration)}" if agent else text


def _describe_tool(registration: Registration) -> str:
    if registration.agent is None:
        return ""
    tool = f"`{registration.tool_name}`" if registration.tool_name else "the tool"
    label = registration.agent.label
    if registration.kind == "tool-llm":
        return (
            f"**Tool** {tool} is *proposed* by `{label}`'s model. It runs on the agent that "
            f"**receives** the call, which needs it registered for execution under this name."
        )
    return (
        f"**Tool** {tool} is *executed* by `{label}`, when it answers a message that calls it. An "
        "exception or a missing name becomes a text for the model and is never raised."
    )


def _describe_entry(model: Model, entry: EntryCall) -> str:
    kind = "async" if entry.is_async else "sync"
    head = f"**{entry.method}** sets agents in motion ({kind})."
    answering = [turn.agent for turn in model.all_turns if turn.entry is entry.call]
    lines = [_answers(model, agent, entry) for agent in dict.fromkeys(answering)]
    return "\n\n".join([head, *lines])


def _answers(model: Model, agent: Agent, entry: EntryCall) -> str:
    senders = dict.fromkeys(
        turn.sender.label if turn.sender else (turn.sender_class or "no sender")
        for turn in model.all_turns
        if turn.entry is entry.call and turn.agent == agent
    )
    names = ", ".join(f"`{name}`" if name != "no sender" else name for name in senders)
    parts = [f"`{agent.label}` answers {names}.", reply_order(model, agent, None, entry)]
    others = other_registrations(model, agent)
    if others:
        parts.append(others)
    return "\n\n".join(parts)


def other_registrations(model: Model, agent: Agent) -> str:
    """The other callbacks of ``agent``, as a list; "" if there are none."""
    rows = []
    for registration in model.registrations_on(agent):
        if registration.kind in ("reply", "trigger", "nested", "reset-config"):
            continue
        line = model.line(registration.node)
        noun = registration.contract.noun if registration.contract else registration.kind
        rows.append(f"- {noun}: `{registration.callback_name}` (line {line})")
    return "\n".join(dict.fromkeys(rows))


def reply_order(
    model: Model, agent: Agent, mark: Registration | None, entry: EntryCall | None = None
) -> str:
    """The reply functions of ``agent`` as a numbered list, ``mark`` in bold; with what becomes of
    them in the chat that ``entry`` starts."""
    order = model.order(agent)
    head = f"Reply functions of `{agent.label}`, tried in this order"
    if not order.exact:
        head += ", as far as this file shows"
    idle = _idle(model, agent, entry) if entry is not None and order.exact else {}
    slots = tuple(s for s in order.slots if s.registration or idle.get(s) is not Fate.OTHER_KIND)
    rows = []
    for number, slot in enumerate(slots, 1):
        text = _slot(model, slot)
        is_marked = (
            slot.registration is not None
            and mark is not None
            and (slot.registration.node is mark.node)
        )
        fate = f" — {idle[slot].value}" if slot in idle else ""
        rows.append(f"{number}. **{text}**" if is_marked else f"{number}. {text}{fate}")
    return f"{head}:\n\n" + "\n".join(_folded(rows, slots))


def _idle(model: Model, agent: Agent, entry: EntryCall) -> dict[Slot, Fate]:
    """The entries of the list that are asked in none of the turns that ``entry`` brings about."""
    found: dict[Slot, Fate] = {}
    asked: set[Slot] = set()
    for turn in model.all_turns:
        if turn.entry is entry.call and turn.agent == agent:
            for slot, fate in fates(model, agent, turn, situation_of(turn, entry)):
                found.setdefault(slot, fate)
                if fate is Fate.ASKED:
                    asked.add(slot)
    return {slot: fate for slot, fate in found.items() if slot not in asked}


def _folded(rows: list[str], slots: tuple[Slot, ...]) -> list[str]:
    """The rows, with the tail of built-in ones in one."""
    last = max((i for i, slot in enumerate(slots) if slot.registration is not None), default=-1)
    if len(rows) <= _LEAST or last + 3 >= len(rows):
        return rows
    rest = ", ".join(f"`{slot.name}`" for slot in slots[last + 2 :])
    return [*rows[: last + 2], f"{last + 3}. then {rest}"]


def _slot(model: Model, slot: Slot) -> str:
    if slot.registration is None:
        return f"`{slot.name}` (built in)"
    where = f"line {model.line(slot.registration.node)}"
    doubt = "" if slot.certain else ", perhaps"
    trigger = slot.registration.argument_node("trigger")
    sender = f", for `{ast.unparse(trigger)}`" if trigger is not None else ""
    return f"`{slot.name}` ({where}{sender}{doubt})"
