"""Whatever the text, an answer and no exception, and every place in it exists."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callscope.check import Report
from callscope.source import Range
from tests.metamorphic.programs import Program, grave, programs

PROGRAMS = programs()
PIECES = ["(", ")", "[", "]", ":", "\n", "    ", "'", '"""', "\\", "await ", "def f(", "🙂", "\t"]
PIECES += [
    "\r",
    "\f",
    "\0",
    "lambda: ",
    "*",
    "match x:\n",
    "= ",
    "import autogen\n",
    "# callscope:",
]

quiet = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def assert_places_exist(report: Report) -> None:
    for finding in report.findings:
        for place in (finding.range, *(link.range for link in finding.evidence)):
            assert exists(report, place), (finding.code, place)


def exists(report: Report, place: Range) -> bool:
    source = report.source
    return place.start <= place.end and all(
        0 <= end.line < source.line_count and 0 <= end.column <= len(source.line(end.line))
        for end in (place.start, place.end)
    )


@quiet
@given(st.data())
def test_a_program_being_edited(data: st.DataObject) -> None:
    program: Program = data.draw(st.sampled_from(PROGRAMS))
    text = program.text
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 60)))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    assert_places_exist(program.report(text))


@quiet
@given(st.text(max_size=300))
def test_no_program_at_all(text: str) -> None:
    program = Program("text", "import autogen\n" + text)
    assert_places_exist(program.report())


def library() -> list[Path]:
    """Every so many files of the standard library: much of what Python can express. Few of them
    take as long as all others together; ``npm run fuzz`` goes through those."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    found = [path for path in files if path.stat().st_size < 40_000]
    return found[:: max(1, len(found) // 60)]


@pytest.mark.parametrize("path", library(), ids=lambda path: path.stem)
def test_code_that_never_uses_autogen(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    # The import alone makes it worth a full analysis.
    program = Program(path.stem, text + "\nimport autogen\n")
    report = program.report()
    assert grave(report) == 0, report.findings
    assert_places_exist(report)
