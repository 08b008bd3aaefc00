"""Files in, a :class:`FileResult` for each out; runs here or in a worker process."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from callscope.check import Report, check, fixes_for
from callscope.cli.apply import (
    CannotWrite,
    Fixed,
    Group,
    fix_sources,
    unified_diff,
    write_fixed,
)
from callscope.cli.job import Job, Mode, internal_error
from callscope.cli.result import FileResult, Found, Link, Offer, Place, Problem, Replacement
from callscope.fixes import Change, Fix, unavailable
from callscope.project import Workspace
from callscope.project.store import Store
from callscope.rules import Finding
from callscope.source import Range, SourceText, SyntaxProblem, UnreadableSource, read_source


def collect_by_hand() -> None:
    """Let garbage be looked for after each file, and hardly ever before: nearly all that is made is
    needed until then, and most of it not a moment longer."""
    gc.set_threshold(1_000_000, 1_000, 1_000)


def inspect(job: Job) -> FileResult:
    """Read and check a file; never raises."""
    try:
        source = read_source(job.path.absolute())
    except UnreadableSource as error:
        return FileResult(job.shown, failure=str(error))
    workspace = workspace_at(job.root, job.whole)
    if workspace is None:
        return inspect_source(job, source, None)
    known = len(workspace.modules.layout.folders)
    workspace.sources.asked.clear()
    result = inspect_source(job, source, workspace)
    gc.collect(0)
    folders = workspace.modules.layout.folders[known:]
    return replace(result, folders=folders, contained=_is_contained(workspace, source.path))


def _is_contained(workspace: Workspace, path: Path) -> bool:
    """Whether the texts that were asked for are of files that ``path`` is connected with, or that
    an engine's own processes are."""
    graph = workspace.graph
    if any(asked not in graph for asked in (path, *workspace.sources.asked)):
        return False
    clusters = {graph.cluster(asked) for asked in workspace.sources.asked}
    return clusters <= {graph.cluster(each) for each in (path, *workspace.mains)}


def fix_files(jobs: Sequence[Job]) -> dict[Path, FileResult]:
    """Read and fix files that may belong together, or find out what that would change; never
    raises."""
    results: dict[Path, FileResult] = {}
    sources: dict[Path, SourceText] = {}
    by_path = {job.path.absolute(): job for job in jobs}
    for path, job in by_path.items():
        try:
            sources[path] = read_source(path)
        except UnreadableSource as error:
            results[job.path] = FileResult(job.shown, failure=str(error))
    for group in _fixed_groups(by_path, sources, results):
        for part in _inseparable(group):
            results.update(_written(by_path, group, part))
    return results


def _fixed_groups(
    jobs: Mapping[Path, Job], sources: Mapping[Path, SourceText], results: dict[Path, FileResult]
) -> Iterator[Group]:
    """The files fixed together, or each by itself if there is a bug of ours in one of them."""
    if not sources:
        return
    first = jobs[next(iter(sources))]
    try:
        yield fix_sources(jobs, sources.values(), workspace_at(first.root, first.whole))
        return
    except CannotWrite as error:
        if len(sources) == 1:
            (path,) = sources
            results[jobs[path].path] = _not_fixed(jobs[path], sources[path], error)
            return
    for path, source in sources.items():
        yield from _fixed_groups(jobs, {path: source}, results)


def _inseparable(group: Group) -> list[set[Path]]:
    """The files of ``group`` in sets that are written all or none."""
    parts: list[set[Path]] = []
    for linked in [*group.together, *(frozenset({path}) for path in group.fixed)]:
        touched = [part for part in parts if part & linked]
        parts = [part for part in parts if not part & linked]
        parts.append(set(linked).union(*touched))
    return parts


def _written(jobs: Mapping[Path, Job], group: Group, part: set[Path]) -> dict[Path, FileResult]:
    fixed = {path: each for path, each in group.fixed.items() if path in part}
    changed = {jobs[path].path: each for path, each in fixed.items() if each.changed}
    try:
        if changed and jobs[next(iter(fixed))].task.mode is Mode.FIX:
            write_fixed(changed)
    except CannotWrite as error:
        return {
            jobs[path].path: _not_fixed(jobs[path], each.before, error)
            for path, each in fixed.items()
        }
    return {
        jobs[path].path: result_of_fix(jobs[path], each, group.workspace)
        for path, each in fixed.items()
    }


def _not_fixed(job: Job, source: SourceText, error: CannotWrite) -> FileResult:
    return replace(
        inspect_source(job, source, workspace_at(job.root, job.whole)), failure=str(error)
    )


def result_of_fix(job: Job, fixed: Fixed, workspace: Workspace | None = None) -> FileResult:
    """What to report of a text that was fixed, or of which the change is only to be shown."""
    if job.task.mode is Mode.DIFF:
        diff = unified_diff(job.shown, fixed)
        return FileResult(job.shown, fixed=fixed.mended, diff=diff)
    return replace(inspect_source(job, fixed.after, workspace), fixed=fixed.mended)


def inspect_source(job: Job, source: SourceText, workspace: Workspace | None) -> FileResult:
    """Check a text that has been read; never raises."""
    try:
        report = check(job.project, source, workspace)
    except Exception as error:  # noqa: BLE001 - a bug of ours in one file must not cost the others
        return FileResult(job.shown, failure=internal_error(job.shown, error))
    found = []
    failure = next((internal_error(job.shown, crash.error) for crash in report.crashes), None)
    for finding in report.findings:
        try:
            fixes = tuple(fixes_for(report, finding)) if job.task.offers else ()
        except Exception as error:  # noqa: BLE001 - the finding stands without its fix
            fixes, failure = (), internal_error(job.shown, error)
        found.append(_found(report, finding, fixes))
    unfixable = (unavailable() if job.task.offers and found else None) or ""
    return FileResult(
        job.shown,
        tuple(found),
        _problem(report),
        failure,
        f"{job.project.target.title} ({job.project.target_origin})",
        lines=_lines(report),
        lasting=job.project.packages.is_lasting and not unfixable,
        unfixable=unfixable,
    )


def _found(report: Report, finding: Finding, fixes: Iterable[Fix]) -> Found:
    def place(span: Range) -> Place:
        return _place(_text(report, span.path), span)

    return Found(
        finding.code,
        finding.name,
        finding.severity.value,
        finding.message,
        finding.url,
        place(finding.range),
        tuple(Link(link.message, place(link.range)) for link in finding.evidence),
        tuple(_offer(report.source, fix) for fix in fixes),
    )


def _offer(source: SourceText, fix: Fix) -> Offer:
    others = ((str(each.source.path), _replacements(each)) for each in fix.elsewhere)
    own = _replacements(Change(source, fix.edits, fix.new_text))
    return Offer(fix.title, fix.safety.value, own, tuple(others))


def _replacements(change: Change) -> tuple[Replacement, ...]:
    source = change.source
    return tuple(Replacement(_place(source, edit.range), edit.text) for edit in change.edits)


def _place(source: SourceText, span: Range) -> Place:
    """``span`` of ``source``, as its user counts lines."""
    start, end = span.start, span.end
    cell, line = source.in_cell(start.line)
    return Place(span.path, line, start.column, source.in_cell(end.line)[1], end.column, cell)


def _lines(report: Report) -> dict[tuple[str, int, int], str]:
    """The lines that the findings point to."""
    spans = {finding.range for finding in report.findings}
    spans |= {link.range for finding in report.findings for link in finding.evidence}
    texts = {path: _text(report, path) for path in {span.path for span in spans}}
    numbered = ((span.path, texts[span.path], span.start.line) for span in spans)
    return {(path, *text.in_cell(line)): text.line(line) for path, text, line in numbered}


def _text(report: Report, path: str) -> SourceText:
    known = report.workspace.sources.text(Path(path)) if path and report.workspace else None
    return known or report.source


@lru_cache(maxsize=4)
def workspace_at(root: Path | None, whole: bool = True) -> Workspace | None:
    """The project below ``root``, once for each process."""
    return Workspace(root, store=Store.of(root), whole=whole) if root is not None else None


def _problem(report: Report) -> Problem | None:
    problem: SyntaxProblem | None = report.source.problem_before
    if problem is None and report.parsed is not None:
        problem = report.parsed.problem
    if problem is None or not report.matters:
        return None
    return Problem(problem.message, _place(report.source, problem.range))
