"""Move a registration that runs again and again to where its agent is made, or before the loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.fixes._cst import Draft
from callscope.fixes._moving import Bodies, lines_of, moved_text, remove_inside
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, registrations_about, what_moves
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules import Finding

_Loop = ast.For | ast.AsyncFor | ast.While


class RegisterOnce(FixProvider):
    """Out of a loop; into the ``__init__`` or the cached function that makes the agent."""

    codes = frozenset({"CB103"})
    order = 35

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """One place or the other, whichever repeats the registration."""
        for registration in registrations_about(finding.about)[:1]:
            for attempt in (_before_loop, _where_made):
                try:
                    yield attempt(Surroundings(model), registration)
                except CannotFix:
                    continue


def _statement(around: Surroundings, registration: Registration) -> ast.Expr:
    statement = around.names.statement_of(registration.node)
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        raise CannotFix("the registration is part of something else")
    if any(isinstance(part, ast.Await | ast.NamedExpr) for part in ast.walk(statement)):
        raise CannotFix("the registration does more")
    return statement


# -- out of a loop -------------------------------------------------------------------------


def _before_loop(around: Surroundings, registration: Registration) -> Proposal:
    statement = _statement(around, registration)
    loop = around.names.parents[statement]
    while isinstance(loop, ast.With | ast.AsyncWith):
        loop = around.names.parents[loop]
    if not isinstance(loop, _Loop) or statement in loop.orelse:
        raise CannotFix("no loop repeats it")
    mentioned = around.names.globals_in(statement) | around.names.locals_in(statement)
    if mentioned & _bound_in(loop):
        raise CannotFix("it needs what the loop gives it")
    inside = {id(node) for node in ast.walk(loop)}
    for entry in around.model.entry_calls:
        if id(entry.node) in inside and entry.node.lineno < statement.lineno:
            raise CannotFix("the first turn chats before it registers")
    title = f"Move {what_moves(registration)} out of the loop"
    return Proposal(title, Safety.SAFE, partial(_hoisted, around, statement, loop))


def _bound_in(loop: ast.AST) -> set[str]:
    """The names that a loop binds, whatever is nested in it included."""
    found: set[str] = set()
    for part in ast.walk(loop):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, FunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs):
            found.add(part.name or "")
        elif isinstance(part, ast.alias):
            found.add(part.asname or part.name.partition(".")[0])
    return found


def _hoisted(around: Surroundings, statement: ast.stmt, loop: ast.stmt, text: str) -> str:
    draft = _draft(around, text)
    block = moved_text(
        draft, lines_of(draft, statement), draft.indent_of(statement), draft.indent_of(loop)
    )
    if remove_inside(draft, [statement], Bodies(around.tree)):
        raise CannotFix("nothing would be left")
    draft.insert_line(lines_of(draft, loop).first, block)
    return draft.finish()


# -- to where the agent is made ------------------------------------------------------------


def _where_made(around: Surroundings, registration: Registration) -> Proposal:
    statement = _statement(around, registration)
    receiver = statement.value.func if isinstance(statement.value, ast.Call) else None
    made = registration.agent.node if registration.agent is not None else None
    if made is None or not isinstance(receiver, ast.Attribute):
        raise CannotFix("where the agent is made is not in view")
    maker = around.names.statement_of(made)
    home = around.owner(made)
    if maker is None or home is None or home is around.owner(statement):
        raise CannotFix("the agent is not made in another function")
    if around.names.parents[statement] is not around.owner(statement):
        raise CannotFix("it is registered on a condition")
    name = _name_there(around, maker, receiver.value)
    given = around.names.locals_in(statement) - {_root(receiver.value)}
    if given or any(around.guard_around(b) for b in _bindings(around, statement)):
        raise CannotFix("it needs what is only known where it stands")
    where = f"`{home.name}`" if home.name == "__init__" else f"`{home.name}()`"
    return Proposal(
        f"Move {what_moves(registration)} to {where}, where the agent is made",
        Safety.UNSAFE,
        partial(_moved_home, around, statement, maker, receiver.value, name),
    )


def _bindings(around: Surroundings, statement: ast.stmt) -> Iterator[ast.stmt]:
    for name in around.names.globals_in(statement):
        yield from around.names.bindings.get(name, ())


def _name_there(around: Surroundings, maker: ast.stmt, receiver: ast.expr) -> str:
    """What the agent is called where it is made."""
    if isinstance(maker, ast.Return) and isinstance(receiver, ast.Name):
        taken = around.names.locals_in(maker) | around.names.globals_in(maker)
        if receiver.id in taken:
            raise CannotFix("the name is taken there")
        return receiver.id
    if isinstance(maker, ast.Assign) and len(maker.targets) == 1:
        target = maker.targets[0]
        if isinstance(target, ast.Name) and isinstance(receiver, ast.Name):
            return target.id
        if isinstance(target, ast.Attribute) and ast.unparse(target) == ast.unparse(receiver):
            return ast.unparse(target)
    raise CannotFix("the agent has no such name where it is made")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _moved_home(
    around: Surroundings,
    statement: ast.stmt,
    maker: ast.stmt,
    receiver: ast.expr,
    name: str,
    text: str,
) -> str:
    draft = _draft(around, text)
    if not draft.owns_its_lines(maker):
        raise CannotFix("statements share a line")
    indent = draft.indent_of(maker)
    block = moved_text(draft, lines_of(draft, statement), draft.indent_of(statement), indent)
    written = draft.text(receiver)
    if written != name:
        block = block.replace(f"{written}.", f"{name}.", 1)
    if isinstance(maker, ast.Return) and maker.value is not None:
        draft.change(draft.start(maker), draft.start(maker.value), f"{name} = ")
        block += f"{indent}return {name}{draft.newline}"
    if remove_inside(draft, [statement], Bodies(around.tree)):
        raise CannotFix("nothing would be left")
    draft.insert_line(draft.last_line(maker) + 1, block)
    return draft.finish()


def _draft(around: Surroundings, text: str) -> Draft:
    if text != around.model.source.text:
        raise CannotFix("the text has changed")
    return Draft(around.model.source, around.tree)
