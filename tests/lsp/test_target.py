"""Which release the files are checked against, as an editor shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types

from callscope.contracts.versions import KNOWN_TARGETS
from tests.cli.programs import BROKEN
from tests.lsp.conftest import Session, Start, until, within
from tests.runtime.releases import ALL


async def _target(session: Session, name: str = "app.py") -> Any:
    protocol: Any = session.editor.protocol
    params = {"uri": name if ":" in name else session.uri(name)}
    return await within(protocol.send_request_async("callscope/target", params))


def _told(session: Session) -> list[Any]:
    """The notifications that another release counts."""
    told: list[Any] = []

    session.editor.feature("callscope/targetsChanged")(lambda params: told.append(params))
    return told


async def test_the_release_is_told_with_where_it_was_found(start: Start, tmp_path: Path) -> None:
    async with start() as session:
        found = await _target(session)
        assert (found.title, found.origin, found.place) == ("AG2 0.14.1", "assumed", None)
        assert [each.target for each in found.known] == [str(each) for each in KNOWN_TARGETS]

        (tmp_path / "desk").mkdir()
        (tmp_path / "desk" / "callscope.toml").write_text('target = "ag2==0.9.10"\n')
        _changed(session, "desk/callscope.toml")
        found = await _target(session, "desk/app.py")
        assert (found.title, found.origin) == ("AG2 0.9.10", "configured")
        assert found.place == str(tmp_path / "desk" / "callscope.toml")
        assert (await _target(session)).title == "AG2 0.14.1", "of the other folder"

        session.configure(target="autogen-agentchat==0.2.40")
        found = await _target(session, "desk/app.py")
        assert (found.title, found.origin, found.place) == ("AutoGen 0.2.40", "given", None)


async def test_it_is_told_when_another_counts(start: Start, tmp_path: Path) -> None:
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    options = {"interpreter": str(tmp_path / "env"), "showsTarget": True}
    async with start(options=options) as session:
        told = _told(session)
        uri = session.open(BROKEN)
        await session.diagnostics(uri)
        assert (await _target(session)).origin == "assumed"

        (tmp_path / "uv.lock").write_text('[[package]]\nname = "ag2"\nversion = "0.12.3"\n')
        _changed(session, "uv.lock")
        await until(lambda: len(told) == 1)
        found = await _target(session)
        assert (found.title, found.origin) == ("AG2 0.12.3", "locked")
        assert found.place == str(tmp_path / "uv.lock")

        # Installed meanwhile: the next edit notices.
        (site / "ag2-0.9.9.dist-info").mkdir()
        session.replace(uri, BROKEN + "\n")
        await until(lambda: len(told) == 2)
        found = await _target(session)
        assert (found.title, found.origin) == ("AG2 0.9.9", "installed")
        assert found.place == str(tmp_path / "env")


async def test_a_buffer_that_is_nowhere_yet_belongs_to_the_first_folder(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "ag2"\nversion = "0.12.3"\n')
    async with start() as session:
        uri = session.open(BROKEN, "untitled:Untitled-1")
        assert len(await session.diagnostics(uri)) == 1
        assert (await _target(session, uri)).place == str(tmp_path / "uv.lock")
        (tmp_path / "callscope.toml").write_text('ignore = ["CB2"]\n')
        _changed(session, "callscope.toml")
        await until(lambda: not session.editor.published[-1].diagnostics)


async def test_other_editors_hear_nothing_they_do_not_know(start: Start, tmp_path: Path) -> None:
    async with start() as session:
        told = _told(session)
        uri = session.open(BROKEN)
        session.configure(target="ag2==0.9.10")
        session.configure(ignore=["CB2"])
        await until(
            lambda: any(not p.diagnostics for p in session.editor.published if p.uri == uri)
        )
        assert told == []


def _changed(session: Session, name: str) -> None:
    session.editor.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams(
            [types.FileEvent(session.uri(name), types.FileChangeType.Changed)]
        )
    )


def test_those_offered_are_those_that_contracts_were_tried_on() -> None:
    assert {str(each) for each in KNOWN_TARGETS} == set(ALL)
