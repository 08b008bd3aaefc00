"""Let an agent come to its tools."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at, remove_keyword
from callscope.fixes._patch import Definition, Patch, proposal, uses_of
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

_LIMIT = "max_consecutive_auto_reply"
_MESSAGES = 1  # the place of the messages among the parameters of a reply function


class FixToolLimit(FixProvider):
    """Takes the limit from an agent that is not to reply; or lets a reply function in front pass
    what is meant for the tools."""

    codes = frozenset({"CB508"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """By what keeps the agent from its tools, if that is written in the file."""
        agent = finding.about.agent if isinstance(finding.about, Registration) else None
        if agent is None or not finding.evidence:
            return
        node = expression_at(model, finding.evidence[0].range)
        title = f"Let `{agent.label}` reply: without `{_LIMIT}=0`"
        if isinstance(node, ast.Call) and node is agent.node:
            made = node
            if agent.max_auto_reply == 0:
                yield proposal(
                    model, title, Safety.UNSAFE, lambda patch: remove_keyword(patch, made, _LIMIT)
                )
            return
        first = next((r for r in model.registrations_on(agent) if r.node is node), None)
        known = first.function if first is not None and first.kind == "reply" else None
        if known is not None and isinstance(known.node, Definition):
            yield proposal(
                model,
                f"Let tool calls pass in `{known.name}`",
                Safety.UNSAFE,
                lambda patch: _let_pass(patch, known),
            )


def _let_pass(patch: Patch, known: Callable) -> None:
    """Give no reply to a message that asks for a tool."""
    if isinstance(known.node, ast.Lambda) or len(known.parameters) < _MESSAGES + 1:
        raise CannotFix("gets no messages")
    name = known.parameters[_MESSAGES].name
    if any(isinstance(use.ctx, ast.Store) for use in uses_of(known.node, name)):
        raise CannotFix("means something else")
    test = f'if {name}[-1].get("tool_calls") or {name}[-1].get("function_call"):'
    patch.insert_first(known.node, f"{test}\n{patch.indent_unit}return False, None")
