"""What the editor at the other end understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callscope.source import PositionEncoding


@dataclass(frozen=True)
class Editor:
    """The client capabilities that make a difference here."""

    pulls_diagnostics: bool
    refreshes_diagnostics: bool
    related_information: bool
    code_description: bool
    tags: bool
    resolves_edits: bool
    document_changes: bool
    markdown: bool
    progress: bool
    configuration: bool
    registers_configuration: bool
    registers_watchers: bool
    encoding: PositionEncoding

    @classmethod
    def of(cls, client: Mapping[str, Any]) -> Editor:
        """Read them from the client's own account, which may be anything."""

        def value(path: str) -> Any:
            found: Any = client
            for name in path.split("."):
                found = found.get(name) if isinstance(found, Mapping) else None
            return found

        def has(path: str) -> bool:
            return bool(value(path))

        def among(path: str) -> list[Any]:
            found = value(path)
            return found if isinstance(found, list) else []

        return cls(
            pulls_diagnostics=value("textDocument.diagnostic") is not None,
            refreshes_diagnostics=has("workspace.diagnostics.refreshSupport"),
            related_information=has("textDocument.publishDiagnostics.relatedInformation")
            or has("textDocument.diagnostic.relatedInformation"),
            code_description=has("textDocument.publishDiagnostics.codeDescriptionSupport")
            or has("textDocument.diagnostic.codeDescriptionSupport"),
            tags=has("textDocument.publishDiagnostics.tagSupport")
            or has("textDocument.diagnostic.tagSupport"),
            resolves_edits="edit" in among("textDocument.codeAction.resolveSupport.properties")
            and has("textDocument.codeAction.dataSupport"),
            document_changes=has("workspace.workspaceEdit.documentChanges"),
            markdown="markdown" in among("textDocument.hover.contentFormat"),
            progress=has("window.workDoneProgress"),
            configuration=has("workspace.configuration"),
            registers_configuration=has("workspace.didChangeConfiguration.dynamicRegistration"),
            registers_watchers=has("workspace.didChangeWatchedFiles.dynamicRegistration"),
            encoding=_first_known(among("general.positionEncodings")),
        )


def _first_known(offered: list[Any]) -> PositionEncoding:
    """The unit of columns that the editor likes best. Each has to know UTF-16."""
    known: tuple[PositionEncoding, ...] = ("utf-8", "utf-16", "utf-32")
    return next((each for name in offered for each in known if each == name), "utf-16")
