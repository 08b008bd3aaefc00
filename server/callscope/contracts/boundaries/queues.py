"""Task queues: a worker in another process imports the task's module, and runs what that runs.

Observed with real workers over Redis. Of the parent, which only sends names and arguments, nothing
is left; what it registers under its main guard or in a request stays with it.
"""

from __future__ import annotations

from callscope.contracts.boundaries.boundary import Boundary, Engines, Handlers, Hook, Name, Sends

_REGISTER = "register beside the agent"

CELERY = Boundary(
    "celery",
    "a Celery worker",
    "imports",
    long_lived=True,
    concurrent=False,
    fix=f"{_REGISTER}, in a `worker_process_init` handler, or build the agent in the task",
    raises="EncodeError",
)
RQ = Boundary(
    "rq",
    "an RQ worker",
    "imports",
    long_lived=False,  # Each job has a process of its own.
    concurrent=False,
    fix=f"{_REGISTER}, or build the agent in the job",
    raises="AttributeError",
)
DRAMATIQ = Boundary(
    "dramatiq",
    "a Dramatiq worker",
    "imports",
    long_lived=True,
    concurrent=True,
    fix=f"{_REGISTER}, or build the agents in the actor",
    raises="TypeError",
)
HUEY = Boundary(
    "huey",
    "a Huey worker",
    "imports",
    long_lived=True,
    concurrent=False,
    fix=f"{_REGISTER}, or build the agent in the task",
    raises="AttributeError",
)
ARQ = Boundary(
    "arq",
    "an arq worker",
    "imports",
    long_lived=True,
    concurrent=True,
    fix=f"{_REGISTER}, in `on_startup`, or build the agents in the job",
    raises="SerializationError",
)

_CELERY_TASKS = ("celery.Celery().task", "celery.shared_task")
_CELERY_BASES = ("celery.Task", "celery.Celery().Task")
_CELERY_SENDS = ("delay", "apply_async", "s", "si", "signature")
_CELERY_HOOKS: dict[str, Hook] = {
    **dict.fromkeys(("worker_init", "celeryd_init", "import_modules"), Hook("celery")),
    # Observed with threads; that gevent and eventlet do not send it either was read.
    "worker_process_init": Hook("celery", only_with=frozenset({"prefork", "solo", "processes"})),
    "worker_ready": Hook(
        "celery", "elsewhere", "when the worker is ready, its children already exist", certain=False
    ),
    "beat_init": Hook("celery", "elsewhere", "only `celery beat` sends it, and no worker"),
    "worker_before_create_process": Hook(
        "celery", "again and again", "the parent sends it before each child that it forks"
    ),
    **dict.fromkeys(
        ("task_prerun", "task_postrun", "task_success"),
        Hook("celery", "again and again", "it is sent for each task"),
    ),
}
_BY_NAME_CELERY = ("celery.Celery().send_task", "celery.current_app.send_task")
_RQ_QUEUES = ("rq.Queue()", "django_rq.get_queue()")
_HUEYS = (
    *("Huey", "RedisHuey", "PriorityRedisHuey", "RedisExpireHuey", "PriorityRedisExpireHuey"),
    *("SqliteHuey", "FileHuey", "MemoryHuey"),
)
_HUEY_TASKS = tuple(
    f"huey.{kind}().{name}()"
    for kind in _HUEYS
    for name in ("task", "periodic_task", "context_task")
)


def _both(path: str) -> tuple[str, str]:
    """A decorator, used bare and called first."""
    return path, f"{path}()"


_HOOKS: dict[str, Hook] = {
    **{
        path: hook
        for signal, hook in _CELERY_HOOKS.items()
        for path in _both(f"celery.signals.{signal}.connect")
    },
    **{
        path: Hook("celery")
        for signal in ("on_after_configure", "on_after_finalize")
        for path in _both(f"celery.Celery().{signal}.connect")
    },
    **{path: Hook("huey") for kind in _HUEYS for path in _both(f"huey.{kind}().on_startup")},
}

_MIDDLEWARE_HOOKS = ("before_worker_boot", "after_worker_boot", "after_process_boot")

QUEUES = Engines(
    decorators={
        **{path: CELERY for task in _CELERY_TASKS for path in _both(task)},
        **dict.fromkeys(_both("dramatiq.actor"), DRAMATIQ),
        **dict.fromkeys(_HUEY_TASKS, HUEY),
        "rq.decorators.job()": RQ,
        "django_rq.job": RQ,
        "django_rq.job()": RQ,
    },
    sends={
        **{f"{queue}.enqueue": Sends(RQ, 0, "f", by_name=True) for queue in _RQ_QUEUES},
        **{f"{queue}.enqueue_call": Sends(RQ, 0, "func", by_name=True) for queue in _RQ_QUEUES},
        **{f"{queue}.enqueue_in": Sends(RQ, 1, "func", by_name=True) for queue in _RQ_QUEUES},
        **{f"{queue}.enqueue_at": Sends(RQ, 1, "f", by_name=True) for queue in _RQ_QUEUES},
    },
    dispatches={
        **{
            f"{made}.{method}": CELERY
            for task in _CELERY_TASKS
            for made in (f"{task}()", f"{task}()()")
            for method in _CELERY_SENDS
        },
        **{
            f"{made}.{method}": CELERY
            for made in ("celery.Celery().register_task()", *(f"{b}()" for b in _CELERY_BASES))
            for method in _CELERY_SENDS
        },
        **dict.fromkeys(_BY_NAME_CELERY, CELERY),
        "arq.connections.ArqRedis().enqueue_job": ARQ,
        **{
            f"{made}.{method}": DRAMATIQ
            for made in ("dramatiq.actor()", "dramatiq.actor()()")
            for method in ("send", "send_with_options", "message", "message_with_options")
        },
        **{
            f"{made}.delay": RQ
            for made in ("rq.decorators.job()()", "django_rq.job()", "django_rq.job()()")
        },
        # The plain call of a Huey task is what sends it.
        **{f"{task}()": HUEY for task in _HUEY_TASKS},
        **{f"{task}().schedule": HUEY for task in _HUEY_TASKS},
        **{f"{task}().s": HUEY for task in _HUEY_TASKS},
    },
    bases={base: Handlers(CELERY, frozenset({"run"})) for base in _CELERY_BASES},
    hooks=_HOOKS,
    hook_methods={"dramatiq.Middleware": dict.fromkeys(_MIDDLEWARE_HOOKS, Hook("dramatiq"))},
    names={
        "celery.Celery": (Name(None, "include"),),
        "celery.Celery().autodiscover_tasks": (Name(0, "packages", ".tasks"),),
        "celery.Celery().config_from_object": (Name(0, "obj"),),
        **dict.fromkeys(_BY_NAME_CELERY, (Name(0, "name"),)),
    },
    in_process={
        "rq.Queue": ("is_async", False),
        **{f"huey.{kind}": ("immediate", True) for kind in _HUEYS},
    },
    aliases={
        "celery.app.base.Celery": "celery.Celery",
        "celery.app.Celery": "celery.Celery",
        "celery.app.shared_task": "celery.shared_task",
        "celery.app.task.Task": "celery.Task",
        "celery.task.Task": "celery.Task",
        "arq.create_pool": "arq.connections.create_pool",
        "arq.ArqRedis": "arq.connections.ArqRedis",
        "dramatiq.middleware.Middleware": "dramatiq.Middleware",
        "rq.queue.Queue": "rq.Queue",
        "rq.job": "rq.decorators.job",
        "dramatiq.actor.actor": "dramatiq.actor",
        "huey.api.Huey": "huey.Huey",
        "huey.api.RedisHuey": "huey.RedisHuey",
        "huey.api.SqliteHuey": "huey.SqliteHuey",
    },
)

HEADS: dict[str, tuple[str, ...]] = {
    "celery": ("Celery(",),
    "celery tasks": (".task(", "shared_task("),
    "arq": ("WorkerSettings",),
    "django": ("urlpatterns", "get_wsgi_application(", "get_asgi_application("),
    "web": ("def on_starting(", "def when_ready(", "def post_fork(", "def post_worker_init("),
}
"""Words of the modules that an engine's processes begin with, which the program that sends the work
off, or starts the server, need not import. Tasks are only looked for by a name of their own."""

TASK_NAMES = {
    **dict.fromkeys(_BY_NAME_CELERY, Name(0, "name")),
    "arq.connections.ArqRedis().enqueue_job": Name(0, "function"),
}
"""Calls that send a task off by the name that it is known by."""

AWAITED = {"arq.connections.create_pool()": "arq.connections.ArqRedis"}
"""What awaiting a call gives an object of."""

ARQ_SETTINGS = ("functions", "cron_jobs")
"""Attributes of an arq ``WorkerSettings`` class that hold the functions its worker runs."""

ARQ_HOOKS = ("on_startup", "on_job_start")
