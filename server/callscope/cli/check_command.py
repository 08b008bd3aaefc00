"""``callscope check``: gather, inspect, write."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from callscope.check import unknown_selectors
from callscope.cli import concise, full, json_output, statistics
from callscope.cli.apply import CannotWrite, encoded, fix_source
from callscope.cli.exit_codes import CLEAN, FAILURE, FINDINGS, UsageError
from callscope.cli.gather import Gatherer
from callscope.cli.inspect_file import inspect_source, result_of_fix
from callscope.cli.job import Job, Mode, Task
from callscope.cli.paint import Paint, harmless, paint_for
from callscope.cli.pool import inspect_all
from callscope.cli.progress import Progress
from callscope.cli.result import FileResult
from callscope.cli.rule_command import did_you_mean
from callscope.cli.tally import Tally, plural
from callscope.contracts import Target, UnknownTarget
from callscope.project import Config, Projects
from callscope.source import UnreadableSource
from callscope.source.text import decode_source

_WRITERS = {"full": full.write, "concise": concise.write, "json": json_output.write}
_STDIN = "-"


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    paths: tuple[str, ...]
    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    target: str | None = None
    python: Path | None = None
    output_format: str = "full"
    statistics: bool = False
    exit_zero: bool = False
    stdin_filename: str | None = None
    color: str = "auto"
    quiet: bool = False
    no_cache: bool = False

    @property
    def task(self) -> Task:
        """What is to be done with each file; a diff outranks fixing."""
        mode = Mode.DIFF if self.diff else Mode.FIX if self.fix else Mode.CHECK
        return Task(mode, offers=self.output_format != "concise", unsafe=self.unsafe)

    @property
    def stdin(self) -> bool:
        """Whether the text to check comes through stdin."""
        return _STDIN in self.paths


def run(request: Request) -> int:
    """Do what ``request`` says and return the exit code; raises :class:`UsageError`."""
    _refuse_nonsense(request)
    # Nearly all that is made is needed until its file is done: look for garbage less often.
    gc.set_threshold(50_000, 20, 50)
    if request.no_cache:
        # Worker processes are told in the same way.
        os.environ["CALLSCOPE_NO_CACHE"] = "1"
    projects = Projects(python=request.python, settings=_settings(request))
    gatherer = Gatherer(projects, request.task)
    tally = Tally()
    screen = _Screen(request)
    if request.stdin:
        results = _check_stdin(request, projects)
        gatherer.seen = 1
    else:
        progress = Progress(sys.stderr, wanted=not request.quiet)
        jobs = gatherer.jobs(Path(path) for path in request.paths)
        results = progress.behind(inspect_all(jobs, progress.show))
    screen.show(tally, results)
    problems = screen.complain_of_configuration(projects)
    screen.summarise(tally, gatherer.seen)
    return _exit_code(request, tally, failed=bool(tally.failures or problems))


def _exit_code(request: Request, tally: Tally, *, failed: bool) -> int:
    if failed:
        return FAILURE
    if request.exit_zero:
        return CLEAN
    found = tally.fixed_files > 0 if request.task.mode is Mode.DIFF else tally.grave
    return FINDINGS if found else CLEAN


def _refuse_nonsense(request: Request) -> None:
    if request.stdin and len(request.paths) > 1:
        raise UsageError("- (stdin) cannot be combined with other paths")
    if request.stdin_filename is not None and not request.stdin:
        raise UsageError("--stdin-filename needs - as the path")
    if "" in request.paths:
        raise UsageError("a path is empty")
    if request.python is not None and not request.python.exists():
        raise UsageError(f"--python {request.python}: no such file or folder")
    if request.target is not None:
        try:
            Target.parse(request.target)
        except UnknownTarget as error:
            raise UsageError(f"--{error}") from None
    for option, selectors in (("--select", request.select), ("--ignore", request.ignore)):
        for selector in unknown_selectors(selectors):
            raise UsageError(f"{option} {selector}: there is no such rule{did_you_mean(selector)}")


def _settings(request: Request) -> Mapping[str, Any]:
    settings: dict[str, Any] = {}
    if request.target is not None:
        settings["target"] = request.target
    if request.select:
        settings["select"] = list(request.select)
    if request.ignore:
        settings["ignore"] = list(request.ignore)
    return settings


def _check_stdin(request: Request, projects: Projects) -> Iterator[FileResult]:
    shown = request.stdin_filename or "<stdin>"
    path = Path(request.stdin_filename or "stdin.py")
    job = Job(path, shown, projects.of(path), request.task)
    try:
        source = decode_source(path, sys.stdin.buffer.read())
        if request.task.mode is Mode.CHECK:
            yield inspect_source(job, source, None)
            return
        fixed = fix_source(job, source)
        if request.task.mode is Mode.FIX:
            sys.stdout.buffer.write(encoded(fixed.after))
            sys.stdout.buffer.flush()
        yield result_of_fix(job, fixed)
    except (UnreadableSource, CannotWrite) as error:
        yield FileResult(shown, failure=str(error))


class _Screen:
    """Where everything is written: data to stdout, messages to stderr.

    The closing lines of the full format are for the same reader as the findings and go with them.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._task = request.task
        # Stdout is taken when it carries the fixed text.
        taken = request.stdin and self._task.mode is Mode.FIX
        self._data: TextIO = sys.stderr if taken else sys.stdout
        readable = request.output_format == "full" and self._task.mode is not Mode.DIFF
        self._talk: TextIO = self._data if readable else sys.stderr
        self._paint = paint_for(self._data, request.color)
        self._talk_paint = paint_for(self._talk, request.color)
        self._error_paint = paint_for(sys.stderr, request.color)

    def show(self, tally: Tally, results: Iterable[FileResult]) -> None:
        """Write all ``results`` in the wanted form, and count them."""
        counted = tally.counting(self._with_messages(results))
        if self._task.mode is Mode.DIFF:
            self._show_diffs(counted)
        elif self._request.statistics:
            for _ in counted:
                pass
            if self._request.output_format == "json":
                statistics.write_json(tally, self._data)
            else:
                statistics.write(tally, self._data, self._paint)
        else:
            _WRITERS[self._request.output_format](counted, self._data, self._paint)

    def _show_diffs(self, results: Iterable[FileResult]) -> None:
        for result in results:
            for line in result.diff.splitlines(keepends=True):
                self._data.write(_painted_diff(line, self._paint))

    def _with_messages(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Pass ``results`` on, and say on the way what the formats have no place for."""
        for result in results:
            if result.failure is not None:
                self._complain(result.shown, result.failure)
            if result.problem is not None:
                self._note_syntax_error(result)
            if result.fixed and self._task.mode is Mode.FIX:
                self._say_fixed(result)
            yield result

    def _complain(self, shown: str, failure: str) -> None:
        name = "" if failure.startswith("internal error") else f"{shown}: "
        label = self._error_paint.bad("error")
        print(f"{label}: {harmless(name)}{failure}", file=sys.stderr)

    def _note_syntax_error(self, result: FileResult) -> None:
        problem = result.problem
        if problem is None or self._request.quiet:
            return
        start = problem.range.start
        place = f"{harmless(result.shown)}:{start.line + 1}:{start.column + 1}"
        text = f"syntax error: {harmless(problem.message)}; the rest of the file was checked"
        print(f"{place}: {text}", file=sys.stderr)

    def _say_fixed(self, result: FileResult) -> None:
        if self._request.quiet:
            return
        what = ", ".join(
            f"{mended.code} {mended.name}"
            + (f" ({mended.count} times)" if mended.count > 1 else "")
            for mended in result.fixed
        )
        print(f"{self._talk_paint.good('Fixed')} {harmless(result.shown)}: {what}", file=self._talk)

    def complain_of_configuration(self, projects: Projects) -> int:
        """Write each problem of the configuration once; returns how many there are."""
        problems = dict.fromkeys(
            problem for project in projects.all() for problem in project.config.problems
        )
        for problem in problems:
            self._complain(str(problem.path or "configuration"), problem.message)
        for project in projects.all():
            self._warn_of_unknown_rules(project.config)
        return len(problems)

    def _warn_of_unknown_rules(self, config: Config) -> None:
        """Not a failure: the configuration may be written for a newer version."""
        if config.path is None or self._request.quiet:
            return
        for selector in unknown_selectors((*config.select, *config.ignore, *config.severity)):
            hint = f"there is no rule {selector!r}{did_you_mean(selector)}"
            print(f"warning: {harmless(str(config.path))}: {harmless(hint)}", file=sys.stderr)

    def summarise(self, tally: Tally, seen: int) -> None:
        """Write the closing lines."""
        for_programs = self._request.output_format == "json" and self._task.mode is Mode.CHECK
        if self._request.quiet or for_programs:
            return
        for line in self._summary(tally, seen):
            print(line, file=self._talk)

    def _summary(self, tally: Tally, seen: int) -> Iterator[str]:
        if not seen and not tally.failures:
            yield "No Python files found"
            return
        verb = "Would fix" if self._task.mode is Mode.DIFF else "Fixed"
        if tally.fixed_files or self._task.mode is Mode.DIFF:
            where = plural(tally.fixed_files, "file")
            yield f"{verb} {plural(tally.fixed, 'finding')} in {where}"
        if self._task.mode is not Mode.DIFF:
            yield self._talk_paint.bold(tally.sentence())
        if self._request.output_format == "full" and self._task.mode is not Mode.DIFF:
            yield self._talk_paint.dim(_what_was_checked(tally, seen))


def _what_was_checked(tally: Tally, seen: int) -> str:
    text = f"Checked {plural(seen, 'file')}"
    if tally.targets:
        text += " against " + ", ".join(tally.targets)
    elif not tally.failures:
        text += "; none mentions AutoGen" if seen > 1 else "; it does not mention AutoGen"
    if tally.failures:
        text += f"; {tally.failures} failed"
    if tally.rules:
        first = next(iter(tally.rules))[0]
        text += f". What a rule means: callscope rule {first}"
    return text


def _painted_diff(line: str, paint: Paint) -> str:
    if not paint.color:
        return line
    body = line.rstrip("\n")
    if line.startswith(("---", "+++")):
        shown = paint.bold(body)
    elif line.startswith("+"):
        shown = paint.good(body)
    elif line.startswith("-"):
        shown = paint.bad(body)
    elif line.startswith("@@"):
        shown = paint.note(body)
    else:
        shown = body
    return f"{shown}\n"
