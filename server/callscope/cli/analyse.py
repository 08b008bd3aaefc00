"""Work out the answer to a check: gather, inspect, say what is wrong with the configuration."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callscope.check import unknown_selectors
from callscope.cli.apply import CannotWrite, encoded, fix_source
from callscope.cli.depends import snapshot, still_holding, told_of
from callscope.cli.exit_codes import UsageError
from callscope.cli.gather import Gatherer
from callscope.cli.inspect_file import collect_by_hand, inspect_source, result_of_fix
from callscope.cli.job import Job, Mode
from callscope.cli.paint import harmless
from callscope.cli.pool import inspect_all
from callscope.cli.progress import Progress
from callscope.cli.result import Answer, Before, FileResult
from callscope.cli.rule_command import did_you_mean
from callscope.configuration import placed, unknown_rules
from callscope.contracts import Target, UnknownTarget
from callscope.fixes import unavailable
from callscope.project import Config, Projects
from callscope.source import UnreadableSource, decode_source

if TYPE_CHECKING:
    from callscope.cli.check_command import Request
    from callscope.cli.snapshot import Snapshot


@dataclass(frozen=True)
class Analysis:
    """An answer, and what it depends on; None where that cannot be told. ``told`` is as in
    :class:`Before`."""

    answer: Answer
    depends: Snapshot | None = None
    told: Mapping[str, str] = field(default_factory=dict)


def analyse(request: Request, *, traced: bool, before: Before | None = None) -> Analysis:
    """Work out what ``request`` asks for; ``traced`` if it matters what the answer depends on.
    ``before`` is what an earlier run found, of which some may still hold. Raises
    :class:`UsageError`."""
    _refuse_unknown(request)
    _refuse_to_fix(request)
    collect_by_hand()
    if request.no_cache:
        # Worker processes are told in the same way.
        os.environ["CALLSCOPE_NO_CACHE"] = "1"
    projects = Projects(python=request.python, settings=_settings(request))
    if request.stdin:
        job = _job_of_stdin(request, projects)
        return Analysis(_answer(projects, _check_stdin(job), 1))
    gatherer = Gatherer(projects, request.task)
    steps = list(gatherer.jobs(Path(path) for path in request.paths))
    depends, told = None, {}
    if traced and gatherer.roots is not None:
        jobs = [step for step in steps if isinstance(step, Job)]
        depends = snapshot(projects, jobs, gatherer.roots)
        if len(gatherer.roots) == 1:
            told = told_of(gatherer.roots[0])
            known = still_holding(before, told, jobs) if before is not None else {}
            steps = [known.get(step.shown, step) for step in steps]
    progress = Progress(sys.stderr, wanted=not request.quiet)
    results = progress.behind(inspect_all(steps, progress.show))
    return Analysis(_answer(projects, results, gatherer.seen), depends, told)


def _answer(projects: Projects, results: Iterator[FileResult], seen: int) -> Answer:
    configs = [project.config for project in projects.all()]
    problems = dict.fromkeys(problem for config in configs for problem in config.problems)
    told = ((placed(each, str(each.path or "configuration")), each.message) for each in problems)
    warnings = (warning for config in configs for warning in _unknown_rules(config))
    return Answer(results, seen, tuple(told), tuple(warnings))


def _unknown_rules(config: Config) -> Iterator[str]:
    """Not a failure: the configuration may be written for a newer version."""
    if config.path is None:
        return
    for problem in unknown_rules(config):
        yield f"{harmless(placed(problem, str(config.path)))}: {harmless(problem.message)}"


def _refuse_unknown(request: Request) -> None:
    if request.target is not None:
        try:
            Target.parse(request.target)
        except UnknownTarget as error:
            raise UsageError(f"--{error}") from None
    for option, selectors in (("--select", request.select), ("--ignore", request.ignore)):
        for selector in unknown_selectors(selectors):
            raise UsageError(f"{option} {selector}: there is no such rule{did_you_mean(selector)}")


def _refuse_to_fix(request: Request) -> None:
    mode = request.task.mode
    missing = unavailable() if mode is not Mode.CHECK else None
    if missing is not None:
        raise UsageError(f"--{'diff' if mode is Mode.DIFF else 'fix'}: {missing}")


def _settings(request: Request) -> Mapping[str, Any]:
    settings: dict[str, Any] = {}
    if request.target is not None:
        settings["target"] = request.target
    if request.select:
        settings["select"] = list(request.select)
    if request.ignore:
        settings["ignore"] = list(request.ignore)
    return settings


def _job_of_stdin(request: Request, projects: Projects) -> Job:
    shown = request.stdin_filename or "<stdin>"
    path = Path(request.stdin_filename or "stdin.py")
    return Job(path, shown, projects.of(path), request.task)


def _check_stdin(job: Job) -> Iterator[FileResult]:
    try:
        source = decode_source(job.path, sys.stdin.buffer.read())
        if job.task.mode is Mode.CHECK:
            yield inspect_source(job, source, None)
            return
        fixed = fix_source(job, source)
        if job.task.mode is Mode.FIX:
            sys.stdout.buffer.write(encoded(fixed.after))
            sys.stdout.buffer.flush()
        yield result_of_fix(job, fixed)
    except (UnreadableSource, CannotWrite) as error:
        yield FileResult(job.shown, failure=str(error))
