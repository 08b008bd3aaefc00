"""Losses to the workers of a task queue: Celery, RQ, Dramatiq, Huey, arq."""

from __future__ import annotations

from dataclasses import replace

from callscope.contracts.boundaries import Boundary
from callscope.model import Model, scope
from callscope.model.crossings import Crossing, task_behind
from callscope.model.events import Where
from callscope.model.registrations import Registration
from callscope.model.serving import is_application
from callscope.model.worker_imports import includes_are_listed, is_eager, module_of
from callscope.rules._loss import Loss, lost_in_hook, module_name
from callscope.rules.base import Severity

_NOT_IMPORTED = "the module is none of those that the workers import"


def lost_to_queue(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """Celery, RQ, Dramatiq, Huey, arq: the worker runs what importing its modules runs."""
    where = registration.where
    aside = scope.hook_elsewhere(model, where, use.crossing)
    if aside is not None:
        return lost_in_hook(use, aside)
    for hook in scope.hooks_at(model, where):
        if scope.is_hook_missed(model, hook, use.crossing):
            return lost_in_hook(use, replace(hook.hook, title=_NOT_IMPORTED))
    if where.root.is_module:
        if scope.runs_in_worker(model, where, use.crossing):
            return None
    elif not _is_served(model, where):
        return None
    if _starts_worker(model, where, use.crossing.boundary):
        return None
    dispatched = bool(scope.dispatch_calls(model, use.crossing))
    if not dispatched and _runs_task_itself(model, where, use.crossing):
        return None
    served = scope.crossing_of(model, where) or scope.hooks_at(model, where)
    known = where.guard or bool(served) or _knows_imports(model, use.crossing)
    severe = dispatched and known and not is_eager(model)
    title = use.crossing.boundary.title
    return Loss(
        use,
        Severity.ERROR if severe else Severity.WARNING,
        f"and the worker imports {module_name(model, use)} without running the registration",
        f"{title[0].upper()}{title[1:]} imports the task's module under its own name. What stands "
        "under the main guard of the producer, in its request handlers or in a module that only "
        "the producer imports does not run there.",
    )


def lost_to_pool(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """A hook that the kind of pool which the workers are started with does not call."""
    hooks = [each.hook for each in scope.hooks_at(model, registration.where)]
    engine = use.crossing.boundary.engine
    if engine != "celery" or any(model.deployment.comes_to(hook) for hook in hooks):
        return None
    return Loss(
        use,
        Severity.INFORMATION,
        f"and with `--pool {min(model.deployment.celery_pools)}` the signal that registers it is "
        "not sent",
        "The signal tells of a new process, and the pool with which the project's commands start "
        "the worker makes none. `worker_init` is sent in each worker, whatever its pool.",
    )


def _runs_task_itself(model: Model, where: Where, crossing: Crossing) -> bool:
    """Whether the script that registers calls the task right there, as `call_local` does."""
    return any(
        call.where.root is where.root and task_behind(call) is crossing.function
        for call in model.calls
    )


def _is_served(model: Model, where: Where) -> bool:
    """Whether it runs in a web server: in a handler, as the server starts, or in a function that
    makes the application."""
    crossing = scope.crossing_of(model, where)
    if crossing is not None:
        return crossing.boundary.engine == "web"
    if any("web" in hook.engines for hook in scope.hooks_at(model, where)):
        return True
    function = where.root.function
    returned = model.returned(function) if function is not None else []
    return any(is_application(value) for _, value in returned)


def _knows_imports(model: Model, crossing: Crossing) -> bool:
    """Whether it is certain which modules the worker imports."""
    return crossing.boundary.engine == "rq" or includes_are_listed(model)


_STARTERS = {
    "celery": ("celery.Celery().worker_main", "celery.Celery().start", "celery.Celery().Worker"),
    "rq": ("rq.Worker().work", "rq.SimpleWorker().work", "rq.SpawnWorker().work"),
    "arq": ("arq.run_worker", "arq.worker.run_worker"),
}
"""Calls by which a script is itself the worker."""


def _starts_worker(model: Model, where: Where, boundary: Boundary) -> bool:
    """Whether the script that registers is what runs the worker."""
    starters = _STARTERS.get(boundary.engine, ())
    here = module_of(model, where)
    return any(module_of(model, call.where) is here for call in model.calls_to(*starters))
