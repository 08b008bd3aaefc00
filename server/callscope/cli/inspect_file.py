"""One file in, one :class:`FileResult` out; runs here or in a worker process."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from callscope.check import Report, check, fixes_for
from callscope.cli.apply import CannotWrite, Fixed, fix_source, unified_diff, write_fixed
from callscope.cli.job import Job, Mode, internal_error
from callscope.cli.result import FileResult, Found
from callscope.project import Workspace
from callscope.rules import Finding
from callscope.source import SourceText, SyntaxProblem, UnreadableSource, read_source


def inspect(job: Job) -> FileResult:
    """Read, check and, if asked to, fix a file; never raises."""
    try:
        source = read_source(job.path.absolute())
    except UnreadableSource as error:
        return FileResult(job.shown, failure=str(error))
    if job.task.mode is Mode.CHECK:
        return inspect_source(job, source)
    try:
        fixed = fix_source(job, source)
        if job.task.mode is Mode.FIX and fixed.changed:
            write_fixed(job.path, fixed)
    except CannotWrite as error:
        return replace(inspect_source(job, source), failure=str(error))
    return result_of_fix(job, fixed)


def result_of_fix(job: Job, fixed: Fixed) -> FileResult:
    """What to report of a text that was fixed, or of which the change is only to be shown."""
    if job.task.mode is Mode.DIFF:
        diff = unified_diff(job.shown, fixed)
        return FileResult(job.shown, fixed.before, fixed=fixed.mended, diff=diff)
    return replace(inspect_source(job, fixed.after), fixed=fixed.mended)


def inspect_source(job: Job, source: SourceText) -> FileResult:
    """Check a text that has been read; never raises."""
    try:
        report = check(job.project, source, workspace_at(job.root))
    except Exception as error:  # noqa: BLE001 - a bug of ours in one file must not cost the others
        return FileResult(job.shown, failure=internal_error(job.shown, error))
    found = []
    failure = next((internal_error(job.shown, crash.error) for crash in report.crashes), None)
    for finding in report.findings:
        try:
            fixes = tuple(fixes_for(report, finding)) if job.task.offers else ()
        except Exception as error:  # noqa: BLE001 - the finding stands without its fix
            fixes, failure = (), internal_error(job.shown, error)
        found.append(Found(_portable(finding), fixes))
    target = f"{job.project.target.title} ({job.project.target_origin})"
    others = _texts_of_others(report)
    return FileResult(
        job.shown, source, tuple(found), _problem(report), failure, target, others=others
    )


def _texts_of_others(report: Report) -> dict[str, SourceText]:
    """The texts of the other files that the findings point to."""
    places = {link.range.path for finding in report.findings for link in finding.evidence}
    if report.workspace is None:
        return {}
    texts = {path: report.workspace.sources.text(Path(path)) for path in places - {""}}
    return {path: text for path, text in texts.items() if text is not None}


@lru_cache(maxsize=4)
def workspace_at(root: Path | None) -> Workspace | None:
    """The project below ``root``, once for each process."""
    return Workspace(root) if root is not None else None


def _problem(report: Report) -> SyntaxProblem | None:
    return report.parsed.problem if report.parsed is not None else None


def _portable(finding: Finding) -> Finding:
    """The finding without the model element it is about, which is large and stays here."""
    return replace(finding, about=None)
