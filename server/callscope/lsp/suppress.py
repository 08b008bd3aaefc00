"""Writing ``# callscope: ignore[CB201] -- `` where it will be understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from callscope.check import Report, check
from callscope.fixes import Edit, apply_edits
from callscope.rules import Finding
from callscope.source import Position, Range, SourceText

_COMMENT = re.compile(r"#\s*callscope:\s*ignore\[(?P<codes>[^\]]*)\]")


def suppress(report: Report, finding: Finding) -> Edit | None:
    """The edit that silences ``finding`` by a comment; None where no comment can.

    A comment may not go into a string, nor behind a backslash, so each place is tried.
    """
    source, code = report.source, finding.code
    for edit in _candidates(source, finding):
        text = apply_edits(source, (edit,))
        if not source.can_become(text):
            continue
        edited = replace(source, text=text, _line_cache={})
        after = check(report.project, edited, report.workspace)
        if _is_whole(after) == _is_whole(report) and _count(after, code) < _count(report, code):
            return edit
    return None


def _is_whole(report: Report) -> bool:
    """Whether all of the text could be parsed: what is not parsed has no findings either."""
    return report.parsed is not None and report.parsed.problem is None


def _count(report: Report, code: str) -> int:
    return sum(finding.code == code for finding in report.findings)


def _candidates(source: SourceText, finding: Finding) -> Iterator[Edit]:
    first, last = finding.range.start.line, finding.range.end.line
    for line in dict.fromkeys((first, last, first - 1)):
        existing = _COMMENT.search(source.line(line)) if line >= 0 else None
        if existing:
            place = Position(line, existing.end("codes"))
            separator = ", " if existing["codes"].strip() else ""
            yield Edit(Range(place, place), f"{separator}{finding.code}")
    for line in dict.fromkeys((first, last)):
        text = source.line(line)
        end = Position(line, len(text))
        yield Edit(Range(end, end), f"  # callscope: ignore[{finding.code}] -- ")
    start = Position(first, 0)
    indent = source.line(first)[: len(source.line(first)) - len(source.line(first).lstrip())]
    comment = f"{indent}# callscope: ignore[{finding.code}] -- {source.newline}"
    yield Edit(Range(start, start), comment)
