"""Every rule's documented example, run on real AutoGen: the broken one fails, the fixed one fires.

A rule claims those releases that it speaks of its broken example for: there the broken program must
fail where the fixed one works. For another release that the fixed program works on, the broken one
must work as well, or another rule must say why it does not. Each outcome is a cell of the matrix; see ``tests/matrix.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from callscope.check import check, claims
from callscope.contracts import Target
from callscope.project import Config, Project
from callscope.rules import Finding, Rule, Severity, all_rules
from callscope.source import SourceText
from tests.matrix import SEEN, Seen
from tests.runtime.conftest import installed
from tests.runtime.harness import Completed
from tests.runtime.releases import NEWEST, TARGETS


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_example_is_true(
    rule: Rule, target: str, record_property: Callable[[str, object], None]
) -> None:
    if rule.runtime_reason:
        pytest.skip(f"{rule.code}: {rule.runtime_reason}")
    env = installed(target)
    claimed = claims(rule, Target.parse(target))
    fixed = env.run_warm(rule.docs.fixed)
    if not works(fixed) and (not claimed or lacks_a_module(fixed)):
        record_property(SEEN, Seen.ABSENT.value)
        pytest.skip(f"{rule.code}: the fixed example is about what {target} does not have")
    assert works(fixed), f"The fixed example does not work\n{fixed}"
    assert not alarms(rule.docs.fixed, target), "The fixed example works, and is reported"

    broken = env.run_warm(rule.docs.broken)
    if claimed:
        assert fails(broken, fixed), f"The broken example works as well as the fixed one\n{broken}"
        record_property(SEEN, Seen.HOLDS.value)
    elif fails(broken, fixed):
        told = alarms(rule.docs.broken, target)
        record_property(SEEN, (Seen.OTHER if told else Seen.MISSED).value)
        assert told, f"The broken example fails, and is not reported\n{broken}"
    else:
        record_property(SEEN, Seen.SILENT.value)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_some_newest_release_is_claimed(rule: Rule) -> None:
    assert any(claims(rule, Target.parse(target)) for target in NEWEST) or rule.runtime_reason


def alarms(program: str, target: str) -> list[Finding]:
    """What Callscope warns of in the program on this release."""
    project = Project(Config(target=Target.parse(target)))
    report = check(project, SourceText(Path("program.py"), program))
    return [found for found in report.findings if found.severity is not Severity.INFORMATION]


def works(done: Completed) -> bool:
    """Whether the callback fires and nothing is complained of."""
    return done.returncode == 0 and done.fired > 0 and not errors(done)


def errors(done: Completed) -> tuple[str, ...]:
    """What it complained of, less the notices that importing AutoGen itself may give."""
    return tuple(line for line in done.problems if "flaml" not in line)


def lacks_a_module(done: Completed) -> bool:
    """Whether it ended for a module of AutoGen, or a name in one, that the release lacks."""
    last = done.stderr.strip().rpartition("\n")[2]
    missing = ("ImportError: cannot import name", "ModuleNotFoundError: No module named 'autogen")
    return last.startswith(missing)


def fails(broken: Completed, fixed: Completed) -> bool:
    """Whether a user would miss the callback, or see it fire another number of times, or raise."""
    return (
        broken.returncode != 0
        or broken.fired != fixed.fired
        or bool(set(errors(broken)) - set(errors(fixed)))
    )
