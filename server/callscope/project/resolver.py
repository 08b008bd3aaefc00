"""Asks a process of its own what installed packages make of AutoGen's agents.

jedi may take long over a package, or never come to an end: after a deadline the process is ended.
The deadline counts the time that the process works, so that what is found does not depend on what
else the machine is doing. After a few of these nothing more is asked.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from callscope.cache import cache_folder
from callscope.contracts.classic.classes import AGENT_CLASSES, canonical
from callscope.contracts.classic.methods import METHODS, NEWER

_log = logging.getLogger(__name__)

_WORKER = Path(__file__).with_name("resolver_worker.py")
_MOST_FAILURES = 3
_START = 30.0
"""Seconds that its start may take."""

_BUSY = 10.0
"""Seconds to wait for one second of its work, on a machine that is busy with something else."""

_MOST_MODULES = 2_000
_TOP = "__init__.py"


@dataclass(frozen=True, slots=True)
class Behind:
    """AutoGen's class behind a name; None if there is none.

    ``same``: the name is another one for the class itself, and not for one that derives from it or
    for a function that makes such objects.
    """

    name: str | None = None
    same: bool = False


class Resolver:
    """One process for all environments. Used by one thread at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: _Process | None = None
        self._failures = 0

    def ask(self, path: str, search: tuple[Path, ...], patience: float) -> Behind | None:
        """What is behind ``path``, looked for in the folders ``search``; None if there is no answer
        within ``patience`` seconds of work, or at all."""
        with self._turn:
            if self._failures >= _MOST_FAILURES:
                return None
            try:
                return self._ask(path, search, patience)
            except (OSError, ValueError, LookupError, TypeError, queue.Empty) as error:
                _log.info("What %s is could not be found out: %r", path, error)
                self._failures += 1
                self._end()
                return None

    def _ask(self, path: str, search: tuple[Path, ...], patience: float) -> Behind:
        process = self._process
        # A process of a fork belongs to its parent.
        if process is None or process.owner != os.getpid():
            process = self._process = _Process()
            process.greet()
        answer = process.ask(path, search, patience)
        name, same = answer["name"], answer["same"]
        return Behind(name if name in AGENT_CLASSES else None, same is True)

    def close(self) -> None:
        """End the process, also if somebody waits for it; nothing more is asked."""
        self._failures = _MOST_FAILURES
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.owner == os.getpid():
            process.end()


class _Process:
    """The process, the folder it keeps its files in, and a thread that listens to it."""

    def __init__(self) -> None:
        # It imports a lot, and many sessions never need this process.
        import tempfile

        self.owner = os.getpid()
        self._folder = tempfile.TemporaryDirectory(prefix="callscope-", ignore_cleanup_errors=True)
        self._standins: dict[tuple[Path, ...], str] = {}
        cache = cache_folder()
        trees = (cache or Path(self._folder.name)) / "trees"
        isolated = ["-I"] if sys.flags.isolated else []
        self._popen = subprocess.Popen(
            [sys.executable, *isolated, str(_WORKER), self._folder.name, str(trees)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._questions: IO[bytes] = self._popen.stdin
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(
            target=_listen, args=(self._popen.stdout, self._answers), daemon=True
        ).start()
        atexit.register(self.end)

    def greet(self) -> None:
        """Wait until it is ready; raises ``queue.Empty`` if that takes too long."""
        json.loads(self._answers.get(timeout=_START))

    def ask(self, path: str, search: tuple[Path, ...], patience: float) -> Any:
        """The answer, as it is; raises ``ValueError`` if the process ends for lack of one, and
        ``queue.Empty`` if it does neither."""
        if search not in self._standins:
            folder = Path(self._folder.name, f"standins{len(self._standins)}")
            write_standins(folder, search)
            self._standins[search] = str(folder)
        folders = [str(folder) for folder in search]
        question = {
            "path": path,
            "search": folders,
            "standins": self._standins[search],
            "patience": patience,
        }
        self._questions.write(json.dumps(question).encode() + b"\n")
        self._questions.flush()
        return json.loads(self._answers.get(timeout=patience * _BUSY))

    def end(self) -> None:
        """Kill it, and clear away what it wrote."""
        atexit.unregister(self.end)
        self._popen.kill()
        with contextlib.suppress(OSError):
            self._questions.close()
        self._popen.wait()
        self._folder.cleanup()


def _listen(stream: IO[bytes], answers: queue.Queue[bytes]) -> None:
    with stream:
        for line in stream:
            answers.put(line)
    # Whoever waits need not do so any longer: this is no answer.
    answers.put(b"")


def write_standins(folder: Path, search: tuple[Path, ...]) -> None:
    """Write modules by the names of AutoGen's own, all of which hold nothing but the agent classes.

    AutoGen itself is large, and what its classes do is known by contract.
    """
    top = folder / "autogen"
    top.mkdir(parents=True)
    (top / _TOP).write_text(_classes(), "utf-8")
    files = {file for place in search for file in _files_in(place / "autogen")}
    for file in sorted(files)[:_MOST_MODULES]:
        standin = top / file
        standin.parent.mkdir(parents=True, exist_ok=True)
        standin.write_text("from autogen import *\n", "utf-8")


def _files_in(package: Path) -> Iterator[Path]:
    """The modules below AutoGen's own, as paths inside it; not those of other frameworks that are
    shipped with it."""
    for part in package.iterdir() if package.is_dir() else ():
        name = part.name.removesuffix(".py")
        if canonical(f"autogen.{name}.AssistantAgent") == "autogen.AssistantAgent":
            files = part.rglob("*.py") if part.is_dir() else [part] if part.suffix == ".py" else []
            yield from (file.relative_to(package) for file in files if file != package / _TOP)


def _classes() -> str:
    methods = "".join(f"    def {name}(self): ...\n" for name in {**METHODS, **NEWER})
    lines = [f"class ConversableAgent:\n{methods}"]
    waiting = {name: row.base for name, row in AGENT_CLASSES.items() if row.base is not None}
    known = {"ConversableAgent"}
    while waiting:
        ready = sorted(name for name, base in waiting.items() if base in known)
        lines += [f"class {name}({waiting.pop(name)}): ...\n" for name in ready]
        known.update(ready)
    return "".join(lines)
