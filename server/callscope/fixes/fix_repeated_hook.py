"""Remove the second registration of a hook, which raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixRepeatedHook(FixProvider):
    """Deletes a ``register_hook`` that only says again what an earlier one has said."""

    codes = frozenset({"CB210"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Take the line out; where it runs for other agents too, it has to stay."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        runs = {r.agent for r in model.registrations if r.node is about.node}
        if len(runs) > 1:
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            statement = patch.statement(about.node)
            if not isinstance(statement, ast.Expr) or statement.value is not about.node:
                raise CannotFix("part of something else")
            if not _has_company(patch, statement):
                raise CannotFix("the only statement of its block")
            patch.remove_statement(statement)
            return patch.finish()

        yield Proposal("Delete this second registration", Safety.SAFE, rewrite)


def _has_company(patch: Patch, statement: ast.stmt) -> bool:
    """Whether the block around ``statement`` holds anything else."""
    above = patch.parents.get(id(statement))
    for name in ("body", "orelse", "finalbody"):
        block = getattr(above, name, [])
        if isinstance(block, list) and statement in block:
            return len(block) > 1
    return False
