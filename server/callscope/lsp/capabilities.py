"""What the editor at the other end understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability

from callscope.lsp.links import NO_LINKS, Links


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
    shows_documents: bool
    refreshes_lenses: bool
    refreshes_hints: bool
    snippets: bool
    completion_markdown: bool
    links: Links = NO_LINKS

    @classmethod
    def of(cls, client: types.ClientCapabilities, options: Mapping[str, object]) -> Editor:
        """Read them from the client's own account, and from its ``initializationOptions``."""

        def has(path: str) -> bool:
            return bool(get_capability(client, path, False))

        resolvable = get_capability(
            client, "text_document.code_action.resolve_support.properties", ()
        )
        documentation = get_capability(
            client, "text_document.completion.completion_item.documentation_format", ()
        )
        formats = get_capability(client, "text_document.hover.content_format", ())
        return cls(
            pulls_diagnostics=client.text_document is not None
            and client.text_document.diagnostic is not None,
            refreshes_diagnostics=has("workspace.diagnostics.refresh_support"),
            related_information=has("text_document.publish_diagnostics.related_information")
            or has("text_document.diagnostic.related_information"),
            code_description=has("text_document.publish_diagnostics.code_description_support")
            or has("text_document.diagnostic.code_description_support"),
            tags=has("text_document.publish_diagnostics.tag_support")
            or has("text_document.diagnostic.tag_support"),
            resolves_edits="edit" in (resolvable or ())
            and has("text_document.code_action.data_support"),
            document_changes=has("workspace.workspace_edit.document_changes"),
            markdown=types.MarkupKind.Markdown in (formats or ()),
            progress=has("window.work_done_progress"),
            configuration=has("workspace.configuration"),
            registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
            registers_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
            shows_documents=has("window.show_document.support"),
            refreshes_lenses=has("workspace.code_lens.refresh_support"),
            completion_markdown=types.MarkupKind.Markdown in (documentation or ()),
            snippets=has("text_document.completion.completion_item.snippet_support"),
            refreshes_hints=has("workspace.inlay_hint.refresh_support"),
            links=Links.read(options),
        )
