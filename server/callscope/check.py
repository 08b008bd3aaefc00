"""The one way in: text and project in, findings and verified fixes out.

Both the language server and the command line call :func:`check`, :func:`fixes_for` and
:func:`fix_all` and nothing below them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from callscope.contracts import Target
from callscope.fixes import (
    Fix,
    FixProvider,
    Proposal,
    Safety,
    all_providers,
    all_refactorings,
    edits_between,
)
from callscope.fixes.base import CannotFix
from callscope.model import Model
from callscope.programs import Crash, check_program
from callscope.project import Project, Workspace
from callscope.project.config import Config, matches
from callscope.rules import Finding, Rule, Severity, all_rules
from callscope.source import ParsedSource, Range, SourceText, Suppressions, parse

_MOST_FIX_ROUNDS = 50

UNUSED_SUPPRESSION = "CB902"


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
    workspace: Workspace | None = None


def check(project: Project, source: SourceText, workspace: Workspace | None = None) -> Report:
    """Check one file, by itself or as a part of ``workspace``.

    A rule that fails is left out and told of in ``crashes``.
    """
    workspace = workspace.having(source) if workspace is not None else None
    suppressions = Suppressions.of(source)
    if not _can_matter(source, workspace):
        findings = tuple(_unused_suppressions(project, suppressions))
        return Report(project, source, None, None, findings)
    parsed = workspace.sources.parsed(source.path) if workspace is not None else parse(source)
    assert parsed is not None
    try:
        program, found = check_program(project, parsed, workspace)
    except Exception as error:  # noqa: BLE001 - a clear message, whatever the file holds
        return Report(project, source, parsed, None, (), (Crash("the walk", error),))
    findings = tuple(_findings(found, project, suppressions))
    crashes = tuple(program.crashes)
    return Report(project, source, parsed, program.model, findings, crashes, workspace)


def _can_matter(source: SourceText, workspace: Workspace | None) -> bool:
    if "autogen" in source.text or "ag2" in source.text:
        return True
    return workspace is not None and workspace.modules.matters(source.path)


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
        finding = Finding(
            UNUSED_SUPPRESSION,
            "unused-suppression",
            Severity.INFORMATION,
            f"This comment suppresses nothing: there is no {what} here",
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
    warning level has appeared, or when the text no longer parses.
    """
    model = report.model
    if model is None:
        return []
    fixes: list[Fix] = []
    for provider in all_providers():
        if finding.code not in provider.codes:
            continue
        for proposal in _proposals(provider, finding, model):
            fix = _realise(report, finding, proposal, verify)
            if fix is not None and all(fix.new_text != other.new_text for other in fixes):
                fixes.append(fix)
    return fixes


def _proposals(provider: FixProvider, finding: Finding, model: Model) -> Iterator[Proposal]:
    """What ``provider`` proposes, until it meets what it cannot fix."""
    with contextlib.suppress(CannotFix):
        yield from provider.propose(finding, model)


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


def _checked_again(report: Report, new_text: str) -> Report:
    source = replace(report.source, text=new_text, _line_cache={})
    return check(report.project, source, report.workspace)


def _is_no_worse(report: Report, new_text: str) -> bool:
    after = _checked_again(report, new_text)
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
    after = _checked_again(report, new_text)
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
