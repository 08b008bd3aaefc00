"""Processes of the standard library and joblib.

Observed under fork, spawn and forkserver, and with loky. A spawned child imports the main script
under another name, so all of it but the main guard is run again; loky's children do not.
"""

from __future__ import annotations

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
)

_POOL_METHODS = (
    *("map", "map_async", "imap", "imap_unordered"),
    *("starmap", "starmap_async", "apply", "apply_async"),
)
_CONTEXTS = ("multiprocessing", "multiprocessing.get_context()")

PROCESSES = Engines(
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
    },
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
        "joblib.parallel.delayed": "joblib.delayed",
    },
)

PRELOADS = frozenset(f"{context}.set_forkserver_preload" for context in _CONTEXTS)
"""Calls that name modules which the forkserver imports, so that its children have them."""
