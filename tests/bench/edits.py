"""What is typed: one character, and taken back, over and over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.modules import SHARED_AGENT, module


@dataclass(frozen=True)
class Edit:
    """A character, and the place it is typed at."""

    line: int
    column: int
    character: str

    def applied(self, text: str) -> str:
        """``text`` with the character."""
        lines = text.splitlines(keepends=True)
        line = lines[self.line]
        lines[self.line] = line[: self.column] + self.character + line[self.column :]
        return "".join(lines)


@dataclass(frozen=True)
class Document:
    """A text, and the edits that are tried on it, by name."""

    text: str
    edits: dict[str, Edit]


PLAIN, BODY, SIGNATURE, SHARED = "plain", "body", "signature", "shared name"
VALID, UNFINISHED = "valid", "half-typed"


def document(lines: int, state: str) -> Document:
    """A module of ``lines`` lines, with a statement that is being typed if it is half-typed.

    The edits: in a string of a function of the middle that has nothing to do with AutoGen; in one
    of a reply function there, whose agent talks to that which all the module uses; the name of a
    parameter that this function must have; the name of the agent that all the module uses.
    """
    text = module(lines)
    rows = text.splitlines()
    callback = _nearest(rows, lines // 2, "def audit_")
    plain = _nearest(rows, lines // 2, '        return "unknown"')
    inside = next(n for n in range(callback, len(rows)) if rows[n].startswith("    text = "))
    parameter = next(n for n in range(callback, len(rows)) if rows[n].startswith("    config:"))
    agent = rows.index(f"{SHARED_AGENT} = ConversableAgent(")
    if state == UNFINISHED:
        behind = next(n for n in range(inside, len(rows)) if not rows[n])
        rows.insert(behind, f"unfinished = {SHARED_AGENT}.initiate_chat(")
        plain += plain >= behind
        text = "\n".join(rows) + "\n"
    return Document(
        text,
        {
            PLAIN: Edit(plain, len(rows[plain]) - 1, "x"),
            BODY: Edit(inside, len(rows[inside]) - 1, "x"),
            SIGNATURE: Edit(parameter, rows[parameter].index(":"), "s"),
            SHARED: Edit(agent, len(SHARED_AGENT), "s"),
        },
    )


def _nearest(rows: list[str], line: int, beginning: str) -> int:
    found = [number for number, row in enumerate(rows) if row.startswith(beginning)]
    return min(found, key=lambda number: abs(number - line))


def keys(text: str, edit: Edit) -> Iterator[tuple[int, str, str]]:
    """For ever: the characters that are removed, those that are added, and the whole text then."""
    longer = edit.applied(text)
    while True:
        yield 0, edit.character, longer
        yield len(edit.character), "", text
