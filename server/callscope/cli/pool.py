"""Many files on all cores; few files right here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import groupby
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from callscope.cli.inspect_file import collect_by_hand, fix_files, inspect
from callscope.cli.job import Job, Mode
from callscope.cli.result import FileResult

WORTH_A_POOL = 40
"""From how many files on the start of worker processes pays."""

_LOOK_EVERY = 0.2
"""Seconds after which somebody who waits is told how far it is."""


def inspect_all(
    steps: Iterable[Job | FileResult], on_progress: Callable[[int, int], None]
) -> Iterator[FileResult]:
    """The results of ``steps`` in their order; what is a result already is passed on.
    ``on_progress`` hears how many files of how many are done."""
    waiting = list(steps)
    jobs = [step for step in waiting if isinstance(step, Job)]
    cores = os.cpu_count() or 1
    if len(jobs) > WORTH_A_POOL and cores > 1:
        results = _in_pool(jobs, cores, on_progress)
    else:
        results = _here(jobs, on_progress)
    for step in waiting:
        yield next(results) if isinstance(step, Job) else step


def _here(jobs: Sequence[Job], on_progress: Callable[[int, int], None]) -> Iterator[FileResult]:
    if all(job.task.mode is Mode.CHECK for job in jobs):
        for number, job in enumerate(jobs):
            on_progress(number, len(jobs))
            yield inspect(job)
    else:
        done = _inspect_group(jobs)
        yield from (done[job.path] for job in jobs)


def _in_pool(
    jobs: Sequence[Job], cores: int, on_progress: Callable[[int, int], None]
) -> Iterator[FileResult]:
    groups = _groups(jobs, cores)
    context = _context()
    counter = context.Value("L", 0)
    pool = ProcessPoolExecutor(
        min(cores, 8), mp_context=context, initializer=_begin, initargs=(counter,)
    )
    done: dict[Path, FileResult] = {}
    waiting = iter(jobs)
    current = next(waiting, None)
    try:
        with _interrupts_waiting():
            futures = [pool.submit(_inspect_group, group) for group in groups]
        pending = set(futures)
        while pending:
            finished, pending = wait(pending, _LOOK_EVERY, FIRST_COMPLETED)
            for future in finished:
                done.update(future.result())
            while current is not None and current.path in done:
                yield done.pop(current.path)
                current = next(waiting, None)
            on_progress(counter.value, len(jobs))
    except BrokenProcessPool:
        # A worker was killed, most likely for want of memory: go on alone, where it left off.
        while current is not None:
            known = done.pop(current.path) if current.path in done else None
            yield known if known is not None else _inspect_group([current])[current.path]
            current = next(waiting, None)
    finally:
        if current is not None and all(job.task.mode is not Mode.FIX for job in jobs):
            # Interrupted: nobody waits for the portions under way, and they write nothing.
            for worker in multiprocessing.active_children():
                worker.terminate()
        # Left to end by itself, the pool may complain while the interpreter shuts down.
        pool.shutdown(wait=True, cancel_futures=True)


def _groups(jobs: Sequence[Job], cores: int) -> list[list[Job]]:
    """``jobs`` in portions, those of one program together, what will take longest first."""
    most = max(1, min(20, len(jobs) // (cores * 4)))
    portions: list[list[Job]] = []
    for _, members in groupby(sorted(jobs, key=_group), key=_group):
        group = list(members)
        if portions and len(portions[-1]) + len(group) <= most:
            portions[-1] += group
        else:
            portions.append(group)
    return sorted(portions, key=lambda portion: -sum(job.effort for job in portion))


def _group(job: Job) -> str:
    return str(job.group or job.path)


def _inspect_group(jobs: Sequence[Job]) -> dict[Path, FileResult]:
    found: dict[Path, FileResult] = {}
    if all(job.task.mode is Mode.CHECK for job in jobs):
        for job in jobs:
            found[job.path] = inspect(job)
            _count(1)
        return found
    for _, group in groupby(sorted(jobs, key=_group), key=_group):
        members = list(group)
        found.update(fix_files(members))
        _count(len(members))
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


_counter: Synchronized[int] | None = None
"""In a worker process: how many files all of them have done."""


def _begin(counter: Synchronized[int]) -> None:
    global _counter
    _counter = counter
    collect_by_hand()
    # Interrupts are left to the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _count(files: int) -> None:
    if _counter is not None:
        with _counter.get_lock():
            _counter.value += files
