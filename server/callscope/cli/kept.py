"""The answer to a check, kept on disk: asked the same again while nothing has changed, it is given
again, and nothing is analysed nor even imported for it.

Whatever is wrong with what is kept, it is as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from callscope import __version__
from callscope.cache import cache_folder, replace_file
from callscope.cli.job import Mode
from callscope.cli.result import (
    Answer,
    Before,
    FileResult,
    Found,
    Link,
    Offer,
    Place,
    Problem,
    Replacement,
)
from callscope.cli.snapshot import Snapshot

if TYPE_CHECKING:
    from callscope.cli.check_command import Request

_SCHEMA = 3


class Kept:
    """The place of one request's answer. ``started`` is when the run began, in nanoseconds."""

    def __init__(self, request: Request, started: int) -> None:
        folder = None if request.no_cache else cache_folder()
        wanted = request.task.mode is Mode.CHECK and not request.stdin
        name = hashlib.sha256(_key(request).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._file = folder / f"answer-{name}.json" if folder is not None and wanted else None
        self._offers = request.task.offers
        self._started = started
        self.before: Before | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether anything is to be kept."""
        return self._file is not None

    def answer(self) -> Answer | None:
        """The answer, if it is known and still holds; else :attr:`before` may be of use."""
        try:
            told = json.loads(_checked(self._file.read_bytes())) if self._file else None
            if told is None or (self._offers and not told["offers"]):
                return None
            then = _snapshot(told["depends"])
            now = then.again()
            changed = then.changed(now)
            if changed is None:
                return None
            answer = _answer(told["answer"], offers=self._offers)
            if changed:
                results = {result.shown: result for result in answer.results}
                folders = frozenset(then.folders)
                self.before = Before(results, folders, dict(told["told"]), frozenset(changed))
                return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        if (then.folders, then.files) != (now.folders, now.files):
            # Touched, or checked out anew: next time the stamps are enough again.
            self._write({**told, "depends": vars(replace(now, digests=then.digests))}, now)
        return answer

    def keep(self, answer: Answer, depends: Snapshot, told: Mapping[str, str]) -> None:
        """Keep ``answer``, whose results are all there. It depends on ``depends``, as it was when
        the files had been gathered, and on what its results say. ``told`` is as in
        :class:`Before`."""
        results = list(answer.results)
        if answer.problems or any(each.failure or not each.lasting for each in results):
            return
        if depends.again() != depends:
            return
        looked_into = {folder for result in results for folder in result.folders}
        looked_into |= self.before.folders if self.before is not None else set()
        both = Snapshot.of(depends.names, looked_into | depends.folders.keys(), depends.files)
        rows = [_row(result) for result in results]
        content = {
            "offers": self._offers,
            "answer": [rows, answer.seen, answer.warnings],
            "told": told,
            "depends": vars(both.with_digests()),
        }
        self._write(content, both)

    def _write(self, told: Mapping[str, Any], depends: Snapshot) -> None:
        # What was changed during the run may have been read before that, or after it.
        if self._file is None or not depends.is_older_than(self._started):
            return
        content = json.dumps(told, separators=(",", ":")).encode()
        try:
            replace_file(self._file, f"{_digest(content)}\n".encode() + content)
        except OSError:
            # A full or closed disk costs the next run some time, and nothing else.
            return


def _key(request: Request) -> str:
    """All that the answer depends on besides files."""
    asked = (request.paths, request.select, request.ignore, request.target, str(request.python))
    around = (os.getcwd(), os.environ.get("VIRTUAL_ENV"))  # noqa: PTH109 - as text
    return repr((_SCHEMA, __version__, sys.version, asked, around))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checked(content: bytes) -> bytes:
    """What follows the digest in the first line; raises ``ValueError`` if it is something else."""
    digest, _, rest = content.partition(b"\n")
    if digest.decode() != _digest(rest):
        raise ValueError("damaged")
    return rest


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    folders = {
        folder: inside and {name: _entry(entry) for name, entry in inside.items()}
        for folder, inside in told["folders"].items()
    }
    files = {path: stamp and _entry(stamp) for path, stamp in told["files"].items()}
    return Snapshot(told["names"], folders, files, told["touched"], told["digests"])


def _entry(told: Any) -> Any:
    return tuple(told) if isinstance(told, list) else told


def _row(result: FileResult) -> list[Any]:
    lines = [(*place, text) for place, text in result.lines.items()]
    return [result.shown, result.found, result.problem, result.target, lines, result.contained]


def _answer(told: list[Any], *, offers: bool) -> Answer:
    rows, seen, warnings = told
    results = [_result(*row) for row in rows]
    if not offers:
        results = [replace(each, found=tuple(map(_unfixed, each.found))) for each in results]
    return Answer(results, seen, (), tuple(warnings))


def _unfixed(found: Found) -> Found:
    return found._replace(fixes=())


def _result(
    shown: str,
    found: list[Any],
    problem: list[Any] | None,
    target: str,
    lines: list[Any],
    contained: bool,
) -> FileResult:
    return FileResult(
        shown,
        tuple(_found(*row) for row in found),
        Problem(problem[0], Place(*problem[1])) if problem else None,
        target=target,
        lines={(path, cell, line): text for path, cell, line, text in lines},
        contained=contained,
    )


def _found(
    code: str,
    name: str,
    severity: str,
    message: str,
    url: str,
    place: list[Any],
    evidence: list[Any],
    fixes: list[Any],
) -> Found:
    links = tuple(Link(words, Place(*where)) for words, where in evidence)
    offers = tuple(_offer(*row) for row in fixes)
    return Found(code, name, severity, message, url, Place(*place), links, offers)


def _offer(title: str, safety: str, edits: list[Any], elsewhere: list[Any]) -> Offer:
    others = tuple((path, _replacements(rows)) for path, rows in elsewhere)
    return Offer(title, safety, _replacements(edits), others)


def _replacements(rows: list[Any]) -> tuple[Replacement, ...]:
    return tuple(Replacement(Place(*place), text) for place, text in rows)
