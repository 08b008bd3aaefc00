"""Threads and asyncio tasks: everything of the process is there, and is shared."""

from __future__ import annotations

from callscope.contracts.boundaries.boundary import Boundary, Engines, Handlers, Sends

THREAD = Boundary(
    "thread",
    "a thread",
    "same-process",
    long_lived=False,
    concurrent=True,
    fix="build the agents inside the function that the thread runs",
)
TASK = Boundary(
    "task",
    "an asyncio task",
    "same-process",
    long_lived=False,
    concurrent=True,
    fix="build the agents inside the coroutine",
)

CONCURRENCY = Engines(
    sends={
        "concurrent.futures.ThreadPoolExecutor().submit": Sends(THREAD, 0, "fn"),
        "concurrent.futures.ThreadPoolExecutor().map": Sends(THREAD, 0, "fn"),
        "threading.Thread": Sends(THREAD, 1, "target"),
        "threading.Timer": Sends(THREAD, 1, "function"),
        "asyncio.to_thread": Sends(THREAD, 0, "func"),
        "anyio.to_thread.run_sync": Sends(THREAD, 0, "func"),
        "starlette.concurrency.run_in_threadpool": Sends(THREAD, 0, "func"),
    },
    pools={"concurrent.futures.ThreadPoolExecutor": THREAD},
    bases={"threading.Thread": Handlers(THREAD, frozenset({"run"}))},
    aliases={
        "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
        "fastapi.concurrency.run_in_threadpool": "starlette.concurrency.run_in_threadpool",
    },
)

LOCKS = frozenset(
    {
        *("threading.Lock()", "threading.RLock()", "asyncio.Lock()", "anyio.Lock()"),
        *("threading.Semaphore()", "threading.BoundedSemaphore()"),
        *("asyncio.Semaphore()", "asyncio.BoundedSemaphore()", "filelock.FileLock()"),
    }
)
"""What lets one run in at a time (or, for a semaphore, as many as it is told)."""

TASK_MAKERS = frozenset(
    {
        "asyncio.create_task",
        "asyncio.ensure_future",
        "asyncio.gather",
        "asyncio.wait",
        "asyncio.as_completed",
        "asyncio.TaskGroup().create_task",
    }
)
"""Calls that are given coroutines, which then run beside each other."""

AWAITED_THREADS = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
    }
)
"""Coroutine functions that call their first argument in a thread, and wait for it."""

# ``loop.run_in_executor(executor, function)``: the executor decides.
RUN_IN_EXECUTOR = (
    "asyncio.get_event_loop().run_in_executor",
    "asyncio.get_running_loop().run_in_executor",
)
