"""``--fix`` and ``--diff``: the files afterwards."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

import callscope.cli.apply
from callscope.cli.apply import Group
from tests.cli.conftest import Run
from tests.cli.programs import BROKEN, CLEAN


def test_fix_repairs_the_file_and_says_so(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    outcome = run("check", "--fix")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert "Fixed app.py: CB201 reply-signature" in lines
    assert "Fixed 1 finding in 1 file" in lines
    assert run("check").code == 0


def test_fix_is_done_once(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    run("check", "--fix")
    once = (folder / "app.py").read_bytes()
    before = (folder / "app.py").stat().st_mtime_ns
    outcome = run("check", "--fix")
    assert "Fixed" not in outcome.out
    assert (folder / "app.py").read_bytes() == once
    assert (folder / "app.py").stat().st_mtime_ns == before, "nothing to do, nothing written"


@pytest.mark.parametrize(
    ("head", "newline", "encoding"),
    [
        (b"", "\r\n", "utf-8"),
        (b"\xef\xbb\xbf", "\n", "utf-8"),
        (b"# -*- coding: latin-1 -*-\n# caf\xe9 \x85\n", "\n", "latin-1"),
        ("# 漢字🎉\x0c\n".encode(), "\n", "utf-8"),
    ],
    ids=["crlf", "bom", "latin-1", "emoji"],
)
def test_all_bytes_outside_the_edit_are_kept(
    run: Run, folder: Path, head: bytes, newline: str, encoding: str
) -> None:
    raw = head + BROKEN.replace("\n", newline).encode(encoding)
    (folder / "app.py").write_bytes(raw)
    assert run("check", "--fix").code == 0
    fixed = (folder / "app.py").read_bytes()
    assert fixed != raw
    assert fixed.startswith(head)
    old, new = raw.split(b"\n"), fixed.split(b"\n")
    changed = [number for number, line in enumerate(old) if line not in new]
    assert len(changed) == 1
    assert b"def on_reply(message)" in old[changed[0]]
    assert fixed.count(b"\r") == fixed.count(b"\n") * (newline == "\r\n")


def test_no_line_break_at_the_end_is_kept(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN.rstrip("\n"))
    run("check", "--fix")
    assert not (folder / "app.py").read_text().endswith("\n")


def test_the_mode_and_a_link_are_kept(run: Run, folder: Path) -> None:
    (folder / "real").mkdir()
    real = folder / "real" / "app.txt"
    real.write_text(BROKEN)
    real.chmod(0o751)
    (folder / "app.py").symlink_to(real)
    assert run("check", "--fix", "app.py").code == 0
    assert (folder / "app.py").is_symlink()
    assert real.read_text() != BROKEN
    assert stat.S_IMODE(real.stat().st_mode) == 0o751
    assert [path.name for path in (folder / "real").iterdir()] == ["app.txt"], "no draft is left"


def test_a_read_only_file_is_left_alone(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    (folder / "app.py").chmod(0o444)
    outcome = run("check", "--fix", "--output-format", "json")
    assert outcome.code == 2
    assert "app.py: not fixed: the file is read-only" in outcome.err
    assert len(outcome.findings) == 1, "the finding is still told"
    assert (folder / "app.py").read_text() == BROKEN


def test_a_file_changed_meanwhile_is_left_alone(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.py").write_text(BROKEN)

    def fix_sources(*arguments: object) -> Group:
        (folder / "app.py").write_text("# mine\n")
        return callscope.cli.apply.fix_sources(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("callscope.cli.inspect_file.fix_sources", fix_sources)
    outcome = run("check", "--fix")
    assert outcome.code == 2
    assert "has changed in the meantime" in outcome.err
    assert (folder / "app.py").read_text() == "# mine\n"


def test_a_failure_while_writing_loses_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.py").write_text(BROKEN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = run("check", "--fix")
    assert outcome.code == 2
    assert "not fixed: No space left on device" in outcome.err
    assert (folder / "app.py").read_text() == BROKEN
    assert [path.name for path in folder.iterdir()] == ["app.py"]


def test_a_bug_of_ours_while_fixing_leaves_the_file(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.py").write_text(BROKEN)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("oops")

    monkeypatch.setattr(callscope.cli.apply, "fix_all", broken)
    outcome = run("check", "--fix", "--output-format", "concise")
    assert outcome.code == 2
    assert "internal error while checking app.py: ValueError: oops" in outcome.err
    assert "error[CB201]" in outcome.out
    assert (folder / "app.py").read_text() == BROKEN


def test_diff_changes_nothing_and_can_be_applied(run: Run, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "app.py").write_text(BROKEN.rstrip("\n"))
    outcome = run("check", "--diff", ".")
    assert outcome.code == 1
    assert (folder / "sub" / "app.py").read_text() == BROKEN.rstrip("\n")
    assert "-def on_reply(message):" in outcome.out
    assert outcome.err.splitlines()[0] == "Would fix 1 finding in 1 file"
    patch = subprocess.run(
        ["git", "apply", "-"], input=outcome.out, text=True, cwd=folder, check=False
    )
    assert patch.returncode == 0
    assert run("check").code == 0


def test_diff_of_nothing(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    outcome = run("check", "--diff")
    assert (outcome.code, outcome.out) == (0, "")


AGENTS = """\
from autogen import AssistantAgent

clerk = AssistantAgent("clerk", llm_config=False)


def answer(text):
    return clerk.generate_reply(messages=[{"role": "user", "content": text}])
"""
HOOKS = "def polite(content):\n    return content\n"
MAIN = """\
import multiprocessing

from agents import answer, clerk
from hooks import polite

if __name__ == "__main__":
    clerk.register_hook("process_last_received_message", polite)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(answer, ["a"]))
"""
PROJECT = {"agents.py": AGENTS, "hooks.py": HOOKS, "main.py": MAIN}


@pytest.fixture
def project(folder: Path) -> Path:
    """A program of three files, one of whose findings is mended in two of them."""
    for name, text in PROJECT.items():
        (folder / name).write_text(text)
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_fix_of_two_files(run: Run, project: Path) -> None:
    diff = run("check", "--diff", "--unsafe-fixes").out
    assert texts(project) == PROJECT
    assert "+clerk.register_hook" in diff
    assert "-    clerk.register_hook" in diff
    outcome = run("check", "--fix", "--unsafe-fixes")
    assert outcome.code == 0, outcome
    assert "Fixed main.py: CB102 registration-lost-in-worker" in outcome.out
    assert texts(project)["agents.py"] == AGENTS.replace("import AssistantAgent\n", (
        "import AssistantAgent\n\nfrom hooks import polite\n"
    )).replace("False)\n", (
        'False)\nclerk.register_hook("process_last_received_message", polite)\n'
    ))  # fmt: skip
    assert "polite" not in texts(project)["main.py"]
    assert run("check").code == 0


def test_only_files_that_are_named_are_changed(run: Run, project: Path) -> None:
    run("check", "--fix", "--unsafe-fixes", "main.py")
    assert texts(project)["agents.py"] == AGENTS
    assert texts(project)["hooks.py"] == HOOKS


def test_all_files_of_a_fix_are_written_or_none(run: Run, project: Path) -> None:
    (project / "agents.py").chmod(0o444)
    outcome = run("check", "--fix", "--unsafe-fixes")
    assert outcome.code == 2
    assert "main.py: not fixed: agents.py: the file is read-only" in outcome.err
    assert texts(project) == PROJECT


def test_what_was_written_is_taken_back(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def fails_for_main(draft: Path, target: Path) -> Path:
        if target.name == "main.py":
            raise OSError(5, "Input/output error")
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", fails_for_main)
    outcome = run("check", "--fix", "--unsafe-fixes")
    assert outcome.code == 2
    assert "not fixed: main.py: Input/output error" in outcome.err
    assert texts(project) == PROJECT, "nothing is half done, no draft is left"
