"""Name an argument as the method does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding

_MEANT = re.compile(r"did you mean `(\w+)`")
_BY_NAME = re.compile(r"; (.*) can only be passed by name")

# Their keyword-only parameters stand in the order in which people pass them.
_IN_ORDER = ("register_reply", "register_function")


class FixKeyword(FixProvider):
    """Corrects a keyword, or passes by name what cannot be passed by position."""

    codes = frozenset({"CB209"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The keyword that is close; or the parameters in order."""
        node = expression_at(model, finding.range)
        if node is None:
            return
        meant = _MEANT.search(finding.message)
        by_name = _BY_NAME.search(finding.message)
        if meant is not None:
            yield proposal(
                model,
                f"Pass it as `{meant[1]}`",
                Safety.SAFE,
                lambda patch: _rename(patch, node, meant[1]),
            )
        elif by_name is not None:
            names = re.findall(r"`(\w+)`", by_name[1])
            if isinstance(node, ast.Constant) and " " in str(node.value):
                # What has spaces is no name of a tool.
                names.sort(key=lambda name: name != "description")
            sure = any(f"`{method}`" in finding.message for method in _IN_ORDER)
            shown = ", ".join(f"{name}=..." for name in names[: _extra(model, node)])
            yield proposal(
                model,
                f"Pass it by name: `{shown}`",
                Safety.SAFE if sure else Safety.UNSAFE,
                lambda patch: _by_name(patch, node, names),
            )


def _call_of(patch: Patch, node: ast.expr) -> ast.Call:
    above = patch.parents.get(id(node))
    if isinstance(above, ast.keyword):
        above = patch.parents.get(id(above))
    if not isinstance(above, ast.Call):
        raise CannotFix("not written in the call")
    return above


def _extra(model: Model, node: ast.expr) -> int:
    """How many positional arguments there are from ``node`` on."""
    above = Patch(model).parents.get(id(node))
    if isinstance(above, ast.Call) and node in above.args:
        return len(above.args) - above.args.index(node)
    return 1


def _rename(patch: Patch, node: ast.expr, name: str) -> None:
    for keyword in _call_of(patch, node).keywords:
        if keyword.value is node and keyword.arg is not None:
            start, _ = patch.span(keyword)
            patch.change(start, start + len(keyword.arg), name)
            return
    raise CannotFix("not a keyword")


def _by_name(patch: Patch, node: ast.expr, names: list[str]) -> None:
    call = _call_of(patch, node)
    extra = call.args[call.args.index(node) :]
    if len(extra) > len(names) or any(isinstance(a, ast.Starred) for a in extra):
        raise CannotFix("more than there are names for")
    for argument, name in zip(extra, names, strict=False):
        patch.insert(patch.span(argument)[0], f"{name}=")
