"""What the rules say of a program: a module that is run, and the modules that it imports.

A file that others import is a part of their programs, and what is wrong with it may only be seen
there: a registration that the importing script makes, a worker that never runs that script.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callscope.model import Model, build_model
from callscope.model.registrations import Registration
from callscope.model.values import Function
from callscope.model.walk import ALONE, Surroundings
from callscope.project import Config, Project, Workspace
from callscope.rules import Finding, Rule, all_rules
from callscope.source import ParsedSource, Range, SourceText

_MOST_PROGRAMS = 12
"""Of a file that more programs than these use, only what each of these says is looked at."""

_SCOPE = "CB1"


@dataclass(frozen=True)
class Crash:
    """A rule that failed on a file: a bug of ours, which costs that rule's findings only."""

    code: str
    error: Exception


@dataclass(frozen=True)
class Program:
    """A module that is run, with all that it imports from the project.

    ``found`` are the findings in any of its files, as :class:`Range` names them; ``crashes`` are
    rules that could not answer.
    """

    model: Model
    found: tuple[Finding, ...]
    crashes: tuple[Crash, ...]


@dataclass(frozen=True)
class Verdict:
    """What is kept of a program for the files that it imports: its model is large.

    ``claims`` are its findings, each with the place of what it is about; ``places`` are those of
    all its registrations, entry calls and methods. ``texts`` are the versions of the files it was
    made of.
    """

    claims: tuple[tuple[Finding, Range | None], ...]
    places: frozenset[Range]
    texts: tuple[SourceText, ...]

    @classmethod
    def of(cls, program: Program) -> Verdict:
        """What ``program`` has to say."""
        model = program.model
        nodes: list[ast.AST] = [event.node for event in model.registrations]
        nodes += [event.node for event in model.entry_calls]
        methods = (value for owner in model.interpreter.classes for value in owner.names.values())
        nodes += [method.node for method in methods if isinstance(method, Function)]
        texts = (model.source_of(module.scope.node) for module in model.modules)
        claims = tuple(
            (replace(finding, about=None), _place_of(finding, model)) for finding in program.found
        )
        places = frozenset(model.range(node) for node in nodes)
        return cls(claims, places, tuple(text for text in texts if text.text))

    def is_current(self, workspace: Workspace) -> bool:
        """Whether none of its files has changed since."""
        return all(workspace.sources.text(text.path) is text for text in self.texts)

    def disputes(self, finding: Finding, place: Range | None) -> bool:
        """Whether it runs the same line and has nothing to say against it."""
        if place is None or not place.path or place not in self.places:
            return False
        claim = (finding.code, finding.range)
        return all((mine.code, mine.range) != claim for mine, _ in self.claims)


def _place_of(finding: Finding, model: Model) -> Range | None:
    node = getattr(finding.about, "node", None)
    return model.range(node) if isinstance(node, ast.expr | ast.stmt) else None


def surroundings(project: Project, workspace: Workspace | None, main: Path) -> Surroundings:
    """What lies around the program of ``workspace`` that begins in ``main``, or around a file by
    itself."""
    known = workspace.surroundings(main) if workspace is not None else ALONE
    return replace(known, find_agent=project.packages.agent_at)


def model_of(
    project: Project, parsed: ParsedSource, workspace: Workspace | None, *, is_part: bool = False
) -> Model:
    """The model of the program that begins in ``parsed``; ``is_part`` as in :func:`run_rules`."""
    around = surroundings(project, workspace, parsed.source.path)
    return build_model(parsed, project.target, project.config.own, around, exported=is_part)


def run_rules(
    project: Project, parsed: ParsedSource, workspace: Workspace | None, *, is_part: bool = False
) -> Program:
    """Walk the program that begins in ``parsed``, and ask every rule.

    ``is_part`` says that it is imported by others, which may do more with what it defines.
    """
    model = model_of(project, parsed, workspace, is_part=is_part)
    crashes: list[Crash] = []
    found: list[Finding] = []
    expected = model.expected_failures
    for rule in _enabled(project):
        try:
            found += _unexpected(model, _agreed(model, rule.check(model)), expected)
        except Exception as error:  # noqa: BLE001 - one rule's bug must not cost the others
            crashes.append(Crash(rule.code, error))
    return Program(model, tuple(found), tuple(crashes))


def findings_of(project: Project, model: Model, code: str) -> list[Finding]:
    """What the rule ``code`` finds in the program ``model``; nothing where it fails."""
    found: list[Finding] = []
    for rule in _enabled(project):
        if rule.code == code:
            with contextlib.suppress(Exception):
                agreed = _agreed(model, rule.check(model))
                found += _unexpected(model, agreed, model.expected_failures)
    return found


def _enabled(project: Project) -> tuple[Rule, ...]:
    """The rules that the project wants to hear; it is asked for each part of each of its files."""
    known = _last_enabled.get("last")
    if known is None or known[0] is not project.config:
        enabled = project.config.enabled
        rules = tuple(rule for rule in all_rules() if enabled(rule.code, rule.name))
        known = _last_enabled["last"] = project.config, rules
    return known[1]


_last_enabled: dict[str, tuple[Config, tuple[Rule, ...]]] = {}


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


def _unexpected(
    model: Model, findings: Iterable[Finding], blocks: Sequence[Range]
) -> Iterator[Finding]:
    for finding in findings:
        about = finding.about
        meant = blocks and isinstance(about, Registration) and model.is_meant_to_fail(about)
        if not meant and not _is_expected(finding, blocks):
            yield finding


def _is_expected(finding: Finding, blocks: Sequence[Range]) -> bool:
    """Whether a link of the proof stands in a block whose failure the program asks for."""
    places = [finding.range, *(evidence.range for evidence in finding.evidence)]
    return any(block.holds(place) for block in blocks for place in places)


def stands_alone(path: Path, workspace: Workspace) -> bool:
    """Whether the file ``path`` imports nothing of the project, and nothing imports it."""
    return not workspace.modules.imported_by(path) and not workspace.graph.importers(path)


def check_program(
    project: Project, parsed: ParsedSource, workspace: Workspace | None
) -> tuple[Program, list[Finding]]:
    """The program that begins in ``parsed``, and what is found in this file: by itself, and as a
    part of the programs that import it."""
    path = parsed.source.path
    if workspace is not None and not workspace.modules.matters(path):
        workspace = None
    tops = workspace.graph.programs(path)[:_MOST_PROGRAMS] if workspace is not None else []
    if workspace is None or tops:
        program = run_rules(project, parsed, None, is_part=bool(tops))
    else:
        imported = bool(workspace.graph.importers(path))
        program = run_rules(project, parsed, workspace, is_part=imported)
        workspace.memory[path] = Verdict.of(program)
    found = [finding for finding in program.found if not finding.range.path]
    if workspace is not None:
        verdicts = {top: v for top in tops if (v := _verdict(project, top, workspace)) is not None}
        found = [each for each in found if not _is_disputed(each, program, verdicts.values())]
        found += _found_by(verdicts, path)
    return program, found


def _is_disputed(finding: Finding, part: Program, verdicts: Iterable[Verdict]) -> bool:
    """Whether a program that imports the file ``part`` shows that what seems so there is not."""
    place = _place_of(finding, part.model)
    if place is None or not _is_universal(finding):
        return False
    path = str(part.model.source.path)
    there = replace(finding, range=replace(finding.range, path=path))
    return any(verdict.disputes(there, replace(place, path=path)) for verdict in verdicts)


def _is_universal(finding: Finding) -> bool:
    """Whether the claim must hold in each program; but what one of them loses is lost, however
    well the others do."""
    return finding.every_walk and not finding.code.startswith(_SCOPE)


def _found_by(verdicts: Mapping[Path, Verdict], path: Path) -> Iterator[Finding]:
    """What the programs that begin in the files of ``verdicts`` show to be wrong in ``path``."""
    for top, verdict in verdicts.items():
        others = [other for other in verdicts.values() if other is not verdict]
        for finding, place in verdict.claims:
            if finding.range.path != str(path):
                continue
            if _is_universal(finding) and any(other.disputes(finding, place) for other in others):
                continue
            yield _seen_from(path, finding, top)


def _verdict(project: Project, top: Path, workspace: Workspace) -> Verdict | None:
    known = workspace.memory.get(top)
    if isinstance(known, Verdict) and known.is_current(workspace):
        return known
    parsed = workspace.sources.parsed(top)
    if parsed is None:
        return None
    made = Verdict.of(run_rules(project, parsed, workspace))
    workspace.memory[top] = made
    return made


def _seen_from(path: Path, finding: Finding, top: Path) -> Finding:
    """A finding of the program that begins in ``top``, as one of the file ``path``."""

    def seen(place: Range) -> Range:
        file = place.path or str(top)
        return replace(place, path="" if file == str(path) else file)

    links = tuple(replace(link, range=seen(link.range)) for link in finding.evidence)
    return replace(finding, range=seen(finding.range), evidence=links, program=str(top))


def shown_by(
    project: Project, workspace: Workspace, path: Path, finding: Finding
) -> tuple[Program, Finding] | None:
    """The program that showed ``finding`` in the file ``path``, and what the program itself says,
    which knows the model element that it is about."""
    parsed = workspace.sources.parsed(Path(finding.program))
    if parsed is None:
        return None
    program = run_rules(project, parsed, workspace)
    place = replace(finding.range, path=finding.range.path or str(path))
    same = (found for found in program.found if (found.code, found.range) == (finding.code, place))
    return next(((program, found) for found in same), None)
