"""Name the function that the list of reply functions holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import MANAGER_REPLIES
from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding


class FixReplacement(FixProvider):
    """Takes a built-in reply function from its class instead of from an agent."""

    codes = frozenset({"CB409"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``ConversableAgent.generate_oai_reply`` for ``agent.generate_oai_reply``."""
        node = expression_at(model, finding.range)
        if not isinstance(node, ast.Attribute):
            return
        name = node.attr
        owner = "GroupChatManager" if name in MANAGER_REPLIES else "ConversableAgent"

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            patch.replace(node, f"{patch.framework_name(owner, patch.statement(node))}.{name}")
            return patch.finish()

        yield Proposal(f"Name the function itself: `{owner}.{name}`", Safety.UNSAFE, rewrite)
