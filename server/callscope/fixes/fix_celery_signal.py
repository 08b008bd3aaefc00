"""Register in every Celery worker process: the signal ``worker_process_init``, or ``worker_init``
where the workers' kind of pool does not send that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.contracts.boundaries import WORKER_HOOKS
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, registrations_about, what_moves
from callscope.fixes._worker_setup import (
    SetUp,
    Writer,
    crossings_that_lose,
    is_used_here,
    set_up_of,
)
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model import Model
from callscope.rules import Finding
from callscope.source import SourceText

_SIGNALS = ("worker_process_init", "worker_init")


class RegisterOnWorkerStart(WideFixProvider):
    """A handler beside the task that uses the agent."""

    codes = frozenset({"CB102"})
    order = 35

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, for the first task that uses the agent."""
        model = files.model
        for registration in registrations_about(finding.about)[:1]:
            setup = set_up_of(model, registration)
            for crossing in crossings_that_lose(model, registration):
                task = crossing.function.node
                if crossing.boundary.engine != "celery" or not isinstance(task, FunctionDef):
                    continue
                signal = _signal(model)
                title = (
                    f"Run {what_moves(registration)} in each Celery worker process: `{signal}` "
                    f"(one `{setup.agent}` per process, chat history kept)"
                )
                leaves = setup.function is None and not is_used_here(model, registration)
                rewrite = partial(_rewrite, setup, task, files, leaves, signal)
                yield WideProposal(title, Safety.UNSAFE, rewrite)
                return


def _signal(model: Model) -> str:
    hooks = {name: WORKER_HOOKS[f"celery.signals.{name}.connect"] for name in _SIGNALS}
    return next(name for name, hook in hooks.items() if model.deployment.comes_to(hook))


def _rewrite(
    setup: SetUp, task: FunctionDef, files: Files, leaves: bool, signal: str
) -> Iterator[tuple[SourceText, str]]:
    home: Surroundings = setup.around.at(task)
    home.check()
    draft = home.draft()
    top: ast.stmt = home.top_statement(task)
    name = draft.free_name(setup.name)
    if name != setup.name:
        raise CannotFix(f"{setup.name} is taken")
    writer = Writer(setup, home, files.workspace, draft, leaves)
    body = writer.body()
    sent = draft.imported_name("celery.signals", signal)
    end = draft.newline
    writer.insert(top, f"@{sent}.connect{end}def {name}(**kwargs):{end}{body}")
    yield from writer.texts()
