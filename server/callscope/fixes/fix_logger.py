"""Start a logger before what it is to hear of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Patch, proposal
from callscope.fixes._statements import block_of, move_with_needs, side_by_side
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding


class FixLogger(FixProvider):
    """Moves ``runtime_logging.start`` in front of the first agent."""

    codes = frozenset({"CB420"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Only for a logger of agents; that an async chat logs less cannot be changed."""
        start = expression_at(model, finding.range)
        if not isinstance(start, ast.Call):
            return

        def change(patch: Patch) -> None:
            moved = patch.statement(start)
            if not isinstance(moved, ast.Expr | ast.Assign) or moved.value is not start:
                raise CannotFix("part of something else")
            made = [expression_at(model, link.range) for link in finding.evidence]
            places = [_beside(patch, node, start) for node in made]
            block = block_of(patch, moved)
            move_with_needs(patch, moved, min(places, key=block.index))

        yield proposal(model, "Start the logger before the agents are made", Safety.UNSAFE, change)


def _beside(patch: Patch, made: ast.expr | None, start: ast.Call) -> ast.stmt:
    """The statement that makes the agent, or calls what makes it, in the block of ``start``."""
    if made is None:
        raise CannotFix("in another module")
    place, moved = side_by_side(patch, made, start)
    if moved is not patch.statement(start):
        raise CannotFix("in another function")
    return place
