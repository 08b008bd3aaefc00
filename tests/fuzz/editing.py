"""Somebody at work on a file: after each step, what is found must be what a fresh check finds."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from callscope.check import Report, check
from callscope.incremental import Recall
from callscope.project import Project
from callscope.source import Segments, SourceText

_WORD = re.compile(r"[^\W\d]\w*")
_HALF = ("(", ")", "[", "]", "{", "}", '"', "'", '"""', "'''", "\\", ":", "#", "=", ",", "@", "\t")
TYPED = (
    "autogen.Agent",
    "bot.register_reply([autogen.Agent, None], on_reply)\n",
    "# a note",
    "    return True, None\n",
    "def on_reply(messages):\n    return True\n",
    "import autogen\n",
    "from __future__ import annotations\n",
    "else:\n    pass\n",
    "if True:\n",
    "global state\n",
    'PROMPT = """You are\nhelpful\n"""\n',
    "x = [\n1,\n2,\n]\n",
    "\r\n",
    "\n\n\n",
    "# callscope: ignore\n",
    "  # callscope: ignore[CB201, CB202] -- on purpose\n",
    "# callscope: ignore-file\n",
)


class Difference(Exception):
    """What is remembered gave another answer than the text itself."""


class Page:
    """One text being edited. ``pieces`` are texts to paste from, ``typed`` what may be typed."""

    def __init__(
        self,
        text: str,
        pieces: Sequence[str],
        chance: random.Random,
        typed: Sequence[str] = TYPED,
    ) -> None:
        self.text = text
        self._before = [text]
        self._pieces = pieces
        self._typed = typed
        self._chance = chance
        self._pending: list[str] = []
        self._place = 0

    def edit(self) -> None:
        """Edit once."""
        self.text = self._edited()
        self._before.append(self.text)

    def _edited(self) -> str:
        if self._pending:
            typed = self._pending.pop(0)
            self._place += len(typed)
            start = self._place - len(typed)
            return self.text[:start] + typed + self.text[start:]
        return self._chance.choice(_EDITS)(self)

    def _spot(self) -> int:
        return self._chance.randint(0, len(self.text))

    def _line(self) -> int:
        """Where some line begins."""
        return self.text.rfind("\n", 0, self._spot()) + 1

    def _lines(self, most: int) -> tuple[int, int]:
        begin = end = self._line()
        for _ in range(self._chance.randint(1, most)):
            found = self.text.find("\n", end)
            end = len(self.text) if found < 0 else found + 1
        return begin, end

    def type_text(self) -> str:
        """Begin to type something, a key a step."""
        self._place = self._chance.choice((self._spot, self._line))()
        self._pending = list(self._chance.choice(self._typed))
        return self._edited()

    def insert_half(self) -> str:
        """A bracket, a quote."""
        spot = self._spot()
        return self.text[:spot] + self._chance.choice(_HALF) + self.text[spot:]

    def comment(self) -> str:
        """A comment at the end of a line, or none any more."""
        begin = self._line()
        end = self.text.find("\n", begin)
        end = len(self.text) if end < 0 else end
        line = self.text[begin:end]
        bare = line.partition("  # ")[0]
        return self.text[:begin] + (bare if bare != line else line + "  # why") + self.text[end:]

    def delete(self) -> str:
        """Some characters go."""
        spot = self._spot()
        return self.text[:spot] + self.text[spot + self._chance.choice((1, 1, 1, 5, 60)) :]

    def delete_lines(self) -> str:
        """Some lines go."""
        begin, end = self._lines(6)
        return self.text[:begin] + self.text[end:]

    def paste(self) -> str:
        """A piece of another program."""
        lines = self._chance.choice(self._pieces).splitlines(keepends=True)
        first = self._chance.randint(0, len(lines))
        more = "".join(lines[first : first + self._chance.choice((1, 4, 30))])
        spot = self._line()
        return self.text[:spot] + more + self.text[spot:]

    def move(self) -> str:
        """Some lines go elsewhere."""
        begin, end = self._lines(8)
        moved, rest = self.text[begin:end], self.text[:begin] + self.text[end:]
        spot = rest.rfind("\n", 0, self._chance.randint(0, len(rest))) + 1
        return rest[:spot] + moved + rest[spot:]

    def rename(self) -> str:
        """A name is another one from now on, everywhere or at one place."""
        words = _WORD.findall(self.text) or ["x"]
        old, new = self._chance.choice(words), self._chance.choice([*words, "other"])
        count = self._chance.choice((1, -1))
        return re.sub(rf"\b{old}\b", new, self.text, count=max(count, 0))

    def undo(self) -> str:
        """Back to an earlier text."""
        return self._before[-self._chance.randint(1, min(len(self._before), 12))]

    def begin_again(self) -> str:
        """The file as it was at first."""
        return self._before[0]


_EDITS: tuple[Callable[[Page], str], ...] = (
    *(Page.type_text, Page.type_text, Page.insert_half, Page.comment, Page.delete, Page.undo),
    *(Page.delete_lines, Page.paste, Page.move, Page.rename, Page.undo, Page.begin_again),
)


class Desk(Page):
    """A text that is a program by itself, with what is remembered of it."""

    def __init__(self, text: str, pieces: Sequence[str], chance: random.Random) -> None:
        super().__init__(text, pieces, chance)
        self.steps = 0
        self._recall = Recall()
        self._segments: Segments | None = None
        self._project = Project()

    def step(self) -> None:
        """Edit once, and compare; raises :class:`Difference`."""
        self.edit()
        self.steps += 1
        source = SourceText(Path("program.py"), self.text)
        self._segments = Segments.of(source, self._segments)
        fresh = Segments.of(source)
        if [each.text for each in self._segments.items] != [each.text for each in fresh.items]:
            raise Difference("the text is cut elsewhere")
        remembered = check(self._project, source, recall=self._recall)
        compare(remembered, check(self._project, SourceText(source.path, self.text)))


def compare(remembered: Report, anew: Report) -> None:
    """Raises :class:`Difference`, or what a rule has raised."""
    for report in (remembered, anew):
        if report.crashes:
            raise report.crashes[0].error
    one, other = ([replace(f, about=None) for f in r.findings] for r in (remembered, anew))
    if one != other:
        raise Difference(f"{one}\n!=\n{other}")


class Worked(Protocol):
    """Somebody at work."""

    steps: int

    @property
    def text(self) -> str:
        """What they have made of it."""

    def step(self) -> None:
        """Edit once, and compare; raises :class:`Difference`."""


def sessions(
    begin: Callable[[random.Random], Worked],
    *,
    start: int,
    steps: int,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[Worked, Exception | None]]:
    """What ``begin`` gives after ``steps`` steps each, or after the step that failed; from ``start``
    on always in the same way."""
    number = start
    while not stop():
        worked = begin(random.Random(number))
        problem: Exception | None = None
        try:
            while worked.steps < steps and not stop():
                worked.step()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            problem = error
        yield worked, problem
        number += 1


def at_a_desk(texts: Sequence[str]) -> Callable[[random.Random], Desk]:
    """Begin with one or some of ``texts``, taken at random."""

    def begin(chance: random.Random) -> Desk:
        chosen = [chance.choice(texts) for _ in range(chance.choice((1, 1, 3)))]
        return Desk("".join(chosen), texts, chance)

    return begin


def run(begin: Callable[[random.Random], Worked], minutes: float, start: int) -> int:
    """Edit for some minutes; prints what was done, and returns how many sessions failed."""
    began, failed, steps, done = time.monotonic(), 0, 0, 0
    end = began + minutes * 60
    for worked, problem in sessions(
        begin, start=start, steps=40, stop=lambda: time.monotonic() > end
    ):
        done += 1
        steps += worked.steps
        if problem is not None:
            failed += 1
            number = start + done - 1
            print(f"session {number}, step {worked.steps}: {problem!r}\n{worked.text}", flush=True)
        elif done % 200 == 0:
            print(f"{steps} steps in {done} sessions", flush=True)
    print(f"{steps} steps in {done} sessions, {time.monotonic() - began:.0f} s, {failed} failed")
    return failed
