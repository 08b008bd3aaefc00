"""Log records on their way to the editor's log channel."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from callscope.lsp import types

_TYPES = (
    (logging.ERROR, types.MessageType.Error),
    (logging.WARNING, types.MessageType.Warning),
    (logging.INFO, types.MessageType.Info),
)


class ToEditor(logging.Handler):
    """Sends records by window/logMessage.

    ``send`` is called from whatever thread logs, so it has to cope with that.
    """

    def __init__(self, send: Callable[[types.LogMessageParams], None]) -> None:
        super().__init__()
        self._send = send
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Send ``record``, or, failing that, write it to stderr."""
        try:
            kind = next((t for level, t in _TYPES if record.levelno >= level), None)
            self._send({"type": kind or types.MessageType.Log, "message": self.format(record)})
        except Exception:  # noqa: BLE001 - logging must never be what fails
            print(self.format(record), file=sys.stderr)


def install(send: Callable[[types.LogMessageParams], None]) -> None:
    """Route our records through ``send``."""
    logger = logging.getLogger("callscope")
    logger.handlers[:] = [ToEditor(send)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
