"""Crossings: the places where work goes over a process, thread or request boundary."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callscope.contracts.boundaries import (
    DECORATORS,
    DISPATCHES,
    RUN_IN_EXECUTOR,
    TASK_DISPATCHES,
    WORKER_HOOKS,
    Boundary,
)
from callscope.model.events import Call
from callscope.model.values import (
    NONE,
    BoundMethod,
    Constant,
    Function,
    Instance,
    Member,
    UserClass,
    Value,
    options,
    path_of,
)


@dataclass(frozen=True, eq=False)
class Crossing:
    """``function`` runs beyond ``boundary``.

    ``call`` is what says so: the decorator's call, or the dispatching one. ``pool`` is the object
    whose workers run it, ``handed`` the arguments that travel with the work.
    """

    boundary: Boundary
    function: Function
    receiver: Value | None
    call: Call
    pool: Instance | None = None
    handed: tuple[tuple[ast.expr, Value], ...] = ()
    is_decorator: bool = False

    @property
    def start_method(self) -> str | None:
        """ "spawn", "fork" or "forkserver" if the source names one for this very pool; None for
        the default of the platform."""
        return self.pool_start_method or None

    @property
    def pool_start_method(self) -> str | None:
        """See :attr:`start_method`."""
        source = self.pool.type if self.pool is not None else self.call.callee
        return start_method_of(self.pool, source)


def start_method_of(pool: Instance | None, source: Value) -> str | None:
    """The start method the source names for ``pool``, or for a context's ``Process``."""
    if pool is not None and pool.init is not None:
        context = pool.init.get(None, "mp_context")
        if context is not None and context != NONE:
            return _context_method(context)
        limited = pool.init.get(None, "max_tasks_per_child") not in (None, NONE)
        if limited and path_of(pool.type) == "concurrent.futures.ProcessPoolExecutor":
            # Forked workers cannot be replaced safely, so the executor does not fork then.
            return "spawn"
    if isinstance(source, Member):
        return _context_method(source.owner)
    return None


def _context_method(context: Value) -> str | None:
    if path_of(context) != "multiprocessing.get_context()" or not isinstance(context, Instance):
        return None
    method = context.init.get(0, "method") if context.init else None
    return method.value if isinstance(method, Constant) and isinstance(method.value, str) else None


def crossings_of(calls: Iterable[Call]) -> Iterator[Crossing]:
    """Every crossing among ``calls``."""
    for call in calls:
        if call.path is None:
            continue
        yield from _decorated(call)
        yield from _dispatched(call)


def _decorated(call: Call) -> Iterator[Crossing]:
    boundary = DECORATORS.get(call.path or "")
    if boundary is None:
        return
    target = call.arguments.get(0, None)
    for function, receiver in _functions(target):
        yield Crossing(boundary, function, receiver, call, is_decorator=True)
    if isinstance(target, UserClass):
        # A Ray actor: all of its methods run in the actor's process.
        for method in target.names.values():
            if isinstance(method, Function):
                receiver = target.instances[0] if target.instances else None
                yield Crossing(boundary, method, receiver, call, is_decorator=True)


def _dispatched(call: Call) -> Iterator[Crossing]:
    row = DISPATCHES.get(call.path or "")
    target: Value | None = None
    pool = call.receiver if isinstance(call.receiver, Instance) else None
    if row is not None:
        _, index, name = row
        target = call.arguments.get(index, name)
    elif call.path in RUN_IN_EXECUTOR:
        executor = call.arguments.get(0, None)
        path = path_of(executor) if executor is not None else None
        row = DISPATCHES.get(f"{path}.submit")
        target = call.arguments.get(1, None)
        pool = executor if isinstance(executor, Instance) else None
        if executor == NONE:
            row = DISPATCHES["asyncio.to_thread"]
    if row is None or target is None:
        return
    for function, receiver in _functions(target):
        yield Crossing(row[0], function, receiver, call, pool, _handed(call))


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
            if made_by == "functools.partial" or made_by in DECORATORS:
                yield from _functions(option.call.arguments.get(0, None))


def task_dispatches(calls: Iterable[Call]) -> Iterator[tuple[Call, Boundary, Function]]:
    """Calls such as ``handle.delay(...)``: the call, its boundary, and the task's function."""
    for call in calls:
        boundary = TASK_DISPATCHES.get(call.path or "")
        if boundary is None:
            continue
        task = call.receiver
        while isinstance(task, Instance | Member):
            if isinstance(task, Member):
                task = task.owner
                continue
            if task.call is None:
                break
            found = next(_functions(task.call.arguments.get(0, None)), None)
            if found is not None:
                yield call, boundary, found[0]
                break
            task = task.call.receiver


def worker_hooks(calls: Iterable[Call]) -> Iterator[Function]:
    """Functions that run once in each worker: initialisers and start-up hooks."""
    for call in calls:
        if call.path in WORKER_HOOKS:
            for function, _ in _functions(call.arguments.get(0, None)):
                yield function
        for name in ("initializer", "lifespan", "on_startup"):
            value = call.arguments.get(None, name)
            if value is not None and call.path is not None:
                for function, _ in _functions(value):
                    yield function
