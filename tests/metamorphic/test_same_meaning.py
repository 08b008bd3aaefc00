"""What means the same gets the same findings; what is no longer AutoGen gets none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import cycle

import pytest

from callscope.check import UNUSED_SUPPRESSION
from callscope.rules import Finding
from tests.metamorphic.changes import CHANGES, LAYOUTS, without_framework
from tests.metamorphic.programs import Program, as_it_is, every_other, programs
from tests.metamorphic.shapes import (
    awaited,
    in_a_class,
    in_a_function,
    in_an_async_function,
    reordered,
    with_comment,
)
from tests.turns import two_each


@pytest.mark.parametrize(
    ("program", "change"),
    list(two_each(programs(), CHANGES)),
    ids=lambda value: getattr(value, "name", value),
)
def test_same_findings(program: Program, change: str) -> None:
    changed = CHANGES[change](program.text)
    assert program.claims(changed) == program.claims(), changed


@pytest.mark.parametrize(
    ("program", "layout"),
    list(zip(programs(), cycle(LAYOUTS), strict=False)),
    ids=lambda value: getattr(value, "name", value),
)
def test_same_findings_in_another_layout(program: Program, layout: str) -> None:
    changed = LAYOUTS[layout](program.text)
    assert program.claims(changed) == program.claims(), changed


@every_other(0)
def test_findings_move_with_their_lines(program: Program) -> None:
    # An emoji is one code point, two UTF-16 units, four bytes: none of them may leak into a line.
    above = '# 🙂\n"""Ünïcode above."""\n\n'
    assert program.claims(above + program.text, shift=3) == program.claims()


@every_other(1)
def test_nothing_is_said_of_another_framework(program: Program) -> None:
    # CB9 is about the environment and the comments, not about AutoGen's callbacks.
    claims = program.claims(without_framework(program.text))
    assert not [claim for claim in claims if not claim[0].startswith("CB9")]


def differ(program: Program, changed: str) -> set[str]:
    """The codes of which there are more or fewer in the changed program."""
    before, after = program.codes(), program.codes(changed)
    return {code for code, _ in (before - after) + (after - before)}


# Where a rule asks what a module does when it is imported, a function is another program.
MODULE_MATTERS = {"CB101", "CB102", "CB103", "CB104"}


@every_other(0)
def test_in_a_function(program: Program) -> None:
    changed = in_a_function(program.text)
    if changed is not None:
        assert differ(program, changed) <= MODULE_MATTERS, changed


@every_other(1)
def test_in_a_class(program: Program) -> None:
    changed = in_a_class(program.text)
    if changed is not None:
        assert differ(program, changed) <= MODULE_MATTERS, changed


@every_other(1)
def test_in_an_event_loop(program: Program) -> None:
    changed = in_an_async_function(program.text)
    if changed is not None:
        # A sync chat keeps the event loop waiting, which is what CB303 says.
        assert differ(program, changed) <= {*MODULE_MATTERS, "CB303"}, changed


# What async chats do otherwise, by the contracts: they run other hooks (CB305), ask the overridden
# ``a_`` methods (CB408, and CB508 for human input), want names (CB410), and their last reply
# function is another one, so that ``position=-1`` means another place (CB404).
SYNC_MATTERS = {"CB305", "CB404", "CB408", "CB410", "CB508"}


@every_other(0)
def test_awaited(program: Program) -> None:
    changed = awaited(program.text)
    if changed is not None:
        assert differ(program, changed) <= MODULE_MATTERS | SYNC_MATTERS, changed


def test_the_shapes_are_not_for_a_few_programs_only() -> None:
    texts = [program.text for program in programs()]
    shapes = (in_a_function, in_a_class, in_an_async_function, awaited, reordered)
    for shape in shapes:
        assert sum(shape(text) is not None for text in texts) > 200, shape.__name__


@every_other(1)
def test_in_another_order(program: Program) -> None:
    changed = reordered(program.text)
    if changed is not None:
        assert program.places(changed) == program.places(), changed


@every_other(0)
def test_one_finding_suppressed(program: Program) -> None:
    findings = as_it_is(program).findings
    for finding in findings:
        line = finding.range.end.line
        changed = with_comment(program.text, line, finding.code)
        if changed is not None and finding.code != UNUSED_SUPPRESSION:
            left = [other for other in findings if not _is_hidden(other, finding.code, line)]
            assert program.claims(changed) == Counter(
                (other.code, other.severity.value, other.range.start.line) for other in left
            ), changed


def _is_hidden(finding: Finding, code: str, line: int) -> bool:
    """Whether a comment for ``code`` on ``line`` is for this finding, too."""
    return finding.code == code and line in (finding.range.start.line, finding.range.end.line)


@every_other(1)
def test_twice_the_same(program: Program) -> None:
    first, second = (
        [replace(finding, about=None) for finding in program.report().findings] for _ in range(2)
    )
    assert first == second
