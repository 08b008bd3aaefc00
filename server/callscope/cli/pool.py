"""Many files on all cores; few files right here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from callscope.cli.inspect_file import inspect
from callscope.cli.job import Job
from callscope.cli.result import FileResult

WORTH_A_POOL = 40
"""From how many files on the start of worker processes pays."""


def inspect_all(steps: Iterable[Job | FileResult]) -> Iterator[FileResult]:
    """The results of ``steps`` in their order; what is a result already is passed on."""
    waiting = list(steps)
    jobs = [step for step in waiting if isinstance(step, Job)]
    cores = os.cpu_count() or 1
    results = (
        _in_pool(jobs, cores) if len(jobs) > WORTH_A_POOL and cores > 1 else map(inspect, jobs)
    )
    for step in waiting:
        yield next(results) if isinstance(step, Job) else step


def _in_pool(jobs: Sequence[Job], cores: int) -> Iterator[FileResult]:
    chunk = max(1, min(20, len(jobs) // (cores * 4)))
    pool = ProcessPoolExecutor(
        min(cores, 8), mp_context=_context(), initializer=_leave_interrupts_to_parent
    )
    done = 0
    try:
        with _interrupts_waiting():
            results = pool.map(inspect, jobs, chunksize=chunk)
        for result in results:
            done += 1
            yield result
    except BrokenProcessPool:
        # A worker was killed, most likely for want of memory: go on alone, where it left off.
        yield from map(inspect, jobs[done:])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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
