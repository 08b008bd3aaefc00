"""Register functions that were put among the schemas."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at, remove_entry
from callscope.fixes._names import name_after
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._statements import block_of
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.tools import tool_entries
from callscope.model.values import Function
from callscope.rules.base import Finding


class FixToolsConfig(FixProvider):
    """Takes the list out of ``llm_config`` and registers its functions."""

    codes = frozenset({"CB506"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where one agent gets the calls, and docstrings say what the functions do."""
        node = expression_at(model, finding.range)
        askers = [
            agent
            for agent in model.agents
            if any(model.range(place) == finding.range for _, place in tool_entries(agent))
        ]
        if node is None or len(askers) != 1:
            return
        asker = askers[0]
        others = [a for a in model.tools.responders(asker).agents if a != asker]
        if len(others) != 1:
            return
        executor = others[0]

        def change(patch: Patch) -> None:
            listed = patch.parents.get(id(node))
            if not isinstance(listed, ast.List):
                raise CannotFix("not written out")
            place = _later(patch, asker, executor)
            called = patch.framework_name("register_function", place)
            who = f"caller={name_after(patch, asker, place)}, "
            who += f"executor={name_after(patch, executor, place)}"
            for function in listed.elts:
                about = json.dumps(_description(model, function), ensure_ascii=False)
                tool = patch.text(function)
                patch.put_after(place, f"{called}({tool}, {who}, description={about})")
            remove_entry(patch, listed)

        yield proposal(
            model,
            f"Register it: proposed by `{asker.label}`, executed by `{executor.label}`",
            Safety.UNSAFE,
            change,
        )


def _later(patch: Patch, one: Agent, two: Agent) -> ast.stmt:
    """The later of the two statements that make the agents, which stand in one block."""
    if one.node is None or two.node is None:
        raise CannotFix("made elsewhere")
    first, second = patch.statement(one.node), patch.statement(two.node)
    block = block_of(patch, first)
    if second not in block:
        raise CannotFix("made in different places")
    return max(first, second, key=block.index)


def _description(model: Model, node: ast.expr) -> str:
    """The first line of the function's docstring."""
    known = model.interpreter.loads.get(id(node)) if isinstance(node, ast.Name) else None
    if isinstance(known, Function) and isinstance(known.node, Definition):
        text = ast.get_docstring(known.node)
        if text:
            return text.splitlines()[0]
    raise CannotFix("nothing says what it does")
