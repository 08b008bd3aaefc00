"""Installs the releases of classic AutoGen, each in an environment of its own under ``.cache``.

Run as a script, this builds those that are missing: the two newest in about half a minute, or those
that ``CALLSCOPE_TARGETS`` asks for.

    .venv/bin/python -m tests.runtime.install

Older releases run with the same versions of the packages that they depend on. One environment holds
those; that of a release holds AutoGen, and a path to them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.runtime.releases import ENGINES_ON, OLDER, TARGETS

ROOT = Path(__file__).resolve().parents[2]
CACHE = (ROOT / ".cache").resolve() / "runtime"

_WINDOWS = sys.platform == "win32"
_SHARED = "older"
_ENGINES = "engines"
#: The first Python that a target's packages refuse, where there is one.
_TOO_NEW = {"autogen-agentchat==0.2.40": (3, 13), _SHARED: (3, 12)}
_OLDEST = (3, 10)
_MINORS = ("3.12", "3.11", "3.10", "3.13", "3.14")
_BUILD_TIMEOUT = 600.0
_PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")

Command = list[str | Path]


class UnavailableError(Exception):
    """An environment cannot be had on this machine; the message says what is missing."""


class BuildError(Exception):
    """An environment should have been built, and was not; the message holds pip's output."""


@cache
def python_of(target: str) -> Path:
    """The Python that imports ``target``, installed first if need be.

    Raises UnavailableError where no Python here can have it, BuildError if installing fails.
    """
    if target in OLDER:
        return _older(target)
    lock = _lock(folder_of(target).name)
    return _built(target, _text(lock), lambda folder: _with_packages(target, folder, lock))


def folder_of(target: str) -> Path:
    """Where the environment of ``target`` is, or would be."""
    return CACHE / target.replace("==", "-")


@cache
def python_with_engines() -> Path:
    """The Python that has, besides ENGINES_ON, all that ``test_engines.py`` scales out with."""
    lock, autogen = _lock(_ENGINES), python_of(ENGINES_ON)
    recipe = f"{_text(lock)} {ENGINES_ON} {_text(_lock(folder_of(ENGINES_ON).name))}"
    return _built(_ENGINES, recipe, lambda folder: _with_engines(autogen, folder, lock))


def _older(target: str) -> Path:
    lock = _lock(_SHARED)
    recipe = " ".join((_text(lock), target, *OLDER[target]))
    return _built(target, recipe, lambda folder: _beside(_shared(), folder, target, *OLDER[target]))


@cache
def _shared() -> Path:
    """The Python of the environment that holds what older releases depend on."""
    lock = _lock(_SHARED)
    return _built(_SHARED, _text(lock), lambda folder: _with_packages(_SHARED, folder, lock))


def _lock(name: str) -> Path:
    return Path(__file__).with_name(f"requirements-{name}.txt")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _built(name: str, recipe: str, build: Callable[[Path], None]) -> Path:
    """The Python of the environment ``name``; built if there is none of this recipe."""
    folder = folder_of(name)
    python = _python_in(folder)
    stamp = folder / "callscope-stamp"
    wanted = hashlib.sha256(f"{recipe}{folder}".encode()).hexdigest()

    def ready() -> bool:
        return python.exists() and stamp.exists() and _text(stamp) == wanted

    if not ready():
        CACHE.mkdir(parents=True, exist_ok=True)
        with _only_one(Path(f"{folder}.lock")):
            if not ready():
                shutil.rmtree(folder, ignore_errors=True)
                build(folder)
                stamp.write_text(wanted, encoding="utf-8")
    return python


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if _WINDOWS else "bin/python")


def _with_packages(name: str, folder: Path, lock: Path) -> None:
    """An environment that holds all that ``lock`` lists."""
    _must([_python_for(name), "-m", "venv", folder])
    _must([_python_in(folder), *_PIP, "install", "-r", lock])


def _with_engines(autogen: Path, folder: Path, lock: Path) -> None:
    """An environment that holds the engines, and finds AutoGen, but no model client.

    That is what AutoGen brings of itself, and each of many workers is ready in half the time.
    """
    _beside(autogen, folder, "-r", lock)
    without = Path(_packages(_python_in(folder)), "no_model_client.pth")
    without.write_text("import sys; sys.modules['openai'] = None\n", encoding="utf-8")


def _beside(other: Path, folder: Path, *wanted: str | Path) -> None:
    """An environment that holds what is wanted, and finds the packages that ``other`` finds."""
    python = _python_in(folder)
    _must([other, "-m", "venv", "--without-pip", folder])
    _must([other, *_PIP, "--python", python, "install", "--no-deps", *wanted])
    Path(_packages(python), "shared.pth").write_text(_packages(other), encoding="utf-8")


def _packages(python: Path) -> str:
    return _must([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()


def _must(command: Command) -> str:
    """What the command prints; BuildError if it fails."""
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
    return done.stdout


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
            python_of(target)
            if target == ENGINES_ON:
                python_with_engines()
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
