"""Fixing everything leads somewhere, loses nothing, and is over after one go."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

from callscope.check import fix_all
from callscope.source import SourceText
from tests.metamorphic.changes import with_windows_lines
from tests.metamorphic.programs import Program, every_program, grave


def fixed(program: Program, text: str, *, unsafe: bool = True) -> str:
    """``text`` with all fixes applied, as for ``program``'s release."""
    project = program.report().project
    source = SourceText(Path("program.py"), text)
    return fix_all(project, [source], unsafe=unsafe).texts[source.path].text


@every_program
def test_better_and_then_done(program: Program) -> None:
    once = fixed(program, program.text)
    ast.parse(once)
    before, after = program.report(), program.report(once)
    assert grave(after) <= grave(before)
    if once != program.text:
        assert grave(after) < grave(before) or len(after.findings) < len(before.findings)
    assert fixed(program, once) == once


@every_program
def test_a_sound_program_is_left_alone(program: Program) -> None:
    if not program.report().findings:
        assert fixed(program, program.text) == program.text


@every_program
def test_no_comment_is_lost(program: Program) -> None:
    missing = comments(program.text) - comments(fixed(program, program.text))
    # A suppression that has become idle may go.
    assert not [comment for comment in missing if "callscope:" not in comment]


@every_program
def test_line_ends_stay(program: Program) -> None:
    changed = fixed(program, with_windows_lines(program.text))
    assert changed.replace("\r\n", "").count("\n") == 0
    assert changed.replace("\r\n", "\n") == fixed(program, program.text)


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
