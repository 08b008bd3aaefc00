"""Real AutoGen to run programs on: throw-away environments, and one process a program.

A program proves something by what it prints: its callback prints ``FIRED``. Programs run offline,
so a reply comes from a registered function, ``default_auto_reply`` or a fake model client.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.runtime.install import python_of, python_with_engines
from tests.runtime.releases import ENGINES_ON

FIRED = "FIRED"

_WINDOWS = sys.platform == "win32"


@dataclass(frozen=True)
class Completed:
    """What became of a program. ``returncode`` is None if it had to be stopped."""

    stdout: str
    stderr: str
    returncode: int | None

    @property
    def fired(self) -> int:
        """How many times the callback said that it fired."""
        return self.stdout.count(FIRED)

    @property
    def problems(self) -> tuple[str, ...]:
        """The exceptions and warnings in what it printed, one line each."""
        return tuple(
            line.strip()
            for line in self.stderr.splitlines()
            if re.match(r"(\w+\.)*\w*(Error|Exception|Required|Interrupt)\b", line)
            or re.search(r": \w*Warning: ", line)
        )

    def __str__(self) -> str:
        ended = "stopped after its time was up" if self.returncode is None else self.returncode
        return f"exit code: {ended}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


@dataclass(frozen=True)
class Environment:
    """An installed AutoGen."""

    target: str
    python: Path

    def has(self, module: str) -> bool:
        """Whether ``module`` can be imported there."""
        code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
        return subprocess.run([self.python, "-c", code], check=False).returncode == 0

    def run(
        self,
        files: Mapping[str, str],
        entry: str,
        *,
        timeout: float = 120,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run ``entry``, one of ``files`` (path to text), in a fresh folder.

        ``timeout`` is in seconds; a program that takes longer is stopped with all it has started.
        ``env`` is added to an environment that reaches no network, asks nothing and knows no key.
        """
        with tempfile.TemporaryDirectory(prefix="callscope-run-") as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return self.run_in(Path(folder), entry, timeout=timeout, args=args, env=env)

    def run_warm(self, text: str, *, timeout: float = 120, args: Sequence[str] = ()) -> Completed:
        """Run a program of one file, several times as fast: AutoGen is imported already.

        The program has its own process all the same, forked from one that did nothing else;
        where there is no fork, this is :meth:`run`.
        """
        if _WINDOWS:
            return self.run({"program.py": text}, "program.py", timeout=timeout, args=args)
        with tempfile.TemporaryDirectory(prefix="callscope-run-") as folder:
            Path(folder, "program.py").write_text(text, encoding="utf-8")
            out, err = Path(folder, ".stdout"), Path(folder, ".stderr")
            job: dict[str, object] = {"folder": folder, "entry": "program.py", "args": list(args)}
            job |= {"stdout": str(out), "stderr": str(err), "timeout": timeout}
            code: int | None = _warm(self.python).ask(job)
            return Completed(_text(out), _text(err), code)

    def run_in(
        self,
        folder: Path,
        entry: str,
        *,
        timeout: float = 120,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Like :meth:`run`, for files that are in ``folder`` already."""
        process = self._start(folder, [entry, *args], env, subprocess.PIPE, subprocess.PIPE)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            _kill_all(process)
            stdout, stderr = process.communicate()
            code = None
        finally:
            _kill_all(process)
        return Completed(stdout, stderr, code)

    @contextlib.contextmanager
    def running_in(
        self, folder: Path, args: Sequence[str], env: Mapping[str, str] | None = None
    ) -> Iterator[Background]:
        """A worker or a server, started in ``folder`` and ended with the block."""
        with tempfile.NamedTemporaryFile("wb", prefix=".output-", dir=folder, delete=False) as file:
            process = self._start(folder, args, env, file, subprocess.STDOUT)
        try:
            yield Background(process, Path(file.name))
        finally:
            _end(process)

    def _start(
        self,
        folder: Path,
        args: Sequence[str],
        env: Mapping[str, str] | None,
        stdout: Any,
        stderr: int,
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.python, *args],
            cwd=folder,
            env={**_quiet_environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=not _WINDOWS,
        )


@dataclass(frozen=True, repr=False)
class Background:
    """A program that runs beside the test."""

    process: subprocess.Popen[str]
    output: Path

    @property
    def pid(self) -> int:
        """The number of the process that was started; its workers have others."""
        return self.process.pid

    def __repr__(self) -> str:
        return f"--- output of process {self.pid}\n{_text(self.output)}"


class Service:
    """A program that an environment's Python runs until the tests end: it is asked in a line of
    JSON, and answers in one."""

    def __init__(self, python: Path, program: Path) -> None:
        self._program = program
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [python, program],
            env=_quiet_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=not _WINDOWS,
        )
        atexit.register(self._process.kill)

    def ask(self, question: object) -> Any:
        """Its answer; one question at a time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            stdin.write(json.dumps(question) + "\n")
            stdin.flush()
            answer = stdout.readline()
        if not answer:
            code = self._process.wait()
            raise RuntimeError(f"{self._program.name} ended with exit code {code}")
        return json.loads(answer)


@cache
def _warm(python: Path) -> Service:
    """A process that has imported AutoGen and forks for each program; see ``warm.py``."""
    return Service(python, Path(__file__).with_name("warm.py"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def run_program(
    target: str,
    files: Mapping[str, str],
    entry: str,
    *,
    timeout: float = 120,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program on ``target``, one of those in ``releases.py``; see :meth:`Environment.run`.

    Raises UnavailableError where the target cannot be installed.
    """
    return environment(target).run(files, entry, timeout=timeout, args=args, env=env)


def _quiet_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE")
    nowhere = "http://127.0.0.1:9"
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "AUTOGEN_USE_DOCKER": "0",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "NO_COLOR": "1",
        "OPENAI_API_KEY": "none",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def _kill_all(process: subprocess.Popen[str]) -> None:
    """End a program's workers with it; those of a pool outlive a parent that was killed."""
    if _WINDOWS:
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[str]) -> None:
    """Let a program end by itself, with all that it has to say, but not for long."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    _kill_all(process)
    process.wait()


def environment(target: str) -> Environment:
    """The environment of ``target``, built first if need be.

    Raises UnavailableError where no Python here can have it, BuildError if installing fails.
    """
    return Environment(target, python_of(target))


def engines() -> Environment:
    """The environment with every engine; raises as :func:`environment` does."""
    return Environment(ENGINES_ON, python_with_engines())
