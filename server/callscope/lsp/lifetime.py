"""Ending when nobody is left to serve."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys

_EVERY = 3.0
"""Seconds between two looks at the parent process."""


async def end_with(process_id: int) -> None:
    """Wait until the process ``process_id`` is gone, and then end this one at once.

    Usually stdin closes when the editor dies; this is for when something else keeps it open. A
    thread may be blocked reading it, so there is no orderly way out.
    """
    while is_alive(process_id):  # noqa: ASYNC110 - a process gives no event
        await asyncio.sleep(_EVERY)
    os._exit(1)


async def end_if_frozen(limit: float = 60.0) -> None:
    """End this process when nothing has moved in it for ``limit`` seconds: something holds the
    interpreter's lock. Where that was goes to stderr; an editor starts another server.

    With CALLSCOPE_DEBUG=1, when somebody may be at a breakpoint, it is left alone.
    """
    try:
        while os.environ.get("CALLSCOPE_DEBUG") != "1":
            # Put off as long as the loop turns.
            faulthandler.dump_traceback_later(limit, exit=True)
            await asyncio.sleep(limit / 4)
    finally:
        faulthandler.cancel_dump_traceback_later()


def is_alive(process_id: int) -> bool:
    """Whether the process exists; true where that can't be told."""
    if process_id <= 0:
        return True
    if sys.platform == "win32":
        return _is_alive_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_alive_on_windows(process_id: int) -> bool:
    import ctypes

    synchronize, timeout = 0x00100000, 0x102
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - unknown to type checkers elsewhere
    handle = kernel.OpenProcess(synchronize, False, process_id)
    if not handle:
        return False
    alive = bool(kernel.WaitForSingleObject(handle, 0) == timeout)
    kernel.CloseHandle(handle)
    return alive
