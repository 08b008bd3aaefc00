"""The one way in: what it promises whatever the rules do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callscope.check import check
from callscope.model import Model
from callscope.project import Project
from callscope.rules import Finding, rule
from callscope.source import SourceText

BROKEN = """\
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def on_reply(message):
    return False, None
bot.register_reply([Agent, None], on_reply)
"""


def test_a_rule_that_fails_costs_its_own_findings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, model: Model) -> Iterator[Finding]:
        raise ZeroDivisionError("a bug")

    other = rule("CB202")
    assert other is not None
    monkeypatch.setattr(type(other), "check", fail)
    report = check(Project(), SourceText(Path("x.py"), BROKEN))
    assert [finding.code for finding in report.findings] == ["CB201"]
    assert [crash.code for crash in report.crashes] == ["CB202"]


def test_findings_in_a_block_that_is_meant_to_fail_are_left_out() -> None:
    text = BROKEN.replace(
        "bot.register_reply([",
        "import pytest\nwith pytest.raises(TypeError):\n    bot.register_reply([",
    )
    assert not check(Project(), SourceText(Path("x.py"), text)).findings


def test_a_suppression_hides_one_code_and_unused_ones_are_told() -> None:
    hidden = BROKEN.replace(
        "None], on_reply)", "None], on_reply)  # callscope: ignore[CB201] -- no"
    )
    assert not check(Project(), SourceText(Path("x.py"), hidden)).findings
    idle = BROKEN.replace("None], on_reply)", "None], on_reply)  # callscope: ignore[CB301]")
    codes = [f.code for f in check(Project(), SourceText(Path("x.py"), idle)).findings]
    assert sorted(codes) == ["CB201", "CB902"]


def test_a_file_that_never_names_a_framework_is_not_parsed() -> None:
    assert check(Project(), SourceText(Path("x.py"), "x = (")).parsed is None
