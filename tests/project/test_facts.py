"""What is told of a text without parsing it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callscope.project.facts import _IMPORT, _import_statements, facts_of

PIECES = [
    "import ", "from ", "a.b", ".", "c as d", "(", ")", ",", "\n", "\r", " ", "\t", "#", ";", "_", "important"
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_statements_are_found_where_the_pattern_finds_them(text: str) -> None:
    assert list(_import_statements(text)) == _IMPORT.findall(text)


def test_all_kinds_of_imports() -> None:
    text = (
        "import a, b.c as d\n"
        "if x:\n    from . import e\n    from .f import g as h, i  # important\n"
        "from j.k import (\n    l,\n    m as n,\n)\n"
        'o = importlib.import_module("p.q")\n'
        "# import r\n"
    )
    found = {"p.q", "a", "b.c", ".", ".e", ".f", ".f.g", ".f.i", "j.k", "j.k.l", "j.k.m"}
    assert set(facts_of(text).imports) == found
