"""``callscope check``: find the answer, write it.

One that is kept from an earlier run is given without loading the analysis."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from callscope.cli import concise, full, json_output, statistics
from callscope.cli.exit_codes import CLEAN, FAILURE, FINDINGS, UsageError
from callscope.cli.job import Mode, Task
from callscope.cli.kept import Kept
from callscope.cli.paint import Paint, harmless, paint_for
from callscope.cli.result import Answer, FileResult
from callscope.cli.tally import Tally, plural

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
    kept = Kept(request, time.time_ns())
    _refuse_nonsense(request)
    answer = kept.answer()
    if answer is not None:
        return _tell(request, answer)
    # All the rest is only loaded now that it is needed.
    from callscope.cli.analyse import analyse

    analysis = analyse(request, traced=kept.is_wanted, before=kept.before)
    results: list[FileResult] = []
    answer = replace(analysis.answer, results=_noting(analysis.answer.results, results))
    code = _tell(request, answer)
    if analysis.depends is not None:
        sys.stdout.flush()
        kept.keep(replace(answer, results=results), analysis.depends, analysis.told)
    return code


def _noting(results: Iterable[FileResult], noted: list[FileResult]) -> Iterator[FileResult]:
    for result in results:
        noted.append(result)
        yield result


def _tell(request: Request, answer: Answer) -> int:
    """Write ``answer`` as it comes and return the exit code."""
    tally = Tally()
    screen = _Screen(request)
    screen.show(tally, answer.results)
    screen.complain_of_configuration(answer)
    screen.say_what_is_missing(tally)
    screen.summarise(tally, answer.seen)
    return _exit_code(request, tally, failed=bool(tally.failures or answer.problems))


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
        place = harmless(result.where(problem.place))
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

    def complain_of_configuration(self, answer: Answer) -> None:
        """Write each problem of the configuration once."""
        for where, problem in answer.problems:
            self._complain(where, problem)
        for warning in () if self._request.quiet else answer.warnings:
            print(f"warning: {warning}", file=sys.stderr)

    def say_what_is_missing(self, tally: Tally) -> None:
        """Write why findings come without fixes, if it is not that there are none."""
        if tally.unfixable and not self._request.quiet:
            print(f"warning: no fixes are offered: {tally.unfixable}", file=sys.stderr)

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
