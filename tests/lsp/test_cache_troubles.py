"""A cache that cannot be written, and files and folders that go away, are no trouble to the server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from lsprotocol import types

from tests import cache_troubles
from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Start


@pytest.mark.parametrize("kind", cache_troubles.KINDS)
async def test_the_server_works_all_the_same(
    start: Start, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    (tmp_path / "other.py").write_text("import app\n")
    around = tmp_path_factory.mktemp("around")
    command = [*cache_troubles.command(kind), "server"]
    environment = cache_troubles.environment(kind, around, os.environ)
    async with start(command=command, environment=environment) as session:
        uri = session.open(BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
        session.replace(uri, CLEAN)
        assert await session.diagnostics(uri) == []
        assert session.editor.messages == []
        assert "Traceback" not in session.logged


async def test_the_workspace_is_deleted(start: Start, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BROKEN)
    (tmp_path / "other.py").write_text("import app\n")
    async with start() as session:
        uri = session.open(BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
        shutil.rmtree(tmp_path)
        gone = [
            types.FileEvent(session.uri(name), types.FileChangeType.Deleted)
            for name in ("app.py", "other.py")
        ]
        session.editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(gone))
        session.replace(uri, CLEAN)
        assert await session.diagnostics(uri) == []
        session.replace(uri, BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
        assert "Traceback" not in session.logged
