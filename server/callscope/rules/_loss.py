"""Why a registration does not reach a worker: what all kinds of loss share."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.boundaries import Hook
from callscope.contracts.boundaries.serving import RUNS
from callscope.model import Model, scope
from callscope.model.events import Call
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


def is_for_own_chats(model: Model, registration: Registration, use: scope.Use) -> bool:
    """Whether the process that registers uses the agent itself, and nothing in it sets the work
    going that ``use`` is of: a tool for the command line that borrows an agent."""
    if not used_afterwards(model, registration):
        return False
    if use.crossing.boundary.engine == "web":
        starts = model.calls_to(*RUNS)
    else:
        starts = scope.dispatch_calls(model, use.crossing)
    return not any(_is_reached(model, call, registration) for call in starts)


def _is_reached(model: Model, call: Call, registration: Registration) -> bool:
    """Whether the program comes to ``call``: in its own course, or as it serves."""
    root = call.where.root
    served = scope.crossing_of(model, call.where) is not None or scope.hooks_at(model, call.where)
    return root.is_module or root is registration.where.root or bool(served)
