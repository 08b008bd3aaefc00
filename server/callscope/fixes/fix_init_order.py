"""Register when what it needs is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at, quoted_like
from callscope.fixes._patch import Patch
from callscope.fixes._statements import block_of, move_behind
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.rules.base import Finding


class FixRegisteredTooEarly(FixProvider):
    """Moves a registration behind what sets its agent up, or what would undo it."""

    codes = frozenset({"CB215", "CB216"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Within one block."""
        node = expression_at(model, finding.range)
        if node is None:
            return
        if not finding.evidence:
            yield from _register_client(finding, model, node)
            return
        last = expression_at(model, finding.evidence[0].range)
        if last is None:
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            move_behind(patch, patch.statement(node), patch.statement(last))
            return patch.finish()

        line = model.line(last)
        yield Proposal(f"Move it down, behind line {line}", Safety.SAFE, rewrite)


def _register_client(finding: Finding, model: Model, made: ast.expr) -> Iterator[Proposal]:
    """Register the client of that name right behind the agent, or behind its last tool."""
    named = re.search(r"Model client '(\w+)' of", finding.message)
    agent = next((agent for agent in model.agents if agent.node is made), None)
    if named is None or agent is None or named[1] not in model.module_scope.names:
        return
    name = named[1]

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        statement = patch.statement(made)
        if not isinstance(statement, ast.Assign) or statement.value is not made:
            raise CannotFix("not kept under a name")
        target = statement.targets[0]
        if not isinstance(target, ast.Name | ast.Attribute) or len(statement.targets) > 1:
            raise CannotFix("not kept under a name")
        last = _last_of(patch, statement, agent)
        patch.put_after(last, f"{patch.text(target)}.register_model_client({name})")
        return patch.finish()

    yield Proposal(f"Register `{name}` on `{agent.label}`", Safety.SAFE, rewrite)


def _last_of(patch: Patch, made: ast.stmt, agent: Agent) -> ast.stmt:
    """The last tool registration on the agent in the block where it is made; else its making."""
    block = block_of(patch, made)
    tools = [
        patch.statement(registration.node)
        for registration in patch.model.registrations
        if registration.kind == "tool-llm" and registration.agent == agent
    ]
    return max([made, *(tool for tool in tools if tool in block)], key=block.index)


class FixModelClientName(FixProvider):
    """Writes the class's name into the configuration."""

    codes = frozenset({"CB217"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where the configuration names one other class."""
        named = re.search(r"names '(\w+)'$", finding.message)
        node = expression_at(model, finding.range)
        if named is None or not isinstance(node, ast.Call):
            return
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        entries = [
            value
            for part in ast.walk(model.parsed.tree)
            if isinstance(part, ast.Dict)
            for key, value in zip(part.keys, part.values, strict=True)
            if isinstance(key, ast.Constant)
            and key.value == "model_client_cls"
            and isinstance(value, ast.Constant)
            and value.value == named[1]
        ]
        if len(given) != 1 or len(entries) != 1:
            return
        name = ast.unparse(given[0]).rpartition(".")[2]

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            patch.replace(entries[0], quoted_like(patch, entries[0], name))
            return patch.finish()

        yield Proposal(f"Name it {name!r} in the configuration", Safety.SAFE, rewrite)
