"""Losses to workers that get a copy of a function, or its name: Ray, joblib, Dask, Spark."""

from __future__ import annotations

import ast

from callscope.model import Model, scope
from callscope.model.registrations import Registration
from callscope.model.values import Function
from callscope.rules._loss import Loss, module_name, runs_in_parent_only
from callscope.rules.base import Severity


def lost_to_copies(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """Ray, joblib, Dask, Spark: the function is sent by value or by name."""
    if _is_by_value(model, registration, use):
        once = use.crossing.boundary.ships_once
        return _after_the_copy(model, registration, use) if once else None
    if not runs_in_parent_only(model, registration, use):
        return None
    title = use.crossing.boundary.title
    certain = registration.where.guard or model.is_script
    return Loss(
        use,
        Severity.ERROR if certain else Severity.WARNING,
        f"and the worker imports {module_name(model, use)}, but never runs the script",
        f"A function of an imported module goes to {title} by its name. The worker imports that "
        "module and what it imports; what the script does to the agent stays in the script.",
    )


def _is_by_value(model: Model, registration: Registration, use: scope.Use) -> bool:
    """Whether the agent travels with the function: a global that is named in the script, or in
    the very code of a function that was made a task in its own module."""
    assert registration.agent is not None
    crossing, agent = use.crossing, registration.agent.instance
    own = model.interpreter.module_of(crossing.function.scope)
    names = {name for name, value in own.scope.names.items() if value is agent}
    if own is model.interpreter.main:
        # Helpers of the script travel along.
        return bool(names) and model.source_of(use.node) is model.source
    made_a_task = crossing.call is not None and crossing.call.node in _decorators(crossing.function)
    named = {n.id for n in ast.walk(crossing.function.node) if isinstance(n, ast.Name)}
    return made_a_task and bool(names & named)


def _decorators(function: Function) -> list[ast.expr]:
    """The decorators of a function, and of the class it is a method of."""
    listed = [] if isinstance(function.node, ast.Lambda) else list(function.node.decorator_list)
    return [*listed, *(function.owner.node.decorator_list if function.owner is not None else ())]


def _after_the_copy(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    dispatches = [
        call
        for call in scope.dispatch_calls(model, use.crossing)
        if call.where.root is registration.where.root
    ]
    before = [call for call in dispatches if call.index < registration.call.index]
    after = [call for call in dispatches if call.index > registration.call.index]
    if not before or not after:
        return None
    return Loss(
        use,
        Severity.ERROR,
        f"and Ray took its copy of it at line {model.line(before[0].node)}",
        "Ray ships a task together with the globals it names, once, at the first `.remote()`. What "
        "the driver registers afterwards stays with the driver.",
    )
