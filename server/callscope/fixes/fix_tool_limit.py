"""Let an agent come to its tools."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import remove_keyword
from callscope.fixes._patch import proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

_LIMIT = "max_consecutive_auto_reply"


class FixToolLimit(FixProvider):
    """Takes the limit from an agent that is not to reply at all."""

    codes = frozenset({"CB508"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where the limit is written in the constructor."""
        agent = finding.about.agent if isinstance(finding.about, Registration) else None
        made = agent.node if agent is not None else None
        if agent is None or not isinstance(made, ast.Call) or agent.max_auto_reply != 0:
            return
        yield proposal(
            model,
            f"Let `{agent.label}` reply: without `{_LIMIT}=0`",
            Safety.UNSAFE,
            lambda patch: remove_keyword(patch, made, _LIMIT),
        )
