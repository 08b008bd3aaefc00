"""Let a stream hear the chats that it is set for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import remove_keyword, written_argument
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.rules.base import Finding


class FixSilentChat(FixProvider):
    """Takes ``silent=True`` from the chats in the block that a stream is set for."""

    codes = frozenset({"CB426"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """From all of them: each is silenced, or there would be no finding."""
        about = finding.about
        if not isinstance(about, EntryCall):
            return

        def change(patch: Patch) -> None:
            block = _block(patch, about, finding)
            inside = {id(node) for node in ast.walk(block)}
            chats = {id(e.node): e for e in model.entry_calls if id(e.node) in inside}
            for chat in chats.values():
                _let_speak(patch, chat)

        yield proposal(
            model, "Let the stream hear the messages: without `silent=True`", Safety.UNSAFE, change
        )


def _block(patch: Patch, chat: EntryCall, finding: Finding) -> ast.With:
    """The ``with`` that sets the stream."""
    opened = finding.evidence[0].range
    for above in patch.ancestors(chat.node):
        if isinstance(above, ast.With) and any(
            patch.model.range(item.context_expr) == opened for item in above.items
        ):
            return above
    raise CannotFix("not in view")


def _let_speak(patch: Patch, chat: EntryCall) -> None:
    given = written_argument(patch.model, chat, "silent")
    if given is None or not isinstance(chat.node, ast.Call):
        raise CannotFix("not written in the call")
    if given in chat.node.args:
        patch.replace(given, "False")
    else:
        remove_keyword(patch, chat.node, "silent")
