"""Every rule's documented example, run on real AutoGen: the broken one fails, the fixed one fires.

A rule that cannot be shown by a program on its own (it would need a broker, say) names no runtime
target and gives its reason, which is what its skip says.
"""

from __future__ import annotations

import pytest

from callscope.rules import Rule, all_rules
from tests.runtime.conftest import installed
from tests.runtime.harness import TARGETS, Completed


def examples() -> list[object]:
    """One parameter set a rule and target, and one to skip for each rule that cannot be run."""
    sets: list[object] = []
    for rule in all_rules():
        sets.extend(
            pytest.param(rule, target, id=f"{rule.code}-{target}")
            for target in rule.runtime_targets
        )
        if not rule.runtime_targets:
            reason = rule.runtime_reason or "names no runtime target, and no reason"
            skip = pytest.mark.skip(reason=f"{rule.code}: {reason}")
            sets.append(pytest.param(rule, "", id=rule.code, marks=skip))
    return sets


@pytest.mark.parametrize(("rule", "target"), examples())
def test_example_is_true(rule: Rule, target: str) -> None:
    env = installed(target)
    fixed = env.run_warm(rule.docs.fixed)
    assert fixed.returncode == 0, f"The fixed example fails\n{fixed}"
    assert fixed.fired, f"The fixed example does not fire\n{fixed}"
    assert not errors(fixed), f"The fixed example complains\n{fixed}"

    broken = env.run_warm(rule.docs.broken)
    assert fails(broken, fixed), f"The broken example works as well as the fixed one\n{broken}"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_targets_are_known_and_a_lack_is_explained(rule: Rule) -> None:
    assert set(rule.runtime_targets) <= set(TARGETS)
    assert rule.runtime_targets or rule.runtime_reason


def errors(done: Completed) -> tuple[str, ...]:
    """What it complained of, less the notices that importing AutoGen itself may give."""
    return tuple(line for line in done.problems if "flaml" not in line)


def fails(broken: Completed, fixed: Completed) -> bool:
    """Whether a user would miss the callback, or see it fire another number of times, or raise."""
    return (
        broken.returncode != 0
        or broken.fired != fixed.fired
        or bool(set(errors(broken)) - set(errors(fixed)))
    )
