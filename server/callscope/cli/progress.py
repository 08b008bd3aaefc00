"""How far a check has come, on the last line of a terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

_T = TypeVar("_T")

_WIDTH = 24
_QUIET_FOR = 0.5
_EVERY = 0.1
"""Seconds: who waits for less needs no bar, and nobody reads faster."""

_CLEAR = "\r\x1b[K"


class Progress:
    """A bar on ``stream`` that is gone when there is something else to read.

    Nothing is written where ``stream`` is no terminal, or one that cannot take a line back.
    """

    def __init__(self, stream: TextIO, *, wanted: bool = True) -> None:
        self._stream = stream
        self._wanted = wanted and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + _QUIET_FOR
        self._is_shown = False

    def show(self, done: int, total: int) -> None:
        """``done`` of ``total`` files have been checked."""
        now = time.monotonic()
        if not self._wanted or now < self._next or done >= total:
            return
        self._next = now + _EVERY
        full = _WIDTH * done // total
        bar = "#" * full + "." * (_WIDTH - full)
        self._write(f"{_CLEAR}[{bar}] {done} of {total} files")
        self._is_shown = True

    def clear(self) -> None:
        """Make room for other lines."""
        if self._is_shown:
            self._write(_CLEAR)
            self._is_shown = False

    def behind(self, items: Iterable[_T]) -> Iterator[_T]:
        """``items``, each of which may be written about once it is given."""
        try:
            for item in items:
                self.clear()
                yield item
        finally:
            self.clear()

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
