"""Agents of installed packages, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.project.resolver import Resolver
from tests.cli.conftest import Run
from tests.project.environments import environment

TEXT = """\
from acme_agents import SupportAgent

def on_reply(message):
    return False, None

SupportAgent("s").register_reply([None], on_reply)
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path / ".cache"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


@pytest.mark.parametrize("number", [1, 50])
def test_files_that_never_mention_autogen(run: Run, folder: Path, number: int) -> None:
    environment(folder / ".env")
    for each in range(number):
        (folder / f"app{each}.py").write_text(TEXT)
    (folder / "other.py").write_text(TEXT.replace("acme_agents", "other_agents"))
    outcome = run("check", ".", "--python", ".env", "--output-format", "json")
    assert outcome.code == 1
    assert [found["code"] for found in outcome.findings] == ["CB201"] * number
    assert run("check", ".", "--output-format", "json").code == 0


def test_the_environment_of_the_project(run: Run, folder: Path) -> None:
    environment(folder / ".venv")
    (folder / ".venv" / "pyvenv.cfg").touch()
    (folder / "app.py").write_text(TEXT)
    assert "CB201" in run("check", "app.py").out


def test_other_programs_start_no_process(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a process is started")

    monkeypatch.setattr(Resolver, "ask", refuse)
    environment(folder / ".env")
    (folder / "app.py").write_text(
        "import autogen, requests, acme\nfrom openai import OpenAI\nfrom celery import Celery\n"
        "requests.get(OpenAI().url)\nCelery(acme.agents.name)\n"
    )
    assert run("check", "app.py", "--python", ".env").code == 0


def test_nothing_is_kept_if_nothing_is_to_be(run: Run, folder: Path) -> None:
    environment(folder / ".env")
    (folder / "app.py").write_text(TEXT)
    assert run("check", "app.py", "--python", ".env", "--no-cache").code == 1
    assert not (folder / ".cache").exists()
