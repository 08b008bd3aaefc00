"""Which release the files are checked against, for an editor that shows it."""

from __future__ import annotations

from lsprotocol import types

from callscope.contracts.versions import KNOWN_TARGETS
from callscope.lsp.documents import path_of
from callscope.lsp.protocol import Server, guarded
from callscope.project import Project

TARGET = "callscope/target"
TARGETS_CHANGED = "callscope/targetsChanged"


def register(server: Server) -> None:
    """Answer which release the file behind a URI is checked against, and where that was found."""

    @server.feature(TARGET)
    @guarded(default=None)
    async def target(params: types.TextDocumentIdentifier) -> dict[str, object]:
        path = path_of(params.uri)
        settings = await server.settings_of(path)
        folders = server.analysis.folders
        project = await server.analysis.in_background(lambda: folders.project_of(path, settings))
        return described(project)


def tell_of_change(server: Server) -> None:
    """Let the editor know that it should ask again."""
    server.protocol.notify(TARGETS_CHANGED, {})


def described(project: Project) -> dict[str, object]:
    """What an editor needs to show the target of a project, and to offer others."""
    origin = project.origin
    interpreter = None if project.installed is None else project.installed.interpreter
    return {
        "target": str(project.target),
        "title": project.target.title,
        "classic": project.target.classic is not None,
        "origin": origin.kind,
        "place": None if origin.place is None else str(origin.place),
        "interpreter": None if interpreter is None else str(interpreter),
        "configuration": None if project.config.path is None else str(project.config.path),
        "known": [{"target": str(each), "title": each.title} for each in KNOWN_TARGETS],
    }
