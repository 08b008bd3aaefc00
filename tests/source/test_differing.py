"""What two texts have in common at their ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callscope.source import differing

texts = st.text("ab", max_size=12)


@given(texts, texts, texts, texts)
def test_all_that_is_the_same_is_found_once(head: str, removed: str, added: str, tail: str) -> None:
    old, new = head + removed + tail, head + added + tail
    start, behind = differing(old, new)
    assert old[:start] == new[:start]
    assert old[len(old) - behind :] == new[len(new) - behind :]
    assert start + behind <= min(len(old), len(new))
    assert start >= len(head)
    assert start + behind >= min(len(head) + len(tail), len(old), len(new))
    if old == new:
        assert start == len(old)
