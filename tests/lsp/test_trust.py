"""What the server never does: run code of the workspace, or go online."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import Session, Start, until
from tests.traps import PROGRAM, Traps, set_traps, watch_network

_COMMAND = [str(Path(sys.executable).with_name("callscope")), "server"]
_PLACE = types.Range(types.Position(12, 0), types.Position(13, 60))


@pytest.fixture
def traps(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Traps:
    traps = set_traps(tmp_path, tmp_path_factory.mktemp("outside") / "mark")
    # Editors that know nothing of Callscope start it in the folder that is open.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return traps


async def _use_everything(session: Session, findings: int) -> None:
    """Whatever an editor asks for, and what it looks into by itself."""
    uri = session.open(PROGRAM)
    await until(lambda: _newest(session, uri) == findings)
    for action in await session.actions(uri, _PLACE):
        await session.resolve(action)
    await session.hover(uri, types.Position(12, 12))
    session.configure(diagnosticMode="workspace")
    await until(lambda: _newest(session, session.uri("tomllib/__init__.py")) is None)
    session.close(uri)
    await until(lambda: _newest(session, uri) == findings)


def _newest(session: Session, uri: str) -> int | None:
    about = [params for params in session.editor.published if params.uri == uri]
    return len(about[-1].diagnostics) if about else None


@pytest.mark.parametrize("trusted", [True, False])
async def test_no_code_of_the_workspace_is_run(start: Start, traps: Traps, trusted: bool) -> None:
    interpreter = str(traps.python)
    options, settings = (
        {"interpreter": interpreter, "trusted": trusted},
        {"interpreter": interpreter},
    )
    async with start(options=options, settings=settings, command=_COMMAND) as session:
        await _use_everything(session, 2)
    assert traps.sprung == ""


async def test_nothing_goes_online(
    start: Start,
    traps: Traps,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = watch_network(tmp_path_factory.mktemp("watch"), monkeypatch)
    options = {"interpreter": str(traps.python)}
    async with start(options=options, command=_COMMAND) as session:
        await _use_everything(session, 2)
    assert set(log.read_text().split("\n")) == {"watching", ""}
    assert log.read_text().count("watching") >= 2, "the process that looks into packages, too"
