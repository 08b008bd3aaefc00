"""What is told of a text without parsing it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callscope.project.facts import _IMPORT, Reading, _import_statements, facts_of

PIECES = [
    "import ", "from ", "a.b", ".", "c as d", "(", ")", ",", "\n", "\r", " ", "\t", "#", ";", "_", "important"
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_statements_are_found_where_the_pattern_finds_them(text: str) -> None:
    found = [statement.groups("") for statement in _import_statements(text)]
    assert found == _IMPORT.findall(text)


TELLING = ["import_module", "('", "Celery", ".task(", "autogen", "ag", "2"]

texts = st.lists(st.sampled_from([*PIECES, *TELLING]), max_size=12).map("".join)


@given(st.lists(st.sampled_from([*PIECES, *TELLING]), max_size=40).map("".join), st.data())
def test_what_is_read_again_after_an_edit_is_what_a_fresh_look_sees(
    text: str, data: st.DataObject
) -> None:
    reading = Reading.of(text)
    for _ in range(4):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 6, len(text))))
        text = text[:start] + data.draw(texts) + text[end:]
        reading = reading.after(text)
        assert reading == Reading.of(text)
        assert reading.facts == facts_of(text)


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
