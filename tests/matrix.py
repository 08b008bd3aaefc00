"""What was seen on each release, as a table: a row for each rule, and for each other set of tests.

A test that runs once for each release gets two properties when it is collected, the row and the
column of its cell; what it has seen it may name itself, in a third. Its report carries them to the
end of the run.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

import pytest

from callscope.contracts import Target
from callscope.rules import Rule, all_rules
from tests.runtime.releases import TARGETS

ROW, COLUMN, SEEN = "matrix-row", "matrix-column", "matrix-seen"


class Seen(str, Enum):
    """What became of a rule's example on a release."""

    HOLDS = "ok"
    """The rule speaks, the broken program fails and the fixed one works."""
    SILENT = "silent"
    """The rule is silent, and both programs work."""
    ABSENT = "-"
    """The rule is silent, and the release does not have what the example is about."""
    OTHER = "other"
    """The broken program fails for another reason, which another rule tells."""
    MISSED = "missed"
    """The broken program fails, and nothing is said of it."""
    FAILS = "FAIL"


def enter(item: pytest.Item) -> None:
    """Give the test its place in the table, if it runs for one release."""
    parameters: Mapping[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    target = next((value for value in parameters.values() if value in TARGETS), None)
    if target is not None:
        rule = parameters.get("rule")
        row = f"{rule.code} {rule.name}" if isinstance(rule, Rule) else item.path.stem
        item.user_properties += [(ROW, row), (COLUMN, target)]


def table(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """The lines of the table; none where no report has a place in it."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for report in reports:
        told = dict(report.user_properties)
        if ROW in told:
            what = Seen.FAILS.value if report.failed else report.outcome
            place = str(told[ROW]), str(told[COLUMN])
            seen[place].append(str(told.get(SEEN, what)))
    rules = [f"{rule.code} {rule.name}" for rule in all_rules()]
    rows = sorted({row for row, _ in seen}, key=lambda row: (row not in rules, row))
    if seen:
        yield _line("", [Target.parse(each).title.partition(" ")[0] for each in TARGETS])
        yield _line("", [each.partition("==")[2] for each in TARGETS])
        yield from (_line(row, [_cell(seen[row, each]) for each in TARGETS]) for row in rows)
        counts = Counter(what for told in seen.values() for what in told)
        yield ", ".join(f"{number} {what}" for what, number in counts.most_common())


def _cell(seen: Sequence[str]) -> str:
    """What the one test saw; of several how many failed, or else how many passed."""
    if len(seen) < 2:
        return "".join(seen)
    failed = seen.count(Seen.FAILS.value)
    return (
        f"{failed} {Seen.FAILS.value}" if failed else f"{seen.count('passed')} {Seen.HOLDS.value}"
    )


def _line(name: str, cells: Iterable[str]) -> str:
    return f"{name:36}" + "".join(f"{cell:>8}" for cell in cells)
