"""Let a stream be used."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Patch
from callscope.fixes._statements import block_of
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding


class FixStream(FixProvider):
    """Enters the context that ``IOStream.set_default`` gives, or sets the stream for all."""

    codes = frozenset({"CB411"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``with`` around what follows; or ``set_global_default``."""
        node = expression_at(model, finding.range)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        if node.func.attr != "set_default":
            return
        function = node.func

        def entered(text: str) -> str:
            patch = Patch(model, text)
            _put_in_with(patch, patch.statement(node))
            return patch.finish()

        def for_all(text: str) -> str:
            patch = Patch(model, text)
            end = patch.end(function)
            patch.change(end - len("default"), end, "global_default")
            return patch.finish()

        yield Proposal(
            "Use the stream for what follows: `with ...set_default(...):`", Safety.UNSAFE, entered
        )
        yield Proposal(
            "Use the stream everywhere: `set_global_default(...)`", Safety.UNSAFE, for_all
        )


def _put_in_with(patch: Patch, statement: ast.stmt) -> None:
    """Make the statement the head of a ``with`` over the rest of its block."""
    block = block_of(patch, statement)
    following = block[block.index(statement) + 1 :]
    if not following or not all(patch.owns_its_lines(s) for s in (statement, *following)):
        raise CannotFix("nothing follows")
    patch.insert(patch.start(statement), "with ")
    patch.insert(patch.end(statement), ":")
    for line in range(patch.last_line(statement) + 1, patch.last_line(following[-1]) + 1):
        if patch.source.line(line).strip() and line not in patch.lines_in_strings:
            patch.insert(patch.line_start(line), patch.indent_unit)
