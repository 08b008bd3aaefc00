"""Fixing files: what ``--fix`` writes and ``--diff`` shows."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import os
import stat
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from callscope.check import check, fix_all
from callscope.cli.job import Job, internal_error
from callscope.cli.result import Mended
from callscope.rules import Finding
from callscope.source import SourceText, UnreadableSource, read_source


class CannotWrite(Exception):
    """A file was left as it was; the message is meant for the user."""


@dataclass(frozen=True)
class Fixed:
    """A text before and after all applicable fixes, and what was mended."""

    before: SourceText
    after: SourceText
    mended: tuple[Mended, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before.text != self.after.text


def fix_source(job: Job, source: SourceText) -> Fixed:
    """Apply the fixes to a text, not to its file.

    Raises :class:`CannotWrite` on a bug of ours.
    """
    try:
        after, _ = fix_all(job.project, source, unsafe=job.task.unsafe)
        mended = _mended(check(job.project, source).findings, check(job.project, after).findings)
    except Exception as error:
        raise CannotWrite(internal_error(job.shown, error)) from error
    return Fixed(source, after, mended)


def _mended(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> tuple[Mended, ...]:
    left = Counter((finding.code, finding.name) for finding in after)
    gone = Counter((finding.code, finding.name) for finding in before) - left
    return tuple(Mended(code, name, count) for (code, name), count in sorted(gone.items()))


def encoded(source: SourceText) -> bytes:
    """The bytes of ``source`` as its file had them: encoding, byte-order mark, line breaks.

    Raises :class:`CannotWrite` where the encoding lacks a character.
    """
    try:
        raw = source.text.encode(source.encoding)
    except UnicodeEncodeError as error:
        missing = source.text[error.start : error.start + 1]
        raise CannotWrite(
            f"not fixed: {missing!r} cannot be written in {source.encoding}"
        ) from None
    return codecs.BOM_UTF8 + raw if source.bom else raw


def write_fixed(path: Path, fixed: Fixed) -> None:
    """Put the fixed text in place of the file, in one step and with its permissions.

    A link stays a link. Raises :class:`CannotWrite`, and then the file is as it was.
    """
    target = Path(os.path.realpath(path))
    raw = encoded(fixed.after)
    try:
        _assert_unchanged(target, fixed.before)
        mode = target.stat().st_mode
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(
            target, os.W_OK
        ):
            raise CannotWrite("not fixed: the file is read-only")
        _replace(target, raw, mode)
    except UnreadableSource as error:
        raise CannotWrite(f"not fixed: {error}") from None
    except OSError as error:
        raise CannotWrite(f"not fixed: {error.strerror or error}") from None


def _assert_unchanged(target: Path, before: SourceText) -> None:
    if encoded(before) != target.read_bytes():
        on_disk = read_source(target)
        if on_disk.text != before.text:
            raise CannotWrite("not fixed: the file has changed in the meantime")
        raise CannotWrite(f"not fixed: its bytes are not what {before.encoding} would write")


def _replace(target: Path, raw: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        _take_over_owner(draft, target)
        draft.chmod(stat.S_IMODE(mode))
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _take_over_owner(draft: Path, target: Path) -> None:
    if hasattr(os, "chown"):
        owner = target.stat()
        with contextlib.suppress(PermissionError):
            os.chown(draft, owner.st_uid, owner.st_gid)


def unified_diff(shown: str, fixed: Fixed) -> str:
    """What would change, in the form ``patch -p1`` understands."""
    name = shown.replace(os.sep, "/").lstrip("/")
    lines = difflib.unified_diff(
        _lines(fixed.before.text), _lines(fixed.after.text), f"a/{name}", f"b/{name}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    # Only at line feeds: to ``patch`` a form feed is no line break.
    pieces = text.split("\n")
    return [*(f"{piece}\n" for piece in pieces[:-1]), *([pieces[-1]] if pieces[-1] else [])]
