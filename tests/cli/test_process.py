"""The command as a process: pipes, signals, and how little it loads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import BROKEN, CLEAN

COMMAND = [sys.executable, "-m", "callscope"]


def _run(
    *arguments: str, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, cwd=cwd, check=False, timeout=60
    )


def test_stdin_is_checked(tmp_path: Path) -> None:
    outcome = _run("check", "-", "--output-format", "concise", stdin=BROKEN.encode())
    assert outcome.returncode == 1
    assert outcome.stdout.startswith(b"<stdin>:11:49: error[CB201] ")
    named = _run(
        "check", "-", "--stdin-filename", "src/app.py", "--output-format", "concise",
        stdin=BROKEN.encode(), cwd=tmp_path,
    )  # fmt: skip
    assert named.stdout.startswith(b"src/app.py:11:49: ")


def test_stdin_uses_the_configuration_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "callscope.toml").write_text('ignore = ["CB201"]\n')
    named = str(tmp_path / "app.py")
    outcome = _run("check", "-", "--stdin-filename", named, stdin=BROKEN.encode())
    assert outcome.returncode == 0


def test_stdin_is_fixed_to_stdout() -> None:
    raw = b"\xef\xbb\xbf" + BROKEN.replace("\n", "\r\n").encode()
    outcome = _run("check", "--fix", "-", stdin=raw)
    assert outcome.returncode == 0
    assert outcome.stdout.startswith(b"\xef\xbb\xbfimport autogen\r\n")
    assert b"def on_reply(message)" not in outcome.stdout
    assert outcome.stdout.count(b"\n") == outcome.stdout.count(b"\r")
    assert b"Fixed <stdin>" in outcome.stderr


def test_binary_stdin() -> None:
    outcome = _run("check", "-", stdin=b"\0\1\2")
    assert outcome.returncode == 2
    assert b"<stdin>: is binary" in outcome.stderr


def test_output_survives_a_terminal_without_unicode(tmp_path: Path) -> None:
    text = BROKEN.replace("\nassistant.reg", '\n_ = "漢"; assistant.reg')
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    outcome = subprocess.run(
        [*COMMAND, "check", "app.py"],
        capture_output=True,
        cwd=tmp_path,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert outcome.returncode == 1
    assert outcome.stderr == b""
    assert rb"\u6f22" in outcome.stdout
    assert b"`- fix: " in outcome.stdout


@pytest.mark.skipif(os.name == "nt", reason="no such pipes")
def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"m{number}.py").write_text(BROKEN)
    process = subprocess.Popen(
        [*COMMAND, "check", "--output-format", "concise"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    assert process.wait(60) in (1, 141)
    assert b"Traceback" not in error
    assert b"BrokenPipe" not in error


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently")
def test_an_interrupt_ends_it_quietly(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"m{number}.py").write_text(BROKEN)
    process = subprocess.Popen(
        [*COMMAND, "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    assert process.poll() is None, "it ended before it could be interrupted"
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error.decode().strip() == "interrupted"


def test_the_heavy_is_not_loaded_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CLEAN)
    code = (
        "import sys; from callscope.cli import main; main(['check', '-q', sys.argv[1]]);"
        "print([m for m in ('libcst', 'jedi', 'lsprotocol', 'pygls') if m in sys.modules])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert outcome.stdout.strip().endswith("[]")
