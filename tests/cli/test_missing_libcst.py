"""Where libcst is missing, files are checked all the same, and it is said why nothing is fixed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import crippled
from tests.cli.programs import BROKEN, CLEAN


def _run(
    folder: Path, env: Mapping[str, str] | None, *arguments: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "callscope", "check", *arguments]
    return subprocess.run(
        command, capture_output=True, cwd=folder, env=env, check=False, timeout=60, text=True
    )


@pytest.mark.parametrize("kind", crippled.KINDS)
def test_it_is_checked_without_fixes(tmp_path: Path, kind: str) -> None:
    env = crippled.environment(tmp_path / "packages", kind)
    (tmp_path / "app.py").write_text(BROKEN)
    outcome = _run(tmp_path, env, "app.py")
    assert outcome.returncode == 1
    assert "app.py:11:49: error[CB201]" in outcome.stdout
    assert "fix" not in outcome.stdout
    assert outcome.stderr.count("warning: no fixes are offered: fixes need libcst, which") == 1
    found = json.loads(_run(tmp_path, env, "app.py", "--output-format", "json").stdout)
    assert [(each["code"], each["fix"]) for each in found] == [("CB201", None)]


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_fixing_is_refused(tmp_path: Path, option: str) -> None:
    env = crippled.environment(tmp_path / "packages", "for another platform")
    (tmp_path / "app.py").write_text(BROKEN)
    outcome = _run(tmp_path, env, "app.py", option)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(
        f"callscope: error: {option}: fixes need libcst, which Python "
    )
    assert "Traceback" not in outcome.stderr
    assert (tmp_path / "app.py").read_text() == BROKEN


def test_nothing_is_said_where_no_fix_is_wanted(tmp_path: Path) -> None:
    env = crippled.environment(tmp_path / "packages", "absent")
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "app.py").write_text(BROKEN)
    assert "libcst" not in _run(tmp_path, env, "clean.py").stderr
    assert "libcst" not in _run(tmp_path, env, "app.py", "--output-format", "concise").stderr


def test_an_answer_without_fixes_is_not_kept(tmp_path: Path) -> None:
    env = crippled.environment(tmp_path / "packages", "absent")
    (tmp_path / "app.py").write_text(BROKEN)
    assert "╰─ fix:" not in _run(tmp_path, env, ".").stdout
    assert "fix: " in _run(tmp_path, None, ".").stdout
