"""What happens when the module is walked: calls, and where each of them runs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import NamedTuple

from callscope.model.values import Arguments, Function, Module, Value, path_of


@dataclass(eq=False, slots=True)
class Root:
    """Where a walk begins: the module's body, or a function nobody in view calls.

    ``function`` is None for a module's body, and ``module`` the module if that is not the one that
    is checked. ``receiver`` is the function's ``self``. ``within`` is the walk in the course of
    which an import executes the module, if that certainly does.
    """

    function: Function | None = None
    receiver: Value | None = None
    module: Module | None = None
    within: Root | None = None

    @property
    def is_module(self) -> bool:
        """Whether this is a module's own body."""
        return self.function is None


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop being walked.

    ``turn`` tells the turns of a loop over known elements apart; it is None where the body was
    walked once for all of its turns. ``element`` is then what the loop's variable may be, another
    one in each turn.
    """

    node: ast.AST
    turn: int | None
    element: Value | None = None


class Where(NamedTuple):
    """The situation in which something happens.

    ``stack`` holds the calls entered since the root, outermost first, with the functions they
    entered. ``guard`` says: under ``if __name__ == "__main__":``. ``branches`` are the tests that
    decide whether it happens at all, ``loops`` the loops around it, outermost first. ``locks`` are
    the places that took a lock which is held. ``in_thread`` says: in a thread that waits for
    nobody's event loop.
    """

    root: Root
    stack: tuple[tuple[ast.AST, Function], ...] = ()
    guard: bool = False
    guard_node: ast.AST | None = None
    branches: tuple[ast.AST, ...] = ()
    loops: tuple[Loop, ...] = ()
    locks: tuple[ast.AST, ...] = ()
    in_thread: bool = False

    @property
    def function(self) -> Function | None:
        """The innermost function that runs; None at module level."""
        return self.stack[-1][1] if self.stack else self.root.function

    @property
    def course(self) -> Root:
        """The walk whose order of things it belongs to: modules that are imported on the way are
        executed in its course."""
        root = self.root
        while root.within is not None:
            root = root.within
        return root

    @property
    def certain(self) -> bool:
        """Whether it happens whenever the root runs."""
        return not self.branches


@dataclass(eq=False, slots=True)
class Access:
    """A place that reads a name, or changes an object in place.

    ``value`` is what is read or changed; ``index`` is the number of calls met before, so that it
    can be ordered among them.
    """

    node: ast.AST
    value: Value
    where: Where
    index: int


@dataclass(frozen=True, slots=True)
class Import:
    """A place that imports a module of the project; the first one to run is what executes it."""

    node: ast.AST
    module: Module
    where: Where


@dataclass(eq=False)
class Call:
    """One call, as it was met on a walk.

    ``index`` orders the calls of one root in time. ``receiver`` is what the method was taken from.
    ``use``: "discarded", "awaited", "with" or "value". ``method`` is the last part of the path.
    """

    node: ast.expr
    callee: Value
    arguments: Arguments
    where: Where
    index: int
    result: Value
    use: str = "value"
    receiver: Value | None = None
    path: str | None = field(init=False)
    method: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = path_of(self.callee)
        self.method = (self.path or "").rpartition(".")[2]
