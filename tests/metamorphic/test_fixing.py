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
from tests.metamorphic.programs import Program, as_it_is, every_program, grave


def fixed(program: Program, text: str) -> str:
    """``text`` with all fixes applied, as for ``program``'s release."""
    source = SourceText(Path("program.py"), text)
    return fix_all(as_it_is(program).project, [source], unsafe=True).texts[source.path].text


@every_program
def test_fixing_everything(program: Program) -> None:
    """One test for all that is asked of it: to fix everything takes longest."""
    before = as_it_is(program)
    once = fixed(program, program.text)
    if not before.findings:
        assert once == program.text, "a sound program is left alone"
        return
    ast.parse(once)
    missing = comments(program.text) - comments(once)
    # A suppression that has become idle may go.
    assert not [comment for comment in missing if "callscope:" not in comment]
    if once == program.text:
        return
    after = program.report(once)
    assert grave(after) <= grave(before)
    assert grave(after) < grave(before) or len(after.findings) < len(before.findings)
    assert fixed(program, once) == once, "a second go has nothing to do"
    changed = fixed(program, with_windows_lines(program.text))
    assert changed.replace("\r\n", "").count("\n") == 0, "line ends stay"
    assert changed.replace("\r\n", "\n") == once


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
