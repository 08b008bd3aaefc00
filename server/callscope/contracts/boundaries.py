"""Process, thread and request boundaries: how each is recognised and what of the parent is kept.

Every row was observed by running the engine (multiprocessing under each start method, Celery with
a real worker, Ray, Gunicorn and Uvicorn with two workers). Paths are those of
:func:`callscope.model.values.path_of`: ``()`` marks the result of a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Engine = Literal[
    "multiprocessing", "executor", "celery", "ray", "web", "thread", "task", "rq", "dramatiq"
]

Keeps = Literal["imports", "start-method", "by-value", "same-process"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """One way to run a function elsewhere.

    ``engine`` names it. ``title`` is how a message names the place ("a pool worker"). ``keeps``
    says what of the parent's state the function meets: "imports" (only what importing its module
    does), "start-method" (that, or everything where children are forked), "by-value" (a copy of
    the globals it names), "same-process". ``long_lived`` says that one process runs the function
    many times, so that what it adds to a module-level agent piles up. ``concurrent`` says that
    several runs overlap in one process.
    """

    engine: Engine
    title: str
    keeps: Keeps
    long_lived: bool
    concurrent: bool
    fix: str


_POOL = Boundary(
    "multiprocessing",
    "a pool worker",
    "start-method",
    long_lived=True,
    concurrent=False,
    fix="register in an `initializer=` function of the pool, or build the agent inside the task",
)
_PROCESS = Boundary(
    "multiprocessing",
    "a child process",
    "start-method",
    long_lived=False,
    concurrent=False,
    fix="build the agent inside the function that the process runs",
)
_EXECUTOR = Boundary(
    "executor",
    "a worker process of the executor",
    "start-method",
    long_lived=True,
    concurrent=False,
    fix="register in an `initializer=` function of the executor, or build the agent in the task",
)
_CELERY = Boundary(
    "celery",
    "a Celery worker",
    "imports",
    long_lived=True,
    concurrent=False,
    fix="register beside the agent, in a `worker_process_init` handler, or build the agent in the "
    "task",
)
_RAY = Boundary(
    "ray",
    "a Ray worker",
    "by-value",
    long_lived=True,
    concurrent=False,
    fix="build the agent inside the task, or in the actor's `__init__`",
)
_WEB = Boundary(
    "web",
    "a request handler",
    "imports",
    long_lived=True,
    concurrent=True,
    fix="build the agents per request with a factory, or register once beside the agent",
)
_THREAD = Boundary(
    "thread",
    "a thread",
    "same-process",
    long_lived=False,
    concurrent=True,
    fix="build the agents inside the function that the thread runs",
)
_TASK = Boundary(
    "task",
    "an asyncio task",
    "same-process",
    long_lived=False,
    concurrent=True,
    fix="build the agents inside the coroutine",
)

# A function decorated by one of these runs beyond the boundary; the paths are the decorator's.
DECORATORS: dict[str, Boundary] = {
    "celery.Celery().task": _CELERY,
    "celery.Celery().task()": _CELERY,
    "celery.shared_task": _CELERY,
    "celery.shared_task()": _CELERY,
    "ray.remote": _RAY,
    "ray.remote()": _RAY,
}
for _app in ("fastapi.FastAPI()", "fastapi.APIRouter()"):
    for _verb in (
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "options",
        "head",
        "websocket",
        "api_route",
        "middleware",
    ):
        DECORATORS[f"{_app}.{_verb}()"] = _WEB
for _app in ("flask.Flask()", "flask.Blueprint()", "sanic.Sanic()", "sanic.Blueprint()"):
    for _verb in ("route", "get", "post", "put", "patch", "delete"):
        DECORATORS[f"{_app}.{_verb}()"] = _WEB
for _verb in ("before_request", "after_request", "before_request()", "after_request()"):
    DECORATORS[f"flask.Flask().{_verb}"] = _WEB

# Set-up hooks that run once in each worker: what is registered there is there.
WORKER_HOOKS: frozenset[str] = frozenset(
    {
        "celery.signals.worker_process_init.connect",
        "celery.signals.worker_process_init.connect()",
        "celery.signals.worker_init.connect",
        "celery.signals.worker_init.connect()",
        "celery.signals.celeryd_init.connect",
        "celery.signals.celeryd_init.connect()",
        "celery.Celery().on_after_configure.connect",
        "celery.Celery().on_after_configure.connect()",
        "celery.Celery().on_after_finalize.connect",
        "celery.Celery().on_after_finalize.connect()",
        "fastapi.FastAPI().on_event()",
        "fastapi.APIRouter().on_event()",
    }
)

# Calls that send a function beyond a boundary: path -> (boundary, index and name of the function).
_DispatchRow = tuple[Boundary, int, str]
DISPATCHES: dict[str, _DispatchRow] = {
    "multiprocessing.Process": (_PROCESS, 1, "target"),
    "multiprocessing.get_context().Process": (_PROCESS, 1, "target"),
    "concurrent.futures.ProcessPoolExecutor().submit": (_EXECUTOR, 0, "fn"),
    "concurrent.futures.ProcessPoolExecutor().map": (_EXECUTOR, 0, "fn"),
    "concurrent.futures.ThreadPoolExecutor().submit": (_THREAD, 0, "fn"),
    "concurrent.futures.ThreadPoolExecutor().map": (_THREAD, 0, "fn"),
    "threading.Thread": (_THREAD, 1, "target"),
    "threading.Timer": (_THREAD, 1, "function"),
    "asyncio.to_thread": (_THREAD, 0, "func"),
    "fastapi.FastAPI().add_api_route": (_WEB, 1, "endpoint"),
    "fastapi.APIRouter().add_api_route": (_WEB, 1, "endpoint"),
    "flask.Flask().add_url_rule": (_WEB, 2, "view_func"),
}
for _pool in ("multiprocessing.Pool()", "multiprocessing.get_context().Pool()"):
    for _verb in (
        "map",
        "map_async",
        "imap",
        "imap_unordered",
        "starmap",
        "starmap_async",
        "apply",
        "apply_async",
    ):
        DISPATCHES[f"{_pool}.{_verb}"] = (_POOL, 0, "func")

# ``loop.run_in_executor(executor, function)``: the executor decides.
RUN_IN_EXECUTOR = (
    "asyncio.get_event_loop().run_in_executor",
    "asyncio.get_running_loop().run_in_executor",
)

# Calls on a decorated task that send it to a worker.
TASK_DISPATCHES: dict[str, Boundary] = {}
for _task in (
    "celery.Celery().task()",
    "celery.Celery().task()()",
    "celery.shared_task()",
    "celery.shared_task()()",
):
    for _verb in ("delay", "apply_async", "s", "si", "signature"):
        TASK_DISPATCHES[f"{_task}.{_verb}"] = _CELERY
for _task in ("ray.remote()", "ray.remote()()"):
    TASK_DISPATCHES[f"{_task}.remote"] = _RAY
    TASK_DISPATCHES[f"{_task}.options().remote"] = _RAY

# What makes the workers: path -> boundary. An object of it exists from then on.
POOLS: dict[str, Boundary] = {
    "multiprocessing.Pool": _POOL,
    "multiprocessing.get_context().Pool": _POOL,
    "concurrent.futures.ProcessPoolExecutor": _EXECUTOR,
}

_ALIASES = {
    "multiprocessing.pool.Pool": "multiprocessing.Pool",
    "multiprocessing.context.Process": "multiprocessing.Process",
    "multiprocessing.process.BaseProcess": "multiprocessing.Process",
    "concurrent.futures.process.ProcessPoolExecutor": "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.thread.ThreadPoolExecutor": "concurrent.futures.ThreadPoolExecutor",
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "celery.app.base.Celery": "celery.Celery",
    "celery.app.Celery": "celery.Celery",
    "celery.app.shared_task": "celery.shared_task",
    "flask.app.Flask": "flask.Flask",
}
_SAME_API = ("multiprocess", "billiard", "torch.multiprocessing")


def canonical(path: str) -> str:
    """The path this module uses for ``path``, which may be a re-export or a drop-in library's."""
    for library in _SAME_API:
        if path == library or path.startswith(f"{library}."):
            path = "multiprocessing" + path[len(library) :]
            break
    if path.startswith("typing_extensions."):
        path = "typing." + path.removeprefix("typing_extensions.")
    return _ALIASES.get(path, path)
