"""A text is cut where statements begin, and what an edit leaves alone stays what it was."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from callscope.source import Segments, SourceText, Suppressions, parse

_MODULE = '''"""What it is for.

at column 0
"""
import os

@decorator
@another(
1,
)
def first():
    return """
text at column 0
"""


if os.name:
    x = 1
elif x:
    x = 2
else:
    x = 3
TABLE = [
{"a": 1},
]
last = 1
'''


def _segments(text: str, before: Segments | None = None) -> Segments:
    return Segments.of(SourceText(Path("m.py"), text), before)


def _texts(text: str) -> list[str]:
    return [segment.text for segment in _segments(text).items]


def test_whole_statements() -> None:
    found = _segments(_MODULE)
    assert [len(segment.parsed.tree.body) for segment in found.items] == [1, 1, 1, 1, 1, 1]
    assert "".join(segment.text for segment in found.items) == _MODULE
    assert found.problem is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "x",
        "# only\n",
        "\ufeffx = 1\ny = 2\n",
        "a = 1\r\nb = 2\r\n",
        "a\rb\r",
        "\f\nx=1\n",
    ],
)
def test_any_text(text: str) -> None:
    found = _segments(text)
    assert "".join(segment.text for segment in found.items) == text
    whole = found.part(range(len(found.items))).tree
    expected = parse(SourceText(Path("m.py"), text)).tree
    assert ast.dump(whole, include_attributes=True) == ast.dump(expected, include_attributes=True)


def test_places_are_those_of_the_whole_text() -> None:
    found = _segments(_MODULE)
    whole = found.part(range(len(found.items))).tree
    expected = ast.parse(_MODULE)
    assert ast.dump(whole, include_attributes=True) == ast.dump(expected, include_attributes=True)


@pytest.mark.parametrize("broken", ["foo(", 'x = """', "def f(:", "x = [1,", "@", "if x", "'"])
def test_what_is_broken_breaks_nothing_else(broken: str) -> None:
    found = _segments(f"a = 1\n{broken}\ndef f():\n    return 2\nb = 3\n")
    good = [segment.text for segment in found.items if segment.parsed.problem is None]
    assert good[0] == "a = 1\n"
    assert "b = 3\n" in good
    assert found.problem is not None
    assert found.problem.range.start.line in (1, 2)


def test_an_edit_leaves_the_others_alone() -> None:
    before = _segments(_MODULE)
    after = _segments(_MODULE.replace("x = 2", "x = 4"), before)
    same = [one is other for one, other in zip(before.items, after.items, strict=True)]
    assert same == [True, True, True, False, True, True]


def test_a_comment_changes_no_shape() -> None:
    before = _segments(_MODULE)
    after = _segments(_MODULE.replace("x = 2\n", "x = 2  # two\n"), before)
    assert [s.shape for s in before.items] == [s.shape for s in after.items]
    changed = _segments(_MODULE.replace("text at", "text # at"), before)
    assert [s.shape for s in before.items] != [s.shape for s in changed.items]


def test_lines_that_move_take_their_places_along() -> None:
    before = _segments("a = 1\nb = 2\n")
    before.part([0, 1])
    after = _segments("\n\na = 1\n\nb = 2\n", before)
    found = after.part([0, 1] if len(after.items) == 2 else range(len(after.items))).tree
    assert [statement.lineno for statement in found.body] == [3, 5]


@pytest.mark.parametrize(
    "text",
    [
        "# callscope: ignore-file -- generated\nx = 1\n",
        "x = 1\n# callscope: ignore[CB201]\n# why\ny = 2  # callscope: ignore\n",
        "def f():\n    # callscope: ignore\n    return 1\n\n# callscope: ignore[A, b]\n@d\nclass C: 0",
        's = """\n# callscope: ignore\n"""\n\nx = [  # callscope: ignore\n1,\n]\n# callscope: ignore',
        "\ufeffx = 1  # callscope: ignore\r\ny = 1  # callscope: ignore\r\n",
    ],
)
def test_suppressions_are_those_of_the_whole_text(text: str) -> None:
    source = SourceText(Path("m.py"), text)
    assert Segments.of(source).suppressions().comments == Suppressions.of(source).comments


def test_a_half_typed_string_takes_no_suppression_below_away() -> None:
    text = "x = 1\ny = '''half\n\n\ndef f():\n    return 1  # callscope: ignore\n"
    assert [c.range.start.line for c in _segments(text).suppressions().comments] == [5]
