"""Register when what it needs is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at, quoted_like
from callscope.fixes._patch import Patch, proposal
from callscope.fixes._statements import block_of, move_behind, side_by_side
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.values import Mapping, Sequence
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
        try:
            moved, behind = side_by_side(Patch(model), node, last)
        except CannotFix:
            return
        # A call of a function that registers may do more than that.
        alone = isinstance(moved, ast.Expr) and moved.value is node
        yield proposal(
            model,
            f"Move {'it' if alone else f'line {moved.lineno}'} down, behind line {behind.lineno}",
            Safety.SAFE if alone else Safety.UNSAFE,
            lambda patch: move_behind(patch, moved, behind),
        )


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
        """Where the configuration names one other class; or none, and there is one entry."""
        node = expression_at(model, finding.range)
        if not isinstance(node, ast.Call):
            return
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if len(given) != 1:
            return
        name = ast.unparse(given[0]).rpartition(".")[2]
        named = re.search(r"names '(\w+)'$", finding.message)
        if named is not None:
            entries = _values(model, "model_client_cls", named[1])
            if len(entries) == 1:
                yield proposal(
                    model,
                    f"Name it {name!r} in the configuration",
                    Safety.SAFE,
                    lambda patch: patch.replace(entries[0], quoted_like(patch, entries[0], name)),
                )
        elif finding.message.endswith("names no `model_client_cls`"):
            entry = _only_entry(model, node)
            if entry is not None:
                yield proposal(
                    model,
                    f"Name it in the configuration: `model_client_cls={name!r}`",
                    Safety.SAFE,
                    lambda patch: _add_item(patch, entry, f'"model_client_cls": "{name}"'),
                )


def _values(model: Model, key: str, value: str) -> list[ast.Constant]:
    """The places that hold ``value`` for ``key`` in a dict."""
    return [
        written
        for part in ast.walk(model.parsed.tree)
        if isinstance(part, ast.Dict)
        for name, written in zip(part.keys, part.values, strict=True)
        if isinstance(name, ast.Constant) and name.value == key
        if isinstance(written, ast.Constant) and written.value == value
    ]


def _only_entry(model: Model, node: ast.Call) -> ast.Dict | None:
    """The one dict in the ``config_list`` of the agent that ``node`` is about."""
    agents = {as_agent(call.receiver) for call in model.calls if call.node is node}
    agent = next(iter(agents), None)
    config = agent.argument("llm_config") if agent is not None and len(agents) == 1 else None
    listed = config.items.get("config_list") if isinstance(config, Mapping) else None
    entries = listed.items if isinstance(listed, Sequence) and listed.exact else []
    entry = entries[0] if len(entries) == 1 else None
    written = [*entry.values.values()] if isinstance(entry, Mapping) else []
    dicts = (part for part in ast.walk(model.parsed.tree) if isinstance(part, ast.Dict))
    return next((part for part in dicts if written and part.values[-1] is written[-1]), None)


def _add_item(patch: Patch, entry: ast.Dict, item: str) -> None:
    patch.insert(patch.end(entry.values[-1]), f", {item}")
