"""Let the policies of a group chat have a say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.fixes._arguments import remove_keyword
from callscope.fixes._patch import proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding

_POLICIES, _SELECTOR = "eligibility_policies", "speaker_selection_method"


class FixPolicy(FixProvider):
    """Has AutoGen select the speakers; or does without the policies."""

    codes = frozenset({"CB416"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Either the selector or the policies have to go; the titles say which do."""
        for group in model.group_chats:
            call = group.call.node
            if not isinstance(call, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            policies, selector = given.get(_POLICIES), given.get(_SELECTOR)
            if policies is None or selector is None or model.range(policies) != finding.range:
                continue
            yield _select_in_turn(model, selector)
            yield proposal(
                model,
                "Delete the policies: the selector decides",
                Safety.UNSAFE,
                partial(remove_keyword, call=call, name=_POLICIES),
            )
            return


def _select_in_turn(model: Model, selector: ast.expr) -> Proposal:
    shown = f"`{ast.unparse(selector)}`" if isinstance(selector, ast.Name) else "the selector"
    return proposal(
        model,
        f"Select in turn instead of by {shown}, so that the policies are asked",
        Safety.UNSAFE,
        lambda patch: patch.replace(selector, '"round_robin"'),
    )
