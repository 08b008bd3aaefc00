"""Files that are not open: checked as the setting says, or once, on request."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Session, Start, until, within
from tests.lsp.test_progress import SLOW, _kinds


async def _check(session: Session) -> Any:
    protocol: Any = session.editor.protocol
    return await within(protocol.send_request_async("callscope/checkWorkspace", {}))


def _shown(session: Session) -> dict[str, int]:
    """How many diagnostics each file shows, by name; files that show none are left out."""
    newest = {params.uri: len(params.diagnostics) for params in session.editor.published}
    return {uri.rpartition("/")[2]: count for uri, count in newest.items() if count}


def _write(folder: Path, *names: str, text: str = BROKEN) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _changed(session: Session, name: str, kind: types.FileChangeType) -> None:
    session.editor.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(session.uri(name), kind)])
    )


async def _reporting(session: Session) -> list[types.ProgressToken]:
    """The bars there are, once one tells how far the work is."""
    bars = session.editor.progress_reports

    def told() -> bool:
        return any(_kinds(bar).count("report") > 0 for bar in bars.values())

    await until(told)
    return list(bars)


def _cancel(session: Session, token: types.ProgressToken) -> None:
    session.editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))


async def test_all_files_are_checked_once_on_request(start: Start, tmp_path: Path) -> None:
    _write(tmp_path, *(f"m{number:03}.py" for number in range(220)), text=CLEAN)
    _write(tmp_path, "a.py", "sub/b.py", ".venv/lib/c.py", "out/d.py")
    (tmp_path / "callscope.toml").write_text('exclude = ["out"]\n')
    async with start() as session:
        found = await _check(session)
        assert (found.files, found.checked, found.cancelled) == (222, 222, False)
        assert (found.findings, found.files_with_findings) == (2, 2)
        assert _shown(session) == {"a.py": 1, "b.py": 1}

        _write(tmp_path, "a.py", text=CLEAN)
        _changed(session, "a.py", types.FileChangeType.Changed)
        await until(lambda: _shown(session) == {"b.py": 1})
        (tmp_path / "sub" / "b.py").unlink()
        _changed(session, "sub/b.py", types.FileChangeType.Deleted)
        await until(lambda: _shown(session) == {})


async def test_what_was_shown_goes_with_the_settings(start: Start, tmp_path: Path) -> None:
    _write(tmp_path, "a.py", "old/b.py")
    async with start() as session:
        await _check(session)
        assert _shown(session) == {"a.py": 1, "b.py": 1}
        (tmp_path / "callscope.toml").write_text('exclude = ["old"]\n')
        _changed(session, "callscope.toml", types.FileChangeType.Created)
        await until(lambda: _shown(session) == {"a.py": 1})
        session.configure(enable=False)
        await until(lambda: _shown(session) == {})


async def test_an_excluded_or_installed_file_that_changes_stays_silent(
    start: Start, tmp_path: Path
) -> None:
    _write(tmp_path, "a.py")
    (tmp_path / "callscope.toml").write_text('exclude = ["out"]\n')
    async with start(settings={"diagnosticMode": "workspace"}) as session:
        await until(lambda: _shown(session) == {"a.py": 1})
        for name in ("out/b.py", ".venv/lib/c.py", "d.py"):
            _write(tmp_path, name)
            _changed(session, name, types.FileChangeType.Created)
        await until(lambda: _shown(session) == {"a.py": 1, "d.py": 1})


async def test_files_are_checked_as_parts_of_their_program(start: Start, tmp_path: Path) -> None:
    agents, rest = BROKEN.split("\n\n", 1)
    _write(tmp_path, "agents.py", text=agents + "\n")
    _write(
        tmp_path, "main.py", text=f"import autogen\nfrom agents import assistant, user\n\n{rest}"
    )
    async with start() as session:
        assert (await _check(session)).findings == 1
        assert _shown(session) == {"main.py": 1}


async def test_closed_files_follow_what_is_typed_elsewhere(start: Start, tmp_path: Path) -> None:
    function = "def on_reply(recipient, messages, sender, config):\n    return True, '42'\n"
    chat = BROKEN[: BROKEN.index("def on_reply")]
    rest = BROKEN[BROKEN.index("assistant.register_reply") :]
    _write(tmp_path, "callbacks.py", text=function)
    _write(tmp_path, "main.py", text=f"from callbacks import on_reply\n{chat}{rest}")
    async with start(settings={"diagnosticMode": "workspace"}) as session:
        uri = session.open(function, name="callbacks.py")
        await until(lambda: "Checked the workspace" in session.logged)
        assert _shown(session) == {}
        session.replace(uri, function.replace(", sender, config", ""))
        await until(lambda: _shown(session) == {"main.py": 1})
        session.replace(uri, function)
        await until(lambda: _shown(session) == {})


async def test_folders_have_their_own_settings(start: Start, tmp_path: Path) -> None:
    _write(tmp_path, "one/a.py", "two/b.py")
    async with start() as session:
        two = (tmp_path / "two").as_uri()
        session.editor.set_configuration({"enable": False}, section="callscope", scope_uri=two)
        session.editor.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    added=[types.WorkspaceFolder(two, "two")], removed=[]
                )
            )
        )
        found = await _check(session)
        assert (found.files, found.findings) == (1, 1)
        assert _shown(session) == {"a.py": 1}


@pytest.mark.parametrize("own", [{}, {"workDoneToken": "a-bar-of-its-own"}])
async def test_cancelling_stops_at_once_and_says_how_far_it_was(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: dict[str, str]
) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", SLOW])
    _write(tmp_path, *(f"m{number:02}.py" for number in range(40)))
    async with start() as session:
        protocol: Any = session.editor.protocol
        answer = protocol.send_request_async("callscope/checkWorkspace", own)
        progress = session.editor.progress_reports
        found = None

        async def cancelled() -> Any:
            for token in await _reporting(session):
                _cancel(session, token)

        found, _ = await asyncio.gather(within(answer), cancelled())
        assert found.cancelled
        assert not own or set(progress) == set(own.values()), "there is one bar"
        assert 0 < found.checked < 40
        assert len(_shown(session)) == found.findings == found.checked


NEWS = SLOW.replace(
    "from callscope.cli",
    """
from callscope.lsp.server import _Session as Known
begin = Known.begin
def begin_and_listen(self, process):
    begin(self, process)
    @self._server.feature("test/news")
    async def news(params):
        await self._check_again()
Known.begin = begin_and_listen
from callscope.cli""",
)
"""A slow server that can be told that more is known of installed packages."""


async def test_a_check_that_begins_by_itself_is_cancelled_for_good(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", NEWS])
    _write(tmp_path, *(f"m{number:02}.py" for number in range(12)))
    async with start(settings={"diagnosticMode": "workspace"}) as session:
        protocol: Any = session.editor.protocol
        (token,) = await _reporting(session)
        assert str(token).startswith("callscope/checkWorkspace/"), "it can be told from other work"
        _cancel(session, token)
        await until(lambda: "cancelled=True" in session.logged)
        shown = _shown(session)
        assert 0 < len(shown) < 12

        # What comes to be known later does not bring it back; what is shown follows it.
        session.editor.published.clear()
        await within(protocol.send_request_async("test/news", {}))
        await until(lambda: _shown(session) == shown)
        await asyncio.sleep(1.0)
        assert _shown(session) == shown
        assert list(session.editor.progress_reports) == [token]

        # Nor do files that are written: of those, the ones that were checked are followed.
        names = [f"m{number:02}.py" for number in range(12)]
        for name in names:
            _write(tmp_path, name, text=CLEAN)
            _changed(session, name, types.FileChangeType.Changed)
        await until(lambda: _shown(session) == {})
        for name in names:
            _write(tmp_path, name)
            _changed(session, name, types.FileChangeType.Changed)
        await until(lambda: _shown(session) == shown)
        await asyncio.sleep(1.0)
        assert _shown(session) == shown

        # The user does.
        assert (await _check(session)).findings == 12
        assert len(_shown(session)) == 12


async def test_a_check_on_request_begins_anew_with_what_has_changed(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", NEWS])
    _write(tmp_path, *(f"m{number:02}.py" for number in range(4)), "old/m.py")
    async with start() as session:
        protocol: Any = session.editor.protocol
        request = {"workDoneToken": "a-bar-of-its-own"}
        answer = asyncio.ensure_future(
            protocol.send_request_async("callscope/checkWorkspace", request)
        )
        await _reporting(session)
        (tmp_path / "callscope.toml").write_text('exclude = ["old"]\n')
        _changed(session, "callscope.toml", types.FileChangeType.Created)
        found = await within(answer)
        assert (found.files, found.checked, found.findings) == (4, 4, 4)
        assert len(_shown(session)) == 4
        assert list(session.editor.progress_reports) == ["a-bar-of-its-own"], "there is one bar"
