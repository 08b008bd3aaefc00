"""``# callscope: ignore[CB201] -- reason`` and ``# callscope: ignore-file``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

from callscope.source.text import Position, Range, SourceText

_COMMENT = re.compile(
    r"#\s*callscope:\s*(?P<kind>ignore-file|ignore)"
    r"(?:\[(?P<codes>[^\]]*)\])?"
    r"(?:\s*--\s*(?P<reason>.*))?",
)


@dataclass(slots=True)
class Suppression:
    """One comment: the codes it names (empty: all), the lines it covers (None: the file)."""

    range: Range
    codes: frozenset[str]
    lines: frozenset[int] | None
    reason: str
    used: set[str] = field(default_factory=set)

    def below(self, lines: int) -> Suppression:
        """The same comment in a text that begins ``lines`` lines earlier; unused so far."""
        covered = frozenset(line + lines for line in self.lines) if self.lines is not None else None
        return Suppression(self.range.below(lines), self.codes, covered, self.reason)

    def covers(self, code: str, line: int) -> bool:
        """Whether a finding ``code`` on 0-based ``line`` is to be left out."""
        if self.lines is not None and line not in self.lines:
            return False
        return not self.codes or code in self.codes


class Suppressions:
    """All suppression comments of a file; remembers which of them were of use."""

    def __init__(self, comments: list[Suppression]) -> None:
        self.comments = comments

    @classmethod
    def of(cls, source: SourceText) -> Suppressions:
        """Find them in ``source``, which may be half typed."""
        if "callscope:" not in source.text:
            return cls([])
        return cls(list(_scan(source)))

    def hide(self, code: str, first_line: int, last_line: int) -> bool:
        """Whether a comment hides ``code`` in these 0-based lines; the comment counts as used."""
        hidden = False
        for comment in self.comments:
            if comment.covers(code, first_line) or comment.covers(code, last_line):
                comment.used.add(code)
                hidden = True
        return hidden

    def unused(self) -> Iterator[Suppression]:
        """The comments, or named codes, that hid nothing."""
        for comment in self.comments:
            if not comment.used or comment.codes - comment.used:
                yield comment


def _scan(source: SourceText) -> Iterator[Suppression]:
    for line, column, text in _comments(source):
        match = _COMMENT.match(text)
        if match is None:
            continue
        codes = frozenset(c.strip().upper() for c in (match["codes"] or "").split(",") if c.strip())
        lines = None
        if match["kind"] == "ignore":
            alone = not source.line(line)[:column].strip()
            lines = frozenset({line, _next_code_line(source, line)} if alone else {line})
        span = Range(Position(line, column), Position(line, column + len(text)))
        yield Suppression(span, codes, lines, (match["reason"] or "").strip())


def _next_code_line(source: SourceText, line: int) -> int:
    """The line a comment that stands alone speaks of: the next that is not itself a comment."""
    following = line + 1
    while following < source.line_count and source.line(following).lstrip().startswith("#"):
        following += 1
    return following


def _comments(source: SourceText) -> Iterator[tuple[int, int, str]]:
    """0-based line, column and text of each comment, as far as the text can be tokenised."""
    reader = io.StringIO(source.text.removeprefix("\ufeff"), newline="")
    seen: set[int] = set()
    try:
        for token in tokenize.generate_tokens(reader.readline):
            if token.type == tokenize.COMMENT:
                seen.add(token.start[0] - 1)
                yield token.start[0] - 1, token.start[1], token.string
    except (tokenize.TokenError, SyntaxError, IndentationError):
        # Half-typed code: below the break, lines that are nothing but a comment still count.
        first = max(seen, default=-1) + 1
        for line in range(first, source.line_count):
            text = source.line(line)
            start = text.find("# callscope:")
            if start >= 0 and line not in seen:
                yield line, start, text[start:]
