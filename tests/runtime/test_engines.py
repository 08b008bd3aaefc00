"""``examples/scale``, run on the real engines.

In each of its folders, ``lost`` is a program whose callback does not reach the worker, ``fixed``
the same program with the registration where the engine has a place for it, and ``kept`` one that
looks as suspicious and works, because importing its modules is enough. Where the work stays in one
process, what is lost is the answer to somebody's own question, or that a callback fires once. What Callscope's own fixes
make of ``lost`` is run in ``tests/fixes/test_engines_run.py``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from callscope.check import check
from callscope.contracts import Target
from callscope.project import Config, Project, Workspace
from callscope.source import SourceText
from tests.runtime import harness
from tests.runtime.engines import ENGINES, SHARING, Engine, perform
from tests.runtime.harness import Environment
from tests.runtime.install import ROOT, UnavailableError
from tests.runtime.releases import ENGINES_ON, TARGETS

SCALE = ROOT / "examples" / "scale"
FORMS = ("lost", "fixed", "kept")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="most engines need a fork"),
    pytest.mark.skipif(ENGINES_ON not in TARGETS, reason=f"the engines are tried on {ENGINES_ON}"),
]


@pytest.fixture(scope="session")
def env() -> Environment:
    try:
        return harness.engines()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_where_the_callback_runs(
    env: Environment, engine: Engine, form: str, tmp_path: Path
) -> None:
    needs(env, engine)
    outcome = perform(env, engine, copied(engine, form, tmp_path), fixed=form == "fixed")
    assert outcome.ended == 0, outcome
    assert outcome.answered_by, outcome
    assert outcome.asked_by not in outcome.answered_by, outcome
    # Where it fires, it does so once for each answer, and in the very process that answered.
    expected = [] if form == "lost" else sorted(outcome.answered_by)
    assert sorted(outcome.callback_in) == expected, outcome


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", SHARING, ids=str)
def test_what_comes_of_sharing(env: Environment, engine: Engine, form: str, tmp_path: Path) -> None:
    outcome = perform(env, engine, copied(engine, form, tmp_path))
    assert outcome.ended == 0, outcome
    assert set(outcome.answered_by) == {outcome.asked_by}, outcome
    assert len(outcome.answered_by) == 3, outcome
    lost = form == "lost"
    assert outcome.mixed == (lost and engine.code == "CB101"), outcome
    # Where each run registers once more, the k-th answer has k callbacks.
    times = 6 if lost and engine.code == "CB103" else 3
    assert outcome.callback_in == [outcome.asked_by] * times, outcome


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", [*ENGINES, *SHARING], ids=str)
def test_what_is_said_of_it(engine: Engine, form: str) -> None:
    expected = [(engine.code, *engine.finding)] if form == "lost" else []
    assert findings(SCALE / engine.folder / form) == expected


def test_every_folder_is_run() -> None:
    folders = {path.name for path in SCALE.iterdir() if path.is_dir()}
    assert {engine.folder for engine in (*ENGINES, *SHARING)} == folders


def copied(engine: Engine, form: str, tmp_path: Path) -> Path:
    """The program of that form, in a folder of its own."""
    folder = tmp_path / form
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SCALE / engine.folder / form, folder, ignore=ignored)
    return folder


def needs(env: Environment, engine: Engine) -> None:
    """Skip the test where this Python or system cannot have the engine."""
    if engine.folder == "ray" and not env.has("ray"):
        pytest.skip("Ray has no package for this Python or system")
    if engine.folder == "spark" and not env.has("pyspark"):
        pytest.skip("pyspark is not installed along: 430 MB, and half a minute for each run")
    if engine.folder == "concurrent_futures" and sys.version_info < (3, 11):
        pytest.skip("max_tasks_per_child is new in Python 3.11")


def findings(folder: Path) -> list[tuple[str, str, str, str]]:
    """Code, severity, file and text of the line of all that is found in a project."""
    workspace = Workspace(folder)
    project = Project(Config(target=Target.parse(ENGINES_ON)))
    found = []
    for path in sorted(folder.rglob("*.py")):
        source = SourceText(path, path.read_text(encoding="utf-8"))
        for each in check(project, source, workspace).findings:
            line = source.line(each.range.start.line).strip()
            name = path.relative_to(folder).as_posix()
            found.append((each.code, each.severity.value, name, line))
    return found
