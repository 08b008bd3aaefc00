"""AutoGen's own source, where nearly every registration is as its authors meant it."""

from __future__ import annotations

from callscope.check import check
from callscope.project import Project
from callscope.rules import Severity
from callscope.source import read_source
from tests.runtime.harness import Environment

# Mistakes of AutoGen's own, read and found to be true.
TRUE = {
    # ``is_termination_msg=lambda x: x == "TERMINATE"``, where x is the whole message, a dict.
    ("autogen-agentchat==0.2.40", "agentchat/contrib/agent_builder.py", "CB218"),
}


def test_only_true_mistakes_are_found_in_autogen(autogen_env: Environment) -> None:
    package = next(autogen_env.python.parent.parent.rglob("site-packages/autogen"))
    config = Project().config.overridden({"target": autogen_env.target})
    files = sorted(package.rglob("*.py"))
    assert len(files) > 50
    said = []
    for path in files:
        name = path.relative_to(package).as_posix()
        report = check(Project(config), read_source(path))
        assert not report.crashes, (name, report.crashes[0].error)
        said += [
            f"{name}:{finding.range.start.line + 1} {finding.code} {finding.message}"
            for finding in report.findings
            if finding.severity is not Severity.INFORMATION
            and (autogen_env.target, name, finding.code) not in TRUE
        ]
    assert not said, "\n".join(said)
