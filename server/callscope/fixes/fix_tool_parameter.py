"""Name a tool's parameter as it is passed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch, bound_names, proposal, uses_of
from callscope.fixes._references import is_function
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.tools import ToolRequest, tool_callable
from callscope.model.values import Mapping
from callscope.rules.base import Finding


class FixToolParameter(FixProvider):
    """Renames the one parameter that nothing is passed for to the one name that does not fit."""

    codes = frozenset({"CB513"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not where several names differ: which is which cannot be told."""
        for request in model.tools.requests:
            if request.about is not finding.about or model.range(request.node) != finding.range:
                continue
            for execution in model.tools.executions:
                known = tool_callable(execution.registration.callback)
                if execution.name == request.name and known is not None:
                    yield from _renamed(model, known, _passed(request))


def _passed(request: ToolRequest) -> set[str]:
    if request.schema is None:
        return set(request.arguments or ())
    parameters = request.schema.items.get("parameters")
    properties = parameters.items.get("properties") if isinstance(parameters, Mapping) else None
    return set(map(str, properties.items)) if isinstance(properties, Mapping) else set()


def _renamed(model: Model, known: Callable, passed: set[str]) -> Iterator[Proposal]:
    """With ``old`` the parameter that gets nothing, and ``new`` what is passed in vain."""
    names = {parameter.name: parameter for parameter in known.parameters}
    missing = [p for p in known.parameters if p.required and p.name not in passed]
    unexpected = passed - names.keys()
    node = known.node
    if len(missing) != 1 or len(unexpected) != 1 or known.function.presented is not known.function:
        return
    old, new = missing[0], next(iter(unexpected))

    def change(patch: Patch) -> None:
        if not new.isidentifier() or new in bound_names(node):
            raise CannotFix("the name is taken")
        if any(isinstance(n, ast.Name) and n.id == new for n in ast.walk(node)):
            raise CannotFix("the name means something else")
        for call in model.calls:
            if is_function(call.callee, node) and old.name in call.arguments.keywords:
                raise CannotFix("passed by name elsewhere")
        start = patch.start(old.node)
        patch.change(start, start + len(old.name), new)
        for use in uses_of(node, old.name):
            patch.replace(use, new)

    title = f"Rename the parameter `{old.name}` to `{new}`, as it is passed"
    yield proposal(model, title, Safety.UNSAFE, change)
