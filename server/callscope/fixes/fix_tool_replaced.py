"""Register a tool under the name of its own function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import quoted_like
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._tools import rename_execution
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.tools import Execution
from callscope.rules.base import Finding


class FixToolReplaced(FixProvider):
    """Gives one of two tools of the same name the name of its function."""

    codes = frozenset({"CB514"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The later one first, so that the tool that came first keeps its name."""
        again = {link.range for link in finding.evidence}
        both = [e for e in model.tools.executions if e.registration is finding.about]
        both = [e for e in model.tools.executions if _place(model, e) in again] + both
        taken = {e.name for e in model.tools.executions}
        for execution in both:
            own = execution.registration.callback_name
            if own.isidentifier() and own not in taken and execution.name is not None:
                yield _renamed(model, execution.registration, execution.name, own)


def _place(model: Model, execution: Execution) -> object:
    registration = execution.registration
    return model.range(registration.callback_node or registration.node)


def _renamed(model: Model, about: Registration, old: str, own: str) -> Proposal:
    def change(patch: Patch) -> None:
        rename_execution(patch, about, own)
        for offer in _offers_of(patch, about):
            for given in (*offer.args, *(k.value for k in offer.keywords if k.arg == "name")):
                if isinstance(given, ast.Constant) and given.value == old:
                    patch.replace(given, quoted_like(patch, given, own))

    title = f"Register `{own}` under its own name: {own!r}"
    return proposal(model, title, Safety.UNSAFE, change)


def _offers_of(patch: Patch, about: Registration) -> Iterator[ast.Call]:
    """The other decorators of the function, which offer the tool to models."""
    above = patch.parents.get(id(about.node))
    for node in above.decorator_list if isinstance(above, Definition) else ():
        method = node.func if isinstance(node, ast.Call) else None
        named = isinstance(method, ast.Attribute) and method.attr == "register_for_llm"
        if isinstance(node, ast.Call) and named:
            yield node
