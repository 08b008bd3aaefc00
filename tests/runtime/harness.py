"""Real AutoGen to run programs on: throw-away environments, and one process a program.

A program proves something by what it prints: its callback prints ``FIRED``. Programs run offline,
so a reply comes from a registered function, ``default_auto_reply`` or a fake model client.

Run as a script, this builds the environments that are missing, which takes about half a minute:

    .venv/bin/python -m tests.runtime.harness
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = (ROOT / ".cache").resolve() / "runtime"

#: The newest release of each line of classic AutoGen.
TARGETS = ("autogen-agentchat==0.2.40", "autogen==0.14.1")

FIRED = "FIRED"

_WINDOWS = sys.platform == "win32"
#: The first Python that a target's packages refuse, where there is one.
_TOO_NEW = {"autogen-agentchat==0.2.40": (3, 13)}
_OLDEST = (3, 10)
_MINORS = ("3.12", "3.11", "3.10", "3.13", "3.14")
_BUILD_TIMEOUT = 600.0


class UnavailableError(Exception):
    """An environment cannot be had on this machine; the message says what is missing."""


class BuildError(Exception):
    """An environment should have been built, and was not; the message holds pip's output."""


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
        process = subprocess.Popen(
            [self.python, entry, *args],
            cwd=folder,
            env={**_quiet_environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=not _WINDOWS,
        )
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
    """Run a program on ``target``, one of :data:`TARGETS`; see :meth:`Environment.run`.

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


@cache
def environment(target: str) -> Environment:
    """The environment of ``target``, built first if need be.

    Raises UnavailableError where no Python here can have it, BuildError if installing fails.
    """
    folder = CACHE / target.replace("==", "-")
    python = folder / ("Scripts/python.exe" if _WINDOWS else "bin/python")
    lock = Path(__file__).with_name(f"requirements-{folder.name}.txt")
    stamp = folder / "callscope-stamp"
    wanted = hashlib.sha256(lock.read_bytes() + str(folder).encode()).hexdigest()

    def ready() -> bool:
        return python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted

    if not ready():
        base = _python_for(target)
        CACHE.mkdir(parents=True, exist_ok=True)
        with _only_one(folder.with_suffix(".lock")):
            if not ready():
                _build(base, folder, python, lock)
                stamp.write_text(wanted, encoding="utf-8")
    return Environment(target, python)


def _build(base: Path, folder: Path, python: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    commands: list[list[str | Path]] = [[base, "-m", "venv", folder], [*pip, "-r", lock]]
    for command in commands:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise BuildError(f"{' '.join(map(str, command))}\n{done.stdout}")


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Hold ``lock`` against the other processes of a parallel test run."""
    deadline = time.monotonic() + _BUILD_TIMEOUT
    while not _take(lock):
        if not _is_alive(lock):
            # Left by a run that was interrupted. Of two that notice, one gets it.
            lock.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise BuildError(f"Another process has been holding {lock} for too long")
        else:
            time.sleep(0.2)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _take(lock: Path) -> bool:
    try:
        with lock.open("x", encoding="utf-8") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        return False
    return True


def _is_alive(lock: Path) -> bool:
    try:
        text = lock.read_text(encoding="utf-8")
        if text and not _WINDOWS:
            os.kill(int(text), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


def _python_for(target: str) -> Path:
    too_new = _TOO_NEW.get(target, (4,))
    here = Path(getattr(sys, "_base_executable", sys.executable))
    for candidate in (here, *_other_pythons()):
        version = _version(candidate)
        if version is not None and _OLDEST <= version < too_new:
            return candidate
    below = f", below {'.'.join(map(str, too_new))}" if target in _TOO_NEW else ""
    raise UnavailableError(
        f"{target} needs a Python from 3.10 on{below}, and none was found on PATH or in pyenv"
    )


def _other_pythons() -> Iterator[Path]:
    for minor in _MINORS:
        found = shutil.which(f"python{minor}")
        if found:
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for minor in _MINORS:
        yield from sorted(pyenv.glob(f"{minor}.*/bin/python"))


def _version(python: Path) -> tuple[int, int] | None:
    """The version of an interpreter that can make environments, else None (a dead pyenv shim)."""
    code = "import ensurepip, json, sys, venv; print(json.dumps(sys.version_info[:2]))"
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        done = subprocess.run(
            [python, "-c", code], check=True, capture_output=True, text=True, timeout=20
        )
        major, minor = json.loads(done.stdout)
        return int(major), int(minor)
    return None


def main() -> int:
    """Build what is missing, all at once; 0 unless installing fails."""

    def build(target: str) -> str:
        started = time.monotonic()
        try:
            environment(target)
        except UnavailableError as reason:
            return f"  skipped: {reason}"
        return f"  {target}, {time.monotonic() - started:.1f} s"

    try:
        with ThreadPoolExecutor() as pool:
            for line in pool.map(build, TARGETS):
                print(line, flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
