"""A thread that does one piece of work after the other, none of them for ever.

Work that goes on for too long is told to stop by an exception in its thread. If it does not listen,
since it waits for something outside, the thread is given up, and another one goes on.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

SLOW = 5.0
"""Seconds after which work takes unusually long."""

_GRACE = 5.0
"""Seconds for work to stop once it has been told to."""

_BREATH = 0.002
"""Seconds that an answer is given to be sent off, before anything else is done."""

_T = TypeVar("_T")


class TookTooLong(Exception):
    """The work was stopped."""


class _Stop(BaseException):
    """What is raised in the thread: nobody means this by ``except Exception``."""


class Job:
    """One piece of work: ``what`` it is about, and the ``answer`` to come."""

    def __init__(self, what: str, work: Callable[[], object], answer: asyncio.Future[Any]) -> None:
        self.what = what
        self.answer = answer
        self.timers: list[asyncio.TimerHandle] = []
        self._work = work
        self._lock = threading.Lock()
        self._thread: int | None = None

    def run(self) -> object:
        """Do it, in a thread."""
        try:
            self._thread = threading.get_ident()
            try:
                return self._work()
            finally:
                with self._lock:
                    self._thread = None
        except _Stop as stop:
            raise TookTooLong from stop

    def stop(self) -> None:
        """Let it end with :class:`TookTooLong`, if it is still going on."""
        import ctypes

        with self._lock:
            if self._thread is not None:
                thread, error = ctypes.c_ulong(self._thread), ctypes.py_object(_Stop)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, error)


class Worker:
    """Does what it is given in order, each for at most ``limit`` seconds. ``on_slow`` hears of work
    that takes unusually long. ``stuck`` says that a thread was given up and may never end."""

    def __init__(self, name: str, limit: float, on_slow: Callable[[Job], None]) -> None:
        self.stuck = False
        self._name = name
        self._limit = limit
        self._on_slow = on_slow
        self._pool = ThreadPoolExecutor(1, name)
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._tidying = False

    def do(self, work: Callable[[], _T], what: str = "") -> asyncio.Future[_T]:
        """Run ``work`` after what is waiting already; it may end with :class:`TookTooLong`."""
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append(Job(what, work, answer))
        self._go_on()
        return answer

    def close(self) -> None:
        """Begin nothing more, and stop what is going on."""
        self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._current is not None:
            self._current.stop()

    def _go_on(self) -> None:
        while self._current is None and not self._tidying and self._waiting:
            job = self._waiting.popleft()
            if not job.answer.cancelled():
                self._begin(job)

    def _begin(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        self._current = job
        loop.run_in_executor(self._pool, job.run).add_done_callback(partial(self._ended, job))
        job.timers = [
            loop.call_later(SLOW, self._on_slow, job),
            loop.call_later(self._limit, job.stop),
            loop.call_later(self._limit + _GRACE, self._give_up, job),
        ]

    def _ended(self, job: Job, done: asyncio.Future[Any]) -> None:
        error = None if done.cancelled() else done.exception()
        if self._current is not job:  # it was given up, and ended after all
            return
        for timer in job.timers:
            timer.cancel()
        self._current = None
        if not job.answer.done():
            if done.cancelled():
                job.answer.cancel()
            elif error is not None:
                job.answer.set_exception(error)
            else:
                job.answer.set_result(done.result())
        if gc.get_count()[1] < 2:
            self._go_on()
        else:
            self._tidying = True
            asyncio.get_running_loop().call_later(_BREATH, self._tidy)

    def _tidy(self) -> None:
        # A model is a tangle that only the garbage collector gets rid of. Left to itself, it comes
        # when several have piled up, and when to look for them is to look at everything.
        gc.collect(1)
        self._tidying = False
        self._go_on()

    def _give_up(self, job: Job) -> None:
        self.stuck = True
        self._pool.shutdown(wait=False)
        self._pool = ThreadPoolExecutor(1, self._name)
        self._current = None
        if not job.answer.done():
            job.answer.set_exception(TookTooLong())
        self._go_on()
