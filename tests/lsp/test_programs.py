"""Programs of several files, of which some are open."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.cli.test_fix import AGENTS, HOOKS
from tests.cli.test_fix import MAIN as LOSING
from tests.lsp.conftest import Session, Start, until
from tests.lsp.places import range_of
from tests.project.test_large_project import CHOSEN, write_project

WRONG = "def on_reply(message):\n    return True, message\n"
RIGHT = "def on_reply(recipient, messages, sender, config):\n    return True, 'ok'\n"
MAIN = """\
from autogen import Agent, AssistantAgent
from callbacks import on_reply

bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], on_reply)
"""


async def shown(session: Session, uri: str, *codes: str) -> list[types.Diagnostic]:
    """What is pushed for the document once it has just these codes."""

    def arrived() -> types.PublishDiagnosticsParams | None:
        newest = [params for params in session.editor.published if params.uri == uri][-1:]
        fits = newest and [str(found.code) for found in newest[0].diagnostics] == list(codes)
        return newest[0] if fits else None

    return list((await until(arrived)).diagnostics)


async def test_a_callback_of_a_file_that_is_closed(start: Start) -> None:
    async with start() as session:
        (session.root / "callbacks.py").write_text(WRONG)
        main = session.open(MAIN, "main.py")
        (found,) = await shown(session, main, "CB201")
        (link, *_) = found.related_information or []
        assert link.location.uri == session.uri("callbacks.py")
        assert link.location.range.start == types.Position(0, 4)


async def test_what_is_typed_in_one_file_changes_another(start: Start) -> None:
    async with start() as session:
        (session.root / "callbacks.py").write_text(WRONG)
        main = session.open(MAIN, "main.py")
        callbacks = session.open(WRONG, "callbacks.py")
        await shown(session, main, "CB201")
        session.replace(callbacks, RIGHT)
        await shown(session, main)
        session.replace(callbacks, WRONG)
        await shown(session, main, "CB201")
        # What was not saved is gone with the document.
        session.replace(callbacks, RIGHT)
        await shown(session, main)
        session.close(callbacks)
        await shown(session, main, "CB201")


async def test_a_file_changes_on_disk(start: Start) -> None:
    async with start() as session:
        path = session.root / "callbacks.py"
        path.write_text(WRONG)
        main = session.open(MAIN, "main.py")
        await shown(session, main, "CB201")

        def tell(kind: types.FileChangeType) -> None:
            event = types.FileEvent(path.as_uri(), kind)
            session.editor.workspace_did_change_watched_files(
                types.DidChangeWatchedFilesParams([event])
            )

        path.write_text(RIGHT)
        tell(types.FileChangeType.Changed)
        await shown(session, main)
        path.unlink()
        tell(types.FileChangeType.Deleted)
        await shown(session, main)
        path.write_text(WRONG)
        tell(types.FileChangeType.Created)
        await shown(session, main, "CB201")


async def moving(session: Session, main: str) -> types.CodeAction:
    """The action that moves the registration from one file into the other."""
    await shown(session, main, "CB102")
    place = range_of(session.source("main.py"), "clerk.register_hook", session.encoding)
    found = [a for a in await session.actions(main, place) if "in agents.py" in a.title]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("client", ["visual_studio_code", "emacs"])
@pytest.mark.parametrize("opened", [True, False])
async def test_a_fix_of_two_files(start: Start, opened: bool, client: str) -> None:
    async with start(client) as session:
        (session.root / "hooks.py").write_text(HOOKS)
        (session.root / "agents.py").write_text("" if opened else AGENTS)
        agents = session.uri("agents.py")
        if opened:
            session.open(AGENTS, "agents.py")
        main = session.open(LOSING, "main.py")
        action = await moving(session, main)
        edit = action.edit or (await session.resolve(action)).edit
        assert edit is not None
        if edit.document_changes:
            versions = {
                change.text_document.uri: change.text_document.version
                for change in edit.document_changes
                if isinstance(change, types.TextDocumentEdit)
            }
            assert versions == {main: 1, agents: 1 if opened else None}
        else:
            assert set(edit.changes or {}) == {main, agents}


async def test_a_fix_of_a_file_that_has_changed_is_refused(start: Start) -> None:
    async with start() as session:
        (session.root / "hooks.py").write_text(HOOKS)
        (session.root / "agents.py").write_text(AGENTS)
        main = session.open(LOSING, "main.py")
        action = await moving(session, main)
        (session.root / "agents.py").write_text("# new\n" + AGENTS)
        with pytest.raises(JsonRpcException) as refusal:
            await session.resolve(action)
        assert refusal.value.code == types.LSPErrorCodes.ContentModified.value


async def test_an_edit_among_two_hundred_modules(start: Start) -> None:
    async with start() as session:
        write_project(session.root)
        number = next(n for n, each in enumerate(CHOSEN) if each.name.startswith("CB201"))
        texts = {
            part: (session.root / f"{part}_{number}.py").read_text()
            for part in ("main", "callbacks")
        }
        main = session.open(texts["main"], f"main_{number}.py")
        callbacks = session.open(texts["callbacks"], f"callbacks_{number}.py")
        await shown(session, main, "CB201")
        for _ in range(3):
            session.replace(callbacks, "def on_reply(*args, **kwargs):\n    return True, 'ok'\n")
            await shown(session, main)
            session.replace(callbacks, texts["callbacks"])
            await shown(session, main, "CB201")
