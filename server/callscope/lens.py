"""What stands above registrations and agents, with the places that it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callscope.check import Report
from callscope.notes import AgentNote, Memory, RegistrationNote, notes_of
from callscope.rules import Finding, Severity
from callscope.source import Range

_MOST_SENDERS = 2
_NEVER = re.compile(r"\bnever (?:fires|runs|called|asked)\b.*", re.DOTALL)

# A statement that is being typed and holds one of these may change who is asked, and when.
_TELLING = re.compile(r"regist|repl|_func_list")


@dataclass(frozen=True)
class Lens:
    """A line of text above ``range``; ``places`` is what it is about."""

    range: Range
    title: str
    places: tuple[Range, ...]


def lenses(report: Report, memory: Memory | None = None) -> list[Lens]:
    """The lenses of a file, from its top to its end."""
    notes = notes_of(report, memory)
    grave = [f for f in report.findings if f.severity is not Severity.INFORMATION]
    unread = list(report.unread())
    found = [_of_agent(note) for note in notes.agents]
    for note in notes.registrations:
        wrong = [finding for finding in grave if _is_about(finding, note)]
        lens = _warning(note, wrong)
        if lens is None:
            doubtful = any(_may_change(text, note.agent) for text in unread)
            lens = _of_registration(note, is_right=not wrong, is_known=not doubtful)
        if lens is not None:
            found.append(lens)
    return sorted(found, key=lambda lens: lens.range)


def _of_agent(note: AgentNote) -> Lens:
    count = len(note.registrations)
    return Lens(note.range, _counted(count, "registration"), note.registrations)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _is_about(finding: Finding, note: RegistrationNote) -> bool:
    places = [note.range, *([note.function] if note.function is not None else [])]
    return any(place.overlaps(finding.range) for place in places)


def _warning(note: RegistrationNote, wrong: Iterable[Finding]) -> Lens | None:
    """What a finding says, if that is that the callback never fires."""
    for finding in wrong:
        never = _NEVER.search(finding.message)
        if never is not None:
            places = tuple(link.range for link in finding.evidence)
            return Lens(note.range, never.group(), places or (finding.range,))
    return None


def _of_registration(note: RegistrationNote, *, is_right: bool, is_known: bool) -> Lens | None:
    parts = list(_parts(note, is_right=is_right, is_known=is_known))
    return Lens(note.range, " · ".join(parts), note.calls or (note.range,)) if parts else None


def _may_change(statement: str, agent: str) -> bool:
    """Whether a statement that cannot be read may have to do with the replies of ``agent``."""
    return _TELLING.search(statement) is not None or (bool(agent) and agent in statement)


def _parts(note: RegistrationNote, *, is_right: bool, is_known: bool) -> Iterator[str]:
    if is_right and is_known:
        if note.fires_for == ("",):
            yield "fires without a sender"
        elif note.fires_for:
            yield f"fires for {_listed(note.fires_for)}"
        if note.matches:
            yield f"matches {_listed(note.matches)}"
    if note.place is not None and is_known:
        number, length = note.place
        yield f"tried {_ordinal(number)} of {length}"
    if note.calls:
        yield _counted(len(note.calls), "entry call")


def _listed(senders: Iterable[str]) -> str:
    """The names of senders, of many only the first."""
    names = [f"`{name}`" if name else "calls without a sender" for name in senders]
    if len(names) > _MOST_SENDERS + 1:
        names = [*names[:_MOST_SENDERS], f"{len(names) - _MOST_SENDERS} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
