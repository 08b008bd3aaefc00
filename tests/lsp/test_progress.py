"""A bar for work that takes its time, and only for that."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest
from lsprotocol import types

from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Start, until

SLOW = """
import sys, time
import callscope.lsp.code_actions as actions, callscope.lsp.workspace_check as whole
fix_all, read_source = actions.fix_all, whole.read_source
def slow_fix_all(*arguments):
    time.sleep(1)
    return fix_all(*arguments)
def slow_read_source(path):
    time.sleep(0.3)
    return read_source(path)
actions.fix_all, whole.read_source = slow_fix_all, slow_read_source
from callscope.cli import main
sys.exit(main(["server"]))
"""

EVERYTHING = types.Range(types.Position(0, 0), types.Position(99, 0))
FIX_ALL = ["source.fixAll.callscope"]


def _kinds(reports: list[types.ProgressParams]) -> list[str]:
    return [str(getattr(report, "kind", "?")) for report in reports]


async def test_a_quick_fix_all_shows_none(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        (action,) = await session.actions(uri, EVERYTHING, FIX_ALL)
        begun = time.monotonic()
        await session.resolve(action)
        # On a machine that is busy elsewhere even this may take long enough for a bar.
        if time.monotonic() - begun < 0.4:
            assert session.editor.progress_reports == {}


async def test_a_slow_fix_all_shows_one(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", SLOW])
    async with start() as session:
        uri = session.open(BROKEN)
        (action,) = await session.actions(uri, EVERYTHING, FIX_ALL)
        resolved = await session.resolve(action)
        assert resolved.edit is not None
        (reports,) = session.editor.progress_reports.values()
        assert _kinds(reports) == ["begin", "end"]


async def test_typing_goes_on_while_fixing(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", SLOW])
    async with start() as session:
        uri = session.open(BROKEN)
        (action,) = await session.actions(uri, EVERYTHING, FIX_ALL)
        fixing = asyncio.ensure_future(session.resolve(action))
        await asyncio.sleep(0.1)
        session.replace(uri, CLEAN)
        assert await session.diagnostics(uri) == []
        assert not fixing.done(), "diagnostics did not wait for the fix"
        assert (await fixing).edit is None, "there is nothing left to fix"


async def test_the_check_of_a_workspace_can_be_cancelled(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", SLOW])
    for number in range(40):
        (tmp_path / f"m{number:02}.py").write_text(BROKEN)
    async with start(settings={"diagnosticMode": "workspace"}) as session:
        progress = session.editor.progress_reports
        await until(lambda: any("report" in _kinds(each) for each in progress.values()))
        (token,) = progress
        session.editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        await until(lambda: "end" in _kinds(progress[token]))
        assert 0 < len(session.editor.published) < 40
