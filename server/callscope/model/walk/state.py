"""What a walk remembers, and what every part of it needs from the others."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callscope.model.deployment import NO_DEPLOYMENT, Deployment
from callscope.model.events import Access, Call, Import, Root, Where
from callscope.model.values import (
    UNKNOWN,
    Arguments,
    BoundMethod,
    Coroutine,
    External,
    Function,
    Instance,
    Mapping,
    Member,
    Module,
    OneOf,
    Scope,
    Sequence,
    UserClass,
    Value,
    one_of,
    path_of,
)
from callscope.model.walk.turns import attributes_set_by_others
from callscope.source import ParsedSource, nodes_of

MOST_DEPTH = 12
MOST_STEPS = 400_000
MOST_TURNS = 8
MOST_MODULES = 200

_HOLDERS = frozenset({Instance, OneOf, Sequence, Mapping, Coroutine, BoundMethod, Member})
"""The kinds of values through which others can be reached."""


@dataclass(frozen=True)
class ModuleSource:
    """A module of the project that an import leads to: its last name, and its tree.

    ``matters`` says that it has to do with the framework: then its functions are walked, too,
    which nobody in view calls.
    """

    name: str
    parsed: ParsedSource
    matters: bool = True


ModuleFinder = Callable[[str, Path], ModuleSource | None]


def no_module(path: str, importer: Path) -> ModuleSource | None:
    """Finds nothing, as where a file is checked by itself."""
    return None


def no_heads(engine: str, main: Path) -> Iterable[ModuleSource]:
    """Finds nothing, as where a file is checked by itself."""
    return ()


AgentFinder = Callable[[str], External | None]


def no_agent(path: str) -> External | None:
    """Finds nothing, as where no environment is known."""
    return None


@dataclass(frozen=True)
class Surroundings:
    """What lies around the module that is walked.

    ``find_module`` leads to the modules of the project that it imports or names, ``find_heads``
    to those that an engine's own processes begin with (see ``contracts.boundaries.HEADS``).
    ``deployment`` says how the project is run. ``find_agent`` gives the agent class, or the maker
    of agents, that an installed package has by a dotted path.
    """

    find_module: ModuleFinder = no_module
    find_heads: Callable[[str, Path], Iterable[ModuleSource]] = no_heads
    deployment: Deployment = NO_DEPLOYMENT
    find_agent: AgentFinder = no_agent


ALONE = Surroundings()


@dataclass(frozen=True)
class Outside:
    """What is known of code outside the file, by canonical dotted path.

    ``canonical`` maps an import path to the one path all its re-exports share. ``transparent``
    says whether a call of the path gives back the function it was given (a framework's
    decorators), ``is_coroutine`` whether it gives a coroutine, ``known`` whether it does nothing
    with its arguments but what the contracts tell. ``fields`` are the constructor parameters of a
    class, in order, that its objects have as attributes; ``derives`` says whether the class at the
    first path is the one at the second or derives from it (None if not known). ``own_base`` is the
    framework's class behind a declared class or factory, ``awaited`` the class of what awaiting the
    result of a call gives, ``fluent`` whether a method gives something like its object, ``typed``
    whether an annotation with the class is worth following, ``store`` what an object is called that
    keeps what is put into it, ``injected`` the mark of a parameter that gets a function's result,
    ``passed_first`` the class of what a function gets first that the call of a path is given,
    ``thread_at`` the position of what a thread calls for whoever awaits the result of a call,
    ``begins`` whether a method is one that sets agents in motion,
    ``is_lock`` whether an object lets in one run at a time,
    ``package`` the dotted package that relative imports start from ("" where that is not known).
    ``find_module`` gives the module of the project that an import means: its dotted path, or dots
    and a path, as it stands in a file. ``find_agent`` is that of :class:`Surroundings`.
    """

    canonical: Callable[[str], str]
    transparent: Callable[[str], bool]
    is_coroutine: Callable[[str], bool]
    known: Callable[[str], bool]
    fields: Callable[[str], tuple[str, ...]]
    derives: Callable[[str, str], bool | None]
    own_base: Callable[[str], str | None] = lambda path: None
    awaited: Callable[[str], str | None] = lambda path: None
    fluent: Callable[[str], bool] = lambda path: False
    typed: Callable[[str], bool] = lambda path: False
    store: Callable[[str], str | None] = lambda path: None
    injected: str = ""
    passed_first: Callable[[str], str | None] = lambda path: None
    thread_at: Callable[[str, Arguments], int | None] = lambda path, arguments: None
    begins: Callable[[str], bool] = lambda path: False
    is_lock: Callable[[Value], bool] = lambda value: False
    package: str = ""
    find_module: ModuleFinder = no_module
    find_agent: AgentFinder = no_agent


class Frame:
    """One function being walked: its scope and the values it returned so far.

    ``where`` is the situation it was entered in; ``yields_all`` says that each value it yielded is
    yielded whenever it is called, once.
    """

    __slots__ = ("function", "receiver", "returned", "scope", "where", "yielded", "yields_all")

    def __init__(
        self,
        scope: Scope,
        function: Function | None,
        receiver: Value | None,
        where: Where | None = None,
    ) -> None:
        self.scope = scope
        self.function = function
        self.receiver = receiver
        self.where = where
        self.returned: list[Value] = []
        self.yielded: list[Value] = []
        self.yields_all = where is not None


class WalkState:
    """The records of a walk, the situation it is in, and its bookkeeping."""

    def __init__(self, parsed: ParsedSource, outside: Outside) -> None:
        self.tree = parsed.tree
        self.imports: list[Import] = []
        self.modules: dict[Path, Module] = {}
        self.calls: list[Call] = []
        self.coroutines: list[Coroutine] = []
        self.functions: list[Function] = []
        self.classes: list[UserClass] = []
        self.instances: list[Instance] = []
        self.loads: dict[int, Value] = {}
        # The classes that ``case Class():`` names, by the node of the name.
        self.matched: dict[int, Value] = {}
        self.reads: list[Access] = []
        self.writes: list[Access] = []
        self.assigned: dict[str, list[Value]] = {}
        self.stored: dict[tuple[str, object], list[Value]] = {}
        self.star_imports: list[str] = []
        self.returns: dict[int, dict[int, tuple[ast.AST, Value]]] = {}
        self.exhausted = False
        self.outside = outside
        self._walked: set[int] = set()
        self._passed: dict[int, str] = {}
        self._entering: list[ast.AST] = []
        self._steps = 0
        self._naming = True
        self._rebound: dict[int, frozenset[str]] = {}
        self._changing: dict[int, frozenset[str]] = {}
        self._set_by_others: dict[int, frozenset[str]] = {}
        self._starred: set[int] = set()
        self._typing_only = False
        self._parents_use: dict[int, str] = {}
        self._bindings: dict[tuple[int, str], list[Value]] = {}
        self._modules_by_scope: dict[int, Module] = {}
        self._beside_the_point: set[int] = set()
        self._let_go: dict[type[ast.AST], dict[int, tuple[Value, ast.AST]]] = {}
        self.module = Scope({}, None, self.tree)
        self.main = Module("__main__", parsed.source.path, self.module, parsed.blanked)
        self._enlist(self.main, self.tree)
        self._frame = Frame(self.module, None, None)
        self.body = Root()
        self._where = Where(self.body)

    def _enlist(self, module: Module, tree: ast.Module) -> None:
        """Take note of a module before it is walked."""
        self.modules[module.path] = module
        self._modules_by_scope[id(module.scope)] = module
        self._set_by_others[id(module.scope)] = attributes_set_by_others(tree)
        self._rebound[id(module.scope)] = frozenset(
            name for node in nodes_of(tree, ast.Global) for name in node.names
        )

    def module_of(self, scope: Scope) -> Module:
        """The module that ``scope`` lies in."""
        return self._modules_by_scope[id(scope.module)]

    # What the parts of the walk call in each other.

    def value(self, node: ast.expr) -> Value:
        """The value of an expression, walked once more each time it is asked for."""
        raise NotImplementedError

    def _block(self, body: Iterable[ast.stmt]) -> bool:
        """Walk statements; False if the end of them is never reached."""
        raise NotImplementedError

    def _bind(self, target: ast.expr, value: Value) -> None:
        """Bind the target of an assignment."""
        raise NotImplementedError

    def _bind_element(self, target: ast.expr, value: Value) -> None:
        """Bind a loop's target; it names many things, so it is nobody's label."""
        raise NotImplementedError

    def _invoke(self, callee: Value, arguments: Arguments, node: ast.expr) -> Value:
        """Call ``callee``."""
        raise NotImplementedError

    def _enter_at(
        self, function: Function, arguments: Arguments, receiver: Value | None, node: ast.AST
    ) -> Value:
        """Walk a function's body as called at ``node``, and give what it returns."""
        raise NotImplementedError

    def _set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Bind an attribute."""
        raise NotImplementedError

    def _entered(self, manager: Value, node: ast.expr) -> Value:
        """What ``with manager as ...`` binds."""
        raise NotImplementedError

    def _call(self, node: ast.Call) -> Value:
        """The value of a call."""
        raise NotImplementedError

    def member(self, module: Module, name: str) -> Value:
        """``module.name``."""
        raise NotImplementedError

    def _consume(self, coroutine: Coroutine, place: ast.AST) -> Value:
        """Run a coroutine's body, once."""
        raise NotImplementedError

    @contextmanager
    def _situation(self, **changes: Any) -> Iterator[None]:
        before = self._where
        self._where = before._replace(**changes)
        try:
            yield
        finally:
            self._where = before

    def _in_unknown_loop(self) -> bool:
        """Whether the place stands for several turns of a loop that was walked once."""
        return any(loop.turn is None for loop in self._where.loops)

    def _note_access(self, accesses: list[Access], node: ast.AST, value: Value) -> None:
        accesses.append(Access(node, value, self._where, len(self.calls)))

    def _note_return(self, function: ast.AST, place: ast.AST, value: Value) -> None:
        """Remember what ``function`` gives back at ``place``, over all the times it is walked."""
        places = self.returns.setdefault(id(function), {})
        earlier = places.get(id(place))
        joined = value if earlier is None else one_of([earlier[1], value])
        places[id(place)] = (place, joined)

    def _closure_scope(self) -> Scope:
        """The scope a nested function sees: class bodies are passed over, as in Python."""
        scope = self._frame.scope
        while isinstance(scope.node, ast.ClassDef) and scope.parent is not None:
            scope = scope.parent
        return scope

    def _is_result(self, made: Instance) -> bool:
        """Whether ``made`` is what a known method gave back, which does not hold its arguments."""
        path = path_of(made.type) or ""
        return "()." in path and self.outside.known(path)

    def _changes(self, holder: Value, more: Value = UNKNOWN) -> None:
        """``more`` is put into ``holder``: if that escaped before, it has more to let go."""
        if type(more) not in _HOLDERS:
            return
        for escaped in self._let_go.values():
            known = escaped.get(id(holder))
            if known is None or id(more) in escaped:
                continue
            if isinstance(holder, Instance):
                # It lets go when it is handed on once more, which any of the others may lead to.
                escaped.clear()
            else:
                self.escape(more, known[1])

    def escape(self, value: Value, node: ast.AST) -> None:
        """``value`` reaches code not in view at ``node``, and so does what is in it.

        What escaped before in the same way is passed over until something is put into it.
        """
        pending = [value]
        before = self._let_go.setdefault(type(node), {})
        seen: set[int] = set()
        while pending:
            item = pending.pop()
            # Most values hold no others, and this is where large files spend their time.
            if type(item) not in _HOLDERS or id(item) in seen or id(item) in before:
                continue
            seen.add(id(item))
            if isinstance(item, Instance | Sequence | Mapping):
                before[id(item)] = (item, node)
            if isinstance(item, Instance):
                item.escapes.append(node)
                pending.extend(item.attributes.values())
                if isinstance(item.type, UserClass):
                    continue
                if item.init is not None and path_of(item.type) == "functools.partial":
                    pending.extend(item.init.all())
                elif item.init is not None and item.call is not None and not self._is_result(item):
                    pending.extend(a for a in item.init.all() if isinstance(a, Instance | Sequence))
            elif isinstance(item, OneOf):
                pending.extend(item.options)
            elif isinstance(item, Sequence):
                pending.extend(item.items)
                item.exact = item.exact and item.kind == "tuple"
            elif isinstance(item, Mapping):
                pending.extend(item.items.values())
                item.exact = False
            elif isinstance(item, Coroutine):
                self._consume(item, node)
            elif isinstance(item, BoundMethod):
                pending.append(item.receiver)
            elif isinstance(item, Member):
                pending.append(item.owner)
