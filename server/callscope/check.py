"""The one way in: text and project in, findings and verified fixes out.

Both the language server and the command line call :func:`check`, :func:`fixes_for` and
:func:`fix_all` and nothing below them.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from callscope.contracts import Target
from callscope.fixes import (
    Change,
    Files,
    Fix,
    FixProvider,
    Proposal,
    Safety,
    WideFixProvider,
    WideProposal,
    all_providers,
    all_refactorings,
    edits_between,
)
from callscope.fixes.base import CannotFix
from callscope.fixes.creation import creations, named_at
from callscope.fixes.wholeness import loose_ends
from callscope.incremental import Found, Part, Recall
from callscope.model import Model
from callscope.programs import (
    Crash,
    Program,
    check_program,
    findings_of,
    model_of,
    shown_by,
    stands_alone,
)
from callscope.project import Project, Workspace
from callscope.project.config import Config, matches
from callscope.rules import Finding, Rule, Severity, all_rules
from callscope.source import ParsedSource, Range, Segments, SourceText, Suppressions, parse

_MOST_FIX_ROUNDS = 50

UNUSED_SUPPRESSION = "CB902"


@dataclass(frozen=True)
class Report:
    """All that is known of one file.

    ``findings`` are sorted by place. ``matters`` is False for a file that never mentions a
    framework, which is not even parsed. ``crashes`` are rules that could not answer.
    """

    project: Project
    source: SourceText
    findings: tuple[Finding, ...]
    matters: bool = False
    crashes: tuple[Crash, ...] = ()
    workspace: Workspace | None = None
    recall: Recall | None = None
    _program: Program | None = None
    _found: Found | None = None
    _again: dict[str, list[Finding]] = field(default_factory=dict)
    _shown: dict[Finding, tuple[Program, Finding] | None] = field(default_factory=dict)

    @cached_property
    def parsed(self) -> ParsedSource | None:
        """The tree of the whole file; None where it cannot matter."""
        if not self.matters:
            return None
        return self._program.model.parsed if self._program is not None else parse(self.source)

    @cached_property
    def model(self) -> Model | None:
        """The model of the program that the file is, looked at as a whole; None where it cannot
        matter, or where that failed."""
        if self._program is not None:
            return self._program.model
        if self.parsed is not None:
            with contextlib.suppress(Exception):
                return model_of(self.project, self.parsed, self.workspace)
        return None

    def model_at(self, line: int) -> Model | None:
        """The model of what has to do with a 0-based line, which costs less than :attr:`model`."""
        if self._found is None or self._program is not None:
            return self.model
        return self._found.model_at(line, self.project, self.workspace)

    def parts(self) -> Iterator[Part]:
        """The parts that have nothing to do with each other, each with its model."""
        if self._found is not None and self._program is None:
            yield from self._found.parts(self.project, self.workspace)
        elif self.matters:
            yield Part(object(), (), lambda: self.model)

    def cut(self, source: SourceText) -> Segments:
        """``source`` in pieces; those of this file's own text are known."""
        own = self._found.segments if self._found is not None else None
        return Segments.of(source, own if source.text == self.source.text else None)

    def unread(self) -> Iterator[str]:
        """What of the text is not valid Python."""
        if self._found is not None:
            yield from self._found.unread()
        elif self.parsed is not None:
            yield from self.parsed.unread

    def in_program(self, finding: Finding) -> Finding | None:
        """``finding`` as :attr:`model` gives it, which knows what it is about; None if the whole
        file gives none there."""
        if self._program is not None or self.model is None or finding.code == UNUSED_SUPPRESSION:
            return finding
        if finding.code not in self._again:
            self._again[finding.code] = findings_of(self.project, self.model, finding.code)
        return next((f for f in self._again[finding.code] if f.range == finding.range), None)

    def shown_by(self, finding: Finding) -> tuple[Program, Finding] | None:
        """The program of another file that showed ``finding``, and its own word on it."""
        if not finding.program or self.workspace is None:
            return None
        if finding not in self._shown:
            found = shown_by(self.project, self.workspace, self.source.path, finding)
            self._shown[finding] = found
        return self._shown[finding]


def check(
    project: Project,
    source: SourceText,
    workspace: Workspace | None = None,
    recall: Recall | None = None,
) -> Report:
    """Check one file, by itself or as a part of ``workspace``.

    ``recall`` remembers the file from one check to the next, so that only what has changed is
    looked at. A rule that fails is left out and told of in ``crashes``.
    """
    if workspace is not None:
        workspace.heed(project.packages.names)
        workspace = workspace.having(source)
    if not _can_matter(project, source, workspace):
        findings = tuple(_unused_suppressions(project, Suppressions.of(source)))
        return Report(project, source, findings)
    program: Program | None = None
    try:
        alone = None
        around = workspace if workspace and workspace.modules.matters(source.path) else None
        if around is None or stands_alone(source.path, around):
            alone = (recall or Recall()).check(project, source, around)
        if alone is None:
            program, found = check_program(project, _parsed(source, workspace), workspace)
            crashes, suppressions = program.crashes, Suppressions.of(source)
        else:
            found, crashes = alone.findings, alone.crashes
            suppressions = alone.segments.suppressions()
    except Exception as error:  # noqa: BLE001 - a clear message, whatever the file holds
        crash = Crash("the walk", error)
        return Report(project, source, (), matters=True, crashes=(crash,))
    told = recall.told if recall is not None and not suppressions.comments else None
    if told is not None and told[0] is found:
        findings = told[1]
    else:
        findings = tuple(_findings(found, project, suppressions))
    if recall is not None and not suppressions.comments:
        recall.told = found, findings
    return Report(project, source, findings, True, crashes, workspace, recall, program, alone)


def _parsed(source: SourceText, workspace: Workspace | None) -> ParsedSource:
    known = workspace.sources.parsed(source.path) if workspace is not None else None
    return known if known is not None else parse(source)


def _can_matter(project: Project, source: SourceText, workspace: Workspace | None) -> bool:
    if "autogen" in source.text or "ag2" in source.text:
        return True
    if workspace is not None:
        return workspace.modules.matters(source.path)
    return any(name in source.text for name in project.packages.names)


def _findings(
    found: Iterable[Finding], project: Project, suppressions: Suppressions
) -> Iterator[Finding]:
    seen: set[tuple[str, object]] = set()
    order = sorted(found, key=lambda f: (f.range, f.severity.rank, f.code))
    for finding in order:
        key = (finding.code, finding.range)
        if key in seen:
            continue
        seen.add(key)
        if not suppressions.hide(finding.code, finding.range.start.line, finding.range.end.line):
            yield _at_level(project, finding)
    yield from _unused_suppressions(project, suppressions)


def _at_level(project: Project, finding: Finding) -> Finding:
    level = project.config.level(finding.code, finding.name)
    return replace(finding, severity=Severity(level)) if level else finding


def _unused_suppressions(project: Project, suppressions: Suppressions) -> Iterator[Finding]:
    if not project.config.enabled(UNUSED_SUPPRESSION, "unused-suppression"):
        return
    active = {r.code for r in all_rules() if project.config.enabled(r.code, r.name)}
    for comment in suppressions.unused():
        idle = sorted((comment.codes - comment.used) & active if comment.codes else ())
        if comment.codes and not idle and comment.codes <= {r.code for r in all_rules()}:
            continue
        what = ", ".join(sorted(comment.codes - comment.used)) or "any finding"
        unknown = sorted(comment.codes - {r.code for r in all_rules()} - {UNUSED_SUPPRESSION})
        missing = f"{what} here" if not unknown else f"rule {', '.join(unknown)}"
        finding = Finding(
            UNUSED_SUPPRESSION,
            "unused-suppression",
            Severity.INFORMATION,
            f"This comment suppresses nothing: there is no {missing}",
            comment.range,
            why="Remove it, so that a new finding at this place is not hidden.",
        )
        yield _at_level(project, finding)


def claims(rule: Rule, target: Target) -> bool:
    """Whether ``rule`` is about this release: it speaks of its own broken example there."""
    source = SourceText(Path("example.py"), rule.docs.broken)
    report = check(Project(Config(target=target)), source)
    return any(finding.code == rule.code for finding in report.findings)


def unknown_selectors(selectors: Iterable[str]) -> list[str]:
    """Those of ``selectors`` (codes, prefixes, names) that mean no rule at all, in order."""
    known = [(rule.code, rule.name) for rule in all_rules()]
    known.append((UNUSED_SUPPRESSION, "unused-suppression"))
    return [each for each in selectors if not any(matches(each, *rule) for rule in known)]


def fixes_for(report: Report, finding: Finding, *, verify: bool = True) -> list[Fix]:
    """The fixes for ``finding``, the preferred first, each applied and checked again before.

    A proposal is dropped when the finding is still there afterwards, when a new one of at least
    warning level has appeared, or when a text no longer parses.
    """
    fixes: list[Fix] = []
    known = report.in_program(finding)
    for provider in all_providers():
        if finding.code not in provider.codes or known is None:
            continue
        for model, proposal in _proposals(provider, report, known):
            fix = _realise(report, finding, model, proposal, verify)
            if fix is not None and all(_differ(fix, other) for other in fixes):
                fixes.append(fix)
    return fixes


def _differ(one: Fix, other: Fix) -> bool:
    return (one.new_text, one.elsewhere) != (other.new_text, other.elsewhere)


def _proposals(
    provider: FixProvider | WideFixProvider, report: Report, finding: Finding
) -> Iterator[tuple[Model, Proposal | WideProposal]]:
    """What ``provider`` proposes, until it meets what it cannot fix; and the model it looked at."""
    model = report.model
    with contextlib.suppress(CannotFix):
        if isinstance(provider, FixProvider):
            if model is not None:
                yield from ((model, each) for each in provider.propose(finding, model))
            return
        shown = report.shown_by(finding)
        if shown is not None:
            model, finding = shown[0].model, shown[1]
        if model is not None:
            files = Files(model, report.project, report.workspace)
            yield from ((model, each) for each in provider.propose(finding, files))


def refactorings_at(report: Report, span: Range) -> list[Fix]:
    """What can be done at ``span`` that mends nothing: each result parses and has no more findings
    than the text has now."""
    found: list[Fix] = []
    near = report.model_at(span.start.line)
    if near is None or not any(any(each.propose(near, span)) for each in all_refactorings()):
        return found
    if report.model is None:
        return found
    for provider in all_refactorings():
        for proposal in provider.propose(report.model, span):
            try:
                new_text = proposal.rewrite(report.source.text)
            except CannotFix:
                continue
            changes = new_text != report.source.text and report.source.can_become(new_text)
            if changes and _is_no_worse(report, new_text):
                edits = edits_between(report.source, new_text)
                found.append(Fix(proposal.title, proposal.safety, edits, new_text))
    return found


_SHAPE = ("CB2", "CB3", "CB505", "CB511")
"""What these rules and families find is a matter of the function itself."""


def creations_at(report: Report, span: Range) -> list[Fix]:
    """The callbacks that are missing at ``span``, written: each text parses, and the function is
    what its contract asks for. Whether its registration stands in the right place is another
    question."""
    model = report.model_at(span.start.line)
    places = named_at(model, span) if model is not None else []
    parsed = report.parsed if places else None
    if parsed is None:
        return []
    found = []
    for proposal in creations(places, parsed, report.project.target.release):
        new_text = proposal.rewrite(report.source.text)
        after = _checked_again(report, _with_text(report.source, new_text))
        valid = after.parsed is None or after.parsed.problem is None
        if valid and _of_shape(after) <= _of_shape(report):
            edits = edits_between(report.source, new_text)
            found.append(Fix(proposal.title, proposal.safety, edits, new_text))
    return found


def _of_shape(report: Report) -> int:
    return sum(finding.code.startswith(_SHAPE) for finding in report.findings)


def _is_no_worse(report: Report, new_text: str) -> bool:
    after = _checked_again(report, _with_text(report.source, new_text))
    valid = after.parsed is None or after.parsed.problem is None
    return valid and len(after.findings) <= len(report.findings)


def _with_text(source: SourceText, new_text: str) -> SourceText:
    return replace(source, text=new_text, _line_cache={})


def with_text(report: Report, new_text: str) -> Report:
    """What the report would be if the file held ``new_text``."""
    return _checked_again(report, _with_text(report.source, new_text))


def _checked_again(report: Report, *sources: SourceText) -> Report:
    """``report`` once more, with the texts ``sources`` in place of what there was."""
    mine = [source for source in sources if source.path == report.source.path]
    workspace = report.workspace.having(*sources) if report.workspace is not None else None
    recall = report.recall.branch() if report.recall is not None else None
    return check(report.project, mine[0] if mine else report.source, workspace, recall)


def _realise(
    report: Report,
    finding: Finding,
    model: Model,
    proposal: Proposal | WideProposal,
    verify: bool,
) -> Fix | None:
    try:
        changed = [pair for pair in proposal.texts(model.source) if pair[0].text != pair[1]]
    except CannotFix:
        return None
    if not changed or not all(_is_newest(report, source) for source, _ in changed):
        return None
    if not all(source.can_become(text) for source, text in changed):
        return None
    if verify and not _is_improvement(report, finding, changed):
        return None
    path = report.source.path
    changes = [Change(old, edits_between(old, new), new) for old, new in changed]
    elsewhere = tuple(change for change in changes if change.source.path != path)
    for own in changes:
        if own.source.path == path:
            return Fix(proposal.title, proposal.safety, own.edits, own.new_text, elsewhere)
    return Fix(proposal.title, proposal.safety, (), report.source.text, elsewhere)


def _is_newest(report: Report, source: SourceText) -> bool:
    """Whether a fix was made of the text that the file holds."""
    known: SourceText | None = report.source
    if source.path != report.source.path:
        known = report.workspace.sources.text(source.path) if report.workspace else None
    return known is not None and known.text == source.text


def _is_improvement(
    report: Report, finding: Finding, changed: Sequence[tuple[SourceText, str]]
) -> bool:
    sources = [_with_text(source, text) for source, text in changed]
    after = _checked_again(report, *sources)
    old = [report.cut(source) for source, _ in changed]
    new = [Segments.of(source, before) for source, before in zip(sources, old, strict=True)]
    if any(each.problem is not None for each in new):
        return report.cut(report.source).problem is not None
    if loose_ends(new, after.workspace) - loose_ends(old, report.workspace):
        return False
    gone = _grave(after, finding.code) < _grave(report, finding.code)
    expected = _grave(report) - (finding.severity is not Severity.INFORMATION)
    if not gone or _grave(after) > expected:
        return False
    alone = all(source.path == report.source.path for source in sources)
    return alone or _is_right_around(report, sources)


def _is_right_around(report: Report, sources: Sequence[SourceText]) -> bool:
    """Whether the other files that ``sources`` change, and all files that these are parts of, have
    no more findings with them than without. One that moved along counts as the same."""
    workspace = report.workspace
    assert workspace is not None
    edited = workspace.having(*sources)
    paths = {source.path for source in sources}
    around = {top for path in paths for top in workspace.graph.programs(path)}
    old: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for path in (paths | around) - {report.source.path}:
        before, after = workspace.sources.text(path), edited.sources.text(path)
        if before is None or after is None:
            return False
        old.update(_grave_codes(check(report.project, before, workspace)))
        new.update(_grave_codes(check(report.project, after, edited)))
    return not new - old


def _grave_codes(report: Report) -> Iterator[str]:
    return (f.code for f in report.findings if f.severity is not Severity.INFORMATION)


def _grave(report: Report, code: str | None = None) -> int:
    """How many findings a fix is judged by: all of ``code``, or all of warning level and up."""
    return sum(
        finding.code == code if code is not None else finding.severity is not Severity.INFORMATION
        for finding in report.findings
    )


@dataclass(frozen=True)
class Mending:
    """What came of fixing files.

    ``texts`` are all files as they are then, by path, ``workspace`` the project with them.
    ``together`` are the sets of files that one fix changed, of which none may be written without
    the others. ``changed`` says whether anything was fixed.
    """

    texts: Mapping[Path, SourceText]
    together: tuple[frozenset[Path], ...]
    workspace: Workspace | None
    changed: bool


def fix_all(
    project: Project,
    sources: Iterable[SourceText],
    workspace: Workspace | None = None,
    *,
    unsafe: bool = False,
) -> Mending:
    """``sources`` with every fixable finding fixed by its preferred fix; no other file is changed.

    Only safe fixes unless ``unsafe``. Runs until nothing more can be fixed.
    """
    texts = {source.path: source for source in sources}
    together: list[frozenset[Path]] = []
    changed = False
    waiting = list(texts)
    rounds = dict.fromkeys(texts, _MOST_FIX_ROUNDS)
    while waiting:
        path = waiting[0]
        report = check(project, texts[path], workspace)
        fix = next(_applicable(report, unsafe, texts), None) if rounds[path] else None
        if fix is None:
            waiting.remove(path)
            continue
        changed = True
        rounds[path] -= 1
        texts[path] = _with_text(texts[path], fix.new_text)
        for change in fix.elsewhere:
            other = change.source.path
            texts[other] = _with_text(texts[other], change.new_text)
            waiting += [other] if other not in waiting else []
        if fix.elsewhere:
            together.append(frozenset({path, *(each.source.path for each in fix.elsewhere)}))
        workspace = workspace.having(*texts.values()) if workspace is not None else None
    return Mending(texts, tuple(together), workspace, changed)


def _applicable(report: Report, unsafe: bool, among: Collection[Path]) -> Iterator[Fix]:
    for finding in report.findings:
        for fix in fixes_for(report, finding):
            allowed = all(change.source.path in among for change in fix.elsewhere)
            if allowed and (unsafe or fix.safety is Safety.SAFE):
                yield fix
                break
