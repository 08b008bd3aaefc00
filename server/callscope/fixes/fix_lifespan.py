"""Register in every server process: the application's ``lifespan``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.fixes._surroundings import registrations_about, what_moves
from callscope.fixes._worker_setup import (
    SetUp,
    Writer,
    add_keyword,
    crossings_that_lose,
    is_used_here,
    set_up_of,
)
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model import Model
from callscope.model.events import Call
from callscope.rules import Finding
from callscope.source import SourceText

_APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")
_OLDER_WAYS = ("on_event", "add_event_handler")
_TAKEN = ("lifespan", "on_startup", "on_shutdown")


class RegisterInLifespan(WideFixProvider):
    """What ``lifespan`` does before its ``yield``, each process that serves does once."""

    codes = frozenset({"CB102"})
    order = 36

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, for the only application in view."""
        model = files.model
        for registration in registrations_about(finding.about)[:1]:
            setup = set_up_of(model, registration)
            crossings = crossings_that_lose(model, registration)
            if all(crossing.boundary.engine != "web" for crossing in crossings):
                return
            if is_used_here(model, registration):
                raise CannotFix("the script needs the registration, too")
            made = _application(model)
            title = (
                f"Run {what_moves(registration)} in a `lifespan` of the application "
                f"(one `{setup.agent}` per process, chat history kept)"
            )
            yield WideProposal(title, Safety.UNSAFE, partial(_rewrite, setup, made, files))


def _application(model: Model) -> ast.Call:
    made = [call for call in model.calls if call.path in _APPLICATIONS]
    if len({id(call.node) for call in made}) != 1 or any(map(_is_older_way, model.calls)):
        raise CannotFix("not one application, or it has start-up functions of another kind")
    node, arguments = made[0].node, made[0].arguments
    if not isinstance(node, ast.Call) or any(arguments.get(None, name) for name in _TAKEN):
        raise CannotFix("it has a lifespan")
    return node


def _is_older_way(call: Call) -> bool:
    return (call.path or "").startswith(("fastapi.", "starlette.")) and call.method in _OLDER_WAYS


def _rewrite(setup: SetUp, made: ast.Call, files: Files) -> Iterator[tuple[SourceText, str]]:
    home = setup.around.at(made)
    home.check()
    draft = home.draft()
    statement = home.names.statement_of(made)
    if statement not in home.tree.body or "lifespan" in draft.names:
        raise CannotFix("the application is not made at module level")
    writer = Writer(setup, home, files.workspace, draft, leaves=True)
    body = writer.body()
    unit, end = draft.indent_unit, draft.newline
    manager = draft.imported_name("contextlib", "asynccontextmanager")
    head = f"@{manager}{end}async def lifespan(app: {draft.text(made.func)}):{end}"
    writer.insert(statement, f"{head}{body}{unit}yield{end}")
    add_keyword(draft, made, "lifespan=lifespan")
    yield from writer.texts()
