"""Let an agent execute a method."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixToolMethod(FixProvider):
    """Puts what is callable but no function in the function map of the agent that executes it."""

    codes = frozenset({"CB504"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not for what is offered to a model, which needs the schema of a function."""
        about, name = finding.about, None
        for execution in model.tools.executions:
            if execution.registration is about:
                name = execution.name
        if not isinstance(about, Registration) or about.call.method != "register_for_execution":
            return
        given, made = about.callback_node, about.node
        if sum(other.node is made for other in model.registrations) > 1:
            return

        def change(patch: Patch) -> None:
            call = patch.parents.get(id(made))
            if not isinstance(call, ast.Call) or call.func is not made or call.args != [given]:
                raise CannotFix("not handed over in the call")
            if not isinstance(patch.parents.get(id(call)), ast.Expr):
                raise CannotFix("part of something else")
            if not isinstance(made, ast.Call) or not isinstance(made.func, ast.Attribute):
                raise CannotFix("not called on an agent")
            agent, tool = patch.text(made.func.value), patch.text(call.args[0])
            patch.replace(call, f'{agent}.register_function({{"{name}": {tool}}})')

        if name is not None:
            yield proposal(
                model,
                "Put it in the function map, which takes whatever can be called",
                Safety.UNSAFE,
                change,
            )
