"""Saying why there are no fixes, where nothing can be fixed.

An editor that says ``{"fixesMissing": true}`` in its ``initializationOptions`` is told by the
notification ``callscope/fixesMissing``, so that it can show it; the command says why.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lsprotocol import types

from callscope.fixes import is_incomplete, unavailable
from callscope.lsp.protocol import Server

FIXES_MISSING = "callscope/fixesMissing"
_COMMAND = "callscope.explainMissingFixes"
_TITLE = "No fixes: libcst is missing. Show why"

_log = logging.getLogger(__name__)


def explanation(diagnostics: Sequence[types.Diagnostic]) -> list[types.CodeAction]:
    """In place of the fixes for ``diagnostics``: an action that says what is missing, where
    something is."""
    if not diagnostics or unavailable() is None:
        return []
    command = types.Command(_TITLE, _COMMAND)
    kind = types.CodeActionKind.QuickFix
    return [types.CodeAction(_TITLE, kind, diagnostics=diagnostics, command=command)]


def tell(server: Server) -> None:
    """Let the editor know, as far as can be seen without loading anything."""
    if is_incomplete():
        server.protocol.notify(FIXES_MISSING, {"command": _COMMAND})


def register(server: Server) -> None:
    """Explain when asked."""

    @server.command(_COMMAND)
    def explain() -> None:
        missing = unavailable()
        if missing is not None:
            text = (
                f"Callscope: {missing}. Findings and hovers do not need it. Install the package of "
                "Callscope for this platform, or have another Python run it."
            )
            _log.warning(text)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
