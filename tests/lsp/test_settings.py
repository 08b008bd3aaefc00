"""Settings and configuration, live and per folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from callscope.lsp.settings import Settings
from callscope.project import Config
from tests.cli.programs import BROKEN, CLEAN
from tests.lsp.conftest import Session, Start, until


async def _eventually(session: Session, uri: str, count: int) -> list[types.Diagnostic]:
    def arrived() -> types.PublishDiagnosticsParams | None:
        about = [p for p in session.editor.published if p.uri == uri]
        return about[-1] if about and len(about[-1].diagnostics) == count else None

    return list((await until(arrived)).diagnostics)


async def test_settings_change_while_the_server_runs(start: Start) -> None:
    async with start(settings={"ignore": ["CB201"]}) as session:
        uri = session.open(BROKEN)
        assert await session.diagnostics(uri) == []
        session.configure(ignore=[])
        assert len(await _eventually(session, uri, 1)) == 1
        session.configure(severity={"CB2": "hint"})
        await until(
            lambda: (
                session.editor.published[-1].diagnostics
                and session.editor.published[-1].diagnostics[0].severity
                == types.DiagnosticSeverity.Hint
            )
        )
        session.configure(enable=False)
        await _eventually(session, uri, 0)
        session.configure(select=["CB2"])
        await _eventually(session, uri, 1)


async def test_the_defaults_of_an_editor_cover_nothing(start: Start) -> None:
    defaults = {"select": [], "ignore": [], "severity": {}, "target": "", "interpreter": ""}
    async with start(settings=defaults) as session:
        (session.root / "callscope.toml").write_text('ignore = ["CB201"]\n')
        uri = session.open(BROKEN)
        assert await session.diagnostics(uri) == []


async def test_a_configuration_file_is_watched(start: Start) -> None:
    async with start() as session:
        await until(lambda: session.editor.registered)
        methods = {registration.method for registration in session.editor.registered}
        assert types.WORKSPACE_DID_CHANGE_WATCHED_FILES in methods
        uri = session.open(BROKEN)
        assert len(await session.diagnostics(uri)) == 1
        (session.root / "pyproject.toml").write_text('[tool.callscope]\nignore = ["CB201"]\n')
        _changed(session, "pyproject.toml", types.FileChangeType.Created)
        await _eventually(session, uri, 0)


def _changed(session: Session, name: str, kind: types.FileChangeType) -> None:
    session.editor.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(session.uri(name), kind)])
    )


async def test_an_editor_that_cannot_be_asked_may_push(start: Start) -> None:
    def mute(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.configuration = False

    async with start(adjust=mute) as session:
        uri = session.open(BROKEN)
        assert len(await session.diagnostics(uri)) == 1
        session.editor.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(settings={"callscope": {"ignore": ["CB2"]}})
        )
        await _eventually(session, uri, 0)


async def test_a_pulling_editor_is_asked_to_pull_again(start: Start) -> None:
    def refreshing(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(
            refresh_support=True
        )

    async with start(pull=True, adjust=refreshing) as session:
        uri = session.open(BROKEN)
        assert len((await session.pull(uri)).items) == 1
        session.configure(ignore=["CB201"])
        await until(lambda: session.editor.diagnostic_refresh_count)
        assert list((await session.pull(uri)).items) == []


async def test_the_interpreter_tells_the_release(start: Start, tmp_path: Path) -> None:
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    (site / "ag2-0.9.10.dist-info").mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    place = types.Position(10, 48)
    async with start(options={"interpreter": str(tmp_path / "env")}) as session:
        assert "AG2 0.9.10" in await _hover_text(session, session.open(BROKEN), place)
    async with start(settings={"interpreter": "${workspaceFolder}/env"}) as session:
        uri = session.open(BROKEN)
        assert "AG2 0.9.10" in await _hover_text(session, uri, place)
        (site / "ag2-0.9.10.dist-info").rename(site / "ag2-0.9.9.dist-info")
        session.replace(uri, BROKEN + "\n")
        assert "AG2 0.9.9" in await _hover_text(session, uri, place), "as installed meanwhile"
    untrusting = {"interpreter": str(tmp_path / "env"), "trusted": False}
    async with start(options=untrusting) as session:
        assert "AG2 0.14.1" in await _hover_text(session, session.open(BROKEN), place)


async def _hover_text(session: Session, uri: str, place: types.Position) -> str:
    hover = await session.hover(uri, place)
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value


async def test_the_whole_workspace(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BROKEN)
    (tmp_path / "b.py").write_text(CLEAN)
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "c.py").write_text(BROKEN)
    async with start(settings={"diagnosticMode": "workspace"}) as session:
        await _eventually(session, session.uri("a.py"), 1)
        (tmp_path / "b.py").write_text(BROKEN)
        _changed(session, "b.py", types.FileChangeType.Changed)
        await _eventually(session, session.uri("b.py"), 1)
        (tmp_path / "b.py").unlink()
        _changed(session, "b.py", types.FileChangeType.Deleted)
        await _eventually(session, session.uri("b.py"), 0)
        uri = session.open(CLEAN, "a.py")
        assert await session.diagnostics(uri) == [], "the open text counts, not the file"
        session.close(uri)
        await _eventually(session, uri, 1)
        session.configure(diagnosticMode="openFilesOnly")
        await _eventually(session, uri, 0)
        assert session.uri("venv/c.py") not in {p.uri for p in session.editor.published}


@pytest.mark.parametrize("raw", [None, 7, [], "x", {"enable": "yes"}, {"severity": {"CB2": 4}}])
def test_any_nonsense_gives_settings(raw: Any) -> None:
    settings = Settings.read(raw, None)
    assert settings.enable is True
    assert bool(settings.problems) == (isinstance(raw, dict))


def test_severities_are_laid_over_those_of_the_file() -> None:
    settings = Settings.read({"severity": {"CB2": "hint", "CB303": "error"}}, None)
    config = Config(severity={"CB2": "error", "CB1": "warning"})
    severity = config.overridden(settings.for_engine(config)).severity
    assert severity == {"CB1": "warning", "CB2": "information", "CB303": "error"}
    assert settings.is_hint("CB201", "reply-signature")
    assert not settings.is_hint("CB303", "sync-chat-in-async")


def test_paths_of_interpreters(tmp_path: Path) -> None:
    def read(text: str) -> Path | None:
        return Settings.read({"interpreter": text}, tmp_path).interpreter

    assert read("") is None
    assert read(".venv/bin/python") == tmp_path / ".venv/bin/python"
    assert read("${workspaceFolder}/x") == tmp_path / "x"
    assert read("/opt/python") == Path("/opt/python")
    assert read("~/python") == Path.home() / "python"


async def test_a_configuration_file_is_checked_as_it_is_typed(start: Start) -> None:
    async with start() as session:
        uri = session.open('# é\nselekt = ["CB2"]\n', "callscope.toml", "toml")
        (mistake,) = await session.diagnostics(uri)
        assert mistake.message == "Unknown key 'selekt'; did you mean select?"
        assert mistake.severity == types.DiagnosticSeverity.Error
        assert mistake.range == types.Range(types.Position(1, 0), types.Position(1, 6))
        session.replace(uri, '# é\nselect = ["CB999"]\n')
        (mistake,) = await session.diagnostics(uri)
        assert "no rule 'CB999'" in mistake.message
        assert mistake.severity == types.DiagnosticSeverity.Warning
        session.replace(uri, '# é\nselect = ["CB2"]\n')
        assert await session.diagnostics(uri) == []


async def test_a_project_file_is_pulled_like_any_document(start: Start) -> None:
    async with start(pull=True) as session:
        uri = session.open("[tool.callscope]\nignore = 1\n", "pyproject.toml", "plaintext")
        (mistake,) = (await session.pull(uri)).items
        assert mistake.message == "Ignore must be a list of strings"
        session.replace(uri, "[tool.other]\nignore = 1\n")
        assert list((await session.pull(uri)).items) == []


async def test_a_configuration_file_that_is_not_open_is_told_of_once_it_is_met(
    start: Start,
) -> None:
    async with start() as session:
        (session.root / "callscope.toml").write_text("selekt = 1\n")
        config = session.uri("callscope.toml")
        await session.diagnostics(session.open(BROKEN))
        (mistake,) = await _eventually(session, config, 1)
        assert mistake.range == types.Range(types.Position(0, 0), types.Position(0, 6))
        assert not session.editor.messages, "no pop-up"
        session.open("selekt = 1\n", "callscope.toml", "toml")
        await _eventually(session, config, 1)
        session.close(config)
        (session.root / "callscope.toml").write_text("")
        _changed(session, "callscope.toml", types.FileChangeType.Changed)
        await _eventually(session, config, 0)


async def test_each_folder_has_its_settings(start: Start, tmp_path: Path) -> None:
    roots = {name: tmp_path / name for name in ("one", "two", "three")}
    for root in roots.values():
        root.mkdir()
    async with start() as session:
        own: dict[str, Any] = {
            "one": {"target": "ag2==0.9.10"},
            "two": {"ignore": ["CB201"]},
            "three": {"severity": {"CB2": "information"}},
        }
        for name, root in roots.items():
            session.editor.set_configuration(
                own[name], section="callscope", scope_uri=root.as_uri()
            )
        session.editor.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    added=[
                        types.WorkspaceFolder(root.as_uri(), name) for name, root in roots.items()
                    ],
                    removed=[types.WorkspaceFolder(tmp_path.as_uri(), "work")],
                )
            )
        )
        one = session.open(BROKEN, "one/app.py")
        assert "AG2 0.9.10" in await _hover_text(session, one, types.Position(10, 48))
        assert len(await session.diagnostics(one)) == 1
        two = session.open(BROKEN, "two/app.py")
        assert await session.diagnostics(two) == []
        (finding,) = await session.diagnostics(session.open(BROKEN, "three/app.py"))
        assert finding.severity == types.DiagnosticSeverity.Information
        session.editor.set_configuration(
            {"enable": False}, section="callscope", scope_uri=roots["one"].as_uri()
        )
        session.editor.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(settings=None)
        )
        await _eventually(session, one, 0)


async def test_an_open_file_that_is_excluded_is_not_checked(start: Start, tmp_path: Path) -> None:
    configuration = tmp_path / "callscope.toml"
    configuration.write_text('exclude = ["old"]\n')
    async with start() as session:
        uri = session.open(BROKEN, "old/a.py")
        assert await session.diagnostics(uri) == []
        assert not await _lenses(session, uri)
        assert await session.diagnostics(session.open(BROKEN, "new/a.py")) != []

        session.editor.published.clear()
        configuration.write_text("")
        change = types.FileEvent(configuration.as_uri(), types.FileChangeType.Changed)
        session.editor.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([change])
        )
        await until(
            lambda: any(told.uri == uri and told.diagnostics for told in session.editor.published)
        )


@pytest.mark.parametrize("inside", [True, False])
async def test_an_installed_file_is_not_checked_where_it_is_looked_at(
    start: Start, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, inside: bool
) -> None:
    home = tmp_path if inside else tmp_path_factory.mktemp("elsewhere")
    installed = home / "env" / "lib" / "python3.11" / "site-packages" / "acme" / "desk.py"
    async with start() as session:
        uri = session.open(BROKEN, installed.as_uri())
        assert await session.diagnostics(uri) == []
        assert not await _lenses(session, uri)


async def test_an_installed_package_that_is_opened_itself_is_checked(
    start: Start, tmp_path: Path
) -> None:
    package = tmp_path / "site-packages" / "acme"
    package.mkdir(parents=True)
    async with start() as session:
        added = [types.WorkspaceFolder(package.as_uri(), "acme")]
        session.editor.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent(added, []))
        )
        uri = session.open(BROKEN, (package / "desk.py").as_uri())
        assert await session.diagnostics(uri) != []


async def _lenses(session: Session, uri: str) -> Any:
    document = types.TextDocumentIdentifier(uri)
    return await session.editor.text_document_code_lens_async(types.CodeLensParams(document))
