"""What the rules say of a program: a module that is run, and the modules that it imports.

A file that others import is a part of their programs, and what is wrong with it may only be seen
there: a registration that the importing script makes, a worker that never runs that script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from callscope.model import Model, build_model
from callscope.project import Project, Workspace
from callscope.rules import Finding, all_rules
from callscope.source import ParsedSource, Range, SourceText

_MOST_PROGRAMS = 12
"""Of a file that more programs than these use, only what each of these says is looked at."""

SCOPE = "CB1"
"""What one program loses is lost, however well others do."""


@dataclass(frozen=True)
class Crash:
    """A rule that failed on a file: a bug of ours, which costs that rule's findings only."""

    code: str
    error: Exception


@dataclass(frozen=True)
class Program:
    """A module that is run, with all that it imports from the project.

    ``found`` are the findings in any of its files, as :class:`Range` names them; ``crashes`` are
    rules that could not answer. ``texts`` are the versions of the files that it was made of.
    """

    model: Model
    found: tuple[Finding, ...]
    crashes: tuple[Crash, ...]
    texts: tuple[SourceText, ...]

    def is_current(self, workspace: Workspace) -> bool:
        """Whether none of its files has changed since."""
        return all(workspace.sources.text(text.path) is text for text in self.texts if text.text)

    def speaks_of(self, place: Range) -> bool:
        """Whether a registration or entry call at ``place`` is a part of it."""
        return place in self._places

    @cached_property
    def _places(self) -> set[Range]:
        nodes = [event.node for event in self.model.registrations]
        nodes += [event.node for event in self.model.entry_calls]
        return {self.model.range(node) for node in nodes}


def run_rules(
    project: Project, parsed: ParsedSource, workspace: Workspace | None, *, is_part: bool = False
) -> Program:
    """Walk the program that begins in ``parsed``, and ask every rule.

    ``is_part`` says that it is imported by others, which may do more with what it defines.
    """
    finder = workspace.modules.find if workspace is not None else None
    own = project.config.own
    model = build_model(parsed, project.target, own, finder, exported=is_part)
    crashes: list[Crash] = []
    found: list[Finding] = []
    expected = model.expected_failures
    for rule in all_rules():
        if not project.config.enabled(rule.code, rule.name):
            continue
        try:
            found += (f for f in _agreed(model, rule.check(model)) if not _is_expected(f, expected))
        except Exception as error:  # noqa: BLE001 - one rule's bug must not cost the others
            crashes.append(Crash(rule.code, error))
    trees = (module.scope.node for module in model.interpreter.modules.values())
    texts = tuple(model.source_of(tree) for tree in trees)
    return Program(model, tuple(found), tuple(crashes), texts)


def _agreed(model: Model, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Drop a finding that does not hold each time its line runs.

    A function that is called twice is walked twice, and each walk gives its own events. A claim
    such as "never fires" is only true of the line when it is true of all of them.
    """
    by_rule = list(findings)
    claimed = {id(finding.about) for finding in by_rule if finding.about is not None}
    for finding in by_rule:
        twins = model.twins(finding.about)
        if not finding.every_walk or all(id(twin) in claimed for twin in twins):
            yield finding


def _is_expected(finding: Finding, blocks: Sequence[Range]) -> bool:
    """Whether a link of the proof stands in a block whose failure the program asks for."""
    places = [finding.range, *(evidence.range for evidence in finding.evidence)]
    return any(
        block.path == place.path and block.contains(place.start)
        for block in blocks
        for place in places
    )


def is_imported(path: Path, workspace: Workspace | None) -> bool:
    """Whether another file of the project imports the file ``path``."""
    return workspace is not None and bool(workspace.graph.importers(path))


def found_by_others(project: Project, path: Path, workspace: Workspace | None) -> list[Finding]:
    """What the programs that import the file ``path`` show to be wrong in it, as findings of that
    file."""
    if workspace is None:
        return []
    tops = workspace.graph.programs(path)[:_MOST_PROGRAMS]
    programs = {top: program for top in tops if (program := _program(project, top, workspace))}
    found: list[Finding] = []
    for top, program in programs.items():
        others = [other for other in programs.values() if other is not program]
        found.extend(
            _seen_from(path, finding, top)
            for finding in program.found
            if finding.range.path == str(path) and not _is_disputed(finding, program, others)
        )
    return found


def _is_disputed(finding: Finding, program: Program, others: Iterable[Program]) -> bool:
    """Whether another program that runs the same line has nothing to say against it."""
    if not finding.every_walk or finding.code.startswith(SCOPE):
        return False
    node = getattr(finding.about, "node", None)
    place = program.model.range(node) if node is not None else None
    claim = (finding.code, finding.range)
    return any(
        place is not None
        and place.path
        and other.speaks_of(place)
        and claim not in {(f.code, f.range) for f in other.found}
        for other in others
    )


def _program(project: Project, top: Path, workspace: Workspace) -> Program | None:
    known = workspace.memory.get(top)
    if isinstance(known, Program) and known.is_current(workspace):
        return known
    parsed = workspace.sources.parsed(top)
    if parsed is None:
        return None
    made = run_rules(project, parsed, workspace)
    workspace.memory[top] = made
    return made


def _seen_from(path: Path, finding: Finding, top: Path) -> Finding:
    """A finding of the program that begins in ``top``, as one of the file ``path``."""

    def seen(place: Range) -> Range:
        file = place.path or str(top)
        return replace(place, path="" if file == str(path) else file)

    links = tuple(replace(link, range=seen(link.range)) for link in finding.evidence)
    return replace(finding, range=seen(finding.range), evidence=links, about=None)
