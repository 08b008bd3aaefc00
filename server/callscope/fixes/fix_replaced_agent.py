"""Register on the agent that is used, not on the one that was thrown away."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._statements import bound_by, move_behind, names_read, statements_between
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixReplacedAgent(FixProvider):
    """Moves a registration behind the statement that makes the agent anew."""

    codes = frozenset({"CB406"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Within one block, where nothing in between needs what is registered."""
        about = finding.about
        if not isinstance(about, Registration) or not finding.evidence:
            return
        again = expression_at(model, finding.evidence[-1].range)
        if again is None:
            return

        def change(patch: Patch) -> None:
            moved, last = _registering(patch, about), patch.statement(again)
            for statement in statements_between(patch, moved, last)[1:]:
                if bound_by(moved) & (names_read(statement) | bound_by(statement)):
                    raise CannotFix("needed in between")
                if bound_by(statement) & (names_read(moved) - bound_by(last)):
                    raise CannotFix("means something else behind it")
            if bound_by(moved) & names_read(last):
                raise CannotFix("needed there")
            move_behind(patch, moved, last)

        yield proposal(
            model,
            f"Move the registration down, behind line {model.line(again)}",
            Safety.UNSAFE,
            change,
        )


def _registering(patch: Patch, about: Registration) -> ast.stmt:
    """The statement that registers; for a decorator the function, if it has no other."""
    statement = patch.statement(about.node)
    if isinstance(statement, Definition) and len(statement.decorator_list) == 1:
        return statement
    if isinstance(statement, ast.Expr):
        return statement
    raise CannotFix("part of something else")
