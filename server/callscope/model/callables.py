"""What is known of a callback: its parameters, and whether it is a coroutine function."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callscope.contracts.classic.callbacks import CallShape
from callscope.model.values import (
    BoundMethod,
    Function,
    Instance,
    Member,
    UserClass,
    Value,
    path_of,
)
from callscope.model.wrappers import passed_on


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a callback, as its caller sees it (``self`` is gone once bound)."""

    name: str
    kind: str
    required: bool
    node: ast.arg


@dataclass(frozen=True)
class Callable:
    """A function of this file that was handed over.

    ``filled`` counts leading positional parameters already given by ``functools.partial``, and
    ``preset`` names the ones it gives by keyword. ``through`` is how it was handed over: "plain",
    "method" (bound), "object" (an instance with ``__call__``) or "partial".
    """

    function: Function
    bound: bool
    through: str = "plain"
    filled: int = 0
    preset: frozenset[str] = frozenset()
    holder: Instance | None = None

    @property
    def name(self) -> str:
        """The function's name, as ``functools.wraps`` may have given it; the class's for an object
        with ``__call__``."""
        if self.through == "object" and self.function.owner is not None:
            return self.function.owner.name
        return (self.function.presented or self.function).name

    @property
    def inner(self) -> Callable | None:
        """The function that this one, a wrapper, calls with all that it gets."""
        if self.through == "partial" or self.filled or self.preset:
            return None
        passed = passed_on(self.function, self.holder)
        found = as_callable(passed[0]) if passed is not None else None
        if passed is None or found is None or found.function is self.function:
            return None
        is_given_self = self.bound and passed[1]
        return replace(found, filled=found.filled + 1) if is_given_self else found

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda:
        """Where it is defined."""
        return self.function.node

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine."""
        return self.function.is_async

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters a caller still has to fill, ``*args`` and ``**kwargs`` included."""
        spec = self.function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        first_default = len(positional) - len(spec.defaults)
        found = [
            Parameter(
                argument.arg,
                "positional-only" if index < len(spec.posonlyargs) else "positional",
                index < first_default and argument.arg not in self.preset,
                argument,
            )
            for index, argument in enumerate(positional)
        ]
        found = found[(1 if self.bound else 0) + self.filled :]
        if spec.vararg is not None:
            found.append(Parameter(spec.vararg.arg, "*", False, spec.vararg))
        for argument, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            needed = default is None and argument.arg not in self.preset
            found.append(Parameter(argument.arg, "keyword-only", needed, argument))
        if spec.kwarg is not None:
            found.append(Parameter(spec.kwarg.arg, "**", False, spec.kwarg))
        return tuple(found)

    def misfit(self, shape: CallShape) -> tuple[Callable, str] | None:
        """What the framework's call would raise TypeError in, this function or one that it wraps,
        and why; None if the call fits."""
        problem = self._own_mismatch(shape)
        if problem is not None:
            return self, problem
        inner = self.inner
        return inner.misfit(shape) if inner is not None else None

    def mismatch(self, shape: CallShape) -> str | None:
        """Why the framework's call would raise TypeError; None if it fits.

        A wrapper that hands all it gets on to another function fits where both do.
        """
        found = self.misfit(shape)
        return found[1] if found is not None else None

    def _own_mismatch(self, shape: CallShape) -> str | None:
        parameters = self.parameters
        plain = [p for p in parameters if p.kind in ("positional", "positional-only")]
        takes_rest = any(p.kind == "*" for p in parameters)
        takes_any = any(p.kind == "**" for p in parameters)
        given = len(shape.positional)
        if given > len(plain) and not takes_rest:
            return f"takes {_count(len(plain))} but is given {given}"
        filled = {p.name for p in plain[:given]}
        for keyword in shape.keywords:
            if keyword in filled:
                return f"gets multiple values for {keyword!r}"
            matching = [p for p in parameters if p.name == keyword and p.kind not in ("*", "**")]
            if any(p.kind == "positional-only" for p in matching) and not takes_any:
                return (
                    f"has {keyword!r} as a positional-only parameter, but it is passed by keyword"
                )
            if not matching and not takes_any:
                return f"has no parameter {keyword!r}"
        filled.update(shape.keywords)
        missing = [p.name for p in parameters if p.required and p.name not in filled]
        if missing:
            return needs(list(map(repr, missing)))
        return None


def needs(names: Sequence[str]) -> str:
    """What is wrong where these parameters get nothing."""
    if len(names) == 1:
        return f"needs {names[0]}, which is not passed"
    return f"needs {', '.join(names[:-1])} and {names[-1]}, which are not passed"


def _count(number: int) -> str:
    names = {0: "no positional argument", 1: "1 positional argument"}
    return names.get(number, f"{number} positional arguments")


def as_callable(value: Value | None) -> Callable | None:
    """``value`` as a callback defined in this file; None if it is anything else, or unknown."""
    if isinstance(value, Function):
        return Callable(value, bound=False)
    if isinstance(value, BoundMethod):
        holder = value.receiver if isinstance(value.receiver, Instance) else None
        return Callable(value.function, value.function.kind != "static", "method", holder=holder)
    if isinstance(value, Instance) and isinstance(value.type, UserClass):
        method = value.type.find("__call__")
        if isinstance(method, Function):
            return Callable(method, bound=True, through="object", holder=value)
    if isinstance(value, Instance) and path_of(value.type) == "functools.partial":
        return _partial(value)
    return None


def _partial(value: Instance) -> Callable | None:
    if value.init is None or value.init.open:
        return None
    inner = as_callable(value.init.get(0, "func"))
    if inner is None:
        return None
    preset = frozenset(value.init.keywords) | inner.preset
    filled = inner.filled + len(value.init.positional) - 1
    return Callable(inner.function, inner.bound, "partial", filled, preset, inner.holder)


def is_member_of(value: Value | None, owner_path: str) -> str | None:
    """The name of the method if ``value`` is one taken from an object of ``owner_path``."""
    if isinstance(value, Member) and path_of(value.owner) == owner_path:
        return value.name
    return None
