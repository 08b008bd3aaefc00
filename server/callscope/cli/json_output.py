"""``--output-format json``: one array of findings, for other programs.

Lines and columns count from 1, columns in code points; ``cell`` is the number of the cell that the
line is in, from 1, or null in what is no notebook. The names of the keys are a promise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from callscope.cli.paint import Paint
from callscope.cli.result import FileResult, Found, Offer, Replacement, as_named_from_here


def write(results: Iterable[FileResult], out: TextIO, paint: Paint) -> None:
    """Write the findings of ``results`` to ``out``; ``paint`` is of no consequence."""
    objects = [_object(result, found) for result in results for found in result.found]
    # ASCII only: the stream may have any encoding, JSON has but one.
    json.dump(objects, out, indent=2)
    out.write("\n")


def _object(result: FileResult, found: Found) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "message": found.message,
        "path": result.shown,
        "cell": found.place.cell or None,
        **_place(found.place.line, found.place.column),
        "end_line": found.place.end_line + 1,
        "end_column": found.place.end_column + 1,
        "evidence": [
            {
                "message": link.message,
                "path": result.shown_path(link.place),
                "cell": link.place.cell or None,
                **_place(link.place.line, link.place.column),
            }
            for link in found.evidence
        ],
        "fix": _fix(found.fixes[0]) if found.fixes else None,
        "url": found.url,
    }


def _fix(fix: Offer) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety,
        "edits": _edits(fix.edits),
        "other_files": [
            {"path": as_named_from_here(path), "edits": _edits(edits)}
            for path, edits in fix.elsewhere
        ],
    }


def _edits(edits: Iterable[Replacement]) -> list[dict[str, Any]]:
    return [
        {
            "cell": place.cell or None,
            "start": _place(place.line, place.column),
            "end": _place(place.end_line, place.end_column),
            "content": text,
        }
        for place, text in edits
    ]


def _place(line: int, column: int) -> dict[str, int]:
    return {"line": line + 1, "column": column + 1}
