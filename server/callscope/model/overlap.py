"""Runs of one function that go on at the same time, in one process."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from callscope.contracts.boundaries import TASK, TASK_MAKERS, Boundary
from callscope.model.agents import Agent
from callscope.model.crossings import Crossing
from callscope.model.events import Call, Loop
from callscope.model.model import Model
from callscope.model.scope import is_long_lived
from callscope.model.values import (
    BoundMethod,
    Constant,
    Coroutine,
    Function,
    Sequence,
    Value,
    options,
)
from callscope.source import walk


@dataclass(frozen=True, eq=False)
class Runs:
    """Several runs of the function ``name``, beyond ``boundary``, which ``maker`` sets going at
    ``node``.

    ``function`` is the function if it is walked by itself, once for all runs; ``starts`` are the
    calls that the runs begin with where it is not. ``each`` says that every run is walked.
    """

    boundary: Boundary
    name: str
    node: ast.AST
    is_async: bool
    maker: Call | None
    function: ast.AST | None = None
    starts: frozenset[ast.AST] = frozenset()
    each: bool = False

    def cover(self, call: Call) -> bool:
        """Whether ``call`` is made in each of the runs."""
        root = call.where.root.function
        if root is not None and root.node is self.function:
            return True
        return call.node in self.starts or any(node in self.starts for node, _ in call.where.stack)

    def run_of(self, call: Call) -> object:
        """The run that ``call`` is made in: the entry of its function, another one for each."""
        return next((each for each in call.where.stack if each[0] in self.starts), call)

    def share(self, model: Model, agent: Agent) -> bool:
        """Whether all runs have the same agent: it was made before, outside of them."""
        made = agent.instance.call
        if made is None or agent.instance.many:
            return False
        if any(function.cached for _, function in made.where.stack):
            return True
        if self.cover(made):
            return False
        if is_long_lived(model, agent.instance):
            return True
        if self.maker is None or made.where.root is not self.maker.where.root:
            return False
        around = {loop.node for loop in self.maker.where.loops}
        return not any(loop.node in around for loop in made.where.loops)


def overlapping(model: Model) -> Iterator[Runs]:
    """All runs that overlap: of handlers, and of what several threads or tasks run."""
    for crossing in model.crossings:
        if _is_concurrent(model, crossing) and _is_repeated(model, crossing):
            function = crossing.function
            yield Runs(
                crossing.boundary,
                function.name,
                crossing.node,
                function.is_async,
                crossing.call,
                function=function.node,
            )
    yield from _tasks(model)


def _is_concurrent(model: Model, crossing: Crossing) -> bool:
    """Whether runs of the function overlap in one process, as the project starts its workers."""
    deployment, engine = model.deployment, crossing.boundary.engine
    if engine == "celery" and deployment.has_threaded_celery:
        return True
    return crossing.boundary.concurrent or (engine == "huey" and deployment.has_threaded_huey)


def _is_repeated(model: Model, crossing: Crossing) -> bool:
    """Whether there is more than one run of the function."""
    call = crossing.call
    if crossing.boundary.long_lived or call is None:
        return True
    if _has_one_worker(crossing) or call.use == "awaited" or _is_waited_for(call):
        return False
    if call.method == "map" or any(loop.turn is None for loop in call.where.loops):
        return True
    same = [c for c in model.crossings if c.function.node is crossing.function.node]
    return len({id(c.call) for c in same}) > 1


def _has_one_worker(crossing: Crossing) -> bool:
    """Whether the pool that runs the function has a single worker."""
    pool = crossing.pool
    many = pool.init.get(0, "max_workers") if pool is not None and pool.init is not None else None
    return many == Constant(1)


def _is_waited_for(call: Call) -> bool:
    """Whether the loop around ``call`` waits for what it starts before its next turn."""
    for loop in call.where.loops:
        names = _names_of(loop, call)
        for node in walk(loop.node):
            if isinstance(node, ast.Attribute) and node.attr in ("join", "result"):
                waited = node.value
                if waited is call.node or (isinstance(waited, ast.Name) and waited.id in names):
                    return True
    return False


def _names_of(loop: Loop, call: Call) -> set[str]:
    """The names that ``loop`` binds the result of ``call`` to."""
    return {
        target.id
        for node in walk(loop.node)
        if isinstance(node, ast.Assign) and node.value is call.node
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _tasks(model: Model) -> Iterator[Runs]:
    """Coroutines of one function that asyncio runs beside each other."""
    found: dict[Hashable, list[tuple[Call, Coroutine]]] = {}
    makers = model.calls_to(*TASK_MAKERS)
    for call in makers:
        if not _is_awaited(call):
            for coroutine in _coroutines(call.arguments.all()):
                found.setdefault(_kind(coroutine), []).append((call, coroutine))
    for runs in found.values():
        call, coroutine = runs[0]
        loops = [*call.where.loops, *coroutine.call.where.loops]
        each = all(loop.turn is not None for loop in loops)
        if len(runs) > 1 or not each:
            name = _name_of(coroutine)
            starts = frozenset(c.call.node for _, c in runs)
            yield Runs(TASK, name, call.node, True, coroutine.call, starts=starts, each=each)
    for call in makers:
        yield from _side_by_side(call)


def _side_by_side(maker: Call) -> Iterator[Runs]:
    """Coroutines of several functions that one call sets going."""
    coroutines = list(_coroutines(maker.arguments.all()))
    names = list(dict.fromkeys(map(_name_of, coroutines)))
    if len(names) > 1:
        starts = frozenset(each.call.node for each in coroutines)
        first = coroutines[0].call
        yield Runs(TASK, "` and `".join(names), maker.node, True, first, starts=starts, each=True)


def _kind(coroutine: Coroutine) -> Hashable:
    """What tells the coroutines of one function from others: the function, or for a method of the
    framework its name and who takes part."""
    function, call = _function_of(coroutine), coroutine.call
    if function is not None:
        return function.node
    partner = call.arguments.get(0, "recipient")
    return call.method, id(call.receiver), id(partner)


def _name_of(coroutine: Coroutine) -> str:
    function = _function_of(coroutine)
    return function.name if function is not None else coroutine.call.method


def _function_of(coroutine: Coroutine) -> Function | None:
    made_by = coroutine.function
    made_by = made_by.function if isinstance(made_by, BoundMethod) else made_by
    return made_by if isinstance(made_by, Function) else None


def _coroutines(values: Iterable[Value]) -> Iterator[Coroutine]:
    for value in values:
        for option in options(value):
            if isinstance(option, Coroutine):
                yield option
            elif isinstance(option, Sequence):
                yield from (item for item in option.items if isinstance(item, Coroutine))


def _is_awaited(call: Call) -> bool:
    """Whether a task is waited for before the next can be made: at once, or in the same turn of
    the loop."""
    if call.path == "asyncio.gather":
        return False
    return call.use == "awaited" or any(_awaits(loop, call) for loop in call.where.loops)


def _awaits(loop: Loop, call: Call) -> bool:
    """Whether the body of ``loop`` awaits the name that the task is bound to."""
    names = _names_of(loop, call)
    return any(
        isinstance(node, ast.Await) and isinstance(node.value, ast.Name) and node.value.id in names
        for node in walk(loop.node)
    )
