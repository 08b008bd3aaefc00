"""A tree while code is half typed: nothing vanishes, nothing drifts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscope.source import SourceText, parse

GOOD = """\
import autogen

bot = autogen.AssistantAgent("bot", llm_config=False)


def on_reply(recipient, messages=None, sender=None, config=None):
    if messages:
        return True, "seen"
    return False, None


class Desk:
    def __init__(self):
        self.bot = bot


bot.register_reply([autogen.Agent, None], on_reply)
"""


def calls(text: str) -> list[tuple[str, int]]:
    tree = parse(SourceText(Path("x.py"), text)).tree
    return [(ast.unparse(n.func), n.lineno) for n in ast.walk(tree) if isinstance(n, ast.Call)]


def test_valid_code_has_no_problem() -> None:
    parsed = parse(SourceText(Path("x.py"), GOOD))
    assert parsed.problem is None
    assert not parsed.blanked


@pytest.mark.parametrize(
    "broken",
    [
        "x = (1,\n",
        "def half(\n",
        "foo.\n",
        "if True:\n",
        'name = "unfinished\n',
        "return )\n",
        "@\n",
        "for in range(3):\n    pass\n",
        "    stray = 1\n",
        "bot.register_reply([\n",
        "print 'python 2'\n",
        "x = [1, 2\ny = 3\n",
        "class :\n",
        "await = 3\n",
    ],
)
def test_the_rest_stays_where_it_is(broken: str) -> None:
    text = GOOD + "\n" + broken
    found = calls(text)
    assert ("autogen.AssistantAgent", 3) in found
    assert ("bot.register_reply", 17) in found
    parsed = parse(SourceText(Path("x.py"), text))
    assert parsed.problem is not None
    assert parsed.problem.range.start.line >= 16


def test_a_statement_broken_in_a_body_leaves_the_body() -> None:
    text = GOOD.replace('return True, "seen"', "return True, (")
    assert ("bot.register_reply", 17) in calls(text)
    assert ("autogen.AssistantAgent", 3) in calls(text)


def test_an_empty_file_and_a_lone_bracket() -> None:
    assert parse(SourceText(Path("x.py"), "")).tree.body == []
    assert parse(SourceText(Path("x.py"), "(")).problem is not None


def test_deep_nesting_gets_an_answer() -> None:
    parsed = parse(SourceText(Path("x.py"), "(" * 5000 + ")" * 5000))
    assert parsed.problem is not None


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(GOOD)),
    st.sampled_from(["(", ")", '"', "'''", ":", "\n", "  ", "def ", "\\"]),
)
def test_any_insertion_parses_without_raising(at: int, typed: str) -> None:
    parsed = parse(SourceText(Path("x.py"), GOOD[:at] + typed + GOOD[at:]))
    for node in ast.walk(parsed.tree):
        if hasattr(node, "lineno"):
            assert 1 <= node.lineno <= parsed.source.line_count


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 40))
def test_any_deletion_parses_without_raising(at: int, many: int) -> None:
    parse(SourceText(Path("x.py"), GOOD[:at] + GOOD[at + many :]))
