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
import builtins
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from callscope.model.events import Access, Call, Loop, Root, Where
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Arguments,
    BoundMethod,
    Constant,
    Coroutine,
    External,
    Function,
    FunctionNode,
    Instance,
    Mapping,
    Member,
    OneOf,
    Scope,
    Sequence,
    Super,
    UserClass,
    Value,
    literal,
    one_of,
    options,
    outer_base,
    path_of,
    truth,
    without_none,
)

_MOST_DEPTH = 12
_MOST_STEPS = 400_000
_MOST_TURNS = 8

# What these do with an argument is known and is none of an agent's business.
_HARMLESS = frozenset(
    f"builtins.{name}"
    for name in (
        "print len isinstance issubclass str repr id type bool int float hash hasattr callable "
        "list tuple set dict frozenset sorted reversed enumerate zip iter next max min sum any all "
        "range vars dir format"
    ).split()
)

# Calling one of these gives its (first) function argument back, as far as names are concerned.
_TRANSPARENT = frozenset(
    {
        "functools.wraps()",
        "functools.lru_cache()",
        "functools.lru_cache",
        "functools.cache",
        "functools.cached_property",
        "abc.abstractmethod",
        "typing.overload",
        "typing.override",
        "typing.no_type_check",
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "streamlit.cache_resource",
        "streamlit.cache_resource()",
    }
)

_CACHING = frozenset(
    {
        "functools.lru_cache()",
        "functools.lru_cache",
        "functools.cache",
        "streamlit.cache_resource",
        "streamlit.cache_resource()",
    }
)

_RUNS_COROUTINE = frozenset(
    {
        "asyncio.run",
        "anyio.run",
        "asyncio.get_event_loop().run_until_complete",
        "asyncio.new_event_loop().run_until_complete",
    }
)


class _Frame:
    """One function being walked: its scope and the values it returned so far."""

    __slots__ = ("function", "receiver", "returned", "scope", "yielded")

    def __init__(self, scope: Scope, function: Function | None, receiver: Value | None) -> None:
        self.scope = scope
        self.function = function
        self.receiver = receiver
        self.returned: list[Value] = []
        self.yielded: list[Value] = []


class Interpreter:
    """Walks ``tree`` once; read ``calls`` afterwards.

    ``canonical`` maps a dotted import path to the one path all its re-exports share.
    ``transparent`` says of a call's path whether the call gives back the function it was given
    (a framework's decorators). ``is_coroutine`` says whether calling a path gives a coroutine,
    ``known`` whether code outside the file does nothing with its arguments but what the contracts
    tell. ``fields`` are the constructor parameters of a class outside the file, in order, that its
    objects have as attributes.
    """

    def __init__(
        self,
        tree: ast.Module,
        *,
        canonical: Callable[[str], str],
        transparent: Callable[[str], bool],
        is_coroutine: Callable[[str], bool],
        known: Callable[[str], bool],
        fields: Callable[[str], tuple[str, ...]],
    ) -> None:
        self.tree = tree
        self.calls: list[Call] = []
        self.coroutines: list[Coroutine] = []
        self.functions: list[Function] = []
        self.classes: list[UserClass] = []
        self.instances: list[Instance] = []
        self.loads: dict[int, Value] = {}
        self.reads: list[Access] = []
        self.writes: list[Access] = []
        self.star_imports: list[str] = []
        self.returns: dict[int, dict[int, tuple[ast.AST, Value]]] = {}
        self.exhausted = False
        self._canonical = canonical
        self._transparent = transparent
        self._is_coroutine = is_coroutine
        self._known = known
        self._fields = fields
        self._walked: set[int] = set()
        self._name_cache: dict[int, frozenset[str]] = {}
        self._entering: list[ast.AST] = []
        self._steps = 0
        self._naming = True
        self._rebound = {
            name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
        }
        self._parents_use: dict[int, str] = {}
        self.module = Scope({}, None, tree)
        self._frame = _Frame(self.module, None, None)
        self._where = Where(Root())
        self._statements: dict[type, Callable[..., bool | None]] = {
            ast.Expr: self._expr_statement,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
            ast.FunctionDef: self._define,
            ast.AsyncFunctionDef: self._define,
            ast.ClassDef: self._define_class,
            ast.Return: self._return,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Raise: self._raise,
            ast.Assert: self._assert,
            ast.Delete: self._delete,
            ast.Global: self._global,
            ast.Nonlocal: self._global,
            ast.Match: self._match,
            ast.Break: self._leave,
            ast.Continue: self._leave,
        }
        try_star = getattr(ast, "TryStar", None)
        if try_star is not None:
            self._statements[try_star] = self._try
        self._expressions: dict[type, Callable[..., Value]] = {
            ast.Constant: lambda node: Constant(node.value),
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Await: self._await,
            ast.Lambda: self._lambda,
            ast.List: self._sequence,
            ast.Tuple: self._sequence,
            ast.Set: self._sequence,
            ast.Dict: self._dict,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._dict_comprehension,
            ast.IfExp: self._if_expression,
            ast.BoolOp: self._bool_op,
            ast.BinOp: self._bin_op,
            ast.UnaryOp: self._unary_op,
            ast.Compare: self._compare,
            ast.Subscript: self._subscript,
            ast.NamedExpr: self._named_expression,
            ast.Starred: lambda node: self.value(node.value),
            ast.JoinedStr: self._joined,
            ast.FormattedValue: self._formatted,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
            ast.Slice: lambda node: UNKNOWN,
        }

    # -- walking ---------------------------------------------------------------------------

    def run(self) -> None:
        """Walk the module, then everything that nobody in view called."""
        self._block(self.tree.body)
        self._settle_coroutines(self.module.node)
        self._run_rest()

    def run_as_root(self, callback: Value) -> None:
        """Walk ``callback`` by itself, as when a pool or a framework calls it."""
        for option in options(callback):
            if isinstance(option, BoundMethod):
                self._run_root(option.function, option.receiver)
            elif isinstance(option, Function):
                self._run_root(option, None)

    def _run_rest(self) -> None:
        """Walk what is left, callers before what they call, so that a helper is met with the
        arguments it really gets."""
        while pending := [f for f in self.functions if id(f.node) not in self._walked]:
            mentions = Counter(name for f in pending for name in self._names_in(f.node))
            ready = [f for f in pending if not self._is_mentioned(f, pending, mentions)]
            for function in ready or pending[:1]:
                if id(function.node) not in self._walked:
                    self._run_left_over(function)

    def _is_mentioned(
        self, function: Function, pending: list[Function], mentions: Counter[str]
    ) -> bool:
        """Whether another function that is still to be walked names this one, or its class."""
        own = self._names_in(function.node)
        if mentions[function.name] > (function.name in own):
            return True
        owner = function.owner
        if owner is None or not mentions[owner.name]:
            return False
        return any(f.owner is not owner and owner.name in self._names_in(f.node) for f in pending)

    def _names_in(self, function: FunctionNode) -> frozenset[str]:
        """The names and attributes that a function's body loads."""
        known = self._name_cache.get(id(function))
        if known is None:
            known = frozenset(
                node.id if isinstance(node, ast.Name) else node.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Name | ast.Attribute)
            )
            self._name_cache[id(function)] = known
        return known

    def _run_left_over(self, function: Function) -> None:
        owner = function.owner
        if owner is None:
            self._run_root(function, None)
            return
        if not owner.instances:
            self._imagine(owner)
        if id(function.node) not in self._walked:
            receiver = owner if function.kind == "class" else owner.instances[0]
            self._run_root(function, receiver)

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
        arguments = self._assumed_arguments(function)
        self._enter(function, arguments, receiver, is_root=True)
        self._settle_coroutines(function.node)
        self._where, self._frame = before

    def _assumed_arguments(self, function: Function) -> Arguments:
        """Parameters of a function whose callers are not in view: as annotated, else unknown."""
        assumed = Arguments(open=True)
        spec = function.node.args
        for parameter in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]:
            if parameter.annotation is not None:
                value = self._annotated(parameter.annotation, function.scope)
                if value is not UNKNOWN:
                    assumed.keywords[parameter.arg] = value
        return assumed

    def _annotated(self, annotation: ast.expr, scope: Scope) -> Value:
        """An object as an annotation describes it; unknown unless it is one known class."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return UNKNOWN
        if isinstance(annotation, ast.BinOp):
            sides = [annotation.left, annotation.right]
            named = [s for s in sides if not (isinstance(s, ast.Constant) and s.value is None)]
            return self._annotated(named[0], scope) if len(named) == 1 else UNKNOWN
        if isinstance(annotation, ast.Subscript):
            outer = self._quiet(annotation.value, scope)
            if path_of(outer) == "typing.Optional":
                return self._annotated(annotation.slice, scope)
            if path_of(outer) == "typing.Annotated" and isinstance(annotation.slice, ast.Tuple):
                return self._annotated(annotation.slice.elts[0], scope)
            return UNKNOWN
        found = self._quiet(annotation, scope)
        if isinstance(found, UserClass) or (
            isinstance(found, External) and self._known(found.path)
        ):
            instance = Instance(found, None, init=Arguments(open=True))
            instance.escapes.append(annotation)
            return instance
        return UNKNOWN

    def _quiet(self, node: ast.expr, scope: Scope) -> Value:
        """The value of a name or dotted name, without recording anything."""
        if isinstance(node, ast.Name):
            return scope.find(node.id) or self._builtin(node.id)
        if isinstance(node, ast.Attribute):
            return self.attribute(self._quiet(node.value, scope), node.attr)
        return UNKNOWN

    def _settle_coroutines(self, place: ast.AST) -> None:
        """Run what is left of coroutines that were stored or returned: someone may await them."""
        for coroutine in self.coroutines:
            if coroutine.consumed is None and coroutine.call.use not in ("discarded", "kept"):
                self._consume(coroutine, place)

    @contextmanager
    def _situation(self, **changes: object) -> Iterator[None]:
        before = self._where
        self._where = replace(before, **changes)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self._where = before

    def _block(self, body: Iterable[ast.stmt]) -> bool:
        """Walk statements; False if the end of them is never reached."""
        for statement in body:
            handler = self._statements.get(type(statement))
            self._steps += 1
            if handler is not None and handler(statement) is False:
                return False
        return True

    def _branches(self, test: ast.AST, *bodies: Callable[[], bool]) -> bool:
        """Walk alternatives, each from the same start, and join what they leave behind."""
        scope = self._frame.scope
        start = scope.names
        ends: list[dict[str, Value]] = []
        with self._situation(branches=(*self._where.branches, test)):
            for body in bodies:
                scope.names = dict(start)
                if body():
                    ends.append(scope.names)
        scope.names = _join(ends) if ends else start
        return bool(ends)

    # -- statements ------------------------------------------------------------------------

    def _expr_statement(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._parents_use[id(node.value)] = "discarded"
        self.value(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        names = all(isinstance(target, ast.Name) for target in node.targets)
        if names and isinstance(value, Coroutine) and isinstance(node.value, ast.Call):
            value.call.use = "kept"
        for target in node.targets:
            self._bind(target, value)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, self.value(node.value))
        elif isinstance(node.target, ast.Name):
            assumed = self._annotated(node.annotation, self._frame.scope)
            if assumed is not UNKNOWN and node.target.id not in self._frame.scope.names:
                self._frame.scope.names[node.target.id] = assumed

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        left = self.value(node.target)
        right = self.value(node.value)
        self._note_access(self.writes, node, left)
        if isinstance(left, Sequence) and isinstance(node.op, ast.Add):
            self._extend(left, right)
            return
        self._bind(
            node.target, self._added(left, right) if isinstance(node.op, ast.Add) else UNKNOWN
        )

    def _bind_element(self, target: ast.expr, value: Value) -> None:
        """Bind a loop's target; it names many things, so it is nobody's label."""
        self._naming = False
        self._bind(target, value)
        self._naming = True

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self._bind_name(target.id, value)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            self._note_access(self.writes, target, owner)
            self._set_attribute(owner, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._set_item(target, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, value)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, Sequence("list", [], exact=False))

    def _bind_name(self, name: str, value: Value) -> None:
        scope = self._frame.scope
        if name in scope.outer:
            holder = scope.parent.holder(name) if scope.parent else None
            scope = holder or self.module
            old = scope.names.get(name)
            value = one_of([old, value]) if old is not None and self._where.branches else value
        if isinstance(value, Instance) and value.label is None and self._naming:
            value.label = name
        scope.names[name] = value

    def _set_attribute(self, owner: Value, name: str, value: Value) -> None:
        for option in options(without_none(owner)):
            attributes: dict[str, Value] | None = None
            if isinstance(option, Instance):
                attributes = option.attributes
            elif isinstance(option, UserClass):
                attributes = option.names
            if attributes is None:
                self.escape(value, self.tree)
                continue
            if isinstance(value, Instance) and value.label is None:
                value.label = name
            old = attributes.get(name)
            weak = old is not None and (bool(self._where.branches) or isinstance(owner, OneOf))
            attributes[name] = one_of([old, value]) if weak and old is not None else value

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
        holder = self.value(target.value)
        key = self.value(target.slice)
        self._note_access(self.writes, target, holder)
        if isinstance(holder, Mapping):
            if isinstance(key, Constant):
                holder.items[key.value] = value
            else:
                holder.items[id(target)] = value
                holder.exact = False
        elif isinstance(holder, Sequence):
            holder.items.append(value)
            holder.exact = False
        else:
            self.escape(value, target)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        parts: list[Value] | None = None
        if isinstance(value, Instance) and isinstance(value.type, UserClass):
            value = self._as_sequence(value)
        if isinstance(value, Sequence) and value.exact:
            parts = value.items
        if parts is not None and len(parts) == len(target.elts) and not _starred(target.elts):
            for element, part in zip(target.elts, parts, strict=True):
                self._bind(element, part)
            return
        if isinstance(value, OneOf):
            sequences = [o for o in value.options if isinstance(o, Sequence) and o.exact]
            if len(sequences) == len(value.options) and all(
                len(s.items) == len(target.elts) for s in sequences
            ):
                for index, element in enumerate(target.elts):
                    self._bind(element, one_of([s.items[index] for s in sequences]))
                return
        for element in target.elts:
            self._bind(element, self._element(value))

    def _as_sequence(self, value: Instance) -> Value:
        """The fields of a named tuple, in order."""
        if outer_is(value, "typing.NamedTuple") or outer_is(value, "collections.namedtuple"):
            return Sequence("tuple", list(value.attributes.values()))
        return UNKNOWN

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        owner = self._frame.scope.node
        scope = self._closure_scope()
        function = Function(node, scope)
        if isinstance(owner, ast.ClassDef):
            function.kind = "method"
            function.owner = self._class_of(owner)
        self.functions.append(function)
        self._defaults(node.args)
        value: Value = function
        for decorator in reversed(node.decorator_list):
            value = self._decorate(decorator, function, value)
        self._frame.scope.names[node.name] = value

    def _closure_scope(self) -> Scope:
        """The scope a nested function sees: class bodies are passed over, as in Python."""
        scope = self._frame.scope
        while isinstance(scope.node, ast.ClassDef) and scope.parent is not None:
            scope = scope.parent
        return scope

    def _class_of(self, node: ast.ClassDef) -> UserClass | None:
        return next((c for c in reversed(self.classes) if c.node is node), None)

    def _defaults(self, spec: ast.arguments) -> None:
        for default in [*spec.defaults, *(d for d in spec.kw_defaults if d is not None)]:
            self.value(default)

    def _decorate(self, decorator: ast.expr, function: Function, value: Value) -> Value:
        made = self.value(decorator)
        path = path_of(made) or ""
        if path in ("builtins.staticmethod", "builtins.classmethod", "builtins.property"):
            function.kind = {"s": "static", "c": "class", "p": "property"}[path[9]]
            return value
        if path in _CACHING:
            function.cached = True
        if isinstance(made, Member) and made.name in ("setter", "getter", "deleter"):
            return value
        arguments = Arguments([value], {}, [decorator], {})
        return self._invoke(made, arguments, decorator)

    def _define_class(self, node: ast.ClassDef) -> None:
        bases = tuple(self.value(base) for base in node.bases)
        for keyword in node.keywords:
            self.value(keyword.value)
        decorators = tuple(
            path_of(self.value(d.func if isinstance(d, ast.Call) else d)) or ""
            for d in node.decorator_list
        )
        made = UserClass(node, bases, self._frame.scope, decorators=decorators)
        self.classes.append(made)
        outer = self._frame
        self._frame = _Frame(Scope({}, outer.scope, node), outer.function, outer.receiver)
        self._block(node.body)
        made.names = self._frame.scope.names
        self._frame = outer
        value: Value = made
        for decorator in reversed(node.decorator_list):
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            path = path_of(self._quiet(named, self._frame.scope)) or ""
            if "dataclass" not in path:
                value = self._decorate_class(decorator, value)
        self._frame.scope.names[node.name] = value

    def _decorate_class(self, decorator: ast.expr, value: Value) -> Value:
        made = self.value(decorator)
        return self._invoke(made, Arguments([value], {}, [decorator], {}), decorator)

    def _return(self, node: ast.Return) -> bool:
        value = self.value(node.value) if node.value is not None else NONE
        self._frame.returned.append(value)
        if self._frame.function is not None:
            self._note_return(self._frame.function.node, node, value)
        if not self._where.stack and not self._where.root.is_module:
            self.escape(value, node)
        return False

    def _note_return(self, function: ast.AST, place: ast.AST, value: Value) -> None:
        """Remember what ``function`` gives back at ``place``, over all the times it is walked."""
        places = self.returns.setdefault(id(function), {})
        earlier = places.get(id(place))
        joined = value if earlier is None else one_of([earlier[1], value])
        places[id(place)] = (place, joined)

    def _if(self, node: ast.If) -> bool:
        if _is_main_guard(node.test):
            with self._situation(guard=True, guard_node=node):
                through = self._block(node.body)
            if node.orelse:
                self._branches(node.test, lambda: self._block(node.orelse), lambda: True)
            return through
        test = self.value(node.test)
        if path_of(test) == "typing.TYPE_CHECKING":
            self._block(node.body)
            return self._block(node.orelse)
        known = truth(test) if isinstance(test, Constant) else None
        if known is True:
            return self._block(node.body)
        if known is False:
            return self._block(node.orelse)
        return self._branches(
            node.test, lambda: self._block(node.body), lambda: self._block(node.orelse)
        )

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        items = self.value(node.iter)
        turns = self._turns(items)
        if turns is None:
            element = self._element(items)

            def body() -> bool:
                self._bind_element(node.target, element)
                with self._situation(loops=(*self._where.loops, Loop(node, None))):
                    self._block(node.body)
                return True

            self._branches(node.iter, body, lambda: True)
        else:
            for turn, element in enumerate(turns):
                self._bind_element(node.target, element)
                with self._situation(loops=(*self._where.loops, Loop(node, turn))):
                    self._block(node.body)
        self._block(node.orelse)
        return True

    def _turns(self, items: Value) -> list[Value] | None:
        """The elements of a loop that can be walked turn by turn; None if they are not known."""
        if self._steps > _MOST_STEPS:
            return None
        if isinstance(items, Sequence) and items.exact and len(items.items) <= _MOST_TURNS:
            return list(items.items)
        return None

    def _while(self, node: ast.While) -> bool:
        test = self.value(node.test)
        forever = isinstance(test, Constant) and bool(test.value)

        def body() -> bool:
            with self._situation(loops=(*self._where.loops, Loop(node, None))):
                self._block(node.body)
            return True

        if forever:
            body()
            return _breaks(node.body)
        self._branches(node.test, body, lambda: True)
        return self._block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            if isinstance(item.context_expr, ast.Call):
                self._parents_use[id(item.context_expr)] = "with"
            value = self.value(item.context_expr)
            if isinstance(value, Coroutine):
                value = self._consume(value, item.context_expr)
            if isinstance(value, Sequence) and value.kind == "generator":
                value = one_of(value.items) if value.items else UNKNOWN
            if isinstance(value, Instance) and isinstance(value.type, UserClass):
                enter = value.type.find("__enter__") or value.type.find("__aenter__")
                if isinstance(enter, Function):
                    entered = self._invoke(
                        BoundMethod(value, enter), Arguments(), item.context_expr
                    )
                    value = (
                        self._consume(entered, node) if isinstance(entered, Coroutine) else entered
                    )
            if item.optional_vars is not None:
                self._bind(item.optional_vars, value)
        return self._block(node.body)

    def _try(self, node: ast.Try) -> bool:
        scope = self._frame.scope
        before = dict(scope.names)
        through = self._block(node.body)
        imports = all(isinstance(s, ast.Import | ast.ImportFrom) for s in node.body)
        after = scope.names
        if through:
            through = self._block(node.orelse)
        ends = [scope.names] if through else []
        for handler in node.handlers:
            scope.names = _join([before, after])
            if handler.name:
                scope.names[handler.name] = UNKNOWN
            with self._situation(branches=(*self._where.branches, handler)):
                if self._block(handler.body):
                    # A fallback import stands for the same thing as the one that failed.
                    ends.append({**scope.names, **after} if imports else scope.names)
        scope.names = _join(ends) if ends else after
        return self._block(node.finalbody) and bool(ends)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self._bind_import(alias.asname, alias.name)
            else:
                top = alias.name.partition(".")[0]
                self._bind_import(top, top)

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.star_imports.append(module)
            else:
                joint = "" if module.endswith(".") else "."
                self._bind_import(alias.asname or alias.name, f"{module}{joint}{alias.name}")

    def _bind_import(self, name: str, path: str) -> None:
        value = UNKNOWN if path.startswith(".") else External(self._canonical(path))
        self._frame.scope.names[name] = value

    def _raise(self, node: ast.Raise) -> bool:
        for part in (node.exc, node.cause):
            if part is not None:
                self.value(part)
        return False

    def _assert(self, node: ast.Assert) -> None:
        self.value(node.test)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._frame.scope.names.pop(target.id, None)

    def _global(self, node: ast.Global | ast.Nonlocal) -> None:
        self._frame.scope.outer.update(node.names)

    def _match(self, node: ast.Match) -> bool:
        self.value(node.subject)

        def case_body(case: ast.match_case) -> Callable[[], bool]:
            def body() -> bool:
                for part in ast.walk(case.pattern):
                    name = getattr(part, "name", None) or getattr(part, "rest", None)
                    if isinstance(name, str):
                        self._bind_name(name, UNKNOWN)
                return self._block(case.body)

            return body

        bodies = [case_body(case) for case in node.cases]
        if not any(_takes_all(case) for case in node.cases):
            bodies.append(lambda: True)
        return self._branches(node, *bodies)

    def _leave(self, node: ast.stmt) -> bool:
        return False

    # -- expressions -----------------------------------------------------------------------

    def value(self, node: ast.expr) -> Value:
        """The value of an expression, walked once more each time it is asked for."""
        self._steps += 1
        handler = self._expressions.get(type(node))
        if handler is not None:
            return handler(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return UNKNOWN

    def _name(self, node: ast.Name) -> Value:
        scope = self._frame.scope
        value = scope.find(node.id)
        if value is None:
            value = self._builtin(node.id)
        elif isinstance(value, Constant) and node.id in self._rebound and scope is not self.module:
            # A flag that some function sets: which value it has by now is not known.
            self._note_access(self.reads, node, value)
            value = UNKNOWN
        self.loads[id(node)] = value
        if isinstance(value, Instance | Sequence | Mapping | OneOf | Constant):
            self._note_access(self.reads, node, value)
        if isinstance(value, Coroutine):
            value.reads += 1
        return value

    def _note_access(self, accesses: list[Access], node: ast.AST, value: Value) -> None:
        accesses.append(Access(node, value, self._where, len(self.calls)))

    def _builtin(self, name: str) -> Value:
        if self.star_imports:
            # It may have come with a star import: nothing is known of it.
            return UNKNOWN
        return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        return self.attribute(owner, node.attr)

    def attribute(self, owner: Value, name: str) -> Value:
        """``owner.name``."""
        owner = without_none(owner)
        if isinstance(owner, OneOf):
            return one_of([self.attribute(option, name) for option in owner.options])
        if isinstance(owner, External):
            return External(self._canonical(f"{owner.path}.{name}"))
        if isinstance(owner, Instance):
            return self._instance_attribute(owner, name)
        if isinstance(owner, UserClass):
            return self._class_attribute(owner, name)
        if isinstance(owner, Super):
            return self._super_attribute(owner, name)
        if isinstance(owner, Member):
            return Member(owner, name)
        if isinstance(owner, Sequence | Mapping | Function | BoundMethod | Coroutine):
            return Member(owner, name)
        return UNKNOWN

    def _instance_attribute(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        if isinstance(owner.type, UserClass):
            found = owner.type.find(name)
            if found is not None:
                return self._bound(owner, found)
            if path_of(owner) is None:
                if owner.init is not None and owner.init.open:
                    return UNKNOWN
                return Member(owner, name) if name.startswith("__") else UNKNOWN
        return self._constructor_field(owner, name) or Member(owner, name)

    def _constructor_field(self, owner: Instance, name: str) -> Value | None:
        """An attribute that holds what was passed to the constructor, as ``groupchat.agents``."""
        made_by = outer_base(owner.type)
        parameters = self._fields(made_by) if made_by is not None else ()
        if name not in parameters or owner.init is None:
            return None
        return owner.init.get(parameters.index(name), name)

    def _bound(self, owner: Instance | UserClass, found: Value) -> Value:
        if isinstance(found, OneOf):
            return one_of([self._bound(owner, option) for option in found.options])
        if not isinstance(found, Function) or found.kind == "static" or found.owner is None:
            return found
        if found.kind == "property" and isinstance(owner, Instance):
            return self._enter_at(found, Arguments(), owner, found.node)
        if found.kind == "class":
            return BoundMethod(owner.type if isinstance(owner, Instance) else owner, found)
        return BoundMethod(owner, found) if isinstance(owner, Instance) else found

    def _class_attribute(self, owner: UserClass, name: str) -> Value:
        found = owner.find(name)
        if found is not None:
            return self._bound(owner, found)
        base = path_of(owner)
        return External(self._canonical(f"{base}.{name}")) if base else UNKNOWN

    def _super_attribute(self, owner: Super, name: str) -> Value:
        ancestry = list(owner.after.ancestry())[1:]
        for base in ancestry:
            if isinstance(base, UserClass) and name in base.names:
                found = base.names[name]
                return BoundMethod(owner.receiver, found) if isinstance(found, Function) else found
        return Member(owner, name)

    def _await(self, node: ast.Await) -> Value:
        if isinstance(node.value, ast.Call):
            self._parents_use[id(node.value)] = "awaited"
        value = self.value(node.value)
        return one_of([self._awaited(option, node) for option in options(value)])

    def _awaited(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Coroutine):
            return self._consume(value, node)
        if isinstance(value, Instance) and "<result>" in value.attributes:
            return value.attributes["<result>"]
        return UNKNOWN

    def _consume(self, coroutine: Coroutine, place: ast.AST) -> Value:
        """Run a coroutine's body, once."""
        if coroutine.consumed is not None:
            return coroutine.result or UNKNOWN
        coroutine.consumed = place
        if coroutine.function is not None and coroutine.arguments is not None:
            function, receiver = _function_of(coroutine.function)
            if function is not None:
                coroutine.result = self._enter_at(
                    function, coroutine.arguments, receiver, coroutine.call.node
                )
        return coroutine.result or UNKNOWN

    def _lambda(self, node: ast.Lambda) -> Value:
        function = Function(node, self._closure_scope())
        self.functions.append(function)
        self._defaults(node.args)
        return function

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        made = Sequence(type(node).__name__.lower(), [])
        for element in node.elts:
            value = self.value(element)
            if isinstance(element, ast.Starred):
                self._extend(made, value)
            else:
                made.items.append(value)
        return made

    def _extend(self, sequence: Sequence, more: Value) -> None:
        if isinstance(more, Sequence):
            sequence.items.extend(more.items)
            sequence.exact = sequence.exact and more.exact
        else:
            sequence.exact = False
            sequence.items.append(UNKNOWN)

    def _dict(self, node: ast.Dict) -> Value:
        made = Mapping({})
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            if key is None:
                if isinstance(value, Mapping):
                    made.items.update(value.items)
                    made.exact = made.exact and value.exact
                else:
                    made.exact = False
                continue
            known = self.value(key)
            if isinstance(known, Constant):
                made.items[known.value] = value
                made.keys[known.value] = key
                made.values[known.value] = item
            else:
                made.items[id(key)] = value
                made.exact = False
        return made

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
        with self._inner_scope(node):
            turns = self._comprehension_turns(node.generators)
            if turns is not None:
                items = []
                for turn, element in enumerate(turns):
                    self._bind_element(node.generators[0].target, element)
                    with self._situation(loops=(*self._where.loops, Loop(node, turn))):
                        items.append(self.value(node.elt))
                return Sequence("list", items)
            self._bind_generators(node.generators)
            with self._situation(loops=(*self._where.loops, Loop(node, None))):
                item = self.value(node.elt)
            return Sequence("list", [item], exact=False)

    def _comprehension_turns(self, generators: list[ast.comprehension]) -> list[Value] | None:
        if len(generators) != 1 or generators[0].ifs:
            return None
        return self._turns(self.value(generators[0].iter))

    def _bind_generators(self, generators: list[ast.comprehension]) -> None:
        for generator in generators:
            self._bind_element(generator.target, self._element(self.value(generator.iter)))
            for test in generator.ifs:
                self.value(test)

    def _dict_comprehension(self, node: ast.DictComp) -> Value:
        with self._inner_scope(node):
            turns = self._comprehension_turns(node.generators)
            made = Mapping({})
            if turns is None:
                self._bind_generators(node.generators)
                self.value(node.key)
                with self._situation(loops=(*self._where.loops, Loop(node, None))):
                    item = self.value(node.value)
                return Mapping({id(node): item}, exact=False)
            for turn, element in enumerate(turns):
                self._bind_element(node.generators[0].target, element)
                with self._situation(loops=(*self._where.loops, Loop(node, turn))):
                    key = self.value(node.key)
                    made.items[key.value if isinstance(key, Constant) else (id(node), turn)] = (
                        self.value(node.value)
                    )
                    made.exact = made.exact and isinstance(key, Constant)
            return made

    @contextmanager
    def _inner_scope(self, node: ast.AST) -> Iterator[None]:
        outer = self._frame
        self._frame = _Frame(Scope({}, self._closure_scope(), node), outer.function, outer.receiver)
        if isinstance(outer.scope.node, ast.ClassDef):
            self._frame.scope.parent = outer.scope
        self._frame.returned, self._frame.yielded = outer.returned, outer.yielded
        try:
            yield
        finally:
            self._frame = outer

    def _element(self, value: Value) -> Value:
        """One element of ``value``, which one is not known."""
        if isinstance(value, Sequence):
            return one_of(value.items) if value.items else UNKNOWN
        if isinstance(value, Mapping):
            return UNKNOWN
        if isinstance(value, OneOf):
            return one_of([self._element(option) for option in value.options])
        return UNKNOWN

    def _if_expression(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        known = truth(test) if isinstance(test, Constant) else None
        if known is not None:
            return self.value(node.body if known else node.orelse)
        with self._situation(branches=(*self._where.branches, node.test)):
            return one_of([self.value(node.body), self.value(node.orelse)])

    def _bool_op(self, node: ast.BoolOp) -> Value:
        values = [self.value(operand) for operand in node.values]
        first = truth(values[0])
        if isinstance(node.op, ast.Or):
            if first is True:
                return values[0]
            return values[1] if first is False and len(values) == 2 else _boolean(values, True)
        return values[0] if first is False else _boolean(values, False)

    def _bin_op(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            return self._added(left, right)
        if isinstance(node.op, ast.BitOr):
            return UNKNOWN
        if isinstance(node.op, ast.Sub):
            first, second = literal(left), literal(right)
            if isinstance(first, int) and isinstance(second, int):
                return Constant(first - second)
        return UNKNOWN

    def _added(self, left: Value, right: Value) -> Value:
        if isinstance(left, Sequence) and isinstance(right, Sequence):
            return Sequence(left.kind, left.items + right.items, left.exact and right.exact)
        if isinstance(left, Sequence):
            return Sequence(left.kind, [*left.items, UNKNOWN], exact=False)
        if isinstance(left, Constant) and isinstance(right, Constant):
            if isinstance(left.value, str) and isinstance(right.value, str):
                return Constant(left.value + right.value)
            if isinstance(left.value, int) and isinstance(right.value, int):
                return Constant(left.value + right.value)
        return UNKNOWN

    def _unary_op(self, node: ast.UnaryOp) -> Value:
        operand = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            known = truth(operand)
            return UNKNOWN if known is None else Constant(not known)
        number = literal(operand)
        if isinstance(node.op, ast.USub) and isinstance(number, int | float):
            return Constant(-number)
        return UNKNOWN

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        rights = [self.value(other) for other in node.comparators]
        if len(rights) == 1 and isinstance(left, Constant) and isinstance(rights[0], Constant):
            same = left.value == rights[0].value
            if isinstance(node.ops[0], ast.Eq | ast.Is):
                return Constant(same)
            if isinstance(node.ops[0], ast.NotEq | ast.IsNot):
                return Constant(not same)
        if len(rights) == 1 and rights[0] == NONE and isinstance(left, Instance | Function):
            if isinstance(node.ops[0], ast.Is | ast.Eq):
                return Constant(False)
            if isinstance(node.ops[0], ast.IsNot | ast.NotEq):
                return Constant(True)
        return UNKNOWN

    def _subscript(self, node: ast.Subscript) -> Value:
        holder = self.value(node.value)
        key = self.value(node.slice)
        return one_of([self._item(option, key) for option in options(holder)])

    def _item(self, holder: Value, key: Value) -> Value:
        index = key.value if isinstance(key, Constant) else None
        if isinstance(holder, Instance) and isinstance(holder.type, UserClass):
            holder = self._as_sequence(holder)
        if isinstance(holder, Sequence):
            if (
                holder.exact
                and isinstance(index, int)
                and -len(holder.items) <= index < len(holder.items)
            ):
                return holder.items[index]
            return self._element(holder)
        if isinstance(holder, Mapping):
            if isinstance(key, Constant) and key.value in holder.items:
                return holder.items[key.value]
            if isinstance(key, Constant) and holder.exact:
                return UNKNOWN
            return one_of(list(holder.items.values())) if holder.items else UNKNOWN
        if isinstance(holder, External):
            return holder
        if isinstance(holder, Member | Instance):
            return Member(holder, "[]")
        return UNKNOWN

    def _named_expression(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self._bind(node.target, value)
        return value

    def _joined(self, node: ast.JoinedStr) -> Value:
        parts = [self.value(part) for part in node.values]
        if all(isinstance(part, Constant) and isinstance(part.value, str) for part in parts):
            return Constant("".join(part.value for part in parts if isinstance(part, Constant)))  # type: ignore[misc]
        return UNKNOWN

    def _formatted(self, node: ast.FormattedValue) -> Value:
        value = self.value(node.value)
        if isinstance(value, Constant) and node.conversion == -1 and node.format_spec is None:
            return Constant(str(value.value))
        return UNKNOWN

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        value = self.value(node.value) if node.value is not None else NONE
        if isinstance(node, ast.YieldFrom):
            value = self._element(value)
        self._frame.yielded.append(value)
        if not self._where.stack:
            self.escape(value, node)
        return UNKNOWN

    # -- calls -----------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Value:
        callee = self.value(node.func)
        special = self._special_call(node, callee)
        if special is not None:
            return special
        arguments = self._arguments(node)
        return self._invoke(callee, arguments, node)

    def _special_call(self, node: ast.Call, callee: Value) -> Value | None:
        path = path_of(callee)
        if path == "builtins.super":
            return self._super(node)
        return None

    def _super(self, node: ast.Call) -> Value:
        function, receiver = self._frame.function, self._frame.receiver
        if function is None or function.owner is None or receiver is None:
            return UNKNOWN
        return Super(receiver, function.owner)

    def _arguments(self, node: ast.Call) -> Arguments:
        made = Arguments()
        for argument in node.args:
            value = self.value(argument)
            if isinstance(argument, ast.Starred):
                if isinstance(value, Sequence) and value.exact:
                    made.positional.extend(value.items)
                    made.positional_nodes.extend([argument.value] * len(value.items))
                else:
                    made.open = True
                    break
            else:
                made.positional.append(value)
                made.positional_nodes.append(argument)
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                made.keywords[keyword.arg] = value
                made.keyword_nodes[keyword.arg] = keyword.value
            elif isinstance(value, Mapping):
                for key, item in value.items.items():
                    if isinstance(key, str):
                        made.keywords[key] = item
                        made.keyword_nodes[key] = keyword.value
                made.open = made.open or not value.exact
            else:
                made.open = True
        return made

    def _invoke(self, callee: Value, arguments: Arguments, node: ast.expr) -> Value:
        callee = without_none(callee)
        if isinstance(callee, OneOf):
            with self._situation(branches=(*self._where.branches, node)):
                return one_of([self._invoke(option, arguments, node) for option in callee.options])
        if isinstance(callee, Function):
            return self._call_function(callee, arguments, None, node)
        if isinstance(callee, BoundMethod):
            return self._call_function(callee.function, arguments, callee.receiver, node)
        if isinstance(callee, UserClass):
            return self._construct(callee, arguments, node)
        if isinstance(callee, Instance) and isinstance(callee.type, UserClass):
            method = callee.type.find("__call__")
            if isinstance(method, Function):
                return self._call_function(method, arguments, callee, node)
        if isinstance(callee, Member) and isinstance(callee.owner, Sequence | Mapping):
            return self._container_method(callee, arguments, node)
        return self._call_outside(callee, arguments, node)

    def _record(self, callee: Value, arguments: Arguments, node: ast.expr, result: Value) -> Call:
        receiver = callee.owner if isinstance(callee, Member) else None
        if isinstance(receiver, Super):
            receiver = receiver.receiver
        call = Call(
            node,
            callee,
            arguments,
            self._where,
            len(self.calls),
            result,
            self._parents_use.get(id(node), "value"),
            receiver,
        )
        self.calls.append(call)
        return call

    def _call_function(
        self, function: Function, arguments: Arguments, receiver: Value | None, node: ast.expr
    ) -> Value:
        if function.cached and function.memory is not None and not arguments.positional:
            return function.memory
        callee: Value = function if receiver is None else BoundMethod(receiver, function)
        call = self._record(callee, arguments, node, UNKNOWN)
        if function.is_async and not _is_generator(function.node):
            coroutine = Coroutine(call, callee, arguments)
            call.result = coroutine
            self.coroutines.append(coroutine)
            return coroutine
        result = self._enter_at(function, arguments, receiver, node)
        call.result = result
        if function.cached:
            function.memory = result
        return result

    def _enter_at(
        self, function: Function, arguments: Arguments, receiver: Value | None, node: ast.AST
    ) -> Value:
        too_deep = len(self._where.stack) >= _MOST_DEPTH or function.node in self._entering
        if too_deep or self._steps > _MOST_STEPS:
            self.exhausted = self.exhausted or self._steps > _MOST_STEPS
            for argument in arguments.all():
                self.escape(argument, node)
            return UNKNOWN
        with self._situation(stack=(*self._where.stack, (node, function))):
            return self._enter(function, arguments, receiver)

    def _enter(
        self,
        function: Function,
        arguments: Arguments,
        receiver: Value | None,
        is_root: bool = False,
    ) -> Value:
        """Walk a function's body with its parameters bound."""
        self._walked.add(id(function.node))
        self._entering.append(function.node)
        outer = self._frame
        scope = Scope({}, function.scope, function.node)
        self._frame = _Frame(scope, function, receiver)
        self._bind_parameters(function, arguments, receiver, scope)
        try:
            if isinstance(function.node, ast.Lambda):
                value = self.value(function.node.body)
                self._note_return(function.node, function.node.body, value)
                if is_root:
                    self.escape(value, function.node)
                return value
            through = self._block(function.node.body)
            frame = self._frame
            if through and not frame.yielded:
                self._note_return(function.node, function.node, NONE)
            if frame.yielded:
                return Sequence("generator", [one_of(frame.yielded)], exact=False)
            return one_of([*frame.returned, *([NONE] if through else [])])
        finally:
            self._frame = outer
            self._entering.pop()

    def _bind_parameters(
        self, function: Function, arguments: Arguments, receiver: Value | None, scope: Scope
    ) -> None:
        spec = function.node.args
        names = [parameter.arg for parameter in [*spec.posonlyargs, *spec.args]]
        defaults = dict(zip(reversed(names), reversed(spec.defaults), strict=False))
        given = list(arguments.positional)
        if receiver is not None and function.kind in ("method", "class", "property"):
            given.insert(0, receiver)
        for index, name in enumerate(names):
            if index < len(given):
                scope.names[name] = given[index]
            elif name in arguments.keywords:
                scope.names[name] = arguments.keywords[name]
            elif name in defaults and not arguments.open:
                scope.names[name] = self._default(defaults[name], function)
            else:
                scope.names[name] = UNKNOWN
        for parameter, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            if parameter.arg in arguments.keywords:
                scope.names[parameter.arg] = arguments.keywords[parameter.arg]
            elif default is not None and not arguments.open:
                scope.names[parameter.arg] = self._default(default, function)
            else:
                scope.names[parameter.arg] = UNKNOWN
        if spec.vararg is not None:
            rest = given[len(names) :]
            scope.names[spec.vararg.arg] = Sequence("tuple", rest, exact=not arguments.open)
        if spec.kwarg is not None:
            known = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
            extra: dict[object, Value] = {
                name: value for name, value in arguments.keywords.items() if name not in known
            }
            scope.names[spec.kwarg.arg] = Mapping(extra, exact=not arguments.open)

    def _default(self, node: ast.expr, function: Function) -> Value:
        if isinstance(node, ast.Constant):
            return Constant(node.value)
        return self._quiet(node, function.scope)

    def _construct(self, owner: UserClass, arguments: Arguments, node: ast.expr) -> Value:
        instance = Instance(owner, None, many=self._in_unknown_loop())
        instance.call = self._record(owner, arguments, node, instance)
        owner.instances.append(instance)
        self.instances.append(instance)
        construct = owner.find("__init__")
        if isinstance(construct, Function):
            self._enter_at(construct, arguments, instance, node)
            if instance.init is None and path_of(owner) is not None:
                instance.init = Arguments(open=True)
        elif _has_fields(owner):
            self._fill_fields(owner, instance, arguments)
        else:
            instance.init = arguments
            if path_of(owner) is None and outer_unknown(owner):
                for argument in arguments.all():
                    self.escape(argument, node)
        return instance

    def _in_unknown_loop(self) -> bool:
        """Whether the place stands for several turns of a loop that was walked once."""
        return any(loop.turn is None for loop in self._where.loops)

    def _fill_fields(self, owner: UserClass, instance: Instance, arguments: Arguments) -> None:
        """A dataclass or named tuple: its fields from the arguments, else from their defaults."""
        for index, (name, default) in enumerate(_fields(owner)):
            given = arguments.get(index, name)
            if given is not None:
                value = given
            elif default is None:
                value = UNKNOWN
            else:
                value = self._field_default(default, owner)
            if isinstance(value, Instance) and value.label is None:
                value.label = name
            instance.attributes[name] = value
        after = owner.find("__post_init__")
        if isinstance(after, Function):
            self._enter_at(after, Arguments(), instance, owner.node)

    def _field_default(self, default: ast.expr, owner: UserClass) -> Value:
        if isinstance(default, ast.Call):
            maker = next((k.value for k in default.keywords if k.arg == "default_factory"), None)
            if maker is not None:
                if isinstance(maker, ast.Lambda):
                    return self.value(maker.body)
                return self._invoke(self._quiet(maker, owner.scope), Arguments(), default)
        return self.value(default)

    def _container_method(self, callee: Member, arguments: Arguments, node: ast.expr) -> Value:
        holder = callee.owner
        self._note_access(self.writes, node, holder)
        first = arguments.get(0, None)
        if isinstance(holder, Sequence):
            return self._sequence_method(holder, callee.name, first, arguments)
        assert isinstance(holder, Mapping)
        if callee.name == "values":
            return Sequence("list", list(holder.items.values()), holder.exact)
        if callee.name == "keys":
            return Sequence("list", [Constant(k) for k in holder.items], holder.exact)
        if callee.name == "items":
            pairs: list[Value] = [
                Sequence("tuple", [Constant(k), v]) for k, v in holder.items.items()
            ]
            return Sequence("list", pairs, holder.exact)
        if callee.name in ("get", "pop", "setdefault"):
            fallback = arguments.get(1, "default") or NONE
            if isinstance(first, Constant) and first.value in holder.items:
                return holder.items[first.value]
            return fallback if holder.exact and isinstance(first, Constant) else UNKNOWN
        if callee.name == "update":
            if isinstance(first, Mapping):
                holder.items.update(first.items)
                holder.exact = holder.exact and first.exact
            elif first is not None:
                holder.exact = False
            holder.items.update(arguments.keywords)
        elif callee.name == "copy":
            return Mapping(dict(holder.items), holder.exact)
        return UNKNOWN

    def _sequence_method(
        self, holder: Sequence, name: str, first: Value | None, arguments: Arguments
    ) -> Value:
        if self._where.branches or self._in_unknown_loop():
            holder.exact = holder.exact and name in ("index", "count", "copy")
        if name == "append" and first is not None:
            holder.items.append(first)
        elif name == "extend" and first is not None:
            self._extend(holder, first)
        elif name == "insert":
            holder.items.insert(0, arguments.get(1, None) or UNKNOWN)
            if first != Constant(0):
                holder.exact = False
        elif name == "copy":
            return Sequence(holder.kind, list(holder.items), holder.exact)
        elif name == "pop":
            if holder.exact and holder.items and first is None:
                return holder.items.pop()
            holder.exact = False
            return self._element(holder)
        elif name in ("remove", "clear", "sort", "reverse", "add", "discard", "update"):
            if name == "add" and first is not None:
                holder.items.append(first)
            holder.exact = False
        return UNKNOWN if name in ("index", "count") else NONE

    def _call_outside(self, callee: Value, arguments: Arguments, node: ast.expr) -> Value:
        path = path_of(callee)
        if path is None:
            for argument in arguments.all():
                self.escape(argument, node)
            if isinstance(callee, Member):
                self._escape_receiver(callee, node)
            self._record(callee, arguments, node, UNKNOWN)
            return UNKNOWN
        simple = self._known_builtin(path, arguments)
        if simple is not None:
            return simple
        if path in _RUNS_COROUTINE:
            return self._run_coroutine(callee, arguments, node)
        if (
            isinstance(callee, Member)
            and isinstance(callee.owner, Super)
            and callee.name == "__init__"
        ):
            return self._super_init(callee, arguments, node)
        return self._opaque_call(callee, path, arguments, node)

    def _opaque_call(self, callee: Value, path: str, arguments: Arguments, node: ast.expr) -> Value:
        """A call of something outside the file: its result is known only by where it came from."""
        transparent = path in _TRANSPARENT or self._transparent(path)
        first = arguments.get(0, None)
        if transparent and isinstance(first, Function | BoundMethod | UserClass):
            self._record(callee, arguments, node, first)
            return first
        if self._is_coroutine(path):
            call = self._record(callee, arguments, node, UNKNOWN)
            coroutine = Coroutine(call)
            call.result = coroutine
            self.coroutines.append(coroutine)
            return coroutine
        instance = Instance(callee, None, init=arguments)
        instance.many = self._in_unknown_loop()
        instance.call = self._record(callee, arguments, node, instance)
        self.instances.append(instance)
        for argument in arguments.all():
            self._hand_over(argument, path, instance, node)
        return instance

    def _hand_over(self, argument: Value, path: str, result: Instance, node: ast.expr) -> None:
        """An argument goes to code outside the file: it escapes unless that code is known."""
        for option in options(argument):
            if isinstance(option, Coroutine) and path in _HARMLESS:
                # Printing a coroutine does not run it.
                option.reads -= 1
            elif isinstance(option, Coroutine):
                result.attributes["<result>"] = self._consume(option, node)
            elif isinstance(option, Sequence):
                for item in option.items:
                    self._hand_over(item, path, result, node)
        if path not in _HARMLESS and not self._known(path):
            self.escape(argument, node)

    def _run_coroutine(self, callee: Value, arguments: Arguments, node: ast.expr) -> Value:
        call = self._record(callee, arguments, node, UNKNOWN)
        first = arguments.get(0, "main")
        if isinstance(first, Coroutine):
            call.result = self._consume(first, node)
        elif isinstance(first, Function | BoundMethod):
            made = self._call_function(*_function_and_receiver(first, Arguments()), node)
            if isinstance(made, Coroutine):
                call.result = self._consume(made, node)
        return call.result

    def _super_init(self, callee: Member, arguments: Arguments, node: ast.expr) -> Value:
        owner = callee.owner
        assert isinstance(owner, Super)
        call = self._record(callee, arguments, node, NONE)
        if isinstance(owner.receiver, Instance):
            owner.receiver.init = arguments
        call.receiver = owner.receiver
        return NONE

    def _escape_receiver(self, callee: Member, node: ast.AST) -> None:
        self.escape(callee.owner, node)

    def _known_builtin(self, path: str, arguments: Arguments) -> Value | None:
        if not path.startswith("builtins.") or path.count(".") > 1:
            return None
        first = arguments.get(0, None)
        name = path[9:]
        if name in ("list", "tuple", "set", "sorted", "reversed", "iter"):
            if isinstance(first, Sequence):
                return Sequence(
                    name, list(first.items), first.exact and name in ("list", "tuple", "iter")
                )
            return Sequence("list", [], exact=True) if first is None else None
        if name == "dict" and first is None:
            items: dict[object, Value] = dict(arguments.keywords.items())
            return Mapping(items, exact=not arguments.open)
        if name == "enumerate" and isinstance(first, Sequence):
            pairs: list[Value] = [Sequence("tuple", [UNKNOWN, item]) for item in first.items]
            return Sequence("list", pairs, first.exact)
        if name == "zip" and arguments.positional:
            columns = arguments.positional
            if all(isinstance(c, Sequence) and c.exact for c in columns):
                rows = zip(*(c.items for c in columns if isinstance(c, Sequence)), strict=False)
                return Sequence("list", [Sequence("tuple", list(row)) for row in rows])
            return Sequence(
                "list", [Sequence("tuple", [self._element(c) for c in columns])], exact=False
            )
        many = literal(first) if name == "range" and len(arguments.positional) == 1 else None
        if isinstance(many, int) and 0 < many <= 3:
            return Sequence("range", [Constant(i) for i in range(many)])
        if name == "len" and isinstance(first, Sequence) and first.exact:
            return Constant(len(first.items))
        if name == "str" and isinstance(first, Constant):
            return Constant(str(first.value))
        return None

    def escape(self, value: Value, node: ast.AST) -> None:
        """``value`` reaches code not in view at ``node``."""
        pending = [value]
        seen: set[int] = set()
        while pending:
            item = pending.pop()
            if id(item) in seen:
                continue
            seen.add(id(item))
            if isinstance(item, Instance):
                item.escapes.append(node)
                if isinstance(item.type, UserClass):
                    pending.extend(item.attributes.values())
                elif item.init is not None and item.call is not None:
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


# -- helpers -------------------------------------------------------------------------------

_BUILTINS = frozenset(dir(builtins))


def _join(ends: list[dict[str, Value]]) -> dict[str, Value]:
    if len(ends) == 1:
        return ends[0]
    joined: dict[str, Value] = {}
    for end in ends:
        for name, value in end.items():
            old = joined.get(name)
            joined[name] = value if old is None or old is value else one_of([old, value])
    return joined


def _starred(elements: list[ast.expr]) -> bool:
    return any(isinstance(element, ast.Starred) for element in elements)


def _is_main_guard(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = [test.left, test.comparators[0]]
    return (
        isinstance(test.ops[0], ast.Eq)
        and any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
        and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
    )


def _boolean(values: list[Value], stops_at: bool) -> Value:
    """``a or b`` (stops at what is true), ``a and b`` (at what is false): one of the operands.

    An operand but the last is given back only where it stops the evaluation.
    """
    early = [o for value in values[:-1] for o in options(value) if truth(o) is not (not stops_at)]
    return one_of([*early, values[-1]])


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a ``break`` in ``body`` leaves the loop that ``body`` is of."""
    pending: list[ast.AST] = list(body)
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Break):
            return True
        if isinstance(item, ast.For | ast.AsyncFor | ast.While):
            pending.extend(item.orelse)
        elif not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(item))
    return False


def _takes_all(case: ast.match_case) -> bool:
    """Whether nothing gets past this ``case``: it has no guard and its pattern is a bare name."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _is_generator(node: FunctionNode) -> bool:
    pending: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(item))
    return False


def _function_of(value: Value) -> tuple[Function | None, Value | None]:
    if isinstance(value, BoundMethod):
        return value.function, value.receiver
    return (value, None) if isinstance(value, Function) else (None, None)


def _function_and_receiver(
    value: Function | BoundMethod, arguments: Arguments
) -> tuple[Function, Arguments, Value | None]:
    function, receiver = _function_of(value)
    assert function is not None
    return function, arguments, receiver


def _has_fields(owner: UserClass) -> bool:
    return any("dataclass" in decorator for decorator in owner.decorators) or any(
        path_of(base) == "typing.NamedTuple"
        for base in owner.ancestry()
        if not isinstance(base, UserClass)
    )


def _fields(owner: UserClass) -> list[tuple[str, ast.expr | None]]:
    found: dict[str, ast.expr | None] = {}
    for base in reversed([b for b in owner.ancestry() if isinstance(b, UserClass)]):
        for statement in base.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found[statement.target.id] = statement.value
    return list(found.items())


def outer_is(value: Instance, path: str) -> bool:
    """Whether the object's class derives from ``path`` outside the file."""
    return isinstance(value.type, UserClass) and any(
        path_of(base) == path for base in value.type.ancestry() if not isinstance(base, UserClass)
    )


def outer_unknown(owner: UserClass) -> bool:
    """Whether a base of the class is unknown."""
    return any(not isinstance(base, UserClass | External) for base in owner.ancestry())
