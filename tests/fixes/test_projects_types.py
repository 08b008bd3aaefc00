"""Projects that got a factory for their agent type-check as they did before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixes.test_engines_run import offered
from tests.runtime.engines import ENGINES
from tests.runtime.test_engines import copied

PROJECTS = ("celery", "multiprocessing", "rq")


def complaints(folder: Path) -> list[str]:
    """What mypy says of the files, without their places: those move. The agents are real ones
    where AutoGen is installed, and anything where it is not."""
    command = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--no-error-summary"]
    command += ["--check-untyped-defs", "--hide-error-context", "--config-file=", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return sorted(line.split(" error: ")[-1] for line in done.stdout.splitlines())


@pytest.mark.parametrize("folder", PROJECTS)
def test_the_factory_type_checks(folder: str, tmp_path: Path) -> None:
    engine = next(each for each in ENGINES if each.folder == folder and not each.variant)
    project = copied(engine, "lost", tmp_path)
    before = complaints(project)
    untouched = {path: path.read_text() for path in project.rglob("*.py")}
    source, fix = next((source, fix) for source, fix in offered(project) if "(fresh" in fix.title)
    changed = {source.path: fix.new_text} | {
        change.source.path: change.new_text for change in fix.elsewhere
    }
    assert len(changed) > 1
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    assert complaints(project) == before
    for path, text in untouched.items():
        assert path in changed or path.read_text() == text
