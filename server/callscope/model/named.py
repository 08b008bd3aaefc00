"""What is named by a text instead of imported: jobs, tasks and applications.

``queue.enqueue("jobs.answer")`` and ``uvicorn.run("app:app")`` mean modules of the project that the
program itself does not import.
"""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.boundaries import DECORATORS, DISPATCHES, DJANGO, NAMES, SENDS
from callscope.model.events import Call
from callscope.model.values import Constant, Sequence, Value


def modules_named(call: Call) -> Iterator[str]:
    """The dotted paths of modules, or of what stands in them, that a call is given as texts."""
    row = SENDS.get(call.path or "")
    if row is not None and row.by_name:
        yield from texts_in(call.arguments.get(row.index, row.name))
    for name in NAMES.get(call.path or "", ()):
        yield from texts_in(call.arguments.get(name.index, name.keyword), name.suffix)


def texts_in(value: Value | None, suffix: str = "") -> Iterator[str]:
    """``value`` if it is a text, or the texts that it holds, each with ``suffix``."""
    for item in value.items if isinstance(value, Sequence) else [value]:
        if isinstance(item, Constant) and isinstance(item.value, str):
            yield item.value + suffix


def engine_of(call: Call) -> str | None:
    """The engine whose tasks ``call`` makes or sends off, or that it starts."""
    path = call.path or ""
    if path == DJANGO:
        return "django"
    boundary = DECORATORS.get(path) or DISPATCHES.get(path)
    sends = SENDS.get(path)
    if boundary is None and sends is not None:
        boundary = sends.boundary
    return boundary.engine if boundary is not None else None
