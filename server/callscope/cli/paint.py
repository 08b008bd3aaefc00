"""Colour, where it is wanted, and the characters a terminal can show."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from typing import TextIO

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_SEVERITY_SGR = {"error": "1;31", "warning": "1;33", "information": "1;36"}


@dataclass(frozen=True, slots=True)
class Paint:
    """How to write for one stream.

    ``width`` is in cells; None means that lines may be as long as they like. ``fancy`` says
    whether the stream can show box-drawing characters.
    """

    color: bool
    width: int | None
    fancy: bool

    def bold(self, text: str) -> str:
        """Text that must be seen first."""
        return self._sgr("1", text)

    def dim(self, text: str) -> str:
        """Text that holds the rest together."""
        return self._sgr("2", text)

    def rail(self, text: str) -> str:
        """Line numbers and the lines of a frame."""
        return self._sgr("34", text)

    def note(self, text: str) -> str:
        """The underline of a piece of evidence."""
        return self._sgr("36", text)

    def good(self, text: str) -> str:
        """What was done, or can be."""
        return self._sgr("32", text)

    def bad(self, text: str) -> str:
        """What is taken away, or failed."""
        return self._sgr("31", text)

    def severity(self, severity: str, text: str) -> str:
        """``text`` in the colour of ``severity``."""
        return self._sgr(_SEVERITY_SGR[severity], text)

    def _sgr(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def paint_for(stream: TextIO, color: str) -> Paint:
    """How to write to ``stream``; ``color`` is ``auto``, ``always`` or ``never``."""
    terminal = stream.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    return Paint(_wants_color(terminal, color), width, _shows_boxes(stream))


def _wants_color(terminal: bool, color: str) -> bool:
    if color != "auto":
        wanted = color == "always"
    elif os.environ.get("NO_COLOR"):
        wanted = False
    elif os.environ.get("FORCE_COLOR"):
        wanted = os.environ["FORCE_COLOR"] not in ("0", "false")
    else:
        wanted = terminal and os.environ.get("TERM") != "dumb"
    if wanted and terminal and sys.platform == "win32":
        # A side effect of starting the shell: the console begins to understand colour codes.
        os.system("")
    return wanted


def _shows_boxes(stream: TextIO) -> bool:
    try:
        "│├╰⋮…━".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def harmless(text: str) -> str:
    """``text`` with all that could move the cursor or reorder the line made visible."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
