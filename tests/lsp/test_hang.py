"""A check that does not end is stopped, told of, and costs no other file anything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from tests.cli.programs import BROKEN
from tests.lsp.conftest import Session, Start, until
from tests.lsp.places import range_of

HANG = "# this file hangs\n"

# How a check can fail to end: in our own code, or waiting for something that does not come.
WAYS = {
    "loops": "while True: pass",
    "waits": "__import__('threading').Event().wait(40)",
}

SERVER = """
import sys
from callscope.lsp import analysis, worker
analysis.CHECK_LIMIT, worker.SLOW, worker._GRACE = 4.0, 0.3, 0.5
check = analysis.check

def hanging(project, source, *rest):
    if source.text.startswith("# this file hangs"):
        {way}
    return check(project, source, *rest)

analysis.check = hanging
from callscope.cli import main
sys.exit(main(["server"]))
"""


def _server(way: str) -> Sequence[str]:
    return [sys.executable, "-c", SERVER.format(way=WAYS[way])]


async def _codes(session: Session, uri: str) -> list[object]:
    return [found.code or found.message[:31] for found in await session.diagnostics(uri)]


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_stopped_and_others_are_checked(start: Start, way: str) -> None:
    async with start(command=_server(way)) as session:
        hanging = session.open(BROKEN, "hanging.py")
        assert await _codes(session, hanging) == ["CB201"]
        version = session.replace(hanging, HANG + BROKEN)
        other = session.open(BROKEN, "other.py")
        assert await _codes(session, other) == ["CB201"]
        # What was found before might stand at other lines by now.
        found = await session.diagnostics(hanging, version)
        assert [each.code for each in found] == [None]
        assert found[0].message.startswith("This file is not checked: ")
        assert "hanging.py was stopped" in session.logged
        # Asking for something else does not begin the check again.
        begun = time.monotonic()
        place = range_of(session.source("hanging.py"), "on_reply", session.encoding)
        assert await session.hover(hanging, place.start) is None
        assert await session.actions(hanging, place) == []
        assert time.monotonic() - begun < 3.5
        session.replace(hanging, BROKEN)
        assert await _codes(session, hanging) == ["CB201"]


async def test_the_user_sees_a_bar(start: Start) -> None:
    async with start(command=_server("loops")) as session:
        uri = session.open(HANG + BROKEN, "hanging.py")
        reports = session.editor.progress_reports
        await until(lambda: any(_is_about(report) for bar in reports.values() for report in bar))
        assert await _codes(session, uri) == ["This file is not checked: the c"]


def _is_about(report: object) -> bool:
    return getattr(report, "title", "") == "Checking hanging.py takes unusually long"


def test_a_process_that_has_served_lives_on() -> None:
    code = (
        "import asyncio, time\n"
        "from callscope.lsp.lifetime import end_if_frozen\n"
        "async def main():\n"
        "    task = asyncio.ensure_future(end_if_frozen(0.5))\n"
        "    await asyncio.sleep(0.1)\n"
        "asyncio.run(main())\n"
        "time.sleep(1.5)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_frozen_process_ends() -> None:
    """The interpreter's lock is held, so that nothing in Python can do anything about it."""
    code = (
        "import asyncio, re, sys\n"
        "from callscope.lsp.lifetime import end_if_frozen\n"
        "async def main():\n"
        "    task = asyncio.ensure_future(end_if_frozen(1.0))\n"
        "    await asyncio.sleep(2.5)\n"
        "    print('alive', flush=True)\n"
        "    re.match('(a+)+b', 'a' * 60)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "alive\n")
    assert "Timeout" in done.stderr
    assert "in main" in done.stderr
