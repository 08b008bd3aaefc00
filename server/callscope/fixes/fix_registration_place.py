"""Move a registration beside its agent, where every process that imports the module runs it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from callscope.fixes._carrying import Carrier, take_away, would_be_circular
from callscope.fixes._cst import Draft
from callscope.fixes._moving import Bodies, gap, lines_of, moved_text, remove_inside, remove_whole
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import (
    Surroundings,
    after_a_chat,
    registrations_about,
    ways_out,
    what_moves,
)
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model.registrations import Registration
from callscope.project import Workspace
from callscope.rules import Finding
from callscope.source import SourceText


class MoveBesideAgent(WideFixProvider):
    """Takes a registration out of the main guard, or out of a function that repeats it, or out of
    a module that not everybody imports who imports the agent's."""

    codes = frozenset({"CB102", "CB103"})
    order = 30

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """The one place where the agent is made, if all that the registration needs is there."""
        for registration in registrations_about(finding.about)[:1]:
            try:
                here = Surroundings(files.model).at(registration.node)
                if registration.agent is None or registration.agent.instance.call is None:
                    return
                home = here.at(registration.agent.instance.call.node)
                home.check()
                here.check()
                if home is here:
                    yield _within_module(home, finding, registration)
                elif files.workspace is not None:
                    yield _into_other_module(home, here, registration, files.workspace)
            except CannotFix:
                return


def _within_module(
    around: Surroundings, finding: Finding, registration: Registration
) -> WideProposal:
    agent = _agent_name(around, registration)
    statements = _statements(around, registration, {agent})
    after = _place(around, agent, statements)
    beside = after in (around.definition(agent), *_set_up(around, agent))
    what = f"Move {what_moves(registration)}"
    where = f"beside `{agent}`" if beside else f"on `{agent}` to module level"
    safety = _safety(around, finding, registration, agent)
    return WideProposal(f"{what} {where}", safety, partial(_rewrite, around, statements, after))


def _into_other_module(
    home: Surroundings, away: Surroundings, registration: Registration, workspace: Workspace
) -> WideProposal:
    agent = _agent_name(home, registration)
    assert registration.agent is not None
    statement = away.names.statement_of(registration.node)
    if statement is not None and statement in away.tree.body:
        statements = [statement]
    else:
        statements = _statements(away, registration, away.names_of(registration.agent.instance))
    title = f"Move {what_moves(registration)} beside `{agent}` in {home.path.name}"
    rewrite = partial(_rewrite_both, home, away, agent, statements, workspace)
    return WideProposal(title, Safety.UNSAFE, rewrite)


def _agent_name(around: Surroundings, registration: Registration) -> str:
    agent = registration.agent
    names = sorted(around.names_of(agent.instance)) if agent is not None else []
    if not names:
        raise CannotFix("the agent has no name at module level")
    around.definition(names[0])
    return names[0]


def _statements(
    around: Surroundings, registration: Registration, names: set[str]
) -> list[ast.stmt]:
    """What to move: the registration, or the call of a function that does nothing else."""
    assert registration.agent is not None
    if after_a_chat(around, registration, {id(registration.agent.instance)}):
        raise CannotFix("the agent has chatted before")
    ways = list(ways_out(around, registration, names))
    if not ways:
        raise CannotFix("it needs what is only known where it stands")
    first = ways[0]
    function = around.names.parents[first[-1]]
    if len(ways) > 1 and isinstance(function, FunctionDef):
        rest = [s for s in function.body if s not in first and not _is_docstring(s)]
        if all(around.is_setup(s, names) for s in rest):
            return ways[1]
    return first


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _place(around: Surroundings, agent: str, statements: list[ast.stmt]) -> ast.stmt:
    """The statement to put the registration behind: the last one of those it needs."""
    needed = [around.definition(agent), *_set_up(around, agent)]
    for statement in statements:
        for name in around.names.globals_in(statement):
            needed.extend(
                binding
                for binding in around.names.bindings.get(name, ())
                if binding not in around.guards
            )
    for statement in statements:
        # What a function called from there uses has to be there as well.
        for call in around.model.calls:
            if any(node in set(ast.walk(statement)) for node, _ in call.where.stack):
                for name in around.names.globals_in(call.node):
                    needed.extend(around.names.bindings.get(name, ()))
    return max(needed, key=lambda node: node.lineno)


def _set_up(around: Surroundings, agent: str) -> list[ast.stmt]:
    """The statements at module level that set the agent up already."""
    return [
        statement
        for statement in around.tree.body
        if agent in around.names.globals_in(statement)
        and isinstance(statement, ast.Expr)
        and around.is_setup(statement, {agent})
    ]


def _safety(
    around: Surroundings, finding: Finding, registration: Registration, agent: str
) -> Safety:
    """Safe where nobody notices but the finding: a registration that a request made may have been
    meant for the chats of one function only."""
    if finding.code == "CB102":
        return Safety.SAFE
    owner = around.owner(registration.node)
    users = {use.function for use in around.names.uses.get(agent, ()) if use.function is not None}
    return Safety.SAFE if users <= {owner} else Safety.UNSAFE


def _rewrite(
    around: Surroundings, statements: list[ast.stmt], after: ast.stmt
) -> Iterator[tuple[SourceText, str]]:
    draft = around.draft()
    blank = draft.newline * gap(draft)
    block = ""
    for statement in statements:
        indent = draft.indent_of(statement)
        block += moved_text(draft, lines_of(draft, statement), indent, "")
        block += blank if statement is not statements[-1] else ""
    guards = remove_inside(draft, statements, Bodies(around.tree))
    remove_whole(draft, guards)
    _put_behind(draft, after, block, apart=isinstance(statements[0], FunctionDef | ast.ClassDef))
    yield around.source, draft.finish()


def _rewrite_both(
    home: Surroundings,
    away: Surroundings,
    agent: str,
    statements: list[ast.stmt],
    workspace: Workspace,
) -> Iterator[tuple[SourceText, str]]:
    draft, other = home.draft(), away.draft()
    carrier = Carrier(home, away, workspace, draft)
    blank = draft.newline * gap(draft)
    texts = carrier.carry(statements, "")
    imported = {home.path, *(file for file, _ in carrier.needed)}
    take_away(other, away, [*carrier.brought, *statements], imported=imported)
    left = other.finish()
    edited = workspace.having(replace(away.source, text=left, _line_cache={}))
    for file, name in carrier.needed:
        if would_be_circular(edited, file, home.path):
            raise CannotFix("the modules would import each other")
        carrier.import_at_top(file, name)
    needed = [home.definition(agent), *_set_up(home, agent)]
    needed += [binding for name in carrier.used for binding in home.names.bindings.get(name, ())]
    after = max(needed, key=lambda node: node.lineno)
    _put_behind(draft, after, blank.join(texts), apart=len(texts) > 1)
    yield home.source, draft.finish()
    yield away.source, left


def _put_behind(draft: Draft, after: ast.stmt, block: str, *, apart: bool) -> None:
    if not draft.owns_its_lines(after):
        raise CannotFix("statements share a line")
    apart = apart or isinstance(after, FunctionDef | ast.ClassDef)
    blank = draft.newline * gap(draft)
    draft.insert_line(draft.last_line(after) + 1, (blank if apart else "") + block)
