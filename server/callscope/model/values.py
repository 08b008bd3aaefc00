"""What an expression can stand for, as far as reading the source tells.

Every look-up has three answers: this, not this, unknown. :class:`Unknown` is a value like any
other, and whatever is made from it is unknown again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callscope.model.events import Call


class Value:
    """Base of all values."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """Anything at all."""


UNKNOWN = Unknown()


@dataclass(eq=False, slots=True)
class Module(Value):
    """A module of the project that an import was followed to, or the one that is checked.

    ``name`` is its last name, "__main__" for the checked one. ``path`` is its file; ``blanked`` are
    the 0-based lines of it that could not be parsed.
    """

    name: str
    path: Path
    scope: Scope
    blanked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Constant(Value):
    """A literal: None, a bool, number, string or bytes."""

    value: object


NONE = Constant(None)


@dataclass(frozen=True, slots=True)
class External(Value):
    """Something imported from outside the file, by its canonical dotted path.

    ``opaque`` says that it only gives objects of the class at ``path``, and that what it is called
    with need not be what that class's constructor gets.
    """

    path: str
    opaque: bool = False


@dataclass(eq=False, slots=True)
class Scope:
    """Names and what they are bound to. ``parent`` is where a look-up goes on."""

    names: dict[str, Value]
    parent: Scope | None
    node: ast.AST
    outer: set[str] = field(default_factory=set)

    @property
    def module(self) -> Scope:
        """The scope of the module that it lies in."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def find(self, name: str) -> Value | None:
        """The value of ``name`` here or further out; None if it is bound nowhere in view."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.names.get(name)
            if value is not None:
                return value
            scope = scope.parent
        return None

    def holder(self, name: str) -> Scope | None:
        """The scope that binds ``name``."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False, slots=True)
class Function(Value):
    """A ``def``, ``async def`` or ``lambda`` of this file, with the scope it closes over.

    ``owner`` is the class it is defined in; ``kind`` tells methods' flavours apart. ``wraps`` is
    what ``functools.wraps`` was given, for a wrapper made with it.
    """

    node: FunctionNode
    scope: Scope
    owner: UserClass | None = None
    kind: str = "plain"
    cached: bool = False
    memory: Value | None = None
    wraps: Value | None = None

    @property
    def name(self) -> str:
        """The name it is defined by; ``<lambda>`` for a lambda."""
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def presented(self) -> Function | None:
        """The function whose name, docstring and signature it shows: its own, or the one it wraps;
        None where that is not known."""
        if self.wraps is None:
            return self
        inner = self.wraps.function if isinstance(self.wraps, BoundMethod) else self.wraps
        return inner.presented if isinstance(inner, Function) and inner is not self else None

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine."""
        return isinstance(self.node, ast.AsyncFunctionDef)


_PLAIN_BASES = frozenset({None, "object", "abc.ABC", "typing.Protocol", "typing.Generic"})


@dataclass(eq=False)
class UserClass(Value):
    """A class of this file."""

    node: ast.ClassDef
    bases: tuple[Value, ...]
    scope: Scope
    names: dict[str, Value] = field(default_factory=dict)
    decorators: tuple[str, ...] = ()
    instances: list[Instance] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The class's name."""
        return self.node.name

    @cached_property
    def outer_base(self) -> str | None:
        """The path of the nearest base that lies outside the file."""
        outside = (path_of(base) for base in self.ancestry() if not isinstance(base, UserClass))
        return next((path for path in outside if path not in _PLAIN_BASES), None)

    def ancestry(self) -> Iterator[Value]:
        """The class and its bases, nearest first; depth first is exact enough for what is asked."""
        yield self
        for base in self.bases:
            if isinstance(base, UserClass):
                yield from base.ancestry()
            else:
                yield base

    def find(self, name: str) -> Value | None:
        """The class attribute ``name`` of this class or a base in this file."""
        for base in self.ancestry():
            if isinstance(base, UserClass) and name in base.names:
                return base.names[name]
            if isinstance(base, External | Unknown) and not isinstance(base, UserClass):
                continue
        return None


@dataclass(eq=False)
class Instance(Value):
    """An object made by a call, or assumed from an annotation (then ``call`` is None).

    ``type`` is what was called. ``init`` are the arguments that reached the constructor of the
    nearest class outside the file. ``many`` says that one place in the source stands for several
    objects (made in a loop or comprehension over something unknown). ``escapes`` are the places
    where it was handed to code not in view.
    """

    type: Value
    call: Call | None
    attributes: dict[str, Value] = field(default_factory=dict)
    init: Arguments | None = None
    many: bool = False
    label: str | None = None
    escapes: list[ast.AST] = field(default_factory=list)

    @cached_property
    def path(self) -> str | None:
        """See :func:`path_of`."""
        made_by = outer_base(self.type)
        return None if made_by is None else f"{made_by}()"

    def __repr__(self) -> str:
        return f"<{self.label or 'instance'} of {path_of(self.type)}>"


@dataclass(frozen=True, slots=True)
class Member(Value):
    """``owner.name`` where the file does not say more of it."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class BoundMethod(Value):
    """A method of this file, taken from an object (or from its class, for class methods)."""

    receiver: Value
    function: Function


@dataclass(frozen=True, slots=True)
class Super(Value):
    """``super()`` in a method of ``after``."""

    receiver: Value
    after: UserClass

    def ancestry(self) -> list[Value]:
        """The classes that it looks in: those that come behind ``after`` for its object, which for
        a mixin are classes that the mixin does not derive from."""
        made_of = self.receiver.type if isinstance(self.receiver, Instance) else self.receiver
        order = list(made_of.ancestry()) if isinstance(made_of, UserClass) else []
        order = [base for i, base in enumerate(order) if base not in order[i + 1 :]]
        if self.after in order:
            return order[order.index(self.after) + 1 :]
        return list(self.after.ancestry())[1:]


@dataclass(eq=False, slots=True)
class Sequence(Value):
    """A list, tuple, set or generator. ``exact`` says that ``items`` is all it holds, in order;
    otherwise each element is one of ``items``, or unknown if there are none."""

    kind: str
    items: list[Value]
    exact: bool = True


class AnyKey:
    """Stands for a key of a :class:`Mapping` that is not known; no two of them are equal."""


@dataclass(eq=False, slots=True)
class Mapping(Value):
    """A dict. ``exact`` says that it holds nothing else; ``factory`` makes what it lacks."""

    items: dict[object, Value]
    exact: bool = True
    factory: Value | None = None
    keys: dict[object, ast.expr] = field(default_factory=dict)
    values: dict[object, ast.expr] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneOf(Value):
    """One of several values, depending on a branch taken."""

    options: tuple[Value, ...]


@dataclass(eq=False, slots=True)
class Coroutine(Value):
    """What calling a coroutine function gives; nothing has run yet.

    ``call`` is the call that made it; ``function`` is set for a function of this file, and
    ``handed`` for what a thread is to call: that, with which arguments, and where it is named.
    ``consumed`` is where it was awaited or handed on; ``reads`` counts the places that name it
    otherwise than to print it.
    """

    call: Call
    function: Value | None = None
    arguments: Arguments | None = None
    consumed: ast.AST | None = None
    result: Value | None = None
    reads: int = 0
    handed: tuple[Value, Arguments, ast.expr] | None = None


@dataclass(eq=False, slots=True)
class Arguments:
    """The arguments of one call. ``open`` says that ``*args`` or ``**kwargs`` may add more;
    ``rest`` are values that come with them, at positions or names that are not known."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    positional_nodes: list[ast.expr] = field(default_factory=list)
    keyword_nodes: dict[str, ast.expr] = field(default_factory=dict)
    open: bool = False
    rest: list[Value] = field(default_factory=list)

    def get(self, index: int | None, name: str | None) -> Value | None:
        """The argument at 0-based ``index`` or called ``name``; None if it is certainly absent."""
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return UNKNOWN if self.open else None

    def node(self, index: int | None, name: str | None) -> ast.expr | None:
        """The expression of that argument; None if it is not written out."""
        if name is not None and name in self.keyword_nodes:
            return self.keyword_nodes[name]
        if index is not None and index < len(self.positional_nodes):
            return self.positional_nodes[index]
        return None

    def all(self) -> Iterator[Value]:
        """Every argument's value."""
        yield from self.positional
        yield from self.keywords.values()
        yield from self.rest


def some_text() -> Instance:
    """A text, of which no more is known."""
    return Instance(External("builtins.str"), None)


def is_text(value: Value) -> bool:
    """Whether ``value`` is certainly a text."""
    if isinstance(value, Constant):
        return isinstance(value.value, str)
    return isinstance(value, Instance) and path_of(value) == "builtins.str()"


def literal(value: Value | None) -> object:
    """The Python object of a literal; None for anything else (and for the literal None)."""
    return value.value if isinstance(value, Constant) else None


def one_of(values: list[Value]) -> Value:
    """The join of ``values``: the value itself where they agree, unknown where they are many."""
    flat: list[Value] = []
    for value in values:
        for option in value.options if isinstance(value, OneOf) else (value,):
            if option not in flat:
                flat.append(option)
        if len(flat) > _MOST_OPTIONS:
            return UNKNOWN
    if not flat:
        return UNKNOWN
    return flat[0] if len(flat) == 1 else OneOf(tuple(flat))


_MOST_OPTIONS = 12


def alike(first: Value | None, second: Value | None) -> bool:
    """Whether the two certainly are the same value, or lists of the same values."""
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return first is second or (
            first.exact and second.exact and _plain(first) and first.items == second.items
        )
    return first == second and not isinstance(first, Unknown | OneOf)


def _plain(sequence: Sequence) -> bool:
    return not any(isinstance(item, Unknown | OneOf) for item in sequence.items)


def options(value: Value) -> tuple[Value, ...]:
    """The values ``value`` may be."""
    return value.options if isinstance(value, OneOf) else (value,)


def without_none(value: Value) -> Value:
    """``value`` less the possibility of None, as when an attribute of it is taken."""
    if isinstance(value, OneOf):
        return one_of([option for option in value.options if option != NONE])
    return value


def path_of(value: Value) -> str | None:
    """A dotted path that says what ``value`` is: ``celery.Celery().task``; ``()`` marks a call.

    None for values that begin inside this file, other than objects of a class with a base
    outside it.
    """
    if isinstance(value, External):
        return value.path
    if isinstance(value, Member):
        owner = path_of(value.owner)
        return None if owner is None else f"{owner}.{value.name}"
    if isinstance(value, Super):
        outside = (path_of(base) for base in value.ancestry() if not isinstance(base, UserClass))
        return next((path for path in outside if path not in _PLAIN_BASES), None)
    if isinstance(value, Instance):
        return value.path
    if isinstance(value, UserClass):
        return value.outer_base
    return None


def named_tuple(fields: list[str], place: ast.expr, scope: Scope) -> UserClass:
    """The class that ``namedtuple("Name", fields)`` makes at ``place``."""
    body: list[ast.stmt] = [
        ast.AnnAssign(ast.Name(name, ast.Store()), ast.Constant(None), None, simple=1)
        for name in fields
    ]
    node = ast.ClassDef("namedtuple", [], [], body, [])
    ast.fix_missing_locations(ast.copy_location(node, place))
    return UserClass(node, (External("typing.NamedTuple"),), scope)


def outer_base(value: Value) -> str | None:
    """The path of the nearest base of a class that lies outside the file."""
    return value.outer_base if isinstance(value, UserClass) else path_of(value)


def reaches(start: Value | None, target: Value) -> bool:
    """Whether ``target`` is ``start``, or is found in it: as an item, an attribute, a receiver."""
    pending = [start] if start is not None else []
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if item is target:
            return True
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, OneOf):
            pending.extend(item.options)
        elif isinstance(item, Sequence):
            pending.extend(item.items)
        elif isinstance(item, Mapping):
            pending.extend(item.items.values())
        elif isinstance(item, Instance):
            pending.extend(item.attributes.values())
        elif isinstance(item, BoundMethod):
            pending.extend((item.receiver, item.function))
    return False


def truth(value: Value | None) -> bool | None:
    """Whether ``value`` counts as true; None if that is not known."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, Sequence):
        return bool(value.items) if value.exact else None
    if isinstance(value, Mapping):
        return True if value.items else (False if value.exact else None)
    if isinstance(value, OneOf):
        answers = {truth(option) for option in value.options}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(value, Instance):
        # What a call outside the file gave may be anything, unless it made an object.
        if isinstance(value.type, UserClass):
            return None if value.type.find("__bool__") or value.type.find("__len__") else True
        last = (path_of(value.type) or "").rpartition(".")[2]
        return True if last[:1].isupper() else None
    if isinstance(value, Function | UserClass | BoundMethod):
        return True
    return None
