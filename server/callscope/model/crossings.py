"""Crossings: the places where work goes over a process, thread or request boundary."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from callscope.contracts.boundaries import (
    ARQ,
    ARQ_HOOKS,
    ARQ_SETTINGS,
    BASES,
    DECORATORS,
    DISPATCHES,
    GUNICORN_FILES,
    GUNICORN_HOOKS,
    HOOK_ARGUMENTS,
    HOOK_METHODS,
    HOOK_POSITIONS,
    IN_PROCESS,
    JOB,
    JOBLIB_POOL,
    ONCE,
    POOLS,
    PROCESS_SCHEDULERS,
    RUN_IN_EXECUTOR,
    SCHEDULER_POOL,
    SCHEDULERS,
    SENDS,
    TASK_NAMES,
    WORKER_HOOKS,
    Boundary,
    Engine,
    Hook,
)
from callscope.model.events import Call
from callscope.model.values import (
    NONE,
    BoundMethod,
    Constant,
    Function,
    Instance,
    Mapping,
    Member,
    Module,
    Sequence,
    UserClass,
    Value,
    literal,
    options,
    outer_base,
    path_of,
)


@dataclass(frozen=True, eq=False)
class Crossing:
    """``function`` runs beyond ``boundary``.

    ``node`` is the place that says so: a decorator, a dispatching call, a method. ``call`` is that
    call; for a method the one that made its object, None if there is none. ``pool`` is the object
    whose workers run it, ``handed`` the arguments that travel with the work.
    """

    boundary: Boundary
    function: Function
    receiver: Value | None
    node: ast.AST
    call: Call | None = None
    pool: Instance | None = None
    handed: tuple[tuple[ast.expr, Value], ...] = ()
    is_decorator: bool = False

    @property
    def start_method(self) -> str | None:
        """ "spawn", "fork" or "forkserver" if the source names one for this very pool; None for
        the default of the platform."""
        if self.boundary.start_method is not None:
            return self.boundary.start_method
        if self.pool is not None:
            return start_method_of(self.pool, self.pool.type)
        return start_method_of(None, self.call.callee) if self.call is not None else None


def start_method_of(pool: Instance | None, source: Value) -> str | None:
    """The start method the source names for ``pool``, or for a context's ``Process`` or a class
    derived from it."""
    if pool is not None and pool.init is not None and pool.call is not None:
        is_executor = path_of(pool.type) == "concurrent.futures.ProcessPoolExecutor"
        context = pool.init.get(1 if is_executor else None, "mp_context")
        if context is not None and context != NONE:
            return _context_method(context)
        limited = pool.init.get(None, "max_tasks_per_child") not in (None, NONE)
        if limited and is_executor:
            # Forked workers cannot be replaced safely, so the executor does not fork then.
            return "spawn"
    if isinstance(source, UserClass):
        bases = [base for base in source.ancestry() if isinstance(base, Member)]
        return next((m for base in bases if (m := _context_method(base.owner)) is not None), None)
    return _context_method(source.owner) if isinstance(source, Member) else None


def _context_method(context: Value) -> str | None:
    if path_of(context) != "multiprocessing.get_context()" or not isinstance(context, Instance):
        return None
    method = context.init.get(0, "method") if context.init else None
    return method.value if isinstance(method, Constant) and isinstance(method.value, str) else None


Named = Callable[[str], Value | None]
"""Gives what a text means that names a function of the project."""


def crossings_of(
    calls: Iterable[Call], classes: Iterable[UserClass], named: Named
) -> Iterator[Crossing]:
    """Every crossing among ``calls`` and ``classes``."""
    calls = list(calls)
    lazy = {"joblib.delayed": _joblib_boundary(calls), "dask.delayed": _dask_boundary(calls)}
    for call in calls:
        if call.path is None:
            continue
        yield from _decorated(call)
        if call.path not in lazy:
            yield from _sent(call, named)
        elif (boundary := lazy[call.path]) is not None:
            yield from (replace(c, boundary=boundary) for c in _sent(call, named))
    for made in classes:
        yield from _handlers(made)
        yield from _arq_functions(made)


def _decorated(call: Call) -> Iterator[Crossing]:
    boundary = DECORATORS.get(call.path or "")
    if boundary is None or _stays_in_process(call.receiver) or _stays_in_process(call.callee):
        return
    target = call.arguments.get(0, None)
    maker = call.callee.call if isinstance(call.callee, Instance) else None
    if boundary is JOB and maker is not None and isinstance(maker.receiver, Instance):
        boundary = _scheduled(maker.receiver, maker, 0)
    if boundary is None:
        return
    for function, receiver in _functions(target):
        yield Crossing(boundary, function, receiver, call.node, call, is_decorator=True)
    if isinstance(target, UserClass):
        # A Ray actor: all of its methods run in the actor's process.
        for method in target.names.values():
            if isinstance(method, Function):
                receiver = target.instances[0] if target.instances else None
                yield Crossing(boundary, method, receiver, call.node, call, is_decorator=True)


def _sent(call: Call, named: Named) -> Iterator[Crossing]:
    row = SENDS.get(call.path or "")
    target: Value | None = None
    maker, pool = call.receiver, _as_pool(call.receiver)
    if isinstance(call.callee, UserClass):
        # A class derived from ``Process`` has a constructor of its own: see _handlers.
        return
    if row is not None:
        target = call.arguments.get(row.index, row.name)
        if row.by_name and isinstance(target, Constant):
            target = named(str(target.value))
    elif call.path in RUN_IN_EXECUTOR:
        executor = call.arguments.get(0, None)
        path = path_of(executor) if executor is not None else None
        row = SENDS.get(f"{path}.submit")
        target = call.arguments.get(1, None)
        maker, pool = executor, _as_pool(executor)
        if executor == NONE:
            row = SENDS["asyncio.to_thread"]
    if row is None or target is None or _stays_in_process(maker):
        return
    boundary: Boundary | None = row.boundary
    if isinstance(maker, Instance) and path_of(maker) in SCHEDULERS:
        boundary = _scheduled(maker, call, 1)
    if boundary is None:
        return
    for function, receiver in _functions(target):
        yield Crossing(boundary, function, receiver, call.node, call, pool, _handed(call))


def _as_pool(receiver: Value | None) -> Instance | None:
    """``receiver`` if it is what makes the workers, and not the context or module it comes from."""
    is_pool = isinstance(receiver, Instance) and path_of(receiver.type) in POOLS
    return receiver if is_pool and isinstance(receiver, Instance) else None


def _stays_in_process(maker: Value | None) -> bool:
    """Whether the queue or client behind ``maker`` is told to do the work right here."""
    while isinstance(maker, Instance | Member):
        if isinstance(maker, Member):
            maker = maker.owner
            continue
        keyword, value = IN_PROCESS.get(path_of(maker.type) or "", ("", None))
        if keyword and maker.init is not None:
            return maker.init.get(None, keyword) == Constant(value)
        maker = maker.type if isinstance(maker.type, Instance | Member) else None
    return False


def _scheduled(scheduler: Instance, job: Call, index: int) -> Boundary | None:
    """Where a scheduler runs a job whose trigger stands at ``index`` of the call that adds it; None
    if that is once, and in this process."""
    if _in_pool(scheduler, job):
        return SENDS[f"{path_of(scheduler)}.add_job"].boundary
    trigger = job.arguments.get(index, "trigger")
    return JOB if trigger is not None and literal(trigger) != ONCE else None


def _in_pool(scheduler: Instance, job: Call) -> bool:
    """Whether a scheduler runs a job in a process."""
    executors = scheduler.init.get(None, "executors") if scheduler.init is not None else None
    name = literal(job.arguments.get(None, "executor")) or "default"
    used = executors.items.get(name) if isinstance(executors, Mapping) else None
    return used is not None and path_of(used) == SCHEDULER_POOL


def _dask_boundary(calls: Iterable[Call]) -> Boundary | None:
    """Where Dask's delayed work is done; None if that is in this process, as it is without a client
    and a scheduler of processes."""
    for call in calls:
        path = call.path or ""
        if not path.startswith("dask."):
            continue
        if literal(call.arguments.get(None, "scheduler")) in PROCESS_SCHEDULERS:
            return SENDS["dask.delayed"].boundary
        client = isinstance(call.result, Instance) and path == "dask.distributed.Client"
        if client and not _stays_in_process(call.result):
            return SENDS["dask.delayed"].boundary
    return None


def _joblib_boundary(calls: Iterable[Call]) -> Boundary | None:
    """Where joblib's work is done; None if that is in this process: unless each ``Parallel`` in
    view asks for more than one job, and nothing asks for threads."""
    boundary: Boundary | None = None
    for call in calls:
        if call.path == "joblib.Parallel":
            jobs = call.arguments.get(0, "n_jobs")
            if jobs is None or jobs == Constant(1) or call.arguments.open or _wants_threads(call):
                return None
            forks = call.arguments.get(None, "backend") == Constant("multiprocessing")
            boundary = JOBLIB_POOL if forks else SENDS["joblib.delayed"].boundary
        elif call.path in ("joblib.parallel_config", "joblib.parallel_backend"):
            backend = call.arguments.get(0, "backend")
            if backend in (Constant("threading"), Constant("sequential")):
                return None
    return boundary


def _wants_threads(call: Call) -> bool:
    asked = {
        "backend": ("threading", "sequential"),
        "prefer": ("threads",),
        "require": ("sharedmem",),
    }
    return any(
        call.arguments.get(None, name) in [Constant(value) for value in values]
        for name, values in asked.items()
    )


def _handlers(made: UserClass) -> Iterator[Crossing]:
    """The methods of a class-based view, of a ``Process`` or ``Thread`` of one's own, and of their
    like."""
    row = BASES.get(outer_base(made) or "")
    if row is None:
        return
    for name in sorted(row.methods):
        method = made.find(name)
        if not isinstance(method, Function):
            continue
        if not made.instances and method.owner is made:
            yield Crossing(row.boundary, method, None, method.node)
        for receiver in made.instances:
            yield Crossing(row.boundary, method, receiver, method.node, receiver.call)


def _arq_functions(made: UserClass) -> Iterator[Crossing]:
    """The functions that an arq ``WorkerSettings`` class lists."""
    if not is_arq_settings(made):
        return
    for name in ARQ_SETTINGS:
        listed = made.names.get(name)
        for item in listed.items if isinstance(listed, Sequence) else ():
            for function, receiver in _functions(item):
                yield Crossing(ARQ, function, receiver, made.node)


def is_arq_settings(made: UserClass) -> bool:
    """Whether arq's worker is started with the class: it has a list of functions, and says where
    arq's Redis is or bears the name that arq's documentation gives such a class."""
    if not isinstance(made.names.get("functions"), Sequence):
        return False
    redis = made.names.get("redis_settings")
    path = path_of(redis) if redis is not None else None
    return made.name == "WorkerSettings" or (path or "").startswith("arq.")


def _handed(call: Call) -> tuple[tuple[ast.expr, Value], ...]:
    """The arguments that are sent along, with what they are."""
    pairs = [*zip(call.arguments.positional_nodes, call.arguments.positional, strict=False)]
    pairs += [
        (node, call.arguments.keywords[name]) for name, node in call.arguments.keyword_nodes.items()
    ]
    return tuple(pairs)


def _functions(target: Value | None) -> Iterator[tuple[Function, Value | None]]:
    for option in options(target) if target is not None else ():
        if isinstance(option, Function):
            yield option, None
        elif isinstance(option, BoundMethod):
            yield option.function, option.receiver
        elif isinstance(option, Instance) and option.call is not None:
            made_by = path_of(option.type)
            # A decorated task, or functools.partial(f, ...).
            decorated = option.call.arguments.get(0, None)
            if made_by in _PASSING or made_by in DECORATORS or _decorates(option.call, decorated):
                yield from _functions(decorated)
            elif isinstance(option.type, UserClass):
                yield from _tasks_methods(option, option.type)


_PASSING = ("functools.partial", "celery.Celery().register_task", "arq.func", "arq.worker.func")


def _decorates(call: Call, target: Value | None) -> bool:
    """Whether ``call`` is a decorator on ``target``: whatever it makes of it, it runs it."""
    if not isinstance(target, Function) or isinstance(target.node, ast.Lambda):
        return False
    return call.node in target.node.decorator_list


def _tasks_methods(task: Instance, made_of: UserClass) -> Iterator[tuple[Function, Value | None]]:
    """What runs of an object whose class is a task: ``run``, as a rule."""
    row = BASES.get(outer_base(made_of) or "")
    for name in row.methods if row is not None else ():
        method = made_of.find(name)
        if isinstance(method, Function):
            yield method, task


def task_dispatches(
    calls: Iterable[Call], crossings: Iterable[Crossing], named: Named
) -> Iterator[tuple[Call, Boundary, Function]]:
    """Calls such as ``handle.delay(...)``: the call, its boundary, and the task's function."""
    by_name = {name: c.function for c in crossings if (name := _task_name(c)) is not None}
    for call in calls:
        boundary = DISPATCHES.get(call.path or "")
        if boundary is None:
            continue
        row = TASK_NAMES.get(call.path or "")
        if row is None:
            function = task_behind(call)
        else:
            text = str(literal(call.arguments.get(row.index, row.keyword)))
            function = by_name.get(text) or _function_named(text, named)
        if function is not None:
            yield call, boundary, function


def _task_name(crossing: Crossing) -> str | None:
    """The name that a task is given, if it need not be that of its function."""
    if crossing.boundary is ARQ:
        return crossing.function.name
    maker = crossing.call.callee if crossing.call is not None else None
    given = maker.init.get(None, "name") if isinstance(maker, Instance) and maker.init else None
    own = crossing.function.owner.find("name") if crossing.function.owner is not None else None
    text = literal(given or own)
    return text if isinstance(text, str) else None


def _function_named(text: str, named: Named) -> Function | None:
    found = next(_functions(named(text)), None)
    return found[0] if found is not None else None


def task_behind(call: Call) -> Function | None:
    """The function that the task object was made of which ``call`` calls, or a method of."""
    task: Value | None = call.receiver or call.callee
    while isinstance(task, Instance | Member):
        if isinstance(task, Member):
            task = task.owner
            continue
        if task.call is None:
            return None
        found = next(_functions(task), None) if isinstance(task.type, UserClass) else None
        found = found or next(_functions(task.call.arguments.get(0, None)), None)
        if found is not None:
            return found[0]
        task = task.call.receiver
    return None


def actor_behind(call: Call) -> UserClass | None:
    """The class of the actor that ``call`` makes, for its methods to run in a worker."""
    task: Value | None = call.receiver or call.callee
    while isinstance(task, Instance | Member):
        if isinstance(task, Member):
            task = task.owner
            continue
        made_of = task.call.arguments.get(0, None) if task.call is not None else None
        if isinstance(made_of, UserClass):
            return made_of
        task = task.call.receiver if task.call is not None else None
    return None


@dataclass(frozen=True, eq=False)
class WorkerHook:
    """``function`` is called at the moment that ``hook`` tells of, which ``engines`` share.

    ``call`` is the place that hands it over, None for a method or a function of a known name.
    """

    engines: tuple[Engine, ...]
    function: Function
    hook: Hook
    receiver: Value | None = None
    call: Call | None = None

    @property
    def sets_up(self) -> bool:
        """Whether the workers have what it does."""
        return self.hook.when != "elsewhere"


def worker_hooks(
    calls: Iterable[Call], classes: Iterable[UserClass], modules: Iterable[Module]
) -> Iterator[WorkerHook]:
    """Functions that engines call at some moment: initialisers, start-up hooks, signals."""
    for call in calls:
        hook = WORKER_HOOKS.get(_with_event(call))
        if hook is not None:
            for value in call.arguments.all():
                yield from (replace(found, call=call) for found in _hooked(value, hook))
        for value, engines in _set_up_arguments(call):
            for item in value.items if isinstance(value, Sequence) else [value]:
                yield from _hooked(item, Hook(engines[0]), engines)
    for made in classes:
        yield from _hook_methods(made)
    for module in modules:
        if fnmatch(module.path.name, GUNICORN_FILES):
            for name, hook in GUNICORN_HOOKS.items():
                yield from _hooked(module.scope.names.get(name), hook)


def _with_event(call: Call) -> str:
    """The path of a call that hands a function over, with the event's name if it is named."""
    made = call.callee.init if isinstance(call.callee, Instance) else None
    event = made.get(0, "event") if made is not None else None
    named = f"{call.path}:{literal(event)}"
    return named if named in WORKER_HOOKS else call.path or ""


def _hooked(
    value: Value | None, hook: Hook, engines: tuple[Engine, ...] = ()
) -> Iterator[WorkerHook]:
    for function, receiver in _functions(value):
        yield WorkerHook(engines or (hook.engine,), function, hook, receiver)


def _set_up_arguments(call: Call) -> Iterator[tuple[Value, tuple[Engine, ...]]]:
    """The arguments that name functions which each worker runs once."""
    if call.path is None:
        return
    places: list[tuple[int | None, str]] = [(None, name) for name in HOOK_ARGUMENTS]
    if call.path in HOOK_POSITIONS:
        places.append(HOOK_POSITIONS[call.path])
    for index, name in places:
        value = call.arguments.get(index, name)
        if value is not None:
            yield value, HOOK_ARGUMENTS[name]
    environment = call.arguments.get(None, "runtime_env")
    for key, item in environment.items.items() if isinstance(environment, Mapping) else ():
        if key in HOOK_ARGUMENTS:
            yield item, HOOK_ARGUMENTS[str(key)]


def _hook_methods(made: UserClass) -> Iterator[WorkerHook]:
    for name, hook in HOOK_METHODS.get(outer_base(made) or "", {}).items():
        method = made.find(name)
        if isinstance(method, Function):
            receiver = made.instances[0] if made.instances else None
            yield WorkerHook((hook.engine, *hook.also), method, hook, receiver)
    for name in ARQ_HOOKS if is_arq_settings(made) else ():
        yield from _hooked(made.names.get(name), Hook("arq"))
