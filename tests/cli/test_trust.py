"""What the command never does: run code of what it checks, or go online."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.traps import Traps, prove, set_traps, watch_network

SCRIPT = Path(sys.executable).with_name("callscope")


@pytest.fixture
def traps(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Traps:
    return set_traps(tmp_path, tmp_path_factory.mktemp("outside") / "mark")


def _check(command: list[str], traps: Traps) -> str:
    path = f"{traps.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*command, "check", "--output-format", "concise", "--diff", "--unsafe-fixes", "."],
        cwd=traps.root,
        env={**os.environ, "PATH": path, "VIRTUAL_ENV": str(traps.root / ".venv")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


def test_the_traps_work(traps: Traps) -> None:
    prove(traps)


def test_no_code_of_what_is_checked_is_run(traps: Traps) -> None:
    output = _check([str(SCRIPT)], traps)
    assert "+def on_reply(" in output
    assert traps.sprung == ""


def test_modules_of_what_is_checked_do_not_pass_for_others(traps: Traps) -> None:
    """Nor if it is run as a module, for which Python looks into the current folder first."""
    # What Python itself imports, to find the package, is beyond what the right one can do.
    for name in ("callscope", "importlib"):
        (traps.root / name).rename(traps.root / f"no_{name}")
    output = _check([sys.executable, "-m", "callscope"], traps)
    assert "+def on_reply(" in output
    assert traps.sprung == ""


def test_nothing_goes_online(
    traps: Traps, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = watch_network(tmp_path_factory.mktemp("watch"), monkeypatch)
    assert "+def on_reply(" in _check([str(SCRIPT)], traps)
    assert set(log.read_text().split("\n")) == {"watching", ""}
