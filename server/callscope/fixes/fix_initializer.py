"""Register in every process of a pool: ``initializer=``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from callscope.fixes._carrying import take_out_of
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
from callscope.model.crossings import Crossing
from callscope.model.values import path_of
from callscope.rules import Finding
from callscope.source import SourceText

_POOLS = ("Pool", "ProcessPoolExecutor")


class RegisterInInitializer(WideFixProvider):
    """The workers of a pool run the registration once each, before their first task."""

    codes = frozenset({"CB102"})
    order = 35

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, where the file that registers makes the pool as well."""
        model = files.model
        for registration in registrations_about(finding.about)[:1]:
            setup = set_up_of(model, registration)
            if is_used_here(model, registration):
                raise CannotFix("the parent needs the registration, too")
            if setup.around.path.name == "__main__.py":
                raise CannotFix("spawned workers do not import what `python -m package` runs")
            for pool in _pools(crossings_that_lose(model, registration)):
                code = _called_as(setup, pool) if setup.function else setup.name
                title = (
                    f"Run {what_moves(registration)} in each worker process: `initializer={code}` "
                    f"(one `{setup.agent}` per process, chat history kept)"
                )
                rewrite = partial(_rewrite, setup, pool, code)
                yield WideProposal(title, Safety.UNSAFE, rewrite)
                return


def _pools(crossings: Iterator[Crossing]) -> Iterator[ast.Call]:
    """The calls that make the pools, of those that have no initializer yet."""
    for crossing in crossings:
        pool = crossing.pool
        if pool is None or pool.call is None or pool.init is None:
            continue
        name = (path_of(pool.type) or "").rpartition(".")[2]
        node = pool.call.node
        taken = pool.init.get(None, "initializer") is not None or len(pool.init.positional) > 1
        if name in _POOLS and isinstance(node, ast.Call) and not taken:
            yield node


def _called_as(setup: SetUp, pool: ast.Call) -> str:
    """What the file with the pool calls the function that registers."""
    statement = setup.call
    there = setup.around.at(statement)
    if there is not setup.around.at(pool):
        raise CannotFix("it is called in another file")
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    return there.draft().text(statement.value.func)


def _rewrite(setup: SetUp, pool: ast.Call, code: str) -> Iterator[tuple[SourceText, str]]:
    home = setup.around.at(pool)
    home.check()
    draft = home.draft()
    add_keyword(draft, pool, f"initializer={code}")
    if setup.function is not None:
        take_out_of(draft, home, [setup.call])
        yield home.source, draft.finish()
        return
    if setup.around is not home or code in draft.names:
        raise CannotFix("registered in another file")
    writer = Writer(setup, home, None, draft, leaves=True)
    body = writer.body()
    top = home.top_statement(setup.statements[-1])
    writer.insert(top, f"def {code}():{draft.newline}{body}")
    yield from writer.texts()
