"""The release that a lock file pins, for a project that is not installed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.project import Project, Projects
from callscope.project.locked import LOCK_FILES, Locked, locked_release

UV = """
version = 1

[[package]]
name = "ag2"
version = "0.9.10"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "anyio"
version = "4.4.0"
"""
PDM = '[[package]]\nname = "Autogen-AgentChat"\nversion = "0.2.40"\nrequires_python = ">=3.8"\n'
PYLOCK = '[[packages]]\nname = "pyautogen"\nversion = "0.2.35"\n'
PIPENV = '{"_meta": {}, "default": {"ag2": {"extras": ["openai"], "version": "==0.9.9"}}}'
COMPILED = "anyio==4.4.0\n    # via ag2\nag2[openai]==0.11.5 ; python_version < '3.14' \\\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("uv.lock", UV, "ag2==0.9.10"),
        ("poetry.lock", UV.replace("\n", "\r\n"), "ag2==0.9.10"),
        ("pdm.lock", PDM, "autogen-agentchat==0.2.40"),
        ("pylock.toml", PYLOCK, "pyautogen==0.2.35"),
        ("Pipfile.lock", PIPENV, "ag2==0.9.9"),
        ("requirements.txt", COMPILED, "ag2==0.11.5"),
        ("requirements.lock", "autogen == 0.14.1  # the last\nag2==0.14.0\n", "autogen==0.14.1"),
    ],
)
def test_each_kind_of_lock_file(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert name in LOCK_FILES
    project = Project.at(tmp_path)
    assert str(project.target) == expected
    assert project.target_origin == f"pinned in {tmp_path / name}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "ag2>=0.9\nautogen\n# ag2==0.9.10\nmy-ag2==0.9.10\n"),
        ("requirements.txt", "ag2==nonsense\n"),
        # Another framework by a name that classic AutoGen once had.
        ("requirements.txt", "autogen-agentchat==0.7.5\nautogen-core==0.7.5\nag2==1.2.1\n"),
        ("uv.lock", '[[package]]\nname = "ag2-tools"\nversion = "0.9.10"\n'),
        ("Pipfile.lock", "{"),
        ("Pipfile.lock", '{"default": {"ag2": {"git": "https://example.org/ag2"}}}'),
        ("Pipfile.lock", '{"default": ["ag2"]}'),
        ("poetry.lock", "\udcff"),
    ],
)
def test_nothing_is_made_of_anything_else(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, errors="surrogateescape")
    assert locked_release(tmp_path) is None
    assert Project.at(tmp_path).origin.kind == "assumed"


def test_the_nearest_one_that_names_autogen_counts(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    inner = tmp_path / "services" / "desk"
    inner.mkdir(parents=True)
    (inner / "requirements.txt").write_text("celery==5.4.0\n")
    found = locked_release(inner / "app.py")
    assert found is not None
    assert found.path == tmp_path / "uv.lock"
    (inner / "requirements.txt").write_text(COMPILED)
    found = locked_release(inner)
    assert found is not None
    assert found.path == inner / "requirements.txt"
    projects = Projects()
    assert str(projects.of(tmp_path / "a.py").target) == "ag2==0.9.10"
    assert str(projects.of(inner / "a.py").target) == "ag2==0.11.5"


def test_what_is_installed_or_configured_counts_more(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("")
    project = Project.at(tmp_path)
    assert isinstance(project.locked, Locked), "an environment without AutoGen says nothing"
    assert project.origin.kind == "locked"

    (site / "ag2-0.12.3.dist-info").mkdir()
    project = Project.at(tmp_path)
    assert str(project.target) == "ag2==0.12.3"
    assert (project.origin.kind, project.origin.place) == ("installed", tmp_path / ".venv")

    (tmp_path / "callscope.toml").write_text('target = "ag2==0.10.5"\n')
    project = Project.at(tmp_path)
    assert str(project.target) == "ag2==0.10.5"
    assert (project.origin.kind, project.origin.place) == (
        "configured",
        tmp_path / "callscope.toml",
    )

    project = Project.at(tmp_path, settings={"target": "ag2==0.10.5"})
    assert (project.origin.kind, project.origin.place) == ("given", None)
    project = Project.at(tmp_path, settings={"target": "nonsense"})
    assert project.origin.kind == "configured"
