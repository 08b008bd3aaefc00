"""The programs that are changed and checked again: the rules' own examples and ``examples/``."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from callscope.check import Report, check
from callscope.project import Project
from callscope.rules import Severity, all_rules
from callscope.source import SourceText

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Program:
    """A text, and the release it is about."""

    name: str
    text: str
    target: str = ""

    def report(self, text: str | None = None) -> Report:
        """What is found in the program, or in ``text`` in its place."""
        settings = {"target": self.target} if self.target else {}
        project = Project().config.overridden(settings)
        source = SourceText(Path("program.py"), self.text if text is None else text)
        report = check(Project(project), source)
        assert not report.crashes, report.crashes[0].error
        return report

    def claims(self, text: str | None = None, *, shift: int = 0) -> Counter[tuple[str, str, int]]:
        """Code, severity and line of each finding, its line lessened by ``shift``."""
        report = self.report(text) if text is not None else as_it_is(self)
        return Counter(
            (finding.code, finding.severity.value, finding.range.start.line - shift)
            for finding in report.findings
        )

    def places(self, text: str | None = None) -> Counter[tuple[str, str, str]]:
        """Code, severity and the text of the line of each finding, wherever that line stands."""
        report = self.report(text) if text is not None else as_it_is(self)
        return Counter(
            (
                finding.code,
                finding.severity.value,
                report.source.line(finding.range.start.line).strip(),
            )
            for finding in report.findings
        )

    def codes(self, text: str | None = None) -> Counter[tuple[str, str]]:
        """Code and severity of each finding."""
        found: Counter[tuple[str, str]] = Counter()
        for (code, severity, _), number in self.places(text).items():
            found[code, severity] += number
        return found


@cache
def as_it_is(program: Program) -> Report:
    """What is found in a program that nobody has changed; for the tests that compare with it."""
    return program.report()


def programs() -> list[Program]:
    """Every program there is, the well and the broken."""
    found: list[Program] = []
    for rule in all_rules():
        pieces = {"broken": rule.docs.broken, "fixed": rule.docs.fixed}
        pieces |= {f"speaks-{number}": text for number, text in enumerate(rule.speaks)}
        pieces |= {f"silent-{number}": text for number, text in enumerate(rule.silent)}
        found.extend(
            Program(f"{rule.code}-{kind}", text, rule.example_target)
            for kind, text in pieces.items()
        )
    # Those of one file; the programs of examples/scale are nothing without their other files.
    for path in sorted((ROOT / "examples").glob("*/*.py")):
        name = f"{path.parent.name}-{path.stem}"
        found.append(Program(name, path.read_text(encoding="utf-8")))
    return found


every_program = pytest.mark.parametrize("program", programs(), ids=lambda program: program.name)


def every_other(first: int) -> pytest.MarkDecorator:
    """Every second program from number ``first`` on; all of them where more examples are wanted.

    Each rule has programs enough for both halves. What tests of one kind have in common is seen in
    either, so that they take turns.
    """
    chosen = programs() if "CALLSCOPE_EXAMPLES" in os.environ else programs()[first::2]
    return pytest.mark.parametrize("program", chosen, ids=lambda program: program.name)


def grave(report: Report) -> int:
    """How many findings say that something will fail."""
    return sum(finding.severity is not Severity.INFORMATION for finding in report.findings)
