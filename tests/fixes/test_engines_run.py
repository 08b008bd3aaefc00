"""What is lost in ``examples/scale``, fixed in each way on offer and run on the real engines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscope.check import check, fixes_for
from callscope.contracts import Target
from callscope.fixes import Fix
from callscope.project import Config, Project, Workspace
from callscope.source import SourceText
from tests.runtime.engines import ENGINES, SHARING, Engine, perform
from tests.runtime.harness import Environment
from tests.runtime.releases import ENGINES_ON, TARGETS
from tests.runtime.test_engines import copied, env, needs

__all__ = ["env"]

pytestmark = [
    pytest.mark.runtime,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="most engines need a fork"),
    pytest.mark.skipif(ENGINES_ON not in TARGETS, reason=f"the engines are tried on {ENGINES_ON}"),
]

EVERYWHERE = ("beside", "(fresh chat", "cached")
"""What nearly every engine's fixes have in common: the engines take turns."""

ELSEWHERE = {
    "in each": ("multiprocessing", "multiprocess"),
    "Let Celery": ("celery",),
    "lifespan": ("uvicorn",),
    "Depends": ("uvicorn",),
}
"""What an engine has a place of its own for."""

LOST = [each for each in ENGINES if not each.variant]
CASES = [(engine, EVERYWHERE[turn % 3]) for turn, engine in enumerate(LOST)]
CASES += [
    (engine, way)
    for way, folders in ELSEWHERE.items()
    for engine in LOST
    if engine.folder in folders
]


def offered(folder: Path, code: str = "CB102") -> Iterator[tuple[SourceText, Fix]]:
    """The fixes for what ``code`` says of a project, each with the text that it says it of."""
    workspace = Workspace(folder)
    project = Project(Config(target=Target.parse(ENGINES_ON)))
    for path in sorted(folder.rglob("*.py")):
        source = workspace.sources.text(path)
        assert source is not None
        report = check(project, source, workspace)
        for finding in report.findings:
            if finding.code == code:
                yield from ((source, fix) for fix in fixes_for(report, finding))


def apply(source: SourceText, fix: Fix) -> None:
    source.path.write_text(fix.new_text, encoding="utf-8")
    for change in fix.elsewhere:
        change.source.path.write_text(change.new_text, encoding="utf-8")


@pytest.mark.parametrize(("engine", "way"), CASES, ids=str)
def test_a_fixed_program_has_its_callback_back(
    env: Environment,
    engine: Engine,
    way: str,
    tmp_path: Path,
) -> None:
    needs(env, engine)
    folder = copied(engine, "lost", tmp_path)
    found = [(source, fix) for source, fix in offered(folder, engine.code) if way in fix.title]
    if not found:
        assert way == "cached", "that one is offered"
        pytest.skip("not a way for this engine")
    source, fix = found[0]
    apply(source, fix)
    outcome = perform(env, engine, folder)
    assert outcome.answered_by, f"{fix.title}\n{outcome}"
    assert outcome.asked_by not in outcome.answered_by, f"{fix.title}\n{outcome}"
    # Dask computes once more what a worker that ends has taken along.
    counted = set if "recomputed elsewhere" in str(outcome) else sorted
    assert counted(outcome.callback_in) == counted(outcome.answered_by), f"{fix.title}\n{outcome}"


@pytest.mark.parametrize("engine", SHARING, ids=str)
def test_a_fixed_program_shares_nothing_that_matters(
    env: Environment, engine: Engine, tmp_path: Path
) -> None:
    ways = len(list(offered(copied(engine, "lost", tmp_path), engine.code)))
    assert ways > 0
    for way in range(ways):
        folder = copied(engine, "lost", tmp_path / str(way))
        source, fix = list(offered(folder, engine.code))[way]
        apply(source, fix)
        outcome = perform(env, engine, folder)
        assert len(outcome.answered_by) == 3, f"{fix.title}\n{outcome}"
        assert not outcome.mixed, f"{fix.title}\n{outcome}"
        assert outcome.callback_in == outcome.answered_by, f"{fix.title}\n{outcome}"
