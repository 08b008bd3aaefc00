"""Mistakes in configuration files, shown in them: as they are typed, and when they are met."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from callscope.configuration import Mistake, is_configuration, mistakes_in
from callscope.lsp.convert import to_range
from callscope.lsp.documents import Snapshot
from callscope.lsp.encoded import encode
from callscope.lsp.protocol import Server
from callscope.source import PositionEncoding, SourceText, UnreadableSource, read_source


class ConfigurationFiles:
    """Pushes the mistakes of files that are not open; of those that are, the editor is told as of
    any other document."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._published: set[Path] = set()

    def met(self, path: Path) -> None:
        """A file was read for a check."""
        if path in self._published or self._server.documents.is_open(path):
            return
        try:
            mistakes = mistakes_in(source := read_source(path))
        except UnreadableSource:
            return
        if mistakes:
            self._published.add(path)
            self._publish(path, [self._shown(source, each) for each in mistakes])

    def opened(self, path: Path) -> None:
        """The editor shows it from now on."""
        if path in self._published:
            self._published.discard(path)
            self._publish(path, [])

    def forget(self) -> None:
        """Something was edited: what is still wrong is told again when it is met."""
        for path in list(self._published):
            self.opened(path)

    def items(self, snapshot: Snapshot) -> list[str]:
        """The diagnostics of a configuration file that is open, each as JSON."""
        return [encode(self._shown(snapshot.source, each)) for each in mistakes_in(snapshot.source)]

    def _publish(self, path: Path, items: list[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(path.as_uri(), items)
        self._server.text_document_publish_diagnostics(params)

    def _shown(self, source: SourceText, mistake: Mistake) -> types.Diagnostic:
        encoding: PositionEncoding = self._server.documents.encoding
        severities = types.DiagnosticSeverity
        return types.Diagnostic(
            to_range(source, mistake.range, encoding),
            f"{mistake.message[:1].upper()}{mistake.message[1:]}",
            severity=severities.Error if mistake.fatal else severities.Warning,
            source="Callscope",
        )


def is_shown(snapshot: Snapshot) -> bool:
    """Whether a document is a configuration file on disk."""
    return snapshot.uri.startswith("file:") and is_configuration(snapshot.path)
