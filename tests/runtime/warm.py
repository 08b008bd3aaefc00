"""Run by an environment's Python: imports AutoGen once, then forks for each program.

Importing AutoGen takes longer than most programs. Each program still has a process of its own,
and finds it as if it had been started by name: its own ``__main__``, arguments and folder.

One JSON object a line comes in (``folder``, ``entry``, ``args``, ``stdout``, ``stderr``,
``timeout``); the exit code goes out, or null for a program that took too long.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import time
import types
from typing import Any

import autogen  # type: ignore[import-not-found]  # noqa: F401


def serve() -> dict[str, Any] | None:
    """Fork for each job until stdin ends, then return None; in a fork, return its job."""
    for line in sys.stdin:
        job: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            return job
        print(json.dumps(outcome(pid, job["timeout"])), flush=True)
    return None


def outcome(pid: int, timeout: float) -> int | None:
    """The exit code of ``pid``; None if it, and all it has started, had to be killed."""
    deadline = time.monotonic() + timeout
    code: int | None = None
    while code is None and time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
        else:
            time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if code is None:
        os.waitpid(pid, 0)
    return code


def become(job: dict[str, Any]) -> tuple[types.CodeType, dict[str, Any]]:
    """Make this fork look like a process started for the program; what to run, and where."""
    os.setsid()
    os.chdir(job["folder"])
    outputs = ((1, job["stdout"]), (2, job["stderr"]))
    for number, name in ((0, os.devnull), *outputs):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    entry = job["entry"]
    sys.argv = [entry, *job["args"]]
    sys.path[0] = job["folder"]
    main = types.ModuleType("__main__")
    # Where a spawned worker of the program looks for what to import.
    main.__file__ = os.path.join(job["folder"], entry)  # noqa: PTH118
    sys.modules["__main__"] = main
    with open(entry, encoding="utf-8") as file:  # noqa: PTH123
        code = compile(file.read(), main.__file__, "exec", dont_inherit=True)
    return code, vars(main)


if __name__ == "__main__":
    # Else each fork, as it ends, looks through all of AutoGen for garbage: two seconds, not 0.2.
    gc.collect()
    gc.freeze()
    mine = serve()
    if mine is not None:
        # Not inside a function that could catch anything: its exceptions and exit are its own.
        exec(*become(mine))
