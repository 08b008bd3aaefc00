"""What a termination check decides about a message, beside what Python makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.contracts import Target
from callscope.model import build_model
from callscope.model.verdicts import verdict
from callscope.source import SourceText, parse

TEXTS = ("", "DONE", "well done.", "  We are DONE", "bye", "TERMINATE", "not yet")

TOLD = (
    'lambda m: "DONE" in m["content"]',
    'lambda m: "done" in (m.get("content") or "").lower()',
    'lambda m: m.get("content", "").rstrip(".").endswith(("done", "bye"))',
    'lambda m: not m["content"] or m["content"].strip() == "DONE"',
    'lambda m: m.get("tool_calls") is None and STOP in m["content"]',
    'lambda m: any(word in m["content"] for word in STOPS)',
    'lambda m: all([word not in m["content"] for word in STOPS])',
    'lambda m: m["content"].find("DONE") >= 0',
    'lambda m: len(m["content"].split()) > 2 if m["role"] == "user" else True',
    'lambda m: isinstance(m, dict) and m["content"] in ("bye", "DONE")',
    'lambda m: m["content"][:1] == "D" if False else 2 < len(m["content"]) < 5',
)

NOT_TOLD = (
    'lambda m: re.search("DONE", m["content"]) is not None',
    'lambda m: m["name"] == "user"',
    'lambda m: m.get("name") != "user"',
    "lambda m: elsewhere(m)",
    'lambda m: m["content"] == f"{STOP}"',
    'lambda m: m.pop("content") == "DONE"',
    'lambda m: m["content"].nosuch()',
    "lambda: True",
)

BODIES = """
def returns_late(message):
    '''Says more than it decides.'''
    text: str = message.get("content") or ""
    if not text:
        return False
    seen.append(text)
    print("asked", message)
    if text.endswith("DONE"):
        return True
    elif text == STOP:
        pass
    else:
        found = last = "bye" in text
        return found and last
def returns_nothing(message):
    seen.append(message)
"""

CHANGES = """
def loops(message):
    for word in STOPS:
        if word in message["content"]:
            return True
    return False
def counts(message):
    global STOP
    STOP += "x"
    return True
def empties(message):
    message.clear()
    return True
def hands_on(message):
    elsewhere(message)
    return "DONE" in message["content"]
def unpacks(message):
    first, *rest = message["content"]
    return first == "D"
"""

HEAD = 'import re\nSTOP, STOPS, seen = "TERMINATE", ["DONE", "bye"], []\n'


def decided(program: str, name: str) -> list[bool | None]:
    """The verdicts of the function ``name`` on all texts."""
    handed = f"\nimport autogen\nautogen.ConversableAgent('a', is_termination_msg={name})\n"
    text = SourceText(Path("check.py"), HEAD + program + handed)
    model = build_model(parse(text), Target.parse("autogen==0.14.1"))
    [known] = [r.function for r in model.registrations if r.kind == "termination"]
    assert known is not None
    return [verdict(known, text) for text in TEXTS]


@pytest.mark.parametrize(
    ("program", "name"),
    [
        *((f"check = {check}\n", "check") for check in TOLD),
        (BODIES, "returns_late"),
        (BODIES, "returns_nothing"),
    ],
)
def test_it_decides_as_python_does(program: str, name: str) -> None:
    names: dict[str, object] = {}
    exec(HEAD + program, names)
    check = names[name]
    assert callable(check)
    answers = [bool(check({"content": text, "role": "user"})) for text in TEXTS]
    assert decided(program, name) == answers


@pytest.mark.parametrize(
    ("program", "name"),
    [
        *((f"check = {check}\n", "check") for check in NOT_TOLD),
        *((CHANGES, name) for name in ("loops", "counts", "empties", "hands_on", "unpacks")),
    ],
)
def test_what_cannot_be_told_is_not_told(program: str, name: str) -> None:
    assert set(decided(program, name)) == {None}
