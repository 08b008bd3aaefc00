"""Why a registration does not reach a worker: what all kinds of loss share."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.boundaries import Hook
from callscope.model import Model, scope
from callscope.model.registrations import Registration
from callscope.rules.base import Severity


@dataclass(frozen=True)
class Loss:
    """Why a registration does not reach a worker."""

    use: scope.Use
    severity: Severity
    reason: str
    explanation: str


def runs_in_parent_only(model: Model, registration: Registration, use: scope.Use) -> bool:
    """Whether the registration runs in the process that sends the work off, and certainly not in
    the worker."""
    where = registration.where
    if where.root.is_module:
        return not scope.runs_in_worker(model, where, use.crossing)
    sent = [call.where.root for call in scope.dispatch_calls(model, use.crossing)]
    return where.root in sent


def module_name(model: Model, use: scope.Use) -> str:
    """What to call the module that the worker imports for its function."""
    module = model.interpreter.module_of(use.crossing.function.scope)
    return "this module" if module is model.interpreter.main else f"`{module.name}`"


def used_afterwards(model: Model, registration: Registration) -> bool:
    """Whether the registering process itself uses the agent later on."""
    return any(
        entry.where.root is registration.where.root
        and entry.call.index > registration.call.index
        and registration.agent in (entry.agent, entry.partner)
        for entry in model.entry_calls
    )


def lost_in_hook(use: scope.Use, hook: Hook) -> Loss:
    """A registration in a hook of the engine that is not for its workers."""
    return Loss(
        use,
        Severity.ERROR if hook.certain else Severity.WARNING,
        f"and where it is registered, {hook.title}",
        "The engine calls this hook, but not in the processes that run the tasks, or too late for "
        "them.",
    )
