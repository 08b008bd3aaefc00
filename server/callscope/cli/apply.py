"""Fixing files: what ``--fix`` writes and ``--diff`` shows."""

from __future__ import annotations

import codecs
import contextlib
import difflib
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callscope.check import Mending, check, fix_all
from callscope.cli.job import Job, internal_error
from callscope.cli.result import Mended
from callscope.project import Workspace
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


@dataclass(frozen=True)
class Group:
    """Files that were fixed, by path; of those ``together``, none may be written alone."""

    fixed: Mapping[Path, Fixed]
    together: tuple[frozenset[Path], ...] = ()
    workspace: Workspace | None = None


def fix_source(job: Job, source: SourceText) -> Fixed:
    """Apply the fixes to a text by itself, not to its file.

    Raises :class:`CannotWrite` on a bug of ours.
    """
    return fix_sources({source.path: job}, [source], None).fixed[source.path]


def fix_sources(
    jobs: Mapping[Path, Job], sources: Iterable[SourceText], workspace: Workspace | None
) -> Group:
    """Apply the fixes to texts that may belong to one program, not to their files.

    Raises :class:`CannotWrite` on a bug of ours.
    """
    sources = list(sources)
    first = jobs[sources[0].path]
    try:
        mending = fix_all(first.project, sources, workspace, unsafe=first.task.unsafe)
        fixed = {source.path: _fixed(first, source, workspace, mending) for source in sources}
    except Exception as error:
        raise CannotWrite(internal_error(first.shown, error)) from error
    return Group(fixed, mending.together, mending.workspace)


def _fixed(job: Job, source: SourceText, workspace: Workspace | None, mending: Mending) -> Fixed:
    after = mending.texts[source.path]
    if not mending.changed:
        return Fixed(source, after, ())
    old = check(job.project, source, workspace).findings
    new = check(job.project, after, mending.workspace).findings
    return Fixed(source, after, _mended(old, new))


def _mended(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> tuple[Mended, ...]:
    left = Counter((finding.code, finding.name) for finding in after)
    gone = Counter((finding.code, finding.name) for finding in before) - left
    return tuple(Mended(code, name, count) for (code, name), count in sorted(gone.items()))


def encoded(source: SourceText) -> bytes:
    """The bytes of ``source`` as its file had them: encoding, byte-order mark, line breaks.

    Raises :class:`CannotWrite` where the encoding lacks a character.
    """
    text = source.file_text
    try:
        raw = text.encode(source.encoding)
    except UnicodeEncodeError as error:
        missing = text[error.start : error.start + 1]
        raise CannotWrite(f"{missing!r} cannot be written in {source.encoding}") from None
    return codecs.BOM_UTF8 + raw if source.bom else raw


def write_fixed(fixed: Mapping[Path, Fixed]) -> None:
    """Put fixed texts in place of their files, all or none, each in one step and with the
    permissions of its file.

    A link stays a link. Raises :class:`CannotWrite`, and then the files are as they were.
    """
    drafts: list[_Draft] = []
    try:
        for path, each in fixed.items():
            with _reasons(path, alone=len(fixed) == 1):
                drafts.append(_draft_of(path, each))
        for number, draft in enumerate(drafts):
            with _reasons(draft.path, alone=len(fixed) == 1):
                try:
                    draft.new.replace(draft.target)
                except OSError:
                    for done in drafts[:number]:
                        _beside(done.target, done.before, done.mode).replace(done.target)
                    raise
    finally:
        for draft in drafts:
            draft.new.unlink(missing_ok=True)


def _assert_unchanged(target: Path, before: SourceText) -> None:
    if encoded(before) != target.read_bytes():
        on_disk = read_source(target)
        if on_disk.text != before.text:
            raise CannotWrite("the file has changed in the meantime")
        raise CannotWrite(f"its bytes are not what {before.encoding} would write")


@dataclass(frozen=True)
class _Draft:
    """``new`` stands beside ``target``, which it will be; ``before`` is what that file holds."""

    path: Path
    target: Path
    new: Path
    before: bytes
    mode: int


@contextlib.contextmanager
def _reasons(path: Path, *, alone: bool) -> Iterator[None]:
    """Say in words for the user what went wrong, and with which of several files."""
    which = "" if alone else f"{path.name}: "
    try:
        yield
    except CannotWrite as error:
        raise CannotWrite(f"not fixed: {which}{error}") from None
    except UnreadableSource as error:
        raise CannotWrite(f"not fixed: {which}{error}") from None
    except OSError as error:
        raise CannotWrite(f"not fixed: {which}{error.strerror or error}") from None


def _draft_of(path: Path, fixed: Fixed) -> _Draft:
    target = Path(os.path.realpath(path))
    raw = encoded(fixed.after)
    _assert_unchanged(target, fixed.before)
    mode = target.stat().st_mode
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
        raise CannotWrite("the file is read-only")
    return _Draft(path, target, _beside(target, raw, mode), encoded(fixed.before), mode)


def _beside(target: Path, raw: bytes, mode: int) -> Path:
    """A file with the bytes ``raw`` in the folder of ``target``, with its permissions."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        _take_over_owner(draft, target)
        draft.chmod(stat.S_IMODE(mode))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _take_over_owner(draft: Path, target: Path) -> None:
    if hasattr(os, "chown"):
        owner = target.stat()
        with contextlib.suppress(PermissionError):
            os.chown(draft, owner.st_uid, owner.st_gid)


def unified_diff(shown: str, fixed: Fixed) -> str:
    """What would change, in the form ``patch -p1`` understands; of a notebook, cell by cell."""
    name = shown.replace(os.sep, "/").lstrip("/")
    parts = fixed.before.parts(fixed.after.text)
    return "".join(_diff(_named(name, fixed.before, line), *texts) for line, *texts in parts)


def _named(name: str, source: SourceText, line: int) -> str:
    cell, _ = source.in_cell(line)
    return f"{name}:cell {cell}" if cell else name


def _diff(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    # Only at line feeds: to ``patch`` a form feed is no line break.
    pieces = text.split("\n")
    return [*(f"{piece}\n" for piece in pieces[:-1]), *([pieces[-1]] if pieces[-1] else [])]
