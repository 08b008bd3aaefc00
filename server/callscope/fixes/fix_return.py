"""Return what AutoGen takes apart: a pair from a reply function, the value from a hook."""

from __future__ import annotations

import ast
from collections.abc import Callable as Rewriter
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS
from callscope.fixes._patch import Definition, Patch, own_nodes, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.results import Result, kind_of, results
from callscope.model.values import Sequence, truth
from callscope.rules.base import Finding

_PASS_ON = "False, None"


class FixReturn(FixProvider):
    """Adds the missing value, or the missing half of the pair."""

    codes = frozenset({"CB202", "CB206"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """One proposal, by what is returned at the finding's place."""
        about = finding.about
        if not isinstance(about, Registration) or about.function is None:
            return
        known = about.function
        given = results(model, known)
        result = next((r for r in given if model.range(r.node) == finding.range), None)
        if result is None:
            return
        if about.kind in ("reply", "nested-reply"):
            yield from _pair(model, result, given)
        elif about.contract is not None and about.contract.kind in HOOKS:
            yield from _value(model, about, known, result, given)


# -- reply functions: a pair -----------------------------------------------------------------


def _pair(model: Model, result: Result, given: list[Result]) -> Iterator[Proposal]:
    value, node = result.value, result.node
    if result.kind == "None":
        yield _nothing(model, given, _PASS_ON, Safety.SAFE)
    elif result.kind in ("str", "dict"):
        what = "text" if result.kind == "str" else "dict"
        yield _unsafe(
            model,
            f"Send the {what} as the reply: return `True` with it",
            lambda patch: _make_pair(patch, node),
        )
    elif isinstance(node, ast.Constant) and node.value is False:
        yield _unsafe(
            model,
            f"Return `({_PASS_ON})`: let the next reply function answer",
            lambda patch: patch.replace(node, _fitted(patch, node, _PASS_ON)),
        )
    elif isinstance(node, ast.Tuple) and isinstance(value, Sequence):
        yield from _mended_tuple(model, node, value)


def _mended_tuple(model: Model, node: ast.Tuple, value: Sequence) -> Iterator[Proposal]:
    first, second = node.elts[0], node.elts[1] if len(node.elts) > 1 else None
    if second is None or len(node.elts) != len(value.items):
        return
    kinds = [kind_of(item) for item in value.items]
    if len(node.elts) > 2:
        if kinds[0] == "bool" and all(isinstance(e, _LITERALS) for e in node.elts[2:]):
            yield _unsafe(
                model,
                "Return the first two only: `final` and `reply`",
                lambda patch: patch.delete(patch.end(second), patch.end(node.elts[-1])),
            )
    elif kinds[0] in ("str", "dict") and kinds[1] == "bool":
        yield _unsafe(
            model,
            "Swap the two: return `final` first, then the reply",
            lambda patch: _swap(patch, first, second),
        )
    elif isinstance(first, ast.Constant) and truth(value.items[0]) is False:
        yield _unsafe(
            model,
            "Return `True` as `final`, so that the reply is sent",
            lambda patch: patch.replace(first, "True"),
        )
    elif isinstance(first, ast.Constant) and first.value is True and kinds[1] == "None":
        yield _unsafe(
            model,
            f"Return `({_PASS_ON})`: let the next reply function answer",
            lambda patch: patch.replace(first, "False"),
        )


_LITERALS = ast.Constant | ast.Dict | ast.List | ast.Tuple | ast.Set


def _make_pair(patch: Patch, node: ast.AST) -> None:
    """``text`` becomes ``True, text``."""
    start, end = patch.span(node)
    if isinstance(patch.parents.get(id(node)), ast.Return):
        patch.insert(start, "True, ")
    else:
        patch.insert(start, "(True, ")
        patch.insert(end, ")")


def _swap(patch: Patch, first: ast.expr, second: ast.expr) -> None:
    before, after = patch.text(first), patch.text(second)
    patch.replace(first, after)
    patch.replace(second, before)


# -- hooks: the value itself -----------------------------------------------------------------


def _value(
    model: Model, about: Registration, known: Callable, result: Result, given: list[Result]
) -> Iterator[Proposal]:
    if result.kind != "None" or about.contract is None:
        return
    shape = about.contract.shape
    names = [parameter.name for parameter in known.parameters if parameter.kind not in ("*", "**")]
    if shape.keywords:
        name = "message" if "message" in names else None
    else:
        name = names[-1 if len(shape.positional) > 1 else 0] if names else None
    if name is None:
        return
    made = _made_last(known) if result.at_end else None
    if made is not None and made != name:
        yield _nothing(model, [result], made, Safety.UNSAFE)
    stored = {
        node.id
        for node in own_nodes(known.node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    yield _nothing(model, given, name, Safety.UNSAFE if stored - {name} else Safety.SAFE)


def _made_last(known: Callable) -> str | None:
    """The variable that the last statement of the body assigns."""
    body = known.node.body
    last = body[-1] if isinstance(body, list) else None
    if isinstance(last, ast.Assign) and len(last.targets) == 1:
        target = last.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


# -- where nothing is returned ---------------------------------------------------------------


def _nothing(model: Model, given: list[Result], value: str, safety: Safety) -> Proposal:
    """Return ``value`` at every place that returns nothing."""
    shown = f"({value})" if "," in value else value

    def change(patch: Patch) -> None:
        for result in given:
            if result.kind == "None":
                _return_instead(patch, result.node, value)

    return proposal(model, f"Return `{shown}` where nothing is returned", safety, change)


def _return_instead(patch: Patch, node: ast.AST, value: str) -> None:
    if isinstance(node, Definition):
        patch.put_after(node.body[-1], f"return {value}")
    elif isinstance(node, ast.Return):
        patch.insert(patch.end(node), f" {value}")
    elif isinstance(node, ast.Constant):
        patch.replace(node, _fitted(patch, node, value))
    elif isinstance(node, ast.Call):
        alternative = f"({value})" if "," in value else value
        patch.insert(patch.end(node), f" or {alternative}")
    else:
        raise CannotFix("not understood")


def _fitted(patch: Patch, node: ast.AST, value: str) -> str:
    """``value`` as it can stand in the place of ``node``."""
    bare = isinstance(patch.parents.get(id(node)), ast.Return)
    return value if bare or "," not in value else f"({value})"


def _unsafe(model: Model, title: str, change: Rewriter[[Patch], None]) -> Proposal:
    return proposal(model, title, Safety.UNSAFE, change)
