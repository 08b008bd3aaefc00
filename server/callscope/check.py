"""The one way in: text and project in, findings and verified fixes out.

Both the language server and the command line call :func:`check`, :func:`fixes_for` and
:func:`fix_all` and nothing below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from callscope.fixes import (
    Fix,
    Proposal,
    Safety,
    all_providers,
    all_refactorings,
    edits_between,
)
from callscope.fixes.base import CannotFix
from callscope.model import Model, build_model
from callscope.project import Project
from callscope.project.config import matches
from callscope.rules import Finding, Severity, all_rules
from callscope.source import ParsedSource, Range, SourceText, Suppressions, parse

_MOST_FIX_ROUNDS = 50

UNUSED_SUPPRESSION = "CB902"


@dataclass(frozen=True)
class Crash:
    """A rule that failed on a file: a bug of ours, which costs that rule's findings only."""

    code: str
    error: Exception


@dataclass(frozen=True)
class Report:
    """All that is known of one file.

    ``findings`` are sorted by place. ``model`` is None for a file that cannot matter (it never
    mentions a framework), which is not even parsed. ``crashes`` are rules that could not answer.
    """

    project: Project
    source: SourceText
    parsed: ParsedSource | None
    model: Model | None
    findings: tuple[Finding, ...]
    crashes: tuple[Crash, ...] = ()


def check(project: Project, source: SourceText) -> Report:
    """Check one file. A rule that fails is left out and told of in ``crashes``."""
    suppressions = Suppressions.of(source)
    if not _can_matter(source.text):
        findings = tuple(_unused_suppressions(project, suppressions))
        return Report(project, source, None, None, findings)
    parsed = parse(source)
    try:
        model = build_model(parsed, project.target, project.config.own)
    except Exception as error:  # noqa: BLE001 - a clear message, whatever the file holds
        return Report(project, source, parsed, None, (), (Crash("the walk", error),))
    crashes: list[Crash] = []
    findings = tuple(_findings(model, project, suppressions, crashes))
    return Report(project, source, parsed, model, findings, tuple(crashes))


def _can_matter(text: str) -> bool:
    return "autogen" in text or "ag2" in text


def _findings(
    model: Model, project: Project, suppressions: Suppressions, crashes: list[Crash]
) -> Iterator[Finding]:
    seen: set[tuple[str, object]] = set()
    found: list[Finding] = []
    expected = model.expected_failures
    for rule in all_rules():
        if not project.config.enabled(rule.code, rule.name):
            continue
        try:
            found.extend(_agreed(model, rule.check(model)))
        except Exception as error:  # noqa: BLE001 - one rule's bug must not cost the others
            crashes.append(Crash(rule.code, error))
    found.sort(key=lambda finding: (finding.range, finding.severity.rank, finding.code))
    for finding in found:
        key = (finding.code, finding.range)
        if key in seen or _is_expected(finding, expected):
            continue
        seen.add(key)
        if not suppressions.hide(finding.code, finding.range.start.line, finding.range.end.line):
            yield _at_level(project, finding)
    yield from _unused_suppressions(project, suppressions)


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


def _is_expected(finding: Finding, blocks: list[Range]) -> bool:
    """Whether a link of the proof stands in a block whose failure the program asks for."""
    places = [finding.range, *(evidence.range for evidence in finding.evidence)]
    return any(block.contains(place.start) for block in blocks for place in places)


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
        finding = Finding(
            UNUSED_SUPPRESSION,
            "unused-suppression",
            Severity.INFORMATION,
            f"This comment suppresses nothing: there is no {what} here",
            comment.range,
            why="Remove it, so that a new finding at this place is not hidden.",
        )
        yield _at_level(project, finding)


def unknown_selectors(selectors: Iterable[str]) -> list[str]:
    """Those of ``selectors`` (codes, prefixes, names) that mean no rule at all, in order."""
    known = [(rule.code, rule.name) for rule in all_rules()]
    known.append((UNUSED_SUPPRESSION, "unused-suppression"))
    return [each for each in selectors if not any(matches(each, *rule) for rule in known)]


def fixes_for(report: Report, finding: Finding, *, verify: bool = True) -> list[Fix]:
    """The fixes for ``finding``, the preferred first, each applied and checked again before.

    A proposal is dropped when the finding is still there afterwards, when a new one of at least
    warning level has appeared, or when the text no longer parses.
    """
    model = report.model
    if model is None:
        return []
    fixes: list[Fix] = []
    for provider in all_providers():
        if finding.code not in provider.codes:
            continue
        for proposal in provider.propose(finding, model):
            fix = _realise(report, finding, proposal, verify)
            if fix is not None and all(fix.new_text != other.new_text for other in fixes):
                fixes.append(fix)
    return fixes


def refactorings_at(report: Report, span: Range) -> list[Fix]:
    """What can be done at ``span`` that mends nothing: each result parses and has no more findings
    than the text has now."""
    found: list[Fix] = []
    if report.model is None:
        return found
    for provider in all_refactorings():
        for proposal in provider.propose(report.model, span):
            try:
                new_text = proposal.rewrite(report.source.text)
            except CannotFix:
                continue
            if new_text != report.source.text and _is_no_worse(report, new_text):
                edits = edits_between(report.source, new_text)
                found.append(Fix(proposal.title, proposal.safety, edits, new_text))
    return found


def _is_no_worse(report: Report, new_text: str) -> bool:
    after = check(report.project, replace(report.source, text=new_text, _line_cache={}))
    valid = after.parsed is None or after.parsed.problem is None
    return valid and len(after.findings) <= len(report.findings)


def _realise(report: Report, finding: Finding, proposal: Proposal, verify: bool) -> Fix | None:
    source = report.source
    try:
        new_text = proposal.rewrite(source.text)
    except CannotFix:
        return None
    if new_text == source.text or (verify and not _is_improvement(report, finding, new_text)):
        return None
    return Fix(proposal.title, proposal.safety, edits_between(source, new_text), new_text)


def _is_improvement(report: Report, finding: Finding, new_text: str) -> bool:
    after = check(report.project, replace(report.source, text=new_text, _line_cache={}))
    if after.parsed is None or after.parsed.problem is not None:
        return report.parsed is not None and report.parsed.problem is not None
    gone = _grave(after, finding.code) < _grave(report, finding.code)
    expected = _grave(report) - (finding.severity is not Severity.INFORMATION)
    return gone and _grave(after) <= expected


def _grave(report: Report, code: str | None = None) -> int:
    """How many findings a fix is judged by: all of ``code``, or all of warning level and up."""
    return sum(
        finding.code == code if code is not None else finding.severity is not Severity.INFORMATION
        for finding in report.findings
    )


def fix_all(
    project: Project, source: SourceText, *, unsafe: bool = False
) -> tuple[SourceText, int]:
    """``source`` with every fixable finding fixed by its preferred fix, and how many were.

    Only safe fixes unless ``unsafe``. Runs until nothing more can be fixed.
    """
    fixed = 0
    for _ in range(_MOST_FIX_ROUNDS):
        report = check(project, source)
        fix = next(_applicable(report, unsafe), None)
        if fix is None:
            break
        source = replace(source, text=fix.new_text, _line_cache={})
        fixed += 1
    return source, fixed


def _applicable(report: Report, unsafe: bool) -> Iterator[Fix]:
    for finding in report.findings:
        for fix in fixes_for(report, finding):
            if unsafe or fix.safety is Safety.SAFE:
                yield fix
                break
