"""Where things run: which registrations and chats lie beyond a process, thread or request boundary.

The questions are those that decide whether a callback survives: where did the registration run,
who owns the agent, what sends which function over which boundary, and does the process on the
other side run the registration, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callscope.contracts.boundaries import Hook
from callscope.model.agents import Agent, as_agent
from callscope.model.crossings import Crossing, WorkerHook
from callscope.model.events import Call, Where
from callscope.model.model import Model
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import (
    BoundMethod,
    Constant,
    Function,
    Instance,
    Mapping,
    Member,
    Sequence,
    UserClass,
    Value,
    options,
    path_of,
)
from callscope.model.worker_imports import includes_are_listed, module_of, worker_modules


def is_long_lived(model: Model, instance: Instance) -> bool:
    """Whether the object is made once per process: at module level, in a cached function, or as
    the process starts."""
    if instance.call is None or instance.many:
        return False
    where = instance.call.where
    if is_remembered(where):
        return True
    at_start = where.root.is_module or is_worker_set_up(model, where)
    return at_start and all(loop.turn is not None for loop in where.loops)


def is_remembered(where: Where) -> bool:
    """Whether it happens in a cached function: once in each process, when that first calls it."""
    return any(function.cached for _, function in where.stack)


def is_kept(model: Model, instance: Instance) -> bool:
    """Whether the object is put into something that keeps it from one run to the next."""
    return any(instance in options(v) for kept in model.interpreter.stored.values() for v in kept)


def runs_in(where: Where, crossing: Crossing) -> bool:
    """Whether ``where`` lies in the work that ``crossing`` sends over its boundary."""
    return where.root.function is not None and where.root.function.node is crossing.function.node


def crossing_of(model: Model, where: Where) -> Crossing | None:
    """The boundary that everything at ``where`` lies beyond; None if there is none."""
    return next((c for c in model.crossings if runs_in(where, c)), None)


@dataclass(frozen=True)
class Use:
    """A place beyond a boundary that uses an agent."""

    node: ast.AST
    crossing: Crossing


def uses_beyond(model: Model, agent: Agent) -> list[Use]:
    """The first place of each crossing's function that uses ``agent``."""
    found: dict[int, Use] = {}
    if not model.crossings:
        return []
    for access in model.interpreter.reads:
        if access.value is not agent.instance:
            continue
        for crossing in model.crossings:
            if runs_in(access.where, crossing):
                found.setdefault(id(crossing), Use(access.node, crossing))
    for entry in model.entries_of(agent):
        for crossing in model.crossings:
            if runs_in(entry.where, crossing):
                found.setdefault(id(crossing), Use(entry.node, crossing))
    return list(found.values())


def entries_in(model: Model, crossing: Crossing) -> Iterator[EntryCall]:
    """The entry calls that run beyond ``crossing``."""
    return (entry for entry in model.entry_calls if runs_in(entry.where, crossing))


def start_method(model: Model, crossing: Crossing) -> str | None:
    """The start method of the crossing's workers: named for the pool, else for the program by
    ``set_start_method``; None for the platform's default (fork on Linux up to Python 3.13, spawn
    or forkserver elsewhere), unless the program is for Pythons that fork nowhere."""
    own = crossing.start_method
    if own is not None:
        return own
    for call in model.calls_to("multiprocessing.set_start_method"):
        method = call.arguments.get(0, "method")
        if isinstance(method, Constant) and isinstance(method.value, str):
            return method.value
    return "forkserver" if model.deployment.never_forks else None


def is_worker_set_up(model: Model, where: Where, crossing: Crossing | None = None) -> bool:
    """Whether ``where`` lies in a function that workers have run before their tasks: an
    initializer or hook, of the engine of ``crossing`` if that is given."""
    return any(
        hook.sets_up
        and (crossing is None or crossing.boundary.engine in hook.engines)
        and not is_hook_missed(model, hook, crossing)
        for hook in hooks_at(model, where)
    )


def is_hook_missed(model: Model, hook: WorkerHook, crossing: Crossing | None) -> bool:
    """Whether the module that hands the hook over is certainly none that the workers import."""
    if crossing is None or hook.call is None or crossing.boundary.engine != "celery":
        return False
    imported = worker_modules(model, crossing)
    return includes_are_listed(model) and module_of(model, hook.call.where) not in imported


def hooks_at(model: Model, where: Where) -> list[WorkerHook]:
    """The moments at which an engine runs ``where``."""
    function = where.root.function
    return [h for h in model.worker_hooks if function and h.function.node is function.node]


def hook_elsewhere(model: Model, where: Where, crossing: Crossing) -> Hook | None:
    """The moment at which the engine of ``crossing`` runs ``where``, and which does nothing for its
    workers."""
    hooks = hooks_at(model, where)
    if any(hook.sets_up for hook in hooks):
        return None
    return next((h.hook for h in hooks if crossing.boundary.engine in h.engines), None)


def is_import_time(where: Where) -> bool:
    """Whether it runs whenever its module is imported, in a worker too."""
    return where.root.is_module and not where.guard


def runs_in_worker(model: Model, where: Where, crossing: Crossing) -> bool:
    """Whether the worker beyond ``crossing`` comes past ``where`` as it imports what it needs."""
    return is_import_time(where) and module_of(model, where) in worker_modules(model, crossing)


def is_test(path: Path) -> bool:
    """Whether the file is a test: what it sets up is its own business."""
    named = path.stem.startswith("test_") or path.stem.endswith("_test") or path.stem == "conftest"
    return named or "tests" in path.parent.parts[-2:]


def dispatch_calls(model: Model, crossing: Crossing) -> list[Call]:
    """The calls that send the crossing's function off, in order."""
    if not crossing.is_decorator and crossing.call is not None:
        return [crossing.call]
    return [
        call
        for call, _, function in model.task_dispatches
        if function.node is crossing.function.node
    ]


def registered_on_other_side(model: Model, registration: Registration) -> bool:
    """Whether the same callback is registered on the same agent in a place that workers run."""
    assert registration.agent is not None
    for other in model.registrations_on(registration.agent):
        if other is registration:
            continue
        if not _same_callback(other, registration):
            continue
        if is_import_time(other.where) or is_worker_set_up(model, other.where):
            return True
        if crossing_of(model, other.where) is not None:
            return True
    return False


def _same_callback(one: Registration, other: Registration) -> bool:
    if one.kind != other.kind or one.hook_name != other.hook_name:
        return False
    mine, theirs = one.function, other.function
    return mine is not None and theirs is not None and mine.node is theirs.node


def agents_sent(call: Call) -> Iterator[tuple[ast.expr, Agent]]:
    """The agents that travel with the arguments of a dispatching call, and the argument; where the
    call makes a ``Process`` of one's own, also those that its object keeps."""
    pairs = [*zip(call.arguments.positional_nodes, call.arguments.positional, strict=False)]
    pairs += [
        (node, call.arguments.keywords[name])
        for name, node in call.arguments.keyword_nodes.items()
        if name not in ("initializer", "target")
    ]
    for node, value in pairs:
        agent = _carried(value, 0)
        if agent is not None:
            yield node, agent
    if isinstance(call.callee, UserClass):
        kept = _carried(call.result, 0)
        if kept is not None:
            yield call.node, kept


def _carried(value: Value, depth: int) -> Agent | None:
    """An agent that pickling ``value`` would have to pickle."""
    if depth > 3:
        return None
    agent = as_agent(value)
    if agent is not None:
        return agent
    inside: list[Value] = []
    if isinstance(value, BoundMethod):
        inside = [value.receiver]
    elif isinstance(value, Member) and not isinstance(value.owner, Function):
        inside = [value.owner] if as_agent(value.owner) else []
    elif isinstance(value, Instance) and isinstance(value.type, UserClass):
        if value.type.find("__getstate__") or value.type.find("__reduce__"):
            return None
        inside = list(value.attributes.values())
    elif isinstance(value, Instance) and path_of(value.type) == "functools.partial":
        inside = list(value.init.all()) if value.init is not None else []
    elif isinstance(value, Sequence):
        inside = value.items
    elif isinstance(value, Mapping):
        inside = list(value.items.values())
    return next((found for item in inside if (found := _carried(item, depth + 1))), None)


def may_pickle(model: Model, agent: Agent) -> bool:
    """Whether the agent might be one of the few that plain pickle can send: no model, and a
    termination check and callbacks that are functions of a module (the default check is a
    lambda)."""
    check = agent.argument("is_termination_msg")
    if check is None or check == Constant(None) or agent.has_model is True:
        return False
    kept = [r.callback for r in model.registrations_on(agent) if r.kind in _KEPT_ON_AGENT]
    return not any(isinstance(value, Function) and _is_local(value) for value in [check, *kept])


_KEPT_ON_AGENT = ("reply", "hook")


def _is_local(function: Function) -> bool:
    """Whether pickle cannot find the function by its name."""
    return function.name == "<lambda>" or (
        function.owner is None and function.scope.parent is not None
    )
