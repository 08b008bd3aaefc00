"""Complete the entries of a chat queue."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at, set_entry
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.model.values import Constant, Mapping, Sequence
from callscope.rules.base import Finding

# What AutoGen itself starts the first of several nested chats with.
_LAST_MESSAGE = 'lambda recipient, messages, sender, config: messages[-1]["content"]'

_REPEATED = (
    ast.For
    | ast.AsyncFor
    | ast.While
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)


class FixChatQueue(FixProvider):
    """Gives a nested chat a message, and an async one its ``chat_id``."""

    codes = frozenset({"CB425"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The message that the first chat starts with by default; a number that is free."""
        place = expression_at(model, finding.range)
        if place is None:
            return
        if not isinstance(finding.about, EntryCall):
            yield proposal(
                model,
                "Start it with the last message of the chat around it",
                Safety.UNSAFE,
                lambda patch: _set_message(patch, place),
            )
            return
        number = _free_id(finding.about, place)
        yield proposal(
            model,
            f"Give it the `chat_id` {number}",
            Safety.SAFE,
            lambda patch: _set_id(patch, place, number),
        )


def _set_message(patch: Patch, place: ast.expr) -> None:
    set_entry(patch, place, "message", _LAST_MESSAGE)


def _set_id(patch: Patch, place: ast.expr, number: int) -> None:
    if any(isinstance(above, _REPEATED) for above in patch.ancestors(place)):
        raise CannotFix("one entry stands for several chats")
    set_entry(patch, place, "chat_id", str(number))


def _free_id(entry: EntryCall, place: ast.expr) -> int:
    """The number that others wait for and nobody has; else the first that is free."""
    queue = entry.argument("chat_queue")
    chats = queue.items if isinstance(queue, Sequence) and queue.exact else []
    if sum(isinstance(c, Mapping) and c.values.get("recipient") is place for c in chats) != 1:
        raise CannotFix("one entry stands for several chats")
    taken: set[object] = set()
    wanted: set[object] = set()
    for chat in chats:
        if not isinstance(chat, Mapping) or not chat.exact:
            raise CannotFix("not known")
        if "chat_id" in chat.items:
            taken.add(_number(chat.items["chat_id"]))
        before = chat.items.get("prerequisites")
        wanted.update(map(_number, before.items if isinstance(before, Sequence) else ()))
    missing = wanted - taken
    if len(missing) > 1 or (missing and len(chats) - len(taken) > 1):
        raise CannotFix("which one the others wait for is not known")
    numbers = [*missing, *range(1, len(chats) + 1)]
    return next(n for n in numbers if isinstance(n, int) and n not in taken)


def _number(value: object) -> int:
    if not isinstance(value, Constant) or not isinstance(value.value, int):
        raise CannotFix("not known")
    return value.value
