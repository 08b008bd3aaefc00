"""A program that is taken apart into modules gets the findings that it got as one file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Config, Project, Workspace
from callscope.source import read_source
from tests.metamorphic.files import over_files
from tests.metamorphic.programs import Program, programs
from tests.metamorphic.test_same_meaning import MODULE_MATTERS

SEVERAL = [
    (program, parts)
    for program in programs()
    if program.name[:5] not in MODULE_MATTERS and "callscope:" not in program.text
    if (parts := over_files(program.text)) is not None
]


def places(root: Path, names: list[str], program: Program) -> Counter[tuple[str, str, str]]:
    """What is found in the files, as :meth:`Program.places` has it."""
    settings = {"target": program.target} if program.target else {}
    project = Project(Config().overridden(settings))
    workspace = Workspace(root)
    found: Counter[tuple[str, str, str]] = Counter()
    for name in names:
        report = check(project, read_source(root / name), workspace)
        assert not report.crashes, report.crashes[0].error
        for finding in report.findings:
            line = report.source.line(finding.range.start.line).strip()
            found[finding.code, finding.severity.value, line] += 1
    return found


@pytest.mark.parametrize(("program", "parts"), SEVERAL, ids=[each.name for each, _ in SEVERAL])
def test_same_findings(program: Program, parts: dict[str, str], tmp_path: Path) -> None:
    for name, text in parts.items():
        (tmp_path / name).write_text(text)
    assert places(tmp_path, list(parts), program) == program.places()
