"""Programs as they are while somebody works on them, and worse: lines and tokens lost, doubled,
exchanged; the end missing; two programs in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

_TOKEN = re.compile(r"\w+|[^\w\s]")
_MOST_LINES = 8


@st.composite
def mutated(draw: st.DrawFn, texts: Sequence[str]) -> str:
    """One of ``texts`` with one to four changes."""

    def pick(most: int) -> int:
        return draw(st.integers(0, max(most, 0)))

    text = texts[pick(len(texts) - 1)]
    for _ in range(1 + pick(3)):
        change = _CHANGES[pick(len(_CHANGES) - 1)]
        text = change(text, texts[pick(len(texts) - 1)], pick)
    return text


Pick = Callable[[int], int]


def _piece(lines: list[str], pick: Pick) -> slice:
    """A few lines in a row."""
    start = pick(len(lines) - 1)
    return slice(start, start + 1 + pick(_MOST_LINES - 1))


def without_lines(text: str, _: str, pick: Pick) -> str:
    """Some lines are gone."""
    lines = text.splitlines(keepends=True)
    del lines[_piece(lines, pick)]
    return "".join(lines)


def with_lines_twice(text: str, _: str, pick: Pick) -> str:
    """Some lines stand somewhere a second time."""
    lines = text.splitlines(keepends=True)
    copied = lines[_piece(lines, pick)]
    place = pick(len(lines))
    return "".join([*lines[:place], *copied, *lines[place:]])


def with_lines_swapped(text: str, _: str, pick: Pick) -> str:
    """Two lines have changed places."""
    lines = text.splitlines(keepends=True) or [""]
    one, two = pick(len(lines) - 1), pick(len(lines) - 1)
    lines[one], lines[two] = lines[two], lines[one]
    return "".join(lines)


def with_another_token(text: str, other: str, pick: Pick) -> str:
    """A word or sign has the place of another; half the time it is one of the same program."""
    places = list(_TOKEN.finditer(text))
    words: list[str] = _TOKEN.findall(text if pick(1) else other) or ["None"]
    if not places:
        return text
    place = places[pick(len(places) - 1)]
    return text[: place.start()] + words[pick(len(words) - 1)] + text[place.end() :]


def cut_off(text: str, _: str, pick: Pick) -> str:
    """The rest is still to be written."""
    return text[: pick(len(text))]


def spliced(text: str, other: str, pick: Pick) -> str:
    """It begins as one program and goes on as another."""
    lines, more = text.splitlines(keepends=True), other.splitlines(keepends=True)
    return "".join([*lines[: pick(len(lines))], *more[pick(len(more)) :]])


def shifted(text: str, _: str, pick: Pick) -> str:
    """Some lines stand deeper, or less deep."""
    lines = text.splitlines(keepends=True)
    piece = _piece(lines, pick)
    deeper = pick(1)
    lines[piece] = [f"    {line}" if deeper else line.removeprefix("    ") for line in lines[piece]]
    return "".join(lines)


_CHANGES: tuple[Callable[[str, str, Pick], str], ...] = (
    without_lines,
    with_lines_twice,
    with_lines_swapped,
    with_another_token,
    cut_off,
    spliced,
    shifted,
)
