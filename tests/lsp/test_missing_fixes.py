"""Where libcst is missing, an editor is told why there are no fixes, when somebody asks for one."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests import crippled
from tests.cli.programs import BROKEN
from tests.lsp.conftest import Start, until, within
from tests.lsp.places import range_of


@pytest.mark.parametrize("client", ["visual_studio_code", "emacs"])
@pytest.mark.parametrize("kind", crippled.KINDS)
async def test_findings_and_hovers_but_no_fixes(
    start: Start, tmp_path_factory: pytest.TempPathFactory, client: str, kind: str
) -> None:
    environment = crippled.environment(tmp_path_factory.mktemp("packages") / "all", kind)
    async with start(client, environment=environment) as session:
        uri = session.open(BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
        place = range_of(session.source(), "on_reply", session.encoding)
        assert await session.hover(uri, place.start) is not None

        titles = [action.title for action in await session.actions(uri, place)]
        assert titles == [
            "No fixes: libcst is missing. Show why",
            "Suppress CB201 on this line",
        ]
        action = (await session.actions(uri, place))[0]
        assert action.command is not None
        if client == "visual_studio_code":
            assert (await session.resolve(action)).command == action.command
        command = types.ExecuteCommandParams(action.command.command)
        await within(session.editor.workspace_execute_command_async(command))
        await until(lambda: session.editor.messages)
        assert "fixes need libcst, which Python " in session.editor.messages[0].message
        assert "failed" not in session.logged

        suppress = (await session.actions(uri, place))[1]
        if client == "visual_studio_code":
            suppress = await session.resolve(suppress)
        assert "callscope: ignore[CB201]" in session.apply(uri, suppress.edit)


async def test_nothing_is_offered_away_from_a_finding(
    start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment = crippled.environment(tmp_path_factory.mktemp("packages") / "all", "absent")
    async with start(environment=environment) as session:
        uri = session.open(BROKEN)
        assert await session.diagnostics(uri)
        start_of_file = types.Range(types.Position(0, 0), types.Position(0, 0))
        assert await session.actions(uri, start_of_file) == []
        assert await session.actions(uri, start_of_file, ["refactor"]) == []


@pytest.mark.parametrize("asks", [True, False])
async def test_an_editor_that_wants_to_know_is_told_at_once(
    start: Start, tmp_path_factory: pytest.TempPathFactory, asks: bool
) -> None:
    environment = crippled.environment(tmp_path_factory.mktemp("packages") / "all", "absent")
    told: list[str] = []
    async with start(environment=environment, options={"fixesMissing": asks}) as session:
        session.editor.feature("callscope/fixesMissing")(lambda it: told.append(it.command))
        uri = session.open(BROKEN)
        await session.diagnostics(uri)
        assert told == (["callscope.explainMissingFixes"] if asks else [])


async def test_nothing_is_said_where_nothing_is_missing(start: Start) -> None:
    told: list[object] = []
    async with start(options={"fixesMissing": True}) as session:
        session.editor.feature("callscope/fixesMissing")(lambda it: told.append(it))
        uri = session.open(BROKEN)
        await session.diagnostics(uri)
        assert told == []
