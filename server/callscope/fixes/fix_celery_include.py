"""Let Celery's workers import the module that registers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from callscope.fixes._surroundings import Surroundings, registrations_about, what_moves
from callscope.fixes._worker_setup import crossings_that_lose
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model import scope
from callscope.project import Workspace
from callscope.rules import Finding
from callscope.source import SourceText


class IncludeInWorkers(WideFixProvider):
    """``include=`` of the application lists the modules that each worker imports."""

    codes = frozenset({"CB102"})
    order = 32

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, for a registration that runs whenever its module is imported."""
        model, workspace = files.model, files.workspace
        for registration in registrations_about(finding.about)[:1]:
            agent = registration.agent
            if workspace is None or agent is None or not scope.is_import_time(registration.where):
                return
            crossings = crossings_that_lose(model, registration)
            if all(crossing.boundary.engine != "celery" for crossing in crossings):
                return
            around = Surroundings(model).at(registration.node)
            made = [call for call in model.calls if call.path == "celery.Celery"]
            listed = made[0].arguments.node(None, "include") if len(made) == 1 else None
            if not isinstance(listed, ast.List | ast.Tuple) or not listed.elts:
                raise CannotFix("the application does not list what its workers import")
            home = around.at(listed)
            module = _named_like(listed.elts, around.path, home.path, workspace)
            title = (
                f"Let Celery's workers import `{module}` for {what_moves(registration)} "
                f"(one `{agent.label}` per process, chat history kept)"
            )
            yield WideProposal(title, Safety.UNSAFE, partial(_rewrite, home, listed, module))


def _named_like(listed: list[ast.expr], file: Path, home: Path, workspace: Workspace) -> str:
    """The dotted path of ``file``, as the other modules in the list are called."""
    for item in listed:
        if not isinstance(item, ast.Constant) or not isinstance(item.value, str):
            raise CannotFix("the list is not written out")
        known = workspace.modules.file_of(item.value, home)
        if known is not None and known.name != "__init__.py":
            root = known.parents[item.value.count(".")]
            if root in file.parents:
                return ".".join(file.relative_to(root).with_suffix("").parts)
    raise CannotFix("it is not known what the module is called")


def _rewrite(
    home: Surroundings, listed: ast.List | ast.Tuple, module: str
) -> Iterator[tuple[SourceText, str]]:
    draft = home.draft()
    last = listed.elts[-1]
    quote = draft.text(last)[0]
    draft.change(draft.end(last), draft.end(last), f", {quote}{module}{quote}")
    yield home.source, draft.finish()
