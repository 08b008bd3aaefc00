"""Distributions with AutoGen's name, or that used to hold it, in which ``import autogen`` fails."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PROGRAM = "import autogen\n\nagent = autogen.ConversableAgent('agent', llm_config=False)\n"


@pytest.fixture(
    scope="module", params=["ag2==1.2.1", "pyautogen==0.10.0", "autogen-agentchat==0.7.5"]
)
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with one distribution, without what that depends on."""
    folder = tmp_path_factory.mktemp("distribution")
    venv.create(folder, with_pip=False)
    bin_folder = "Scripts" if sys.platform == "win32" else "bin"
    python = next((folder / bin_folder).glob("python*"))
    packages = next(folder.rglob("site-packages"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--target", packages, request.param], check=True, capture_output=True)
    return python


def test_the_import_fails(python: Path) -> None:
    done = subprocess.run([python, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: No module named 'autogen'" in done.stderr


def test_the_checker_says_so(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "callscope", "check", "--output-format", "json"]
    done = subprocess.run(
        [*command, "--python", python, program], capture_output=True, text=True, check=False
    )
    findings = json.loads(done.stdout)
    assert [(f["code"], f["severity"], f["line"]) for f in findings] == [("CB901", "error", 1)]
