"""Let the agent that gets code run it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.involvement import calls_with, entry_of
from callscope.model.values import NONE, Constant
from callscope.rules.base import Finding

_CONFIG = "code_execution_config"


class FixIdleExecutor(FixProvider):
    """Exchanges the ``code_execution_config`` of the two agents of a chat."""

    codes = frozenset({"CB407"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where the agent with the executor has one partner, which runs no code."""
        for agent in model.agents:
            given = _written(agent)
            if given is None or model.range(given) != finding.range:
                continue
            calls = {id(call.node): call for call in calls_with(model, agent)}.values()
            entries = [entry for call in calls if (entry := entry_of(model, call)) is not None]
            sides = {side for entry in entries for side in (entry.agent, entry.partner)}
            others = sides - {agent, None}
            other = others.pop() if len(others) == 1 else None
            if other is not None and other.argument(_CONFIG) in (None, NONE, Constant(False)):
                yield _exchanged(model, given, other)


def _written(agent: Agent) -> ast.expr | None:
    made = agent.node
    keywords = made.keywords if isinstance(made, ast.Call) else []
    return next((k.value for k in keywords if k.arg == _CONFIG), None)


def _exchanged(model: Model, given: ast.expr, other: Agent) -> Proposal:
    def change(patch: Patch) -> None:
        made, own = other.node, _written(other)
        if not isinstance(made, ast.Call) or patch.function(made) is not patch.function(given):
            raise CannotFix("may mean something else there")
        text = patch.text(given)
        patch.replace(given, "False")
        if own is not None:
            patch.replace(own, text)
        else:
            add_keyword(patch, made, f"{_CONFIG}={text}")

    title = f"Let `{other.label}`, which gets the code, run it"
    return proposal(model, title, Safety.UNSAFE, change)
