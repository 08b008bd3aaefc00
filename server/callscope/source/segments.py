"""A text cut into pieces that each hold whole top-level statements, so that an edit costs what it
touches.

Two texts that each parse by themselves parse together to the two results. So a text is cut where a
line looks like the beginning of a statement; what does not parse alone is joined with what follows
for as long as a string or a bracket is open. A piece that cannot be parsed even so is recovered by
itself, and no other suffers.

Where the cuts are depends on the text alone, never on how it came to be.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from callscope.source.nodes import move
from callscope.source.parse import ParsedSource, parse
from callscope.source.suppressions import Suppression, Suppressions
from callscope.source.text import SourceText, SyntaxProblem

# The first character of a statement, but not of one that goes on: `else:`, a closing bracket.
_BEGINNING = re.compile(r"^(?!(?:else|elif|except|finally)\b)[^\s#)\]}]", re.MULTILINE)

_LONGEST_WORD = len("finally") + 1

# What opens, closes or hides brackets; and the line breaks between.
_TOKEN = re.compile(
    r"#[^\r\n]*"
    r"|\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^\\']|\\.|'(?!''))*'''"
    r"|(?P<open>\"\"\"|''')"
    r"|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'"
    r"|\\\r?\n"
    r"|(?P<up>[(\[{])|(?P<down>[)\]}])|(?P<line>\n)",
    re.DOTALL,
)

# No bracket is open any more where a line begins like this.
_SURELY_NEW = re.compile(r"(?:async +def|def|class|import|with|while|try|return|raise|del)\b|@")


_MOVABLE = re.compile("\ue000([0-9]+)\ue001")


def movable_line(line: int) -> str:
    """A 0-based line, to be put into a sentence that :func:`with_lines` completes."""
    return f"\ue000{line}\ue001"


def with_lines(sentence: str, named: Callable[[int], str]) -> str:
    """A sentence with its movable lines in words; ``named`` says what each is called now."""
    if "\ue000" not in sentence:
        return sentence
    return _MOVABLE.sub(lambda match: named(int(match[1])), sentence)


@dataclass(frozen=True, eq=False)
class Segment:
    """Whole lines of a text, and what they parse to.

    ``line_count`` says how many lines they are, ``reach`` how many characters from its first on
    had to be looked at to know where it ends. ``parsed`` counts lines from the segment's first.
    ``shape`` is the same object as that of a segment from which it differs in comments only.
    """

    text: str
    line_count: int
    reach: int
    parsed: ParsedSource
    shape: object

    @cached_property
    def suppressions(self) -> tuple[Suppression, ...]:
        """Its suppression comments, lines counted from the segment's first."""
        return tuple(Suppressions.of(SourceText(self.parsed.source.path, self.text)).comments)


@dataclass(frozen=True, eq=False)
class Segments:
    """All segments of ``source``, in order.

    ``ends`` are the 0-based lines after the last of each, ``stops`` the offsets where it ends;
    ``far`` are the numbers of those that depend on text behind them. Of the segments it was made
    after, the first ``kept`` and the last ``left`` are the same.
    """

    source: SourceText
    items: tuple[Segment, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]
    far: tuple[int, ...]
    kept: int = 0
    left: int = 0

    @classmethod
    def of(cls, source: SourceText, before: Segments | None = None) -> Segments:
        """Cut ``source``. What is the same in ``before`` is taken from there."""
        if before is None:
            before = cls(SourceText(source.path, ""), (), (), (), ())
        elif before.source.text == source.text:
            return replace(before, source=source, kept=len(before.items), left=0)
        return _cut_again(source, before)

    @property
    def fresh(self) -> tuple[Segment, ...]:
        """Those that were not there before."""
        return self.items[self.kept : len(self.items) - self.left]

    @cached_property
    def problem(self) -> SyntaxProblem | None:
        """The first thing that is not valid Python."""
        for number, item in enumerate(self.items):
            problem = item.parsed.problem
            if problem is not None:
                return SyntaxProblem(problem.message, problem.range.below(self.line(number)))
        return None

    def index_at(self, line: int) -> int:
        """The number of the segment that holds a 0-based line."""
        return min(bisect_right(self.ends, line), len(self.items) - 1)

    def line(self, index: int) -> int:
        """The 0-based first line of a segment."""
        return self.ends[index - 1] if index else 0

    def start(self, index: int) -> int:
        """The offset where a segment begins."""
        return self.stops[index - 1] if index else 0

    def suppressions(self) -> Suppressions:
        """What ``Suppressions.of`` finds in the whole text, looked for where it has changed."""
        if "callscope:" not in self.source.text:
            return Suppressions([])
        return Suppressions(
            [
                comment.below(self.line(number))
                for number, item in enumerate(self.items)
                for comment in item.suppressions
            ]
        )

    def part(self, indices: Sequence[int], *, anew: bool = False) -> ParsedSource:
        """The tree of some segments only, each statement where it stands in the whole text.

        The statements are those of the segments: the next to ask moves them to where they are in
        another text. Parsed ``anew`` they stay, and stand for the whole text.
        """
        mine = frozenset(indices)
        body: list[ast.stmt] = []
        blanked: set[int] = set()
        for index in indices:
            line, parsed = self.line(index), self.items[index].parsed
            if anew:
                parsed = parse(parsed.source)
            body += _at_line(parsed.tree, line)
            blanked.update(line + number for number in parsed.blanked)
        problem = self.problem if blanked else None
        tree = ast.Module(body, [])
        rest = None if anew else lambda: self._all_but(mine)
        return ParsedSource(self.source, tree, problem, frozenset(blanked), rest)

    def _all_but(self, indices: Container[int]) -> Iterator[ast.stmt]:
        for number, item in enumerate(self.items):
            if number not in indices:
                yield from _at_line(item.parsed.tree, self.line(number))


def _at_line(tree: ast.Module, line: int) -> list[ast.stmt]:
    """The statements of a segment's tree, moved to where the segment is now."""
    lines = line - getattr(tree, "line", 0)
    if lines:
        for statement in tree.body:
            move(statement, lines)
        tree.line = line  # type: ignore[attr-defined]
    return tree.body


class _Starts:
    """Where statements seem to begin, looked for no farther than asked; then the text's end."""

    def __init__(self, text: str, begin: int) -> None:
        self._end = len(text)
        self._found = [begin]
        self._more = (match.start() for match in _BEGINNING.finditer(text, begin + 1))

    def __getitem__(self, number: int) -> int:
        while number >= len(self._found):
            self._found.append(next(self._more, self._end))
        return self._found[number]


def _cut(source: SourceText, begin: int, stops: Container[int] = ()) -> Iterator[Segment]:
    """The segments from the offset ``begin`` on, up to the first that would begin at one of
    ``stops``."""
    starts = _Starts(source.text, begin)
    number = 0
    while starts[number] not in stops and (starts[number] < len(source.text) or number == 0):
        segment, number = _next(source, starts, number)
        yield segment


def _next(source: SourceText, starts: _Starts, number: int) -> tuple[Segment, int]:
    """The segment that begins at ``starts[number]``, and the number of the next one's start."""
    text, begin = source.text, starts[number]
    after = number + 1
    while text.startswith("@", starts[after - 1]) and starts[after] < len(text):
        after += 1
    end = starts[after]
    parsed = parse(SourceText(source.path, text[begin:end]))
    reach = end - begin
    if parsed.problem is not None and end < len(text):
        closed, looked_to = _where_closed(text, begin, starts, after)
        reach = max(reach, looked_to - begin)
        if closed > after:
            whole = parse(SourceText(source.path, text[begin : starts[closed]]))
            if whole.problem is None:
                after, end, parsed = closed, starts[closed], whole
    piece = text[begin:end]
    return Segment(piece, _line_breaks(piece), reach, parsed, object()), after


def _where_closed(text: str, begin: int, starts: _Starts, after: int) -> tuple[int, int]:
    """The number of the first start, from ``after`` on, at which no string and no bracket is open
    any more; 0 if there is none. And the offset up to which the text was looked at."""
    depth = 0
    statement = begin
    for match in _TOKEN.finditer(text, begin):
        kind = match.lastgroup
        if kind == "open":
            return 0, len(text) + 1
        if kind == "up":
            depth += 1
        elif kind == "down":
            depth = max(depth - 1, 0)
        elif kind == "line":
            place = match.end()
            while starts[after] < place:
                after += 1
            if starts[after] != place:
                continue
            if depth == 0 and not text.startswith("@", statement):
                return after, place
            if depth == 0:
                statement = place
            elif _SURELY_NEW.match(text, place):
                return 0, place + 16
    while starts[after] < len(text):
        after += 1
    return (after if depth == 0 else 0), len(text) + 1


def _line_breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _cut_again(source: SourceText, before: Segments) -> Segments:
    """The segments of ``source``, those of ``before`` where nothing has changed."""
    kept = _kept_before(source.text, before)
    begin = before.start(kept)
    later = _kept_after(source.text, before, kept)
    made = list(_cut(source, begin, later))
    end = begin + sum(len(item.text) for item in made)
    rest = later.number(end)
    gone = before.items[kept:rest]
    for number, (old, new) in enumerate(zip(gone, made, strict=False)):
        if old.text != new.text or old.reach != new.reach:
            break
        made[number] = old
    made = _in_old_shapes(gone, made)
    more = len(made) - len(gone)
    return Segments(
        source,
        (*before.items[:kept], *made, *before.items[rest:]),
        _spliced(before.ends, kept, rest, [item.line_count for item in made]),
        _spliced(before.stops, kept, rest, [len(item.text) for item in made]),
        (
            *(number for number in before.far if number < kept),
            *(kept + n for n, item in enumerate(made) if item.reach > len(item.text)),
            *(number + more for number in before.far if number >= rest),
        ),
        kept,
        len(before.items) - rest,
    )


def _spliced(sums: tuple[int, ...], kept: int, rest: int, sizes: Sequence[int]) -> tuple[int, ...]:
    """Running sums, after those from ``kept`` to ``rest`` were replaced by such of ``sizes``."""
    last = sums[kept - 1] if kept else 0
    made = list(accumulate(sizes, initial=last))
    moved = made[-1] - (sums[rest - 1] if rest else 0)
    later = sums[rest:]
    return (*sums[:kept], *made[1:], *([each + moved for each in later] if moved else later))


def _kept_before(text: str, before: Segments) -> int:
    """How many segments are the same from the start on, whatever follows."""
    same = _common(text, before)
    # The first word that follows decides whether a segment ends there.
    kept = bisect_right(before.stops, same - _LONGEST_WORD)
    for number in before.far:
        if number < kept and before.start(number) + before.items[number].reach > same:
            return number
    return kept


def _common(text: str, before: Segments) -> int:
    """Where the first segment begins that is not the same any more."""
    old, low, high = before.source.text, 0, len(before.items)
    while low < high:
        middle = (low + high + 1) // 2
        start, stop = before.start(low), before.stops[middle - 1]
        if text.startswith(old[start:stop], start):
            low = middle
        else:
            high = middle - 1
    return before.start(low)


class _Later:
    """The offsets in a text from which on all is as it was from some segment on."""

    def __init__(self, before: Segments, first: int, moved: int) -> None:
        self._before, self._first, self._moved = before, first, moved

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self._find(offset) is not None

    def _find(self, offset: int) -> int | None:
        number = bisect_right(self._before.stops, offset - self._moved)
        if number < self._first or self._before.start(number) != offset - self._moved:
            return None
        return number if number < len(self._before.items) else None

    def number(self, offset: int) -> int:
        """The number of the old segment that begins there; of none, how many there were."""
        found = self._find(offset)
        return len(self._before.items) if found is None else found


def _kept_after(text: str, before: Segments, kept: int) -> _Later:
    """Where in ``text`` the segments after the first ``kept`` go on as before."""
    old = before.source.text
    moved = len(text) - len(old)
    low, high = kept, len(before.items)
    while low < high:
        middle = (low + high) // 2
        start, stop = before.start(middle), before.start(high)
        if start + moved >= before.start(kept) and text.startswith(old[start:stop], start + moved):
            high = middle
        else:
            low = middle + 1
    return _Later(before, high, moved)


def _in_old_shapes(gone: Sequence[Segment], made: Sequence[Segment]) -> list[Segment]:
    """``made``, which take the place of ``gone``: compared from both ends."""
    found = list(made)
    for number, (old, new) in enumerate(zip(gone, made, strict=False)):
        found[number] = _reshaped(old, new)
    taken = {id(segment.shape) for segment in found}
    for number, (old, new) in enumerate(zip(reversed(gone), reversed(made), strict=False), 1):
        if found[-number] is new and id(old.shape) not in taken:
            found[-number] = _reshaped(old, new)
    return found


def _reshaped(old: Segment, new: Segment) -> Segment:
    """``new``, in the shape of ``old`` if they differ in comments only."""
    if old is new or not _same_code(old, new):
        return new
    return Segment(new.text, new.line_count, new.reach, old.parsed, old.shape)


def _same_code(old: Segment, new: Segment) -> bool:
    if old.parsed.problem is not None or new.parsed.problem is not None:
        return False
    before, after = old.text.splitlines(), new.text.splitlines()
    for one, other in zip(before, after, strict=False):
        if one != other and one.partition("#")[0].rstrip() != other.partition("#")[0].rstrip():
            return False
    longer = max(before, after, key=len)[min(len(before), len(after)) :]
    if any(line.strip() and not line.lstrip().startswith("#") for line in longer):
        return False
    return _same_tree(old.parsed.tree, new.parsed.tree, getattr(old.parsed.tree, "line", 0))


def _same_tree(old: object, new: object, move: int) -> bool:
    """Whether two trees are the same, places included; ``old`` stands ``move`` lines lower."""
    if isinstance(old, ast.AST):
        if type(old) is not type(new):
            return False
        for name in old._fields:
            if not _same_tree(getattr(old, name, None), getattr(new, name, None), move):
                return False
        for name in old._attributes:
            here, there = getattr(old, name, None), getattr(new, name, None)
            if "lineno" in name and here is not None:
                here -= move
            if here != there:
                return False
        return True
    if isinstance(old, list):
        return (
            isinstance(new, list)
            and len(old) == len(new)
            and all(_same_tree(one, other, move) for one, other in zip(old, new, strict=True))
        )
    return type(old) is type(new) and old == new
