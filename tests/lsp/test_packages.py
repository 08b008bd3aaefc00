"""Agents of installed packages, which are looked up beside the checking."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import Start, until
from tests.lsp.test_programs import shown
from tests.project.environments import environment, install

TEXT = """\
from acme_agents import SupportAgent

def on_reply(message):
    return False, None

SupportAgent("s").register_reply([None], on_reply)
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path / ".cache"))


async def test_what_is_found_out_shows_by_itself(start: Start, tmp_path: Path) -> None:
    environment(tmp_path / ".env")
    async with start(settings={"interpreter": str(tmp_path / ".env")}) as session:
        uri = session.open(TEXT)
        await shown(session, uri, "CB201")
        # Before the answer there was nothing to see.
        first = next(params for params in session.editor.published if params.uri == uri)
        assert not first.diagnostics


async def test_editors_that_ask_are_told_to_ask_again(start: Start, tmp_path: Path) -> None:
    environment(tmp_path / ".env")

    def refreshing(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(
            refresh_support=True
        )

    settings = {"interpreter": str(tmp_path / ".env")}
    async with start(settings=settings, pull=True, adjust=refreshing) as session:
        uri = session.open(TEXT)
        await until(lambda: session.editor.diagnostic_refresh_count)
        while [str(item.code) for item in (await session.pull(uri)).items] != ["CB201"]:
            # The project was looked through, but not yet the packages.
            await until(lambda: session.editor.diagnostic_refresh_count > 1)


async def test_a_file_that_is_closed(start: Start, tmp_path: Path) -> None:
    environment(tmp_path / ".env")
    (tmp_path / "app.py").write_text(TEXT + "import autogen\n")
    settings = {"interpreter": str(tmp_path / ".env"), "diagnosticMode": "workspace"}
    async with start(settings=settings) as session:
        await until(
            lambda: any(
                [str(item.code) for item in params.diagnostics] == ["CB201"]
                for params in session.editor.published
                if params.uri == session.uri()
            )
        )


async def test_a_package_that_is_installed_meanwhile(start: Start, tmp_path: Path) -> None:
    install(tmp_path / ".env", "ag2", {"autogen/__init__.py": ""}, version="0.9.10")
    async with start(settings={"interpreter": str(tmp_path / ".env")}) as session:
        uri = session.open(TEXT + "import autogen\n")
        assert await session.diagnostics(uri) == []
        environment(tmp_path / ".env")
        site = tmp_path / ".env" / "lib" / "python3.11" / "site-packages"
        os.utime(site, (1, 1))
        session.replace(uri, TEXT + "\nimport autogen\n")
        await shown(session, uri, "CB201")


async def test_an_untrusted_workspace_names_no_environment(start: Start, tmp_path: Path) -> None:
    environment(tmp_path / ".env")
    settings = {"interpreter": str(tmp_path / ".env")}
    async with start(settings=settings, options={"trusted": False}) as session:
        uri = session.open(TEXT + "import autogen\n")
        assert await session.diagnostics(uri) == []
        # Nothing is asked, so that nothing comes later.
        assert "(assumed, the newest)" in session.logged
