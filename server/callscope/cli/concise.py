"""``--output-format concise``: one line a finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from callscope.cli.paint import Paint, harmless
from callscope.cli.result import FileResult, Found


def write(results: Iterable[FileResult], out: TextIO, paint: Paint) -> None:
    """Write the findings of ``results`` to ``out``."""
    for result in results:
        for found in result.found:
            print(headline(result, found, paint), file=out)


def headline(result: FileResult, found: Found, paint: Paint) -> str:
    """``path:line:column: error[CB201] message``; line and column from 1, in code points."""
    mark = paint.severity(found.severity, f"{found.severity}[{found.code}]")
    place = paint.bold(harmless(result.where(found.place)))
    return f"{place}: {mark} {paint.bold(_one_line(found.message))}"


def _one_line(message: str) -> str:
    return harmless(" ".join(message.split()))
