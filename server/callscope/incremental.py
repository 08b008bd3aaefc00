"""A file that is a program by itself, checked island by island.

What was found in an island holds as long as its own code stays what it is, wherever in the file
that moves to. So after an edit only the islands are looked at that it touches.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from callscope.model.islands import Islands
from callscope.programs import Crash, run_rules
from callscope.project import Project, Workspace
from callscope.rules import Finding
from callscope.source import Position, Range, Segments, SourceText, with_lines


@dataclass(frozen=True)
class _Answer:
    """What the rules said of one island.

    ``found`` counts lines as they were when its segments began at ``lines``; ``shown`` is what the
    user is told now that they begin at ``now``. ``words`` and ``everything`` are what was asked of
    the rest of the file.
    """

    found: tuple[Finding, ...]
    shown: tuple[Finding, ...]
    crashes: tuple[Crash, ...]
    lines: tuple[int, ...]
    now: tuple[int, ...]
    words: tuple[tuple[str, bool], ...]
    everything: bool


class Recall:
    """What is remembered of one file from one check to the next. One thread uses it at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._project: Project | None = None
        self._workspace: Workspace | None = None
        self._segments: Segments | None = None
        self._islands: Islands | None = None
        self._answers: dict[tuple[object, ...], _Answer] = {}

    def branch(self) -> Recall:
        """One that knows the same, for a text that is only tried."""
        made = Recall()
        with self.lock:
            made.__dict__.update(self.__dict__)
        return made

    def forget(self) -> None:
        """Something else than the text has changed."""
        self._answers = {}

    def check(
        self, project: Project, source: SourceText, workspace: Workspace | None
    ) -> tuple[list[Finding], list[Crash]] | None:
        """What the rules find in ``source``, in the order of its islands; None if the file is more
        than one module and has to be looked at as a whole."""
        with self.lock:
            if project is not self._project or workspace is not self._workspace:
                self.forget()
                self._project, self._workspace = project, workspace
            segments = self._segments = Segments.of(source, self._segments)
            islands = self._islands = Islands(segments, self._islands)
            answers: dict[tuple[object, ...], _Answer] = {}
            for group in islands.groups:
                shapes = tuple(segments.items[number].shape for number in group)
                answer = self._known(shapes, group, segments)
                if answer is None:
                    answer = _ask(project, segments, group, workspace)
                if answer is None:
                    return None
                answers[shapes] = answer
            self._answers = answers
        found = [finding for answer in answers.values() for finding in answer.shown]
        return found, [crash for answer in answers.values() for crash in answer.crashes]

    def _known(
        self, shapes: tuple[object, ...], group: Sequence[int], segments: Segments
    ) -> _Answer | None:
        """The answer for an island that is what it was; None where it has to be asked again."""
        known = self._answers.get(shapes)
        if known is None or known.everything:
            return None
        text = segments.source.text
        if any((word in text) is not answer for word, answer in known.words):
            return None
        lines = tuple(map(segments.line, group))
        return known if lines == known.now or not known.found else _moved(known, lines)


def _ask(
    project: Project, segments: Segments, group: Sequence[int], workspace: Workspace | None
) -> _Answer | None:
    if not _can_matter(project, segments, group):
        return _Answer((), (), (), (), (), (), everything=False)
    program = run_rules(project, segments.part(group), workspace)
    if len(program.model.modules) > 1:
        return None
    lines = tuple(map(segments.line, group))
    asked = program.model.asked
    found = tuple(replace(finding, about=None) for finding in program.found)
    shown = tuple(_at(finding, lambda line: line) for finding in found)
    words = tuple(asked.words.items())
    return _Answer(found, shown, program.crashes, lines, lines, words, asked.everything)


def _can_matter(project: Project, segments: Segments, group: Sequence[int]) -> bool:
    own = project.config.own
    if own.agents or own.wrappers or project.packages.names:
        return True
    texts = (segments.items[number].text for number in group)
    return any("autogen" in text or "ag2" in text for text in texts)


def _moved(known: _Answer, lines: tuple[int, ...]) -> _Answer:
    """An answer whose segments now begin at other lines."""

    def moved(line: int) -> int:
        number = max(bisect_right(known.lines, line) - 1, 0)
        return line + lines[number] - known.lines[number]

    shown = tuple(_at(finding, moved) for finding in known.found)
    return replace(known, shown=shown, now=lines)


def _at(finding: Finding, moved: Callable[[int], int]) -> Finding:
    """``finding`` where its code is now."""
    links = tuple(
        replace(link, message=with_lines(link.message, moved), range=_range_at(link.range, moved))
        for link in finding.evidence
    )
    return replace(
        finding,
        message=with_lines(finding.message, moved),
        why=with_lines(finding.why, moved),
        range=_range_at(finding.range, moved),
        evidence=links,
    )


def _range_at(place: Range, moved: Callable[[int], int]) -> Range:
    if place.path:
        return place
    start, end = place.start, place.end
    return Range(Position(moved(start.line), start.column), Position(moved(end.line), end.column))
