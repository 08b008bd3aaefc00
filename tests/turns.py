"""Sharing variations out, where each program in each of them would take too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

_Thing = TypeVar("_Thing")
_Way = TypeVar("_Way")


def two_each(things: Iterable[_Thing], ways: Iterable[_Way]) -> Iterator[tuple[_Thing, _Way]]:
    """Each of ``things`` with two of ``ways``, which are all used equally often."""
    known: Sequence[_Way] = list(ways)
    for number, thing in enumerate(things):
        yield thing, known[number % len(known)]
        yield thing, known[(number + len(known) // 2) % len(known)]
