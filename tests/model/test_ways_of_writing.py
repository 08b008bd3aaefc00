"""Receivers and callbacks as people write them: each program says what it should, and no more.

Each way is one program, told twice: with a callback whose parameters AutoGen's call does not fit,
which has to be reported, and with one whose parameters fit, of which nothing may be said.
``tests/runtime/test_ways_of_writing.py`` runs them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Project
from callscope.source import SourceText
from tests.model import ways_to_call_back, ways_to_receive

WRONG = "message"
RIGHT = "recipient, messages=None, sender=None, config=None"


def programs(part: str) -> list[object]:
    """One parameter set for each program in ``part`` of both files."""
    return [
        pytest.param(way.HEAD + body, id=name)
        for way in (ways_to_receive, ways_to_call_back)
        for name, body in titled(getattr(way, part, ""))
    ]


def titled(text: str) -> list[tuple[str, str]]:
    """The programs of a text, each below a line ``#: what it shows``."""
    pieces = re.split(r"^#: (.+)$", text, flags=re.MULTILINE)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def codes(program: str, signature: str = RIGHT) -> list[str]:
    text = program.replace("SIGNATURE", signature)
    path = Path("ways.py")
    return [finding.code for finding in check(Project.at(path), SourceText(path, text)).findings]


@pytest.mark.parametrize("program", programs("FOLLOWED"))
def test_it_is_followed(program: str) -> None:
    assert "CB201" in codes(program, WRONG)


@pytest.mark.parametrize("program", programs("NOT_FOLLOWED"))
def test_what_is_not_followed_is_not_judged(program: str) -> None:
    assert codes(program, WRONG) == []


@pytest.mark.parametrize(
    "program", [*programs("FOLLOWED"), *programs("NOT_FOLLOWED"), *programs("SILENT")]
)
def test_nothing_is_said_of_what_is_right(program: str) -> None:
    assert codes(program) == []
