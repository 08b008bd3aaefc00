"""Give a capability to an agent."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding

_MOST_AGENTS = 4


class FixCapability(FixProvider):
    """Adds the ``add_to_agent`` that is missing."""

    codes = frozenset({"CB417"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """One proposal for each agent that has a name there; those with a model first."""
        node = expression_at(model, finding.range)
        if node is None:
            return
        agents = sorted(model.agents, key=lambda agent: agent.row.llm == "off")
        for agent in agents[:_MOST_AGENTS]:
            name = name_of_agent(model, agent, node)
            if name is not None and agent.row.name != "GroupChatManager":
                yield _added(model, node, name)


def _added(model: Model, node: ast.expr, agent: str) -> Proposal:
    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        statement = patch.statement(node)
        if isinstance(statement, ast.Expr) and statement.value is node:
            patch.insert(patch.end(node), f".add_to_agent({agent})")
        elif (
            isinstance(statement, ast.Assign)
            and statement.value is node
            and len(statement.targets) == 1
            and isinstance(statement.targets[0], ast.Name | ast.Attribute)
        ):
            kept = patch.text(statement.targets[0])
            patch.put_after(statement, f"{kept}.add_to_agent({agent})")
        else:
            raise CannotFix("part of something else")
        return patch.finish()

    return Proposal(f"Give it to `{agent}`: `add_to_agent({agent})`", Safety.UNSAFE, rewrite)
