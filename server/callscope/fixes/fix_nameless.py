"""Give a callback a name, where async chats ask for one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixNameless(FixProvider):
    """Hands over something that has a ``__name__`` and does the same."""

    codes = frozenset({"CB410"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """A lambda for a plain ``partial``; else the object's ``__call__``, which has a name."""
        about = finding.about
        node = about.callback_node if isinstance(about, Registration) else None
        if node is None or model.range(node) != finding.range:
            return
        call = node
        text = _as_lambda(call)
        if text is not None:
            yield Proposal(
                "Hand over a lambda that does the same",
                Safety.SAFE,
                lambda old: _replaced(model, old, call, text),
            )
        if isinstance(call, ast.Name | ast.Attribute | ast.Call):
            yield Proposal(
                "Hand over its `__call__`, which has a name",
                Safety.SAFE,
                lambda old: _replaced(model, old, call, None),
            )


def _as_lambda(node: ast.expr) -> str | None:
    """``lambda *args, **kwargs: f(log, *args, **kwargs)`` for ``partial(f, log)``, if what it
    fills in are names: of anything else there would be a new one at each call."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("partial"):
        return None
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if not all(isinstance(value, ast.Name | ast.Attribute) for value in given):
        return None
    if not node.args or any(keyword.arg is None for keyword in node.keywords):
        return None
    function, *filled = [ast.unparse(argument) for argument in node.args]
    named = [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in node.keywords]
    inside = ", ".join([*filled, "*args", *named, "**kwargs"])
    return f"lambda *args, **kwargs: {function}({inside})"


def _replaced(model: Model, old: str, node: ast.expr, new: str | None) -> str:
    """``new`` in the place of ``node``; without it, the method ``__call__`` of ``node``."""
    patch = Patch(model, old)
    if new is None:
        patch.insert(patch.end(node), ".__call__")
    else:
        patch.replace(node, new)
    return patch.finish()
