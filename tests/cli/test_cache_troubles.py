"""A cache that cannot be written costs time and nothing else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import cache_troubles
from tests.cli.programs import BROKEN


@pytest.mark.parametrize("kind", cache_troubles.KINDS)
def test_the_answer_is_given_all_the_same(tmp_path: Path, kind: str) -> None:
    project, around = tmp_path / "project", tmp_path / "around"
    project.mkdir()
    around.mkdir()
    (project / "app.py").write_text(BROKEN)
    (project / "other.py").write_text("import app\n")
    env = cache_troubles.environment(kind, around, os.environ)
    for _ in range(2):
        command = [*cache_troubles.command(kind), "check", "."]
        outcome = subprocess.run(
            command, cwd=project, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert outcome.returncode == 1, outcome.stderr
        assert "app.py:11:49: error[CB201]" in outcome.stdout
        assert outcome.stderr == ""
    assert [path for path in around.rglob("*") if path.is_file() and path.stat().st_size > 20] == []
