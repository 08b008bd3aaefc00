"""Processes of the standard library and joblib.

Observed under fork, spawn and forkserver, and with loky. A spawned child imports the main script
under another name, so all of it but the main guard is run again; loky's children do not.
"""

from __future__ import annotations

from dataclasses import replace

from callscope.contracts.boundaries.boundary import Boundary, Engines, Handlers, Name, Sends

POOL = Boundary(
    "multiprocessing",
    "a pool worker",
    "start-method",
    long_lived=True,
    concurrent=False,
    fix="register in an `initializer=` function of the pool, or build the agent inside the task",
    raises="AttributeError or TypeError",
)
PROCESS = Boundary(
    "multiprocessing",
    "a child process",
    "start-method",
    long_lived=False,
    concurrent=False,
    fix="build the agent inside the function that the process runs",
    raises="AttributeError",
)
EXECUTOR = Boundary(
    "executor",
    "a worker process of the executor",
    "start-method",
    long_lived=True,
    concurrent=False,
    fix="register in an `initializer=` function of the executor, or build the agent in the task",
    raises="AttributeError or TypeError",
)
LOKY = Boundary(
    "joblib",
    "a joblib worker",
    "by-value",
    long_lived=False,
    concurrent=False,
    fix="register beside the agent, in an `initializer=` function of `Parallel`, or build the "
    "agent inside the task",
    raises="PicklingError",
)
JOBLIB_POOL = replace(POOL, title="a joblib worker", fix=LOKY.fix)
SCHEDULED = Boundary(
    "executor",
    "a worker process of the scheduler",
    "start-method",
    long_lived=True,
    concurrent=False,
    fix="register beside the agent, or build the agent inside the job",
    raises="AttributeError or TypeError",
    start_method="spawn",
)

JOB = Boundary(
    "thread",
    "a scheduled job",
    "same-process",
    long_lived=True,
    concurrent=False,
    fix="register beside the agent, or build the agent inside the job",
)
ONCE = "date"
"""The trigger of a job that is run a single time; one without a trigger is, too."""

_POOL_METHODS = (
    *("map", "map_async", "imap", "imap_unordered"),
    *("starmap", "starmap_async", "apply", "apply_async"),
)
SCHEDULERS = tuple(
    f"apscheduler.schedulers.{module}.{kind}()"
    for module, kind in (
        ("blocking", "BlockingScheduler"),
        ("background", "BackgroundScheduler"),
        ("asyncio", "AsyncIOScheduler"),
    )
)
"""Schedulers, whose jobs run in threads unless they are given an executor of processes."""

SCHEDULER_POOL = "apscheduler.executors.pool.ProcessPoolExecutor()"

_CONTEXTS = ("multiprocessing", "multiprocessing.get_context()")

PROCESSES = Engines(
    decorators={f"{scheduler}.scheduled_job()": JOB for scheduler in SCHEDULERS},
    sends={
        **{f"{context}.Process": Sends(PROCESS, 1, "target") for context in _CONTEXTS},
        **{
            f"{context}.Pool().{method}": Sends(POOL, 0, "func")
            for context in _CONTEXTS
            for method in _POOL_METHODS
        },
        "concurrent.futures.ProcessPoolExecutor().submit": Sends(EXECUTOR, 0, "fn"),
        "concurrent.futures.ProcessPoolExecutor().map": Sends(EXECUTOR, 0, "fn"),
        "joblib.delayed": Sends(LOKY, 0, "function"),
        "loky.get_reusable_executor().submit": Sends(LOKY, 0, "fn"),
        "loky.get_reusable_executor().map": Sends(LOKY, 0, "fn"),
        **{f"{scheduler}.add_job": Sends(SCHEDULED, 0, "func") for scheduler in SCHEDULERS},
    },
    dispatches={"joblib.delayed()": LOKY},
    bases={f"{context}.Process": Handlers(PROCESS, frozenset({"run"})) for context in _CONTEXTS},
    names={
        f"{context}.set_forkserver_preload": (Name(0, "module_names"),) for context in _CONTEXTS
    },
    pools={
        **{f"{context}.Pool": POOL for context in _CONTEXTS},
        "concurrent.futures.ProcessPoolExecutor": EXECUTOR,
    },
    aliases={
        "multiprocessing.pool.Pool": "multiprocessing.Pool",
        "multiprocessing.context.Process": "multiprocessing.Process",
        "multiprocessing.process.BaseProcess": "multiprocessing.Process",
        "concurrent.futures.process.ProcessPoolExecutor": "concurrent.futures.ProcessPoolExecutor",
        "joblib.parallel.Parallel": "joblib.Parallel",
        "joblib.externals.loky.get_reusable_executor": "loky.get_reusable_executor",
        "loky.reusable_executor.get_reusable_executor": "loky.get_reusable_executor",
        "joblib.parallel.delayed": "joblib.delayed",
    },
)

PRELOADS = frozenset(f"{context}.set_forkserver_preload" for context in _CONTEXTS)
"""Calls that name modules which the forkserver imports, so that its children have them."""

FORKS = frozenset({"os.fork"})
"""Calls that go on in a child process as well, which has a copy of all there is by then. They give
0 to the child."""

STARTS_PROGRAM = frozenset(
    {
        *(f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output")),
        "asyncio.create_subprocess_exec",
    }
)
"""Calls that start a program of its own, which has nothing of this one."""
