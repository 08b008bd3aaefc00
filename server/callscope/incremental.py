"""A file that is a program by itself, checked island by island.

What was found in an island holds as long as its own code stays what it is, wherever in the file
that moves to. So after an edit only the islands are looked at that it touches.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from callscope.model import Model
from callscope.model.islands import Islands
from callscope.programs import Crash, model_of, run_rules
from callscope.project import Project, Workspace
from callscope.rules import Finding
from callscope.source import (
    Position,
    Range,
    Segment,
    Segments,
    SourceText,
    with_lines,
)

_MOST_OLD = 64
"""So many answers are kept of what is no longer in the text: somebody may undo an edit."""

_MOST_MODELS = 2
"""So many islands are kept walked for whoever asks about places in them: models are large."""


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a file, in the order of its islands, and the rules that failed.

    ``findings`` is the same list as before if nothing else was found. ``models`` are the models of
    islands, by number, as far as somebody has asked.
    """

    findings: list[Finding]
    crashes: tuple[Crash, ...]
    segments: Segments
    _islands: Islands
    models: dict[int, Model] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[int, ...]]:
        """The numbers of the segments of each island."""
        return self._islands.groups

    def model_at(self, line: int, project: Project, workspace: Workspace | None) -> Model | None:
        """The model of the island that a 0-based line is part of; None if it is of none."""
        index = self.segments.index_at(line)
        homes = self._islands.homes.get(index, [])
        if not homes:
            return None
        number = homes[0]
        model = self.models.pop(number, None)
        if model is None:
            model = self._model(self._islands.groups[number], project, workspace)
        self.models[number] = model
        for oldest in list(self.models)[:-_MOST_MODELS]:
            self.models.pop(oldest, None)
        return model

    def parts(self, project: Project, workspace: Workspace | None) -> Iterator[Part]:
        """The islands that may have to do with a framework."""
        for group in self._islands.groups:
            if _can_matter(project, self.segments, group):
                model = partial(self._model, group, project, workspace)
                lines = tuple(map(self.segments.line, group))
                yield Part(_shapes(self.segments, group), lines, model)

    def unread(self) -> Iterator[str]:
        """What of the text is not valid Python."""
        for item in self.segments.items:
            yield from item.parsed.unread

    def _model(self, group: Sequence[int], project: Project, workspace: Workspace | None) -> Model:
        return model_of(project, self.segments.part(group, anew=True), workspace)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a file that has nothing to do with the rest. ``key`` is the same for as long as its
    code is, ``lines`` are those where its pieces begin now; ``model`` walks it."""

    key: object
    lines: tuple[int, ...]
    model: Callable[[], Model | None]


class Recall:
    """What is remembered of one file from one check to the next. One thread uses it at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._project: Project | None = None
        self._workspace: Workspace | None = None
        self._layout: tuple[int, ...] = ()
        self._segments: Segments | None = None
        self._islands: Islands | None = None
        self._answers: list[_Answer] = []
        self._by_shapes: dict[tuple[object, ...], _Answer] = {}
        self._absent: set[str] = set()
        self._present: set[str] = set()
        self._words: dict[str, bool] = {}
        self._asking: set[int] = set()
        self._last: Found | None = None
        self.told: tuple[list[Finding], tuple[Finding, ...]] | None = None
        """The last that was found, and what was made of it for the user."""

    def branch(self) -> Recall:
        """One that knows the same, for a text that is only tried."""
        made = Recall()
        with self.lock:
            made.__dict__.update(self.__dict__)
            made._absent = set(self._absent)
        return made

    def check(
        self, project: Project, source: SourceText, workspace: Workspace | None
    ) -> Found | None:
        """What the rules find in ``source``; None if the file is more than one module, and has to
        be looked at as a whole."""
        with self.lock:
            same_layout = source.layout == self._layout
            if project is not self._project or workspace is not self._workspace or not same_layout:
                self._answers, self._by_shapes = [], {}
                self._project, self._workspace = project, workspace
                self._layout = source.layout
            segments = Segments.of(source, self._segments)
            islands = Islands(segments, self._islands)
            self._present = set()
            self._absent = {w for w in self._absent if not _is_in(w, segments.fresh)}
            answers = self._answers_for(segments, islands, project, workspace)
            self._segments, self._islands = segments, islands
            if answers is None:
                self._answers, self._by_shapes = [], {}
                return None
            changed = answers is not self._answers and (
                len(answers) != len(self._answers)
                or any(a.shown is not b.shown for a, b in zip(answers, self._answers, strict=True))
            )
            models = self._still_true(answers, segments, islands)
            self._answers = answers
            if changed or self._last is None:
                findings = [finding for answer in answers for finding in answer.shown]
                crashes = tuple(crash for answer in answers for crash in answer.crashes)
            else:
                findings, crashes = self._last.findings, self._last.crashes
            self._last = Found(findings, crashes, segments, islands, models)
            return self._last

    def _still_true(
        self, answers: Sequence[_Answer], segments: Segments, islands: Islands
    ) -> dict[int, Model]:
        """The models that somebody asked for, of islands that are what and where they were."""
        last = self._last
        if last is None or islands.groups is not last.groups:
            return {}

        def is_as_before(number: int) -> bool:
            if number >= len(self._answers) or answers[number] is not self._answers[number]:
                return False
            group = islands.groups[number]
            return all(segments.line(each) == last.segments.line(each) for each in group)

        return {n: model for n, model in list(last.models.items()) if is_as_before(n)}

    def _answers_for(
        self,
        segments: Segments,
        islands: Islands,
        project: Project,
        workspace: Workspace | None,
    ) -> list[_Answer] | None:
        """The answer for each island."""
        touched = self._touched(segments, islands)
        if touched is not None and not touched:
            return self._answers
        answers: list[_Answer] = list(self._answers) if touched is not None else []
        for number in sorted(touched) if touched is not None else range(len(islands.groups)):
            group = islands.groups[number]
            shapes = _shapes(segments, group)
            answer = self._known(shapes, group, segments)
            if answer is None:
                answer = _ask(project, segments, group, workspace)
            if answer is None:
                return None
            answers[number : number + 1] = [answer]
            self._by_shapes[shapes] = answer
        if len(self._by_shapes) > 2 * len(answers) + _MOST_OLD:
            pairs = zip(islands.groups, answers, strict=True)
            self._by_shapes = {_shapes(segments, group): answer for group, answer in pairs}
        self._words = dict(word for answer in answers for word in answer.words)
        self._asking = {n for n, answer in enumerate(answers) if answer.everything}
        return answers

    def _touched(self, segments: Segments, islands: Islands) -> set[int] | None:
        """The numbers of the islands that may be other than they were; None if all may be."""
        before, known = self._islands, self._segments
        if before is None or known is None or islands.groups is not before.groups:
            return None
        if len(self._answers) != len(islands.groups) or segments.ends[-1:] != known.ends[-1:]:
            return None
        window = range(segments.kept, len(segments.items) - segments.left)
        if any(segments.ends[n] != known.ends[n] for n in window):
            return None
        if any(self._mentions(w, segments) is not there for w, there in self._words.items()):
            return None
        changed = (n for n in window if segments.items[n].shape is not known.items[n].shape)
        homes = (home for number in changed for home in islands.homes.get(number, ()))
        return {*homes, *self._asking}

    def _known(
        self, shapes: tuple[object, ...], group: Sequence[int], segments: Segments
    ) -> _Answer | None:
        """The answer for an island that is what it was; None where it has to be asked again."""
        known = self._by_shapes.get(shapes)
        if known is None or not self._holds(known, segments):
            return None
        lines = tuple(map(segments.line, group))
        if lines == known.now or not known.found:
            return known
        return _moved(known, lines, segments.source)

    def _holds(self, answer: _Answer, segments: Segments) -> bool:
        """Whether the rest of the file still says what it said."""
        if answer.everything:
            return False
        return all(self._mentions(word, segments) is there for word, there in answer.words)

    def _mentions(self, word: str, segments: Segments) -> bool:
        if word in self._absent:
            return False
        if word not in self._present and not _is_in(word, segments.items):
            self._absent.add(word)
            return False
        self._present.add(word)
        return True


def _is_in(word: str, items: Iterable[Segment]) -> bool:
    return any(word in item.text for item in items)


def _shapes(segments: Segments, group: Sequence[int]) -> tuple[object, ...]:
    return tuple(segments.items[number].shape for number in group)


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
    shown = tuple(_at(finding, lambda line: line, segments.source) for finding in found)
    words = tuple(asked.words.items())
    return _Answer(found, shown, program.crashes, lines, lines, words, asked.everything)


def _can_matter(project: Project, segments: Segments, group: Sequence[int]) -> bool:
    own = project.config.own
    if own.agents or own.wrappers or project.packages.names:
        return True
    texts = (segments.items[number].text for number in group)
    return any("autogen" in text or "ag2" in text for text in texts)


def _moved(known: _Answer, lines: tuple[int, ...], source: SourceText) -> _Answer:
    """An answer whose segments now begin at other lines."""

    def moved(line: int) -> int:
        number = max(bisect_right(known.lines, line) - 1, 0)
        return line + lines[number] - known.lines[number]

    shown = tuple(_at(finding, moved, source) for finding in known.found)
    return replace(known, shown=shown, now=lines)


def _at(finding: Finding, moved: Callable[[int], int], source: SourceText) -> Finding:
    """``finding`` where its code is now in ``source``."""

    def named(line: int) -> str:
        return source.line_name(moved(line))

    links = tuple(
        replace(link, message=with_lines(link.message, named), range=_range_at(link.range, moved))
        for link in finding.evidence
    )
    return replace(
        finding,
        message=with_lines(finding.message, named),
        why=with_lines(finding.why, named),
        range=_range_at(finding.range, moved),
        evidence=links,
    )


def _range_at(place: Range, moved: Callable[[int], int]) -> Range:
    if place.path:
        return place
    start, end = place.start, place.end
    return Range(Position(moved(start.line), start.column), Position(moved(end.line), end.column))
