"""Objects handed to AutoGen, each of whose known methods is a callback of its own."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.objects import BY_CALL, BY_METHOD, Handed
from callscope.model.events import Call
from callscope.model.registrations import Registration, agent_method, element_node
from callscope.model.values import BoundMethod, Function, Instance, Sequence, UserClass, Value


def object_callbacks_of(call: Call) -> Iterator[Registration]:
    """The methods that AutoGen will call of the objects that ``call`` hands over."""
    found = agent_method(call)
    if found is None:
        for handed in BY_CALL.get(call.path or "", ()):
            yield from _methods(call, handed)
    elif not found[2]:
        for handed in BY_METHOD.get(found[0], ()):
            yield from _methods(call, handed)


def _methods(call: Call, handed: Handed) -> Iterator[Registration]:
    given = call.arguments.get(handed.index, handed.argument)
    node = call.arguments.node(handed.index, handed.argument)
    items = given.items if isinstance(given, Sequence) else [given] if given is not None else []
    for index, item in enumerate(items):
        owner = _owner(item, handed.is_class)
        place = element_node(node, index, len(items))
        for row in handed.methods if owner is not None else ():
            function = owner.find(row.kind) if owner is not None else None
            if isinstance(function, Function):
                method = BoundMethod(item, function)
                yield Registration(row.kind, call, None, method, place, row)


def _owner(item: Value, is_class: bool) -> UserClass | None:
    """The class of this file whose methods are called; None for any other object."""
    owner = item if is_class else item.type if isinstance(item, Instance) else None
    return owner if isinstance(owner, UserClass) else None
