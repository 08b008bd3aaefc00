"""Run by an environment's Python: executes programs, and tells what their agent ``bot`` holds.

A program comes in as a line of JSON (``program``, its text). Out goes ``tried``, the reply
functions in the order of the agent's list, each with its name and whether it is a coroutine
function; ``fired``, what the program's own functions have added to its list ``fired``; and
``error``, the exception that ended it, "" if none did.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
import warnings
from typing import Any

import autogen  # type: ignore[import-not-found]  # noqa: F401


def outcome(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__", "fired": []}
    error = ""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        try:
            exec(compile(text, "program.py", "exec", dont_inherit=True), names)
        except Exception as raised:  # noqa: BLE001
            error = f"{type(raised).__name__}: {raised}"
    held = [entry["reply_func"] for entry in getattr(names.get("bot"), "_reply_func_list", ())]
    # Early releases hold nested chats as a partial, which has no name of its own.
    tried = [getattr(function, "func", function) for function in held]
    return {
        "tried": [[f.__name__, inspect.iscoroutinefunction(f)] for f in tried],
        "fired": names["fired"],
        "error": error,
    }


def serve() -> None:
    warnings.simplefilter("ignore")
    answers = sys.stdout
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line)["program"])), file=answers, flush=True)


if __name__ == "__main__":
    serve()
