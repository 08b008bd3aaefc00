"""Let the policies of a group chat have a say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding

_POLICIES, _SELECTOR = "eligibility_policies", "speaker_selection_method"


class FixPolicy(FixProvider):
    """Has AutoGen select the speakers in turn, as far as the policies allow."""

    codes = frozenset({"CB416"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The selector has to go, which the title says."""
        for group in model.group_chats:
            call = group.call.node
            if not isinstance(call, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            policies, selector = given.get(_POLICIES), given.get(_SELECTOR)
            if policies is None or selector is None or model.range(policies) != finding.range:
                continue
            shown = f"`{selector.id}`" if isinstance(selector, ast.Name) else "the selector"
            yield proposal(
                model,
                f"Select in turn instead of by {shown}, so that the policies are asked",
                Safety.UNSAFE,
                partial(Patch.replace, node=selector, code='"round_robin"'),
            )
            return
