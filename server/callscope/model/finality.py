"""Whether a reply function's reply is final, as far as its ``return`` statements tell."""

from __future__ import annotations

from collections.abc import Iterable

from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import Constant, Function, Sequence, Value, options


def is_final(returned: Iterable[Value]) -> bool | None:
    """True if every pair in ``returned`` begins with True, False if every one begins with False;
    None if they differ, or one is not known."""
    answers = {_first(option) for value in returned for option in options(value)}
    return answers.pop() if len(answers) == 1 else None


def _first(value: Value) -> bool | None:
    if not isinstance(value, Sequence) or value.kind == "set" or not value.exact:
        return None
    if len(value.items) != 2 or not isinstance(value.items[0], Constant):
        return None
    first = value.items[0].value
    return first if isinstance(first, bool) else None


def reply_function(registration: Registration) -> Callable | None:
    """The function whose returned pair decides, if its value reaches AutoGen as it is."""
    known = registration.function
    if registration.kind != "reply" or known is None or not isinstance(known.function, Function):
        return None
    return known
