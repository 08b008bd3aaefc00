"""Let two registrations change places."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.fixes._statements import move_behind
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixOrder(FixProvider):
    """Registers last what is to be tried first."""

    codes = frozenset({"CB403"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Move the registration that is shadowed behind the one that shadows it."""
        back = finding.about
        if not isinstance(back, Registration) or back.kind == "termination":
            return
        places = [link.range for link in finding.evidence[:1]]
        front = next((r for r in model.registrations if model.range(r.node) in places), None)
        if front is None or front is back:
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            _move_behind(patch, back.node, front.node)
            return patch.finish()

        what = "the nested chats" if back.kind == "nested" else f"`{back.callback_name}`"
        title = f"Register {what} after `{front.callback_name}`, to be tried before it"
        yield Proposal(title, Safety.UNSAFE, rewrite)


def _move_behind(patch: Patch, node: ast.AST, other: ast.AST) -> None:
    """Move the statement of ``node`` behind that of ``other``."""
    moved, last = patch.statement(node), patch.statement(other)
    for statement, call in ((moved, node), (last, other)):
        if not isinstance(statement, ast.Expr) or statement.value is not call:
            raise CannotFix("part of something else")
    move_behind(patch, moved, last)
