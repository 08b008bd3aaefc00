"""Register on the agent that is meant, where only one can be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Patch, proposal
from callscope.fixes._references import is_function
from callscope.fixes._statements import block_of
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.registrations import Registration
from callscope.model.values import External
from callscope.rules.base import Finding


class FixRegisteredOnClass(FixProvider):
    """Puts the one agent of the class in the place of the class."""

    codes = frozenset({"CB214"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Nothing where there are several agents of that class, or none."""
        node = expression_at(model, finding.range)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        owners = {(c.path or "").rpartition(".")[0] for c in model.calls if c.node is node}
        if len(owners) != 1:
            return
        wanted = model.interpreter.loads.get(id(node.func.value)) or External(owners.pop())
        fitting = [agent for agent in model.agents if agent.is_a(wanted) is not False]
        if len(fitting) == 1 and fitting[0].is_a(wanted) and not fitting[0].instance.many:
            yield from _on(model, node, fitting[0])


class FixSafeguardPlace(FixProvider):
    """Moves a safeguard for tools to the agent that runs them."""

    codes = frozenset({"CB509"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where one agent runs them all; if it has the safeguard already, this one can go."""
        about = finding.about
        if not isinstance(about, Registration) or about.agent is None:
            return
        here = [r for r in model.registrations if r.node is about.node]
        executor = _executor(model, about.agent)
        if executor is None or not isinstance(about.node, ast.Call) or len(here) != 1:
            return
        if _has_safeguard(model, executor, about):
            yield proposal(
                model,
                f"Delete it: `{executor.label}`, which runs the tools, has this safeguard",
                Safety.SAFE,
                lambda patch: _delete(patch, about.node),
            )
        else:
            yield from _on(model, about.node, executor)


def _on(model: Model, node: ast.Call, agent: Agent) -> Iterator[Proposal]:
    """The call ``node`` with ``agent`` as its receiver."""
    func, name = node.func, name_of_agent(model, agent, node)
    if isinstance(func, ast.Attribute) and name is not None:
        yield proposal(
            model,
            f"Register it on `{name}`",
            Safety.UNSAFE,
            lambda patch: patch.replace(func.value, name),
        )


def _executor(model: Model, agent: Agent) -> Agent | None:
    """The only agent that runs what ``agent`` or its partners ask for."""
    partners = model.tools.responders(agent).agents
    running = {e.agent for e in model.tools.executions if e.agent in partners}
    found = next(iter(running), None)
    return found if len(running) == 1 else None


def _has_safeguard(model: Model, agent: Agent, about: Registration) -> bool:
    known = about.function
    return known is not None and any(
        other.hook_name == about.hook_name and is_function(other.callback, known.node)
        for other in model.registrations_on(agent)
    )


def _delete(patch: Patch, node: ast.expr) -> None:
    statement = patch.statement(node)
    if not isinstance(statement, ast.Expr) or statement.value is not node:
        raise CannotFix("part of something else")
    if len(block_of(patch, statement)) == 1:
        raise CannotFix("the only statement of its block")
    patch.remove_statement(statement)
