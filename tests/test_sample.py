"""The program of the walkthrough: broken in one place, in every release, and mended by one fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check, fixes_for
from callscope.contracts import Target
from callscope.contracts.versions import KNOWN_TARGETS
from callscope.fixes import apply_edits
from callscope.project import Config, Project
from callscope.source import SourceText

SAMPLE = Path(__file__).parent.parent / "client" / "sample" / "help_desk.py"


@pytest.mark.parametrize("target", KNOWN_TARGETS, ids=str)
def test_one_mistake_and_a_fix_for_it(target: Target) -> None:
    project = Project(Config(target=target))
    source = SourceText(Path("Untitled-1"), SAMPLE.read_text("utf-8"))
    report = check(project, source)
    (finding,) = report.findings
    assert source.slice(finding.range) == '"costumer"'
    assert "decline_refunds" in finding.message
    fixed = apply_edits(source, fixes_for(report, finding)[0].edits)
    assert fixed == source.text.replace("costumer", "customer")
    assert not check(project, SourceText(source.path, fixed)).findings


def test_it_fits_beside_the_walkthrough() -> None:
    assert max(map(len, SAMPLE.read_text("utf-8").splitlines())) <= 60
