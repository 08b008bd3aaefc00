"""Losses to workers that get a copy of a function, or its name: Ray, joblib, Dask, Spark."""

from __future__ import annotations

from callscope.model import Model, scope
from callscope.model.registrations import Registration
from callscope.model.shipping import is_set_up_as_a_copy, travels_along
from callscope.model.worker_imports import has_local_cluster
from callscope.rules._loss import Loss, module_name, runs_in_parent_only
from callscope.rules.base import Severity

_COPY_SET_UP = ("joblib", "dask")
"""Engines that send a function of the script as a copy to have it set a worker up."""


def lost_to_copies(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """Ray, joblib, Dask, Spark: the function is sent by value or by name."""
    if travels_along(model, use):
        once = use.crossing.boundary.ships_once
        return _after_the_copy(model, registration, use) if once else None
    if not runs_in_parent_only(model, registration, use):
        return None
    title = use.crossing.boundary.title
    certain = registration.where.guard or model.is_script
    if use.crossing.boundary.engine == "dask" and not has_local_cluster(model):
        certain = False
    return Loss(
        use,
        Severity.ERROR if certain else Severity.WARNING,
        f"and the worker imports {module_name(model, use)}, but never runs the script",
        f"A function of an imported module goes to {title} by its name. The worker imports that "
        "module and what it imports; what the script does to the agent stays in the script.",
    )


def lost_as_set_up(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """What a function does that the engine runs in each worker before its tasks."""
    if use.crossing.boundary.engine not in _COPY_SET_UP or not is_set_up_as_a_copy(
        model, registration
    ):
        return None
    return Loss(
        use,
        Severity.ERROR,
        "and the function that sets the worker up has a copy of its own",
        "A function of the script is sent together with copies of the globals that it names: what "
        "sets a worker up registers on one copy, and the task uses another. In a module that the "
        "worker imports, the same function works.",
    )


def _after_the_copy(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    dispatches = [
        call
        for call in scope.dispatch_calls(model, use.crossing)
        if call.where.root is registration.where.root
    ]
    before = [call for call in dispatches if call.index < registration.call.index]
    after = [call for call in dispatches if call.index > registration.call.index]
    around = {loop.node for loop in registration.where.loops}
    again = [c for c in after if any(loop.node in around for loop in c.where.loops)]
    # In a loop the dispatch of one turn comes before the registration of the next.
    before = before or again
    if not before or not after:
        return None
    return Loss(
        use,
        Severity.ERROR,
        f"and Ray took its copy of it at line {model.line(before[0].node)}",
        "Ray ships a task together with the globals it names, once, at the first `.remote()`. What "
        "the driver registers afterwards stays with the driver.",
    )
