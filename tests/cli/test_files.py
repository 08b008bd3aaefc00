"""Which files are looked at, and what becomes of those that cannot be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import callscope.cli.pool
from callscope.check import Report, check
from callscope.project import Project, Workspace
from callscope.source import SourceText
from tests.cli.conftest import Run
from tests.cli.programs import BROKEN, CLEAN, UNRELATED


def _paths(found: list[dict[str, Any]]) -> list[str]:
    return [str(finding["path"]) for finding in found]


def test_folders_are_walked_in_order(run: Run, folder: Path) -> None:
    places = ["a.py", "b/x.py", "b/y/z.py", "c.py"]
    skipped = [
        ".venv/lib/x.py", "venv/x.py", "node_modules/x.py", "__pycache__/x.py", "build/x.py",
        "dist/x.py", ".tox/x.py", ".nox/x.py", ".git/x.py", ".hidden/x.py",
        "b/site-packages/x.py", "env/x.py", "a.pyi", "notes.txt", ".#a.py",
    ]  # fmt: skip
    for place in places + skipped:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(BROKEN)
    (folder / "env" / "pyvenv.cfg").write_text("")
    outcome = run("check", "--output-format", "json")
    assert _paths(outcome.findings) == [str(Path(place)) for place in places]


def test_paths_are_shown_as_given(run: Run, folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text(BROKEN)
    assert _paths(run("check", "--output-format", "json", "src").findings) == ["src/app.py"]
    absolute = str(folder / "src" / "app.py")
    assert _paths(run("check", "--output-format", "json", absolute).findings) == [absolute]


def test_what_is_named_is_checked_wherever_it_is(run: Run, folder: Path) -> None:
    (folder / "build").mkdir()
    (folder / "build" / "script").write_text(BROKEN)
    assert run("check", "build/script").code == 1


def test_a_file_named_twice_is_checked_once(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    assert len(run("check", "--output-format", "json", ".", "app.py").findings) == 1


def test_excluded_by_configuration(run: Run, folder: Path) -> None:
    for place in ("keep.py", "gen_pb2.py", "old/a.py", "src/legacy/b.py", "src/new.py"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(BROKEN)
    (folder / "callscope.toml").write_text('exclude = ["*_pb2.py", "old", "src/legacy/*"]\n')
    found = _paths(run("check", "--output-format", "json").findings)
    assert found == ["keep.py", str(Path("src/new.py"))]


def test_the_nearest_configuration_wins(run: Run, folder: Path) -> None:
    (folder / "callscope.toml").write_text('ignore = ["CB201"]\n')
    (folder / "app.py").write_text(BROKEN)
    (folder / "sub").mkdir()
    (folder / "sub" / "callscope.toml").write_text("")
    (folder / "sub" / "app.py").write_text(BROKEN)
    found = _paths(run("check", "--output-format", "json").findings)
    assert found == [str(Path("sub/app.py"))]


def test_links_do_not_loop(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert _paths(run("check", "--output-format", "json").findings) == ["app.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_does_not_block(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    (folder / "app.py").write_text(BROKEN)
    assert run("check").code == 1


def test_an_empty_file(run: Run, folder: Path) -> None:
    (folder / "app.py").write_bytes(b"")
    assert run("check", "app.py").code == 0


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("binary.py", b"import autogen\0\xff\xfe", "is binary"),
        ("latin.py", b"import autogen\ns = '\xe9'\n", "not valid utf-8"),
        ("cookie.py", b"# coding: no-such\nimport autogen\n", "cannot be decoded"),
    ],
)
def test_unreadable_files_do_not_stop_the_rest(
    run: Run, folder: Path, name: str, raw: bytes, message: str
) -> None:
    (folder / name).write_bytes(raw)
    (folder / "z.py").write_text(BROKEN)
    outcome = run("check", "--output-format", "json")
    assert outcome.code == 2
    assert _paths(outcome.findings) == ["z.py"]
    assert f"error: {name}: " in outcome.err
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_an_odd_file_that_does_not_matter_is_nobodys_concern(run: Run, folder: Path) -> None:
    (folder / "binary.py").write_bytes(b"\0\xff")
    (folder / "plain.py").write_text(UNRELATED)
    assert run("check").code == 0
    assert run("check", "binary.py").code == 2, "unless it is named"


def test_paths_that_lead_nowhere(run: Run, folder: Path) -> None:
    (folder / "dangling.py").symlink_to(folder / "nowhere")
    (folder / "app.py").write_text(BROKEN)
    outcome = run("check", "--output-format", "json", ".", "missing.py")
    assert outcome.code == 2
    assert len(outcome.findings) == 1
    assert "dangling.py: no such file" in outcome.err
    assert "missing.py: no such file" in outcome.err


def test_a_folder_called_like_a_file(run: Run, folder: Path) -> None:
    (folder / "x.py").mkdir()
    (folder / "x.py" / "app.py").write_text(BROKEN)
    outcome = run("check", "--output-format", "json", "x.py")
    assert _paths(outcome.findings) == [str(Path("x.py/app.py"))]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    (folder / "app.py").chmod(0)
    outcome = run("check")
    assert outcome.code == 2
    assert "app.py: permission denied" in outcome.err


def test_a_syntax_error_costs_only_its_statement(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(f"{BROKEN}\n\nuser.register_reply(\n")
    outcome = run("check", "--output-format", "json", "app.py")
    assert outcome.code == 1
    assert [finding["line"] for finding in outcome.findings] == [11]
    assert outcome.err.startswith("app.py:15:")
    assert "syntax error" in outcome.err
    assert "the rest of the file was checked" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "raw",
    [
        BROKEN.replace("\n", "\r\n").encode(),
        BROKEN.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + BROKEN.encode(),
        b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + BROKEN.encode(),
    ],
    ids=["crlf", "cr", "bom", "latin-1"],
)
def test_line_breaks_and_encodings(run: Run, folder: Path, raw: bytes) -> None:
    (folder / "app.py").write_bytes(raw)
    outcome = run("check", "--output-format", "json", "app.py")
    (found,) = outcome.findings
    assert (found["line"], found["column"]) == (11 + 2 * (b"latin" in raw), 49)


def test_a_very_long_file(run: Run, folder: Path) -> None:
    filler = "".join(f"def f{number}(x):\n    return x + {number}\n" for number in range(10_000))
    (folder / "app.py").write_text(filler + BROKEN)
    (found,) = run("check", "--output-format", "json", "app.py").findings
    assert found["line"] == 20_011


def test_many_files_give_the_same_as_few(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        (folder / f"m{number:02}.py").write_text(BROKEN if number % 3 else CLEAN)
    (folder / "m05.py").write_bytes(b"autogen\0")
    few = run("check", "--output-format", "json")
    monkeypatch.setattr(callscope.cli.pool, "WORTH_A_POOL", 4)
    many = run("check", "--output-format", "json")
    assert len(many.findings) == 7
    assert many == few


def test_a_bug_of_ours_in_one_file(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.py").write_text(BROKEN)
    (folder / "bad.py").write_text(BROKEN)

    def flawed(project: Project, source: SourceText, workspace: Workspace) -> Report:
        if source.path.name == "bad.py":
            raise RecursionError("too deep")
        return check(project, source, workspace)

    monkeypatch.setattr("callscope.cli.inspect_file.check", flawed)
    outcome = run("check", "--output-format", "json")
    assert outcome.code == 2
    assert _paths(outcome.findings) == ["a.py"]
    assert "internal error while checking bad.py: RecursionError: too deep; please report" in (
        outcome.err
    )
    assert "Traceback" not in outcome.err
    monkeypatch.setenv("CALLSCOPE_DEBUG", "1")
    assert "Traceback" in run("check").err


def test_a_bug_of_ours_anywhere_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def flawed(_: object) -> None:
        raise ImportError("half a release")

    monkeypatch.setattr("callscope.cli.check_command.run", flawed)
    outcome = run("check")
    assert outcome.code == 2
    assert "internal error: ImportError: half a release; please report" in outcome.err
    assert "Traceback" not in outcome.err
