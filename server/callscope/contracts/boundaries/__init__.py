"""Process, thread and request boundaries: how each is recognised and what of the parent is kept.

Every row was observed by running the engine; what was only read is said so. Paths are those of
:func:`callscope.model.values.path_of`: ``()`` marks the result of a call.
"""

from __future__ import annotations

from collections import ChainMap

from callscope.contracts.boundaries.boundary import (
    Boundary,
    Engine,
    Engines,
    Handlers,
    Hook,
    Keeps,
    Name,
    Sends,
    Store,
)
from callscope.contracts.boundaries.clusters import CLUSTERS, PROCESS_SCHEDULERS
from callscope.contracts.boundaries.concurrency import (
    AWAITED_THREADS,
    CONCURRENCY,
    LOCKS,
    RUN_IN_EXECUTOR,
    TASK,
    TASK_MAKERS,
    THREAD,
)
from callscope.contracts.boundaries.processes import (
    FORKS,
    JOB,
    JOBLIB_POOL,
    ONCE,
    PRELOADS,
    PROCESSES,
    SCHEDULER_POOL,
    SCHEDULERS,
    STARTS_PROGRAM,
)
from callscope.contracts.boundaries.queues import (
    ARQ,
    ARQ_HOOKS,
    ARQ_SETTINGS,
    AWAITED,
    HEADS,
    QUEUES,
    TASK_NAMES,
)
from callscope.contracts.boundaries.web import (
    APPLICATIONS,
    DJANGO,
    GUNICORN_FILES,
    GUNICORN_HOOKS,
    INJECTED,
    PASSED,
    WEB_APPS,
)

_CONTEXT_POOL = "multiprocessing.get_context().Pool"

FAMILIES: tuple[Engines, ...] = (PROCESSES, QUEUES, CLUSTERS, WEB_APPS, CONCURRENCY)

DECORATORS = dict(ChainMap(*(dict(family.decorators) for family in FAMILIES)))
"""A function decorated by one of these runs beyond the boundary; the paths are the decorator's."""

SENDS = dict(ChainMap(*(dict(family.sends) for family in FAMILIES)))
"""Calls that send a function beyond a boundary."""

DISPATCHES = dict(ChainMap(*(dict(family.dispatches) for family in FAMILIES)))
"""Calls on a decorated task that send it to a worker."""

BASES = dict(ChainMap(*(dict(family.bases) for family in FAMILIES)))
"""Classes whose subclasses' methods run beyond a boundary."""

WORKER_HOOKS = dict(ChainMap(*(dict(family.hooks) for family in FAMILIES)))
"""Where a function is handed over that an engine calls at some moment."""

HOOK_METHODS = dict(ChainMap(*(dict(family.hook_methods) for family in FAMILIES)))
"""Methods that an engine calls at some moment, by the base of their class."""

STORES = dict(ChainMap(*(dict(family.stores) for family in FAMILIES)))
"""What keeps objects from one run to the next, by path."""

FLUENT = frozenset().union(*(family.fluent for family in FAMILIES))
"""Methods that give something like the object they are called on."""

NAMES = dict(ChainMap(*(dict(family.names) for family in FAMILIES)))
"""Arguments that name modules as texts."""

POOLS = dict(ChainMap(*(dict(family.pools) for family in FAMILIES)))
"""What makes the workers. An object of it exists from then on."""

CLASSES = frozenset(
    path.partition("()")[0] for path in (*SENDS, *DISPATCHES, *STORES) if "()" in path
)
"""Classes whose objects send work off, or keep something: worth knowing of by an annotation."""

IN_PROCESS = dict(ChainMap(*(dict(family.in_process) for family in FAMILIES)))
"""What keeps the work in this process: the class of the queue or client, a keyword, its value."""

HOOK_ARGUMENTS: dict[str, tuple[Engine, ...]] = {
    "initializer": ("multiprocessing", "executor", "joblib"),
    "lifespan": ("web",),
    "on_startup": ("web",),
    "worker_process_setup_hook": ("ray",),
}
"""Keyword arguments, of whatever call, that name a function which each worker runs once."""

HOOK_POSITIONS: dict[str, tuple[int, str]] = {
    **dict.fromkeys(("multiprocessing.Pool", _CONTEXT_POOL), (1, "initializer")),
    "concurrent.futures.ProcessPoolExecutor": (2, "initializer"),
}
"""Where those arguments stand in calls that take them by position, too."""


def passed_first(path: str) -> str | None:
    """The class of the first argument that a function gets which a call of ``path`` is given."""
    library = path.partition(".")[0]
    if library not in PASSED:
        return None
    handler, start = PASSED[library]
    if path in WORKER_HOOKS or path in APPLICATIONS:
        return start
    return handler if path in DECORATORS or path in SENDS else None


_ALIASES = dict(ChainMap(*(dict(family.aliases) for family in FAMILIES)))
_SAME_API = ("multiprocess", "billiard", "torch.multiprocessing")


def canonical(path: str) -> str:
    """The path this package uses for ``path``, which may be a re-export or a drop-in library's."""
    for library in _SAME_API:
        if path == library or path.startswith(f"{library}."):
            path = "multiprocessing" + path[len(library) :]
            break
    if path.startswith("typing_extensions."):
        path = "typing." + path.removeprefix("typing_extensions.")
    return _ALIASES.get(path, path)


__all__ = [
    "APPLICATIONS",
    "ARQ",
    "ARQ_HOOKS",
    "ARQ_SETTINGS",
    "AWAITED",
    "AWAITED_THREADS",
    "BASES",
    "CLASSES",
    "DECORATORS",
    "DISPATCHES",
    "DJANGO",
    "FLUENT",
    "FORKS",
    "GUNICORN_FILES",
    "GUNICORN_HOOKS",
    "HEADS",
    "HOOK_ARGUMENTS",
    "HOOK_METHODS",
    "HOOK_POSITIONS",
    "INJECTED",
    "IN_PROCESS",
    "JOB",
    "JOBLIB_POOL",
    "LOCKS",
    "NAMES",
    "ONCE",
    "POOLS",
    "PRELOADS",
    "PROCESS_SCHEDULERS",
    "RUN_IN_EXECUTOR",
    "SCHEDULERS",
    "SCHEDULER_POOL",
    "SENDS",
    "STARTS_PROGRAM",
    "STORES",
    "TASK",
    "TASK_MAKERS",
    "TASK_NAMES",
    "THREAD",
    "WORKER_HOOKS",
    "Boundary",
    "Engine",
    "Engines",
    "Handlers",
    "Hook",
    "Keeps",
    "Name",
    "Sends",
    "Store",
    "canonical",
    "passed_first",
]
