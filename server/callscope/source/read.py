"""From the bytes of a file to its text."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import Path

from callscope.source.notebook import decode_notebook, is_notebook
from callscope.source.text import SourceText, UnreadableSource


def read_source(path: Path) -> SourceText:
    """Read a notebook, or a Python file as Python would: byte-order mark, encoding declaration,
    then UTF-8.

    Raises :class:`UnreadableSource` with a sentence for the user when that is not possible.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableSource("no such file") from None
    except IsADirectoryError:
        raise UnreadableSource("is a directory") from None
    except PermissionError:
        raise UnreadableSource("permission denied") from None
    except OSError as error:
        raise UnreadableSource(error.strerror or str(error)) from None
    return decode_source(path, raw)


def decode_source(path: Path, raw: bytes) -> SourceText:
    """Decode the bytes of a file; see :func:`read_source` for how and what it raises."""
    if is_notebook(path):
        return decode_notebook(path, raw)
    if b"\0" in raw:
        raise UnreadableSource("is binary, not Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        if str(error.msg).startswith("invalid or missing encoding"):
            raise UnreadableSource(
                "is not valid utf-8; declare its encoding in line 1 or 2"
            ) from None
        raise UnreadableSource(f"cannot be decoded: {error.msg or error}") from None
    bom = raw.startswith(codecs.BOM_UTF8)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableSource(
            f"is not valid {encoding} (byte {error.start}); declare its encoding in line 1 or 2"
        ) from None
    return SourceText(path, text, "utf-8" if bom else encoding, bom)
