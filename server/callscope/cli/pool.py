"""Many files on all cores; few files right here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from callscope.cli.inspect_file import fix_files, inspect
from callscope.cli.job import Job, Mode
from callscope.cli.result import FileResult

WORTH_A_POOL = 40
"""From how many files on the start of worker processes pays."""


def inspect_all(steps: Iterable[Job | FileResult]) -> Iterator[FileResult]:
    """The results of ``steps`` in their order; what is a result already is passed on."""
    waiting = list(steps)
    jobs = [step for step in waiting if isinstance(step, Job)]
    cores = os.cpu_count() or 1
    results = _in_pool(jobs, cores) if len(jobs) > WORTH_A_POOL and cores > 1 else _here(jobs)
    for step in waiting:
        yield next(results) if isinstance(step, Job) else step


def _here(jobs: Sequence[Job]) -> Iterator[FileResult]:
    if all(job.task.mode is Mode.CHECK for job in jobs):
        yield from map(inspect, jobs)
    else:
        done = _inspect_group(jobs)
        yield from (done[job.path] for job in jobs)


def _in_pool(jobs: Sequence[Job], cores: int) -> Iterator[FileResult]:
    groups = _groups(jobs, cores)
    pool = ProcessPoolExecutor(
        min(cores, 8), mp_context=_context(), initializer=_leave_interrupts_to_parent
    )
    done: dict[Path, FileResult] = {}
    waiting = iter(jobs)
    current = next(waiting, None)
    try:
        with _interrupts_waiting():
            futures = [pool.submit(_inspect_group, group) for group in groups]
        for future in as_completed(futures):
            done.update(future.result())
            while current is not None and current.path in done:
                yield done.pop(current.path)
                current = next(waiting, None)
    except BrokenProcessPool:
        # A worker was killed, most likely for want of memory: go on alone, where it left off.
        while current is not None:
            known = done.pop(current.path) if current.path in done else None
            yield known if known is not None else _inspect_group([current])[current.path]
            current = next(waiting, None)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if current is not None and all(job.task.mode is not Mode.FIX for job in jobs):
            # Interrupted: nobody waits for the portions under way, and they write nothing.
            for worker in multiprocessing.active_children():
                worker.terminate()


def _groups(jobs: Sequence[Job], cores: int) -> list[list[Job]]:
    """``jobs`` in portions, those of one program together."""
    most = max(1, min(20, len(jobs) // (cores * 4)))
    portions: list[list[Job]] = []
    for _, members in groupby(sorted(jobs, key=_group), key=_group):
        group = list(members)
        if portions and len(portions[-1]) + len(group) <= most:
            portions[-1] += group
        else:
            portions.append(group)
    return portions


def _group(job: Job) -> str:
    return str(job.group or job.path)


def _inspect_group(jobs: Sequence[Job]) -> dict[Path, FileResult]:
    if all(job.task.mode is Mode.CHECK for job in jobs):
        return {job.path: inspect(job) for job in jobs}
    found: dict[Path, FileResult] = {}
    for _, members in groupby(sorted(jobs, key=_group), key=_group):
        found.update(fix_files(list(members)))
    return found


@contextmanager
def _interrupts_waiting() -> Iterator[None]:
    """Hold back Ctrl-C: one that arrives just while a process is forked would be lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> multiprocessing.context.BaseContext:
    # Nothing else runs in this process, so forking is safe, and much faster than a fresh start.
    method = "fork" if sys.platform == "linux" else None
    return multiprocessing.get_context(method)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
