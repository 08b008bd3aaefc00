"""What means the same gets the same findings; what is no longer AutoGen gets none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.metamorphic.changes import CHANGES, without_framework
from tests.metamorphic.programs import Program, every_program


@every_program
@pytest.mark.parametrize("change", CHANGES)
def test_same_findings(program: Program, change: str) -> None:
    changed = CHANGES[change](program.text)
    assert program.claims(changed) == program.claims(), changed


@every_program
def test_findings_move_with_their_lines(program: Program) -> None:
    # An emoji is one code point, two UTF-16 units, four bytes: none of them may leak into a line.
    above = '# 🙂\n"""Ünïcode above."""\n\n'
    assert program.claims(above + program.text, shift=3) == program.claims()


@every_program
def test_nothing_is_said_of_another_framework(program: Program) -> None:
    # CB9 is about the environment and the comments, not about AutoGen's callbacks.
    claims = program.claims(without_framework(program.text))
    assert not [claim for claim in claims if not claim[0].startswith("CB9")]


@every_program
def test_twice_the_same(program: Program) -> None:
    first, second = (
        [replace(finding, about=None) for finding in program.report().findings] for _ in range(2)
    )
    assert first == second
