"""Give an async reply function a name that makes no twin of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._references import mentions
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.rules.base import Finding


class FixAsyncTwin(FixProvider):
    """Renames the async function, so that its sync namesake is asked as well."""

    codes = frozenset({"CB415"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``a_audit`` becomes ``audit_async``, wherever the file speaks of it."""
        if not finding.evidence:
            return
        node = expression_at(model, finding.evidence[0].range)
        twin = next((r.function for r in model.registrations if r.node is node), None)
        if twin is None or twin.function.owner is not None or twin.through != "plain":
            return
        name = Patch(model).free_name(f"{twin.name.removeprefix('a_')}_async")
        yield proposal(
            model,
            f"Rename `{twin.name}` to `{name}`, so that both are asked",
            Safety.UNSAFE,
            lambda patch: _rename(patch, twin, name),
        )


def _rename(patch: Patch, known: Callable, name: str) -> None:
    node = known.node
    if not isinstance(node, Definition):
        raise CannotFix("no name to change")
    found = list(mentions(patch, known))
    if known.name in _other_meanings(patch, known, found):
        raise CannotFix("the name means something else, too")
    places = [token for token in patch.tokens_of(node) if token.text == known.name]
    if not places:
        raise CannotFix("not understood")
    patch.change(places[0].start, places[0].end, name)
    for mention in found:
        patch.replace(mention, name)


def _other_meanings(patch: Patch, known: Callable, found: list[ast.expr]) -> set[str]:
    """The name, if anything else in the file is called so, or speaks of it in a string."""
    used = {id(mention) for mention in found}
    for node in ast.walk(patch.tree):
        words = [getattr(node, field, None) for field in ("id", "arg", "name", "asname", "value")]
        if known.name in words and id(node) not in used and node is not known.node:
            return {known.name}
    return set()
