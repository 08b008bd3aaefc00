"""What there is to note beside the code: at registrations, at agents, at functions handed over.

Worked out island by island, and kept for those that an edit leaves alone: an editor asks for it
after each pause in typing, of the whole file.
"""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from callscope.check import Report
from callscope.contracts.classic.callbacks import HOOKS, Callback, CallShape
from callscope.contracts.classic.dispatch import REPLY_HOOKS, SEND_HOOKS
from callscope.incremental import Part
from callscope.model import Model
from callscope.model.answering import real_turns
from callscope.model.chats import Turn
from callscope.model.hearing import Heard, heard_by
from callscope.model.involvement import sends
from callscope.model.registrations import Registration
from callscope.project import Project, Workspace
from callscope.source import Position, Range, SourceText


@dataclass(frozen=True)
class RegistrationNote:
    """What is certain of one registration.

    ``fires_for`` are the senders for whose messages it is asked, whatever happens, ``matches``
    those whom its trigger matches besides. ``place`` is its place in the list and the length of
    that, from 1. ``calls`` are the entry calls in which it may be asked. ``agent`` is what the
    source calls its agent, ``function`` where the callback is defined.
    """

    range: Range
    agent: str = ""
    fires_for: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    place: tuple[int, int] | None = None
    calls: tuple[Range, ...] = ()
    function: Range | None = None

    def moved(self, move: Callable[[int], int]) -> RegistrationNote:
        """The same where its lines are now."""
        return replace(
            self,
            range=_range(self.range, move),
            calls=tuple(_range(place, move) for place in self.calls),
            function=_range(self.function, move) if self.function is not None else None,
        )


@dataclass(frozen=True)
class AgentNote:
    """The places that register something on an agent."""

    range: Range
    registrations: tuple[Range, ...]

    def moved(self, move: Callable[[int], int]) -> AgentNote:
        """The same where its lines are now."""
        places = tuple(_range(place, move) for place in self.registrations)
        return AgentNote(_range(self.range, move), places)


@dataclass(frozen=True)
class FunctionNote:
    """How a function is called by the framework that it is handed to, and by which contracts.
    ``end`` is where its header ends."""

    end: Position
    contracts: tuple[Callback, ...]
    places: tuple[Range, ...]

    @property
    def shapes(self) -> tuple[CallShape, ...]:
        """The calls, each once."""
        return tuple(dict.fromkeys(contract.shape for contract in self.contracts))

    def moved(self, move: Callable[[int], int]) -> FunctionNote:
        """The same where its lines are now."""
        end = Position(move(self.end.line), self.end.column)
        return replace(self, end=end, places=tuple(_range(place, move) for place in self.places))


@dataclass(frozen=True)
class Notes:
    """All notes on a file, or on a part of it."""

    registrations: tuple[RegistrationNote, ...] = ()
    agents: tuple[AgentNote, ...] = ()
    functions: tuple[FunctionNote, ...] = ()

    def moved(self, move: Callable[[int], int]) -> Notes:
        """The same where its lines are now."""
        return Notes(
            tuple(note.moved(move) for note in self.registrations),
            tuple(note.moved(move) for note in self.agents),
            tuple(note.moved(move) for note in self.functions),
        )


@dataclass
class Memory:
    """The notes on the parts of one file, by what a part is known by, and its lines then."""

    project: Project | None = None
    workspace: Workspace | None = None
    parts: dict[object, tuple[tuple[int, ...], Notes]] = field(default_factory=dict)


def notes_of(report: Report, memory: Memory | None = None) -> Notes:
    """The notes on the file of ``report``; ``memory`` is of the same file."""
    memory = memory if memory is not None else Memory()
    known = memory.parts
    if memory.project is not report.project or memory.workspace is not report.workspace:
        memory.project, memory.workspace, known = report.project, report.workspace, {}
    memory.parts = {}
    found: list[Notes] = []
    for part in report.parts():
        lines, notes = known.get(part.key) or (part.lines, _notes_of(part))
        if lines != part.lines:
            notes = notes.moved(_mover(lines, part.lines))
        memory.parts[part.key] = part.lines, notes
        found.append(notes)
    return Notes(
        tuple(sorted((n for each in found for n in each.registrations), key=_place)),
        tuple(sorted((n for each in found for n in each.agents), key=_place)),
        tuple(sorted((n for each in found for n in each.functions), key=lambda n: n.end)),
    )


def _place(note: RegistrationNote | AgentNote) -> Range:
    return note.range


def _mover(before: tuple[int, ...], now: tuple[int, ...]) -> Callable[[int], int]:
    """Where a line is now that its part, whose pieces began at ``before``, has them at ``now``."""

    def move(line: int) -> int:
        number = max(bisect_right(before, line) - 1, 0)
        return line + now[number] - before[number]

    return move


def _range(place: Range, move: Callable[[int], int]) -> Range:
    if place.path:
        return place
    start, end = place.start, place.end
    return Range(Position(move(start.line), start.column), Position(move(end.line), end.column))


def _notes_of(part: Part) -> Notes:
    model = part.model()
    if model is None:
        return Notes()
    mine = [r for r in model.registrations if not model.range(r.node).path]
    return Notes(
        tuple(_registration_notes(model, mine)),
        tuple(_agent_notes(model)),
        tuple(_function_notes(model)),
    )


# -- registrations ---------------------------------------------------------------------------


def _registration_notes(
    model: Model, registrations: Iterable[Registration]
) -> Iterator[RegistrationNote]:
    """One note a place; what differs from one walk of it to the next is left out."""
    by_place: dict[Range, list[RegistrationNote]] = {}
    for registration in registrations:
        note = _registration_note(model, registration)
        if note is not None:
            by_place.setdefault(note.range, []).append(note)
    for notes in by_place.values():
        yield _joined(notes)


def _joined(notes: list[RegistrationNote]) -> RegistrationNote:
    first = notes[0]
    calls = tuple(sorted({place for note in notes for place in note.calls}))
    same = all(note.place == first.place for note in notes)
    heard = all((n.fires_for, n.matches) == (first.fires_for, first.matches) for n in notes)
    return replace(
        first,
        calls=calls,
        place=first.place if same else None,
        fires_for=first.fires_for if heard else (),
        matches=first.matches if heard else (),
    )


def _registration_note(model: Model, registration: Registration) -> RegistrationNote | None:
    agent = registration.agent
    if agent is None or registration.is_own:
        return None
    function = registration.function
    note = RegistrationNote(
        model.range(registration.node),
        agent.label,
        function=model.range(function.node) if function is not None else None,
    )
    if registration.kind in ("reply", "nested"):
        return _reply_note(model, registration, note)
    if registration.kind == "hook":
        turns = [turn.entry for turn in _hook_turns(model, registration)]
        return replace(note, calls=_entries(model, turns))
    return None


def _reply_note(
    model: Model, registration: Registration, note: RegistrationNote
) -> RegistrationNote:
    assert registration.agent is not None
    order = model.order(registration.agent)
    index = order.index(registration) if order.exact else None
    heard = heard_by(model, registration)
    surely = _senders(each for each in heard if each.surely)
    perhaps = _senders(each for each in heard if not each.surely)
    return replace(
        note,
        fires_for=surely,
        matches=tuple(name for name in perhaps if name not in surely),
        place=(index + 1, len(order.slots)) if index is not None else None,
        calls=_entries(model, (each.turn.entry for each in heard)),
    )


def _senders(heard: Iterable[Heard]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_sender(each.turn) for each in heard))


def _sender(turn: Turn) -> str:
    """Who sends the message; "" where nobody does."""
    return turn.sender.label if turn.sender is not None else (turn.sender_class or "")


def _hook_turns(model: Model, registration: Registration) -> Iterator[Turn]:
    """The turns in which a hook is asked, as far as the kind of chat decides it."""
    hook = HOOKS.get(registration.hook_name or "")
    if registration.agent is None or hook is None or registration.function is None:
        return
    if registration.function.is_async and hook.callback.coroutine == "never":
        return
    if model.release not in hook.callback.versions:
        return
    name, agent = hook.callback.kind, registration.agent
    if name in REPLY_HOOKS:
        turns = real_turns(model, agent)
    elif name in SEND_HOOKS:
        calls = sends(model, agent)
        turns = [turn for turn in model.all_turns if turn.entry in calls]
    else:
        return
    for turn in turns:
        if model.release in hook.in_async if turn.is_async else hook.in_sync:
            yield turn


def _entries(model: Model, calls: Iterable[object]) -> tuple[Range, ...]:
    """Where those of ``calls`` stand that are entry calls."""
    wanted = {id(call) for call in calls}
    nodes = (entry.node for entry in model.entry_calls if id(entry.call) in wanted)
    return tuple(sorted({_head(model, node) for node in nodes}))


def _head(model: Model, node: ast.expr) -> Range:
    """The call without its arguments, which may be many lines."""
    return model.range(node.func if isinstance(node, ast.Call) else node)


# -- agents ----------------------------------------------------------------------------------


def _agent_notes(model: Model) -> Iterator[AgentNote]:
    found: dict[Range, set[Range]] = {}
    for registration in model.registrations:
        agent = registration.agent
        made = agent.node if agent is not None else None
        if made is None or registration.node is made:
            continue
        place = model.range(made)
        if not place.path:
            found.setdefault(place, set()).add(_head(model, registration.node))
    for place, registrations in found.items():
        yield AgentNote(place, tuple(sorted(registrations)))


# -- functions -------------------------------------------------------------------------------


def _function_notes(model: Model) -> Iterator[FunctionNote]:
    handed: dict[int, tuple[ast.FunctionDef | ast.AsyncFunctionDef, list[Registration]]] = {}
    for registration in model.registrations:
        function = registration.function
        node = function.node if function is not None else None
        if registration.contract is None or not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef
        ):
            continue
        if model.release in registration.contract.versions and not model.range(node).path:
            handed.setdefault(id(node), (node, []))[1].append(registration)
    for node, registrations in handed.values():
        end = _header_end(model.source, node)
        if end is not None:
            contracts = dict.fromkeys(r.contract for r in registrations if r.contract is not None)
            places = tuple(sorted({_head(model, r.node) for r in registrations}))
            yield FunctionNote(end, tuple(contracts), places)


def _header_end(
    source: SourceText, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Position | None:
    """Behind the colon that ends the header; None where the body stands on the same line."""
    text = "".join(
        f"{source.line(number)}\n" for number in range(node.lineno - 1, node.body[0].lineno)
    )
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type != tokenize.OP:
                continue
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and depth == 0:
                line = node.lineno - 1 + token.end[0] - 1
                is_alone = line < node.body[0].lineno - 1
                return Position(line, token.end[1]) if is_alone else None
    except (tokenize.TokenError, SyntaxError):
        pass
    return None


__all__ = ["AgentNote", "FunctionNote", "Memory", "Notes", "RegistrationNote", "notes_of"]
