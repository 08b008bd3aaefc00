"""Coroutines that are to run: ``await`` where that is possible, else what makes it possible."""

from __future__ import annotations

import ast

from callscope.contracts.classic.methods import METHODS
from callscope.fixes._patch import Definition, Patch, own_nodes
from callscope.fixes._references import mentions
from callscope.fixes.base import CannotFix
from callscope.model.callables import Callable
from callscope.model.values import BoundMethod, External, Function, UserClass, options, path_of

_KEEP_ASYNC = ("staticmethod", "classmethod")
_MOST_CALLERS = 12


class Awaiting:
    """Makes coroutines run. ``made_async`` holds the functions that had to change for it."""

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.made_async: list[Definition] = []
        self.ran_by_asyncio = False
        self._done: set[int] = set()

    def run(self, node: ast.expr) -> None:
        """Make the coroutine that ``node`` gives run; raises CannotFix where that takes more."""
        if id(node) in self._done:
            return
        self._done.add(id(node))
        function = self.patch.function(node)
        if function is None and self.patch.model.source.interactive:
            self.put_await(node)
        elif function is None:
            self.run_by_asyncio(node)
        elif isinstance(function, ast.Lambda):
            raise CannotFix("in a lambda")
        else:
            if isinstance(function, ast.FunctionDef):
                self.make_async(function)
            self.put_await(node)

    def put_await(self, node: ast.expr) -> None:
        """Put ``await`` in front, in parentheses where something is taken from the result."""
        self._refuse_generator(node)
        start, end = self.patch.span(node)
        above = self.patch.parents.get(id(node))
        taken_from = isinstance(above, ast.Attribute | ast.Subscript) and above.value is node
        called = isinstance(above, ast.Call) and above.func is node
        powered = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Pow)
        if taken_from or called or powered:
            self.patch.insert(start, "(await ")
            self.patch.insert(end, ")")
        else:
            self.patch.insert(start, "await ")

    def run_by_asyncio(self, node: ast.expr) -> None:
        """Wrap ``node`` in ``asyncio.run(...)``."""
        in_class = any(isinstance(above, ast.ClassDef) for above in self.patch.ancestors(node))
        if in_class and self.patch.function(node) is None:
            raise CannotFix("in a class body")
        self.ran_by_asyncio = True
        start, end = self.patch.span(node)
        self.patch.insert(start, f"{self.patch.module_name('asyncio')}.run(")
        self.patch.insert(end, ")")

    def make_async(self, function: ast.FunctionDef) -> None:
        """Make a function async, and all of its callers wait for it."""
        if function in self.made_async:
            return
        if len(self.made_async) > _MOST_CALLERS or not self._may_be_async(function):
            raise CannotFix("cannot become async")
        self.made_async.append(function)
        start, _ = self.patch.span(function)
        self.patch.insert(start, "async ")
        callers = self._callers(function)
        if not callers and not self._is_web_handler(function):
            raise CannotFix("no caller in view")
        for caller in callers:
            self.run(caller)

    def _may_be_async(self, function: ast.FunctionDef) -> bool:
        if function.name.startswith("__") or any(
            isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function)
        ):
            return False
        known = self._function(function)
        if known is None or not self._decorators_allow(function):
            return False
        return known.owner is None or not _overrides_something(known.owner, function.name)

    def _decorators_allow(self, function: ast.FunctionDef) -> bool:
        return self._is_web_handler(function) or all(
            ast.unparse(decorator) in _KEEP_ASYNC for decorator in function.decorator_list
        )

    def _is_web_handler(self, function: ast.FunctionDef) -> bool:
        """Whether a framework that takes sync and async handlers alike calls it."""
        return len(function.decorator_list) == 1 and any(
            crossing.boundary.engine == "web"
            and crossing.function.node is function
            and crossing.call is not None
            and (path_of(crossing.call.callee) or "").startswith(("fastapi.", "starlette."))
            for crossing in self.patch.model.crossings
        )

    def _function(self, node: ast.FunctionDef) -> Function | None:
        functions = self.patch.model.interpreter.functions
        return next((f for f in functions if f.node is node), None)

    def _callers(self, function: ast.FunctionDef) -> list[ast.expr]:
        """The calls of ``function``; raises CannotFix where it is used in any other way."""
        known = self._function(function)
        if known is None:
            raise CannotFix("never met")
        met: dict[int, bool] = {}
        for call in self.patch.model.calls:
            ours = [_is(option, function) for option in options(call.callee)]
            met[id(call.node)] = met.get(id(call.node), True) and all(ours)
        found: list[ast.expr] = []
        for mention in mentions(self.patch, Callable(known, bound=False)):
            above = self.patch.parents.get(id(mention))
            if not isinstance(above, ast.Call) or above.func is not mention:
                raise CannotFix("handed over")
            if not met.get(id(above), False):
                raise CannotFix("not certainly a call of it")
            found.append(above)
        return found

    def _refuse_generator(self, node: ast.expr) -> None:
        for above in self.patch.ancestors(node):
            if isinstance(above, ast.stmt):
                return
            if isinstance(above, ast.GeneratorExp):
                raise CannotFix("in a generator expression")


def _is(value: object, node: ast.AST) -> bool:
    function = value.function if isinstance(value, BoundMethod) else value
    return isinstance(function, Function) and function.node is node


def _overrides_something(owner: UserClass, method: str) -> bool:
    """Whether the method has a meaning for a base class that is not in view, or in view."""
    for base in list(owner.ancestry())[1:]:
        if isinstance(base, UserClass):
            if method in base.names:
                return True
        elif isinstance(base, External):
            if base.path.startswith("autogen."):
                if method in METHODS or f"a_{method}" in METHODS:
                    return True
            elif base.path not in ("builtins.object", "abc.ABC"):
                return True
        else:
            return True
    return False


def awaits(function: Definition) -> bool:
    """Whether the body of an async function waits for anything, so that it has to be async."""
    return any(
        isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (
            isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
            and any(generator.is_async for generator in node.generators)
        )
        for node in own_nodes(function)
    )


def make_sync(patch: Patch, function: Definition) -> None:
    """Take the ``async`` from a function that waits for nothing and that nobody awaits."""
    if not isinstance(function, ast.AsyncFunctionDef) or awaits(function):
        raise CannotFix("waits for something")
    if any(isinstance(node, ast.Yield) for node in own_nodes(function)):
        raise CannotFix("an async generator")
    tokens = [t for t in patch.tokens_of(function) if t.start >= patch.span(function)[0]]
    if [t.text for t in tokens[:2]] != ["async", "def"]:
        raise CannotFix("not understood")
    patch.delete(tokens[0].start, tokens[1].start)
