"""All that may be asked about a text, asked at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from callscope.check import Report, check, fixes_for
from callscope.project import Project
from callscope.source import Range, SourceText


@dataclass(frozen=True)
class Examined:
    """How much there was to say."""

    findings: int
    fixes: int


def examine(source: SourceText, project: Project | None = None) -> Examined:
    """Check a text and compute all fixes.

    Raises what a rule raised, and AssertionError for a place that the text does not have.
    """
    report = check(project or Project(), source)
    for crash in report.crashes:
        raise RuntimeError(f"{crash.code} failed") from crash.error
    assert_places_exist(report)
    fixes = sum(len(fixes_for(report, finding)) for finding in report.findings)
    return Examined(len(report.findings), fixes)


def assert_places_exist(report: Report) -> None:
    """Every place that a finding speaks of lies in the text."""
    for finding in report.findings:
        for place in (finding.range, *(link.range for link in finding.evidence)):
            assert exists(report.source, place), (finding.code, place)


def exists(source: SourceText, place: Range) -> bool:
    """Whether the text has such a place."""
    return place.start <= place.end and all(
        0 <= end.line < source.line_count and 0 <= end.column <= len(source.line(end.line))
        for end in (place.start, place.end)
    )


class TooLongError(BaseException):
    """The time is over. Not an Exception, so that nobody takes it for a rule's own mistake."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`TooLongError` in the block after so much work, where the system can.

    What counts is the processor's time, so that a busy machine makes nothing a failure.
    """
    if sys.platform == "win32":
        yield
        return

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
