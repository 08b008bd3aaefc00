"""Drive a chat that ``run`` has only prepared."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.rules.base import Finding


class FixRun(FixProvider):
    """Adds ``process()``, or a loop over the events."""

    codes = frozenset({"CB412"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """By the method: ``run`` and ``a_run`` are processed, the others iterated over."""
        about = finding.about
        if not isinstance(about, EntryCall):
            return
        iterated = about.method.endswith("_iter")
        is_async = about.method.startswith("a_")

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            statement = patch.statement(about.node)
            if iterated:
                _iterate(patch, statement, about.node, "async for" if is_async else "for")
            else:
                _process(patch, statement, about.node, "await " if is_async else "")
            return patch.finish()

        what = "Go through its events in a loop" if iterated else "Wait for it: `process()`"
        yield Proposal(what, Safety.UNSAFE, rewrite)


def _value_of(patch: Patch, statement: ast.stmt, call: ast.expr) -> ast.expr:
    """The value of the statement: the call, or ``await`` of it."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    inner = value.value if isinstance(value, ast.Await) else value
    if value is None or inner is not call or not patch.owns_its_lines(statement):
        raise CannotFix("part of something else")
    return value


def _kept_as(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def _process(patch: Patch, statement: ast.stmt, call: ast.expr, wait: str) -> None:
    value = _value_of(patch, statement, call)
    name = _kept_as(statement)
    if name is None:
        if not isinstance(statement, ast.Expr):
            raise CannotFix("not kept under a name")
        name = patch.free_name("response")
        patch.insert(patch.span(value)[0], f"{name} = ")
    patch.put_after(statement, f"{wait}{name}.process()")


def _iterate(patch: Patch, statement: ast.stmt, call: ast.expr, loop: str) -> None:
    value = _value_of(patch, statement, call)
    start, _ = patch.span(value)
    body = patch.newline + patch.indent_of(statement) + patch.indent_unit + "pass"
    if isinstance(value, ast.Await):
        patch.delete(start, patch.span(call)[0])
    name = _kept_as(statement)
    if name is not None:
        patch.put_after(statement, f"{loop} _ in {name}:{body}")
    elif isinstance(statement, ast.Expr):
        patch.insert(start, f"{loop} _ in ")
        patch.insert(patch.end(statement), ":")
        rest = patch.rest_of_line(patch.end(statement))
        patch.insert(patch.end(statement) + len(rest), body)
    else:
        raise CannotFix("not kept under a name")
