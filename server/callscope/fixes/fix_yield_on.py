"""Ask a run for the events that its loop waits for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.events import ENDS_THE_LOOP
from callscope.fixes._arguments import add_item, expression_at, only_value
from callscope.fixes._patch import Definition, Patch, bound_names, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding


class FixYieldOn(FixProvider):
    """Adds the event that a branch waits for to ``yield_on``."""

    codes = frozenset({"CB418"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not for what ends the loop, which no filter lets through."""
        check = expression_at(model, finding.range)
        run = expression_at(model, finding.evidence[0].range)
        if not isinstance(check, ast.Call) or not isinstance(run, ast.Call):
            return
        tested = check.args[1]
        parts = tested.elts if isinstance(tested, ast.Tuple) else [tested]
        wanted = [part for part in parts if _last_name(part) not in ENDS_THE_LOOP]
        if len(wanted) != len(parts):
            return
        listed = next((k.value for k in run.keywords if k.arg == "yield_on"), None)

        def change(patch: Patch) -> None:
            display = only_value(patch, listed) if isinstance(listed, ast.Name) else listed
            if not isinstance(display, ast.List):
                raise CannotFix("not written out")
            for part in wanted:
                _require_name(patch, part, display)
            add_item(patch, display, ", ".join(map(patch.text, wanted)))

        names = " and ".join(f"`{ast.unparse(part)}`" for part in wanted)
        yield proposal(model, f"Ask for {names} as well, in `yield_on`", Safety.UNSAFE, change)


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _require_name(patch: Patch, part: ast.expr, near: ast.AST) -> None:
    """Raises CannotFix where ``part`` may mean something else, or nothing, at ``near``."""
    root = part
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in patch.model.module_scope.names:
        raise CannotFix("not a name of the module")
    for above in patch.ancestors(near):
        if isinstance(above, Definition) and root.id in bound_names(above):
            raise CannotFix("means something else there")
