"""AutoGen's own source, where every registration is as its authors meant it: nothing to say."""

from __future__ import annotations

from callscope.check import check
from callscope.project import Project
from callscope.rules import Severity
from callscope.source import read_source
from tests.runtime.harness import Environment


def test_nothing_is_wrong_with_autogen(autogen_env: Environment) -> None:
    package = next(autogen_env.python.parent.parent.rglob("site-packages/autogen"))
    config = Project().config.overridden({"target": autogen_env.target})
    files = sorted(package.rglob("*.py"))
    assert len(files) > 50
    said = []
    for path in files:
        for finding in check(Project(config), read_source(path)).findings:
            if finding.severity is not Severity.INFORMATION:
                place = f"{path.relative_to(package)}:{finding.range.start.line + 1}"
                said.append(f"{place} {finding.code} {finding.message}")
    assert not said, "\n".join(said)
