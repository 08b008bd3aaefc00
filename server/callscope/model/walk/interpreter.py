"""Walks a module the way Python would, with values that may be unknown, and records its calls.

The walk knows nothing of agents. It follows names to what they are bound to: imports, assignments,
attributes of ``self``, what a function of the file returns, loops over lists. A function of the
file is entered at each call with the arguments of that call; what nobody in view calls is walked
by itself afterwards, with unknown (or annotated) parameters.

Where paths join, values join (:class:`~callscope.model.values.OneOf`); what cannot be followed is
unknown. The work is bounded: past the budget functions are no longer entered, and their results
are unknown.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from callscope.model.events import Root, Where
from callscope.model.values import (
    Arguments,
    BoundMethod,
    Function,
    Instance,
    UserClass,
    Value,
    options,
)
from callscope.model.walk.expressions import function_of
from callscope.model.walk.statements import Statements
from callscope.source import names_in


class _LeftOver:
    """Functions that are still to be walked by themselves, and what they name: each counts once,
    however often somebody asks."""

    def __init__(self) -> None:
        self._met = 0
        self._pending: list[Function] = []
        self._named: Counter[str] = Counter()
        self._by_itself: Counter[UserClass] = Counter()

    def among(
        self, functions: list[Function], is_left: Callable[[Function], bool]
    ) -> list[Function]:
        """Those of ``functions`` that are left, in their order. Since the last time more may have
        been appended, and fewer may be left."""
        for function in self._pending:
            if not is_left(function):
                self._count(function, -1)
        fresh = [function for function in functions[self._met :] if is_left(function)]
        for function in fresh:
            self._count(function, 1)
        self._met = len(functions)
        self._pending = [*filter(is_left, self._pending), *fresh]
        return self._pending

    def _count(self, function: Function, times: int) -> None:
        names, owner = names_in(function.node), function.owner
        for name in names:
            self._named[name] += times
        if owner is not None and owner.name in names:
            self._by_itself[owner] += times

    def names(self, function: Function) -> bool:
        """Whether another of them names this one, or its class."""
        owner = function.owner
        if self._named[function.name] > (function.name in names_in(function.node)):
            return True
        return owner is not None and self._named[owner.name] > self._by_itself[owner]


class Interpreter(Statements):
    """Walks ``tree`` once; read ``calls`` and the other records afterwards."""

    def run(self) -> None:
        """Walk the module, then everything that nobody in view called."""
        self._block(self.tree.body)
        self._settle_coroutines(self.module.node)
        self.run_rest()

    def run_as_root(self, callback: Value) -> None:
        """Walk ``callback`` by itself, as when a pool or a framework calls it."""
        for option in options(callback):
            if isinstance(option, BoundMethod):
                self._run_root(option.function, option.receiver)
            elif isinstance(option, Function):
                self._run_root(option, None)

    def run_if_left(self, callback: Value) -> None:
        """Walk ``callback`` by itself where nothing in view has called it."""
        for option in options(callback):
            function, _ = function_of(option)
            if function is not None and id(function.node) not in self._walked:
                self.run_as_root(option)

    def run_rest(self) -> None:
        """Walk what is left, callers before what they call, so that a helper is met with the
        arguments it really gets."""
        left = _LeftOver()
        while pending := left.among(self.functions, self._is_left_over):
            ready = [function for function in pending if not left.names(function)]
            for function in ready or pending[:1]:
                if id(function.node) not in self._walked:
                    self._run_left_over(function)

    def _is_left_over(self, function: Function) -> bool:
        """Whether it is still to be walked by itself."""
        aside = id(function.scope.module) in self._beside_the_point
        return not aside and id(function.node) not in self._walked

    def _run_left_over(self, function: Function) -> None:
        owner = function.owner
        if owner is None:
            self._run_root(function, None)
            return
        if next(self._instances_of(owner), None) is None:
            self._imagine(owner)
        if id(function.node) not in self._walked:
            receiver = owner if function.kind == "class" else next(self._instances_of(owner))
            self._run_root(function, receiver)

    def _instances_of(self, owner: UserClass) -> Iterator[Instance]:
        """The objects of a class; where it has none, those of the classes derived from it."""
        yield from owner.instances
        for derived in self.classes:
            if derived is not owner and owner in derived.ancestry():
                yield from derived.instances

    def _imagine(self, owner: UserClass) -> None:
        """An object of a class nobody in view makes, with constructor arguments unknown."""
        instance = Instance(owner, None)
        instance.init = Arguments(open=True)
        owner.instances.append(instance)
        self.instances.append(instance)
        construct = owner.find("__init__")
        if isinstance(construct, Function):
            instance.init = None
            self._run_root(construct, instance)
            if instance.init is None:
                instance.init = Arguments(open=True)

    def _run_root(self, function: Function, receiver: Value | None) -> None:
        before = self._where, self._frame
        self._where = Where(Root(function, receiver))
        self._enter(function, Arguments(open=True), receiver, is_root=True)
        self._settle_coroutines(function.node)
        self._where, self._frame = before

    def _settle_coroutines(self, place: ast.AST) -> None:
        """Run what is left of coroutines that were stored or returned: someone may await them."""
        for coroutine in self.coroutines:
            if coroutine.consumed is None and coroutine.call.use not in ("discarded", "kept"):
                self._consume(coroutine, place)
