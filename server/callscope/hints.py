"""What stands behind the header of a function that is handed over: how it is called."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.check import Report
from callscope.contracts.classic.callbacks import Callback, CallShape
from callscope.notes import FunctionNote, Memory, notes_of
from callscope.source import Position, Range

_MOST = 43
"""VS Code cuts what is longer."""


@dataclass(frozen=True)
class Hint:
    """A text shown at ``position``, with more to read (Markdown), and the place it leads to."""

    position: Position
    label: str
    tooltip: str
    place: Range


def hints(report: Report, span: Range, memory: Memory | None = None) -> list[Hint]:
    """The hints in a part of a file."""
    return [
        _of_function(note) for note in notes_of(report, memory).functions if span.contains(note.end)
    ]


def _of_function(note: FunctionNote) -> Hint:
    calls = " and ".join(_call(shape) for shape in note.shapes)
    label = f"called as {calls}"
    if len(label) > _MOST:
        label = f"as {calls}"
    tooltip = "\n\n".join(dict.fromkeys(_contract(contract) for contract in note.contracts))
    return Hint(note.end, label, tooltip, note.places[0])


def _call(shape: CallShape) -> str:
    return f"({', '.join((*shape.positional, *(f'{name}=' for name in shape.keywords)))})"


def _contract(contract: Callback) -> str:
    head = f"**{contract.title}**"
    call = f"called as `{_call(contract.shape)}`, returns {contract.returns}"
    return f"{head}: {call}.\n\n{contract.fires}".rstrip()
