"""Register before the chat what is registered when it is over."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Definition, Patch
from callscope.fixes._statements import (
    bound_by,
    move_before,
    move_behind,
    names_read,
    side_by_side,
    statements_between,
)
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixTooLate(FixProvider):
    """Moves the registration up, or, where it needs what stands between, the chat down."""

    codes = frozenset({"CB405"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Both within one block, be it that of the calls that lead to the two."""
        if not finding.evidence:
            return
        about = finding.about
        registered = about.node if isinstance(about, Registration) else None
        late = registered or expression_at(model, finding.range)
        early = expression_at(model, finding.evidence[0].range)
        if late is None or early is None:
            return

        def up(text: str) -> str:
            patch = Patch(model, text)
            moved, chat = side_by_side(patch, late, early)
            move_before(patch, _only_simple(moved), chat)
            return patch.finish()

        def down(text: str) -> str:
            patch = Patch(model, text)
            chat, last = patch.statement(early), _simple(patch, late)
            between = statements_between(patch, chat, last)[1:]
            if not isinstance(chat, ast.Expr | ast.Assign) or any(
                not isinstance(s, Definition | ast.ClassDef) and not _registers(patch, s)
                for s in between
            ):
                raise CannotFix("what stands between may need the chat")
            if any(bound_by(chat) & names_read(s) for s in (*between, last)):
                raise CannotFix("needs what is made there")
            move_behind(patch, chat, last)
            return patch.finish()

        line = model.line(early)
        what = "registration" if isinstance(about, Registration) else "assignment"
        yield Proposal(
            f"Move the {what} up, before line {_line_before(model, late, early)}", Safety.UNSAFE, up
        )
        yield Proposal(f"Move line {line} down, behind the {what}", Safety.UNSAFE, down)


def _line_before(model: Model, late: ast.expr, early: ast.expr) -> str:
    """The line of the statement in front of which ``late`` would go."""
    try:
        return model.line(side_by_side(Patch(model), late, early)[1])
    except CannotFix:
        return model.line(early)


def _simple(patch: Patch, node: ast.AST) -> ast.stmt:
    return _only_simple(patch.statement(node))


def _only_simple(statement: ast.stmt) -> ast.stmt:
    if not isinstance(statement, ast.Expr | ast.Assign):
        raise CannotFix("part of something else")
    return statement


def _registers(patch: Patch, statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and any(
        registration.node is statement.value for registration in patch.model.registrations
    )
