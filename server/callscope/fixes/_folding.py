"""Lines that have grown too long are folded at their brackets, as formatters do."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from itertools import pairwise

from callscope.source import module_of

_LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_SHORTEST = 88
"""No line is too long that has fewer characters, nor one that is no longer than an old one."""


def folded(before: str, after: str, unit: str, newline: str) -> str:
    """``after`` with the lines folded that are longer than any of ``before`` and hold a whole
    statement, or the head of one. ``unit`` is one level of indentation."""
    limit = max([_SHORTEST, *(len(row.rstrip()) for row in _LINE_END.split(before))])
    rows = _LINE_END.split(after)
    if all(len(row.rstrip()) <= limit for row in rows):
        return after
    try:
        alone = _alone(module_of(after))
    except SyntaxError:
        return after
    for number, row in enumerate(rows):
        line = row.rstrip("\r\n")
        if number in alone and len(line) > limit:
            rows[number] = newline.join(_fold(line, limit, unit)) + row[len(line) :]
    return "".join(rows)


def _alone(tree: ast.Module) -> set[int]:
    """The 0-based lines that hold a whole statement, or the head of one that has a body."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body: list[ast.stmt] = getattr(node, "body", [])
            apart = body[0].lineno > node.lineno if body else node.end_lineno == node.lineno
            found.update([node.lineno - 1] * apart)
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """The parentheses of a call or of parameters: where they stand, and the commas between."""

    opening: int
    closing: int
    commas: tuple[int, ...]


def _fold(line: str, limit: int, unit: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    group = _group(line)
    if group is None:
        return [line]
    head, tail = line[: group.opening + 1], indent + line[group.closing :]
    inside = line[group.opening + 1 : group.closing].strip()
    if len(indent + unit + inside) <= limit:
        return [head, f"{indent}{unit}{inside}", tail]
    borders = [group.opening, *group.commas, group.closing]
    items = [line[a + 1 : b].strip() for a, b in pairwise(borders)]
    return [head, *(f"{indent}{unit}{item}," for item in items if item), tail]


def _group(line: str) -> _Group | None:
    """The outermost parentheses that hold the most, if they can be given a comma at the end."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line.strip()).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    if any(token.type == tokenize.COMMENT for token in tokens):
        return None
    lead = len(line) - len(line.lstrip())
    found: list[_Group] = []
    commas: list[int] = []
    opening, depth, before = 0, 0, ""
    sole = in_lambda = False
    for token in tokens:
        place = lead + token.start[1]
        if token.string in ("(", "[", "{"):
            if depth == 0:
                opening, commas = place, []
                sole = token.string == "(" and (before.isidentifier() or before in (")", "]"))
            depth += 1
        elif token.string in (")", "]", "}"):
            depth -= 1
            if depth == 0 and sole and place > opening + 1:
                found.append(_Group(opening, place, tuple(commas)))
        elif token.string == "lambda":
            in_lambda = True
        elif token.string == ":":
            in_lambda = False
        elif depth == 1 and token.string == "," and not in_lambda:
            commas.append(place)
        elif depth == 1 and token.string == "for":
            sole = False
        before = token.string
    return max(found, key=lambda group: group.closing - group.opening, default=None)
