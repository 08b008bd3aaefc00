"""Log records on their way to the editor's log channel."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException

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
            self._send(types.LogMessageParams(kind or types.MessageType.Log, self.format(record)))
        except Exception:  # noqa: BLE001 - logging must never be what fails
            print(self.format(record), file=sys.stderr)


def install(send: Callable[[types.LogMessageParams], None]) -> None:
    """Route our records and the serious ones of pygls through ``send``."""
    handler = ToEditor(send)
    for name, level in (("callscope", logging.INFO), ("pygls", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    # Refusals are answers, not accidents, and a failure to send can't be sent.
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_accident)


def _is_accident(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, JsonRpcException | BrokenPipeError | ConnectionError)
