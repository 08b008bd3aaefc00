"""Losses to child processes: pools, executors and processes of one's own."""

from __future__ import annotations

from callscope.model import Model, scope
from callscope.model.events import Call
from callscope.model.registrations import Registration
from callscope.model.values import NONE, path_of
from callscope.model.worker_imports import is_run_as_package
from callscope.rules._loss import Loss, module_name, runs_in_parent_only, used_afterwards
from callscope.rules.base import Severity


def lost_to_processes(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    method = scope.start_method(model, use.crossing)
    late = _behind_the_start(model, registration, use)
    if late is not None:
        return late
    if not runs_in_parent_only(model, registration, use) or method == "fork":
        return None
    reason = f"and the process imports {module_name(model, use)} without running the registration"
    if method is not None:
        return Loss(
            use,
            Severity.ERROR,
            reason,
            (
                f"A process started by `{method}` imports no `__main__.py` that `python -m` runs."
                if is_run_as_package(model)
                else f"A process started by `{method}` begins with a fresh import of the main "
                'module, in which `__name__` is not `"__main__"`: nothing under the main guard '
                "runs."
            ),
        )
    return Loss(
        use,
        Severity.WARNING,
        "and only a forked process inherits the registration (Linux up to Python 3.13)",
        "Where processes are spawned (macOS, Windows, and every platform but Linux) or come from a "
        "forkserver (Linux from Python 3.14), they import the main module afresh and run nothing "
        "under the main guard.",
    )


def _behind_the_start(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """A registration after the workers were started, before work is sent to them."""
    started = _start_of_workers(model, use)
    if started is None or started.where.root is not registration.where.root:
        return None
    if registration.call.index <= started.index:
        return None
    pool = use.crossing.pool
    sent = use.crossing.call
    if pool is not None and sent is not None and sent.index < registration.call.index:
        return None
    if pool is None and used_afterwards(model, registration):
        return None
    renewed = (
        pool is not None
        and pool.init is not None
        and pool.init.get(None, "maxtasksperchild") not in (None, NONE)
    )
    severity = Severity.WARNING if renewed else Severity.ERROR
    return Loss(
        use,
        severity,
        f"and its processes were started before, at line {model.line(started.node)}",
        "A child process gets what its parent had when the child was started; what the parent "
        "registers afterwards stays in the parent.",
    )


def _start_of_workers(model: Model, use: scope.Use) -> Call | None:
    """The call at which the worker processes come into being."""
    pool = use.crossing.pool
    if pool is None:
        process = use.crossing.call.result if use.crossing.call is not None else None
        started = model.calls_on(process) if process is not None else []
        return next((call for call in started if call.method == "start"), None)
    if path_of(pool.type) == "concurrent.futures.ProcessPoolExecutor":
        # The executor starts its processes with the first task.
        return next((c for c in model.calls_on(pool) if c.method in ("submit", "map")), None)
    return pool.call
