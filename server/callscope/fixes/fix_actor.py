"""Register in the actor that has got a copy of the agent."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from callscope.fixes._carrying import take_out_of
from callscope.fixes._moving import lines_of, moved_text
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, registrations_about, what_moves
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model.crossings import actor_behind
from callscope.model.events import Call
from callscope.model.registrations import Registration
from callscope.model.values import Function, Instance
from callscope.rules import Finding
from callscope.source import SourceText


class RegisterInActor(WideFixProvider):
    """The registration moves into the ``__init__`` that keeps the copy."""

    codes = frozenset({"CB102"})
    order = 35

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, for an actor whose class is in the file that registers."""
        for registration in registrations_about(finding.about)[:1]:
            agent = registration.agent
            if agent is None:
                return
            around = Surroundings(files.model).at(registration.node)
            around.check()
            statement = _statement(around, registration)
            for call in files.model.calls:
                kept = _kept_copy(around, call, agent.instance)
                if kept is not None:
                    title = (
                        f"Run {what_moves(registration)} in `{kept.actor}.__init__`, on the copy "
                        f"of `{_receiver(statement).id}` that each actor has (chat history kept)"
                    )
                    rewrite = partial(_rewrite, around, statement, kept)
                    yield WideProposal(title, Safety.UNSAFE, rewrite)
                    return


@dataclass(frozen=True)
class _Kept:
    """``statement`` of the ``__init__`` of the class ``actor`` keeps the copy as ``attribute``."""

    actor: str
    attribute: str
    statement: ast.stmt


def _statement(around: Surroundings, registration: Registration) -> ast.Expr:
    """The registering statement, which needs nothing that only its function knows but the agent."""
    statement = around.names.statement_of(registration.node)
    parent = around.names.parents.get(statement) if statement is not None else None
    if not isinstance(statement, ast.Expr) or not isinstance(parent, FunctionDef | ast.If):
        raise CannotFix("it does not stand alone")
    needed = around.bound_here(statement) - {_receiver(statement).id}
    if needed:
        raise CannotFix("it needs what is only known where it stands")
    return statement


def _receiver(statement: ast.Expr) -> ast.Name:
    method = statement.value.func if isinstance(statement.value, ast.Call) else None
    if not isinstance(method, ast.Attribute) or not isinstance(method.value, ast.Name):
        raise CannotFix("the agent has no name where it is registered on")
    return method.value


def _kept_copy(around: Surroundings, call: Call, instance: Instance) -> _Kept | None:
    """Where an actor keeps its copy of the agent that ``call`` makes it with."""
    made = actor_behind(call)
    construct = made.names.get("__init__") if made is not None else None
    if made is None or not isinstance(construct, Function):
        return None
    init = construct.node
    if not isinstance(init, ast.FunctionDef) or around.at(init) is not around:
        return None
    names = [argument.arg for argument in init.args.args]
    sent = {name for name, value in call.arguments.keywords.items() if value is instance}
    given = zip(names[1:], call.arguments.positional, strict=False)
    sent |= {name for name, value in given if value is instance}
    for statement in init.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
            target = statement.targets[0]
            own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
            if own and statement.value.id in sent and ast.unparse(target).startswith(names[0]):
                return _Kept(made.name, ast.unparse(target), statement)
    return None


def _rewrite(
    around: Surroundings, statement: ast.Expr, kept: _Kept
) -> Iterator[tuple[SourceText, str]]:
    draft, renamed = around.draft(), around.draft()
    if not draft.owns_its_lines(kept.statement):
        raise CannotFix("statements share a line")
    renamed.replace(_receiver(statement), kept.attribute)
    mentions = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
    if sum(n.id == _receiver(statement).id for n in mentions) > 1:
        raise CannotFix("the agent is named more than once")
    longer = around.with_text(renamed.finish())
    lines, indent = lines_of(draft, statement), draft.indent_of(kept.statement)
    code = moved_text(longer, lines, draft.indent_of(statement), indent)
    draft.insert_line(draft.last_line(kept.statement) + 1, code)
    take_out_of(draft, around, [statement])
    yield around.source, draft.finish()
