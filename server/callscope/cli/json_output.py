"""``--output-format json``: one array of findings, for other programs.

Lines and columns count from 1, columns in code points. The names of the keys are a promise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from callscope.cli.paint import Paint
from callscope.cli.result import FileResult, Found, as_named_from_here
from callscope.fixes import Edit, Fix
from callscope.source import Position


def write(results: Iterable[FileResult], out: TextIO, paint: Paint) -> None:
    """Write the findings of ``results`` to ``out``; ``paint`` is of no consequence."""
    objects = [_object(result, found) for result in results for found in result.found]
    # ASCII only: the stream may have any encoding, JSON has but one.
    json.dump(objects, out, indent=2)
    out.write("\n")


def _object(result: FileResult, found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": result.shown,
        **_place(finding.range.start),
        "end_line": finding.range.end.line + 1,
        "end_column": finding.range.end.column + 1,
        "evidence": [
            {
                "message": link.message,
                "path": result.shown_path(link.range),
                **_place(link.range.start),
            }
            for link in finding.evidence
        ],
        "fix": _fix(found.fixes[0]) if found.fixes else None,
        "url": finding.url,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "edits": _edits(fix.edits),
        "other_files": [
            {"path": as_named_from_here(str(change.source.path)), "edits": _edits(change.edits)}
            for change in fix.elsewhere
        ],
    }


def _edits(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [
        {"start": _place(edit.range.start), "end": _place(edit.range.end), "content": edit.text}
        for edit in edits
    ]


def _place(position: Position) -> dict[str, int]:
    return {"line": position.line + 1, "column": position.column + 1}
