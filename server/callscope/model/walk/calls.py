"""Calls: of functions and classes of the file, and of what lies outside it."""

from __future__ import annotations

import ast

from callscope.model.events import Call
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
    one_of,
    options,
    outer_base,
    path_of,
    without_none,
)
from callscope.model.walk.annotations import default_of, notes_of, parameters_of, returns_of
from callscope.model.walk.expressions import Expressions, function_of
from callscope.model.walk.state import MOST_DEPTH, MOST_STEPS, Frame
from callscope.source import is_generator, walk

# What these do with an argument is known and is none of an agent's business.
_HARMLESS = frozenset({"json.dumps", "copy.deepcopy", "functools.partial"}) | frozenset(
    f"builtins.{name}"
    for name in (
        "print len isinstance issubclass str repr id type bool int float hash hasattr callable "
        "list tuple set dict frozenset sorted reversed enumerate zip iter next max min sum any all "
        "range vars dir format filter map getattr staticmethod"
    ).split()
)

# These keep their arguments, or run them, and hand them to nobody else.
_KEEPING = frozenset(
    {"functools.partial", "functools.partialmethod", "asyncio.gather", "random.choice"}
)

# Calling one of these gives its (first) function argument back, as far as names are concerned.
_TRANSPARENT = frozenset(
    {
        "functools.wraps()",
        "functools.update_wrapper",
        "functools.lru_cache()",
        "functools.lru_cache",
        "functools.cache",
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

_RUNS_COROUTINE = frozenset(
    {
        "asyncio.run",
        "anyio.run",
        "asyncio.get_event_loop().run_until_complete",
        "asyncio.new_event_loop().run_until_complete",
    }
)


class Calls(Expressions):
    """Calls, and what they give."""

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
            given = self._iterated(value) if isinstance(argument, ast.Starred) else value
            if made.open:
                made.rest.append(value)
            elif not isinstance(argument, ast.Starred):
                made.positional.append(value)
                made.positional_nodes.append(argument)
            elif isinstance(given, Sequence) and given.exact:
                made.positional.extend(given.items)
                made.positional_nodes.extend([argument.value] * len(given.items))
            else:
                made.open = True
                made.rest.append(value)
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
                if not value.exact:
                    made.open = True
                    made.rest.append(value)
            else:
                made.open = True
                made.rest.append(value)
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
        given = _partial_of(callee)
        if given is not None:
            return self._invoke(given.positional[0], _filled(given, arguments), node)
        if isinstance(callee, Member) and isinstance(callee.owner, Function):
            bound = callee.name == "__get__" and arguments.positional
            return BoundMethod(arguments.positional[0], callee.owner) if bound else UNKNOWN
        explicit = self._with_explicit_self(callee, arguments)
        if explicit is not None:
            return self._call_outside(*explicit, node)
        return self._call_outside(callee, arguments, node)

    def _with_explicit_self(
        self, callee: Value, arguments: Arguments
    ) -> tuple[Member, Arguments] | None:
        """``Base.method(agent, ...)`` of a class outside the file, as ``agent.method(...)``."""
        owner, _, name = (path_of(callee) or "").rpartition(".")
        first = arguments.get(0, None)
        if not isinstance(callee, External) or not isinstance(first, Instance):
            return None
        made_of = outer_base(first.type)
        if made_of is None or self.outside.derives(made_of, owner) is not True:
            return None
        receiver = Super(first, first.type) if isinstance(first.type, UserClass) else first
        rest = Arguments(
            arguments.positional[1:],
            arguments.keywords,
            arguments.positional_nodes[1:],
            arguments.keyword_nodes,
            arguments.open,
        )
        return Member(receiver, name), rest

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
        for value in arguments.all():
            if isinstance(value, Function | Instance):
                self._note_passed(call, value)
        return call

    def _note_passed(self, call: Call, given: Value) -> None:
        """Remember what a function will be passed that is handed to an engine here, be it wrapped
        by a decorator."""
        if isinstance(given, Instance) and given.call is not None:
            given = given.call.arguments.get(0, None) or UNKNOWN
        kind = self.outside.passed_first(call.path) if call.path is not None else None
        if isinstance(given, Function) and kind is not None:
            self._passed.setdefault(id(given.node), kind)

    def _call_function(
        self, function: Function, arguments: Arguments, receiver: Value | None, node: ast.expr
    ) -> Value:
        if function.cached and function.memory is not None and not arguments.positional:
            return function.memory
        callee: Value = function if receiver is None else BoundMethod(receiver, function)
        call = self._record(callee, arguments, node, UNKNOWN)
        if function.is_async and not is_generator(function.node):
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
        too_deep = len(self._where.stack) >= MOST_DEPTH or function.node in self._entering
        if too_deep or self._steps > MOST_STEPS:
            self.exhausted = self.exhausted or self._steps > MOST_STEPS
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
        self._frame = Frame(scope, function, receiver, self._where)
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
                exact = frame.yields_all and not _may_stop_early(function.node)
                items = frame.yielded if exact else [one_of(frame.yielded)]
                return Sequence("generator", items, exact)
            given = one_of([*frame.returned, *([NONE] if through else [])])
            return self._known_as(given, returns_of(function), function.scope)
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
        if receiver is not None and function.kind != "static":
            given.insert(0, receiver)
        bound = len(given)
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
        for parameter in parameters_of(spec):
            value = scope.names[parameter.arg]
            if value is UNKNOWN:
                value = self._injected(parameter, function)
            if value is UNKNOWN and arguments.open and parameter.arg in names[bound : bound + 1]:
                value = self._first_passed(function)
            described = self._known_as(value, parameter.annotation, function.scope)
            if described is not value and _may_be_none(parameter, spec):
                described = one_of([described, NONE])
            scope.names[parameter.arg] = described
        if spec.vararg is not None:
            rest = given[len(names) :]
            if arguments.open and spec.vararg.annotation is not None:
                rest += self._several(spec.vararg.annotation, function.scope)
            scope.names[spec.vararg.arg] = Sequence("tuple", rest, exact=not arguments.open)
        if spec.kwarg is not None:
            known = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
            extra: dict[object, Value] = {
                name: value for name, value in arguments.keywords.items() if name not in known
            }
            scope.names[spec.kwarg.arg] = Mapping(extra, exact=not arguments.open)

    def _first_passed(self, function: Function) -> Value:
        """What the engine that calls the function passes."""
        path = self._passed.get(id(function.node))
        if path is None:
            return UNKNOWN
        return Instance(External(path), None, init=Arguments(open=True))

    def _injected(self, parameter: ast.arg, function: Function) -> Value:
        """What a framework passes that calls the function which the parameter is marked with."""
        marks: list[ast.expr] = list(notes_of(parameter.annotation))
        default = default_of(parameter, function.node.args)
        marks += [default] if default is not None else []
        for mark in marks:
            if not isinstance(mark, ast.Call) or not (mark.args or mark.keywords):
                continue
            if path_of(self._quiet(mark.func, function.scope)) == self.outside.injected:
                named = mark.args[0] if mark.args else mark.keywords[0].value
                maker = self._quiet(named, function.scope)
                return self._entered(self._invoke(maker, Arguments(open=True), mark), mark)
        return UNKNOWN

    def _default(self, node: ast.expr, function: Function) -> Value:
        if isinstance(node, ast.Constant):
            return Constant(node.value)
        if isinstance(node, ast.Tuple):
            return Sequence("tuple", [self._default(item, function) for item in node.elts])
        return self._quiet(node, function.scope)

    def _construct(self, owner: UserClass, arguments: Arguments, node: ast.expr) -> Value:
        if _is_typed_dict(owner):
            fields: dict[object, Value] = dict(arguments.keywords.items())
            return Mapping(fields, exact=not arguments.open)
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

    def _fill_fields(self, owner: UserClass, instance: Instance, arguments: Arguments) -> None:
        """A dataclass or named tuple: its fields from the arguments, else from their defaults."""
        for index, (name, default) in enumerate(_fields(owner)):
            given = arguments.get(index, name)
            if given is not None:
                value = given
            elif default is None:
                value = owner.find(name) or UNKNOWN
            else:
                value = self._field_default(default, owner)
            if isinstance(value, Instance) and value.label is None:
                value.label = name
            self._changes(instance, value)
            instance.attributes[name] = value
        after = owner.find("__post_init__")
        if isinstance(after, Function):
            self._enter_at(after, Arguments(), instance, owner.node)

    def _field_default(self, default: ast.expr, owner: UserClass) -> Value:
        if isinstance(default, ast.Call):
            maker = next((k.value for k in default.keywords if k.arg in _FACTORIES), None)
            if maker is not None:
                if isinstance(maker, ast.Lambda):
                    return self.value(maker.body)
                return self._invoke(self._quiet(maker, owner.scope), Arguments(), default)
        return self.value(default)

    def _call_outside(self, callee: Value, arguments: Arguments, node: ast.expr) -> Value:
        path = path_of(callee)
        if path is None:
            for argument in arguments.all():
                self.escape(argument, node)
            if isinstance(callee, Member):
                self._escape_receiver(callee, node)
            self._record(callee, arguments, node, UNKNOWN)
            return UNKNOWN
        kept = self._store_call(callee, arguments)
        if kept is not None:
            self._record(callee, arguments, node, kept)
            return kept
        simple = self._library_call(path, arguments, node)
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
        handed = self._handed_to_thread(path, arguments, node)
        if handed is not None:
            call = self._record(callee, arguments, node, UNKNOWN)
            call.result = Coroutine(call, handed=handed)
            return call.result
        return self._opaque_call(callee, path, arguments, node)

    def _handed_to_thread(
        self, path: str, arguments: Arguments, node: ast.expr
    ) -> tuple[Value, Arguments, ast.expr] | None:
        """The chat that a thread is to begin for whoever awaits this call: the method of an agent,
        what reaches it, and where it is named."""
        index = self.outside.thread_at(path, arguments)
        place = arguments.node(index, None)
        if index is None or place is None:
            return None
        method, passed = arguments.positional[index], _after(arguments, index)
        while (made_of := _partial_of(method)) is not None:
            method, place = made_of.positional[0], made_of.positional_nodes[0]
            passed = _filled(made_of, passed)
        if not isinstance(method, Member) or not self.outside.begins(path_of(method) or ""):
            return None
        # A future that nobody awaits here and now begins at once all the same.
        waits = self._parents_use.get(id(node)) == "awaited"
        return (method, passed, place) if index == 0 or waits else None

    def _store_call(self, callee: Value, arguments: Arguments) -> Value | None:
        """What ``session.get("agent")`` gives of a store; ``set`` puts something into it."""
        if isinstance(callee, External):
            path, _, method = callee.path.rpartition(".")
            owner: Value = External(path)
        elif isinstance(callee, Member):
            owner, method = callee.owner, callee.name
        else:
            return None
        key, value = arguments.get(0, "key"), arguments.get(1, None)
        if method not in ("get", "set", "setdefault") or not isinstance(key, Constant):
            return None
        if method != "get" and value is not None:
            self._keep(owner, key.value, value)
        return None if method == "set" else self._kept(owner, key.value)

    def _opaque_call(self, callee: Value, path: str, arguments: Arguments, node: ast.expr) -> Value:
        """A call of something outside the file: its result is known only by where it came from."""
        transparent = path in _TRANSPARENT or self.outside.transparent(path)
        first = arguments.get(0, None)
        if transparent and isinstance(first, Function | BoundMethod | UserClass):
            if isinstance(first, Function) and path.startswith("functools.") and "wrap" in path:
                first.wraps = _wrapped(callee, arguments) or UNKNOWN
            self._record(callee, arguments, node, first)
            return first
        if self.outside.is_coroutine(path):
            call = self._record(callee, arguments, node, UNKNOWN)
            coroutine = Coroutine(call)
            call.result = coroutine
            self.coroutines.append(coroutine)
            return coroutine
        if self.outside.fluent(path):
            given = (
                callee.owner if isinstance(callee, Member) else External(path.rpartition(".")[0])
            )
            self._record(callee, arguments, node, given)
            return given
        instance = Instance(callee, None, init=_as_constructed(callee, arguments))
        instance.many = self._in_unknown_loop()
        instance.call = self._record(callee, arguments, node, instance)
        self.instances.append(instance)
        for argument in arguments.all():
            self._hand_over(argument, path, instance, node)
        if path == "asyncio.gather" and not arguments.open:
            results = [self._awaited(argument, node) for argument in arguments.positional]
            instance.attributes["<result>"] = Sequence("list", results)
        return instance

    def _hand_over(self, argument: Value, path: str, result: Instance, node: ast.expr) -> None:
        """An argument goes to code outside the file: it escapes unless that code is known."""
        pending = list(options(argument))
        seen: set[int] = set()
        while pending:
            option = pending.pop()
            if isinstance(option, Coroutine) and path in _HARMLESS:
                # Printing a coroutine does not run it.
                option.reads -= 1
            elif isinstance(option, Coroutine):
                result.attributes["<result>"] = self._consume(option, node)
            elif isinstance(option, Sequence) and id(option) not in seen:
                # A list may hold itself.
                seen.add(id(option))
                pending.extend(part for item in option.items for part in options(item))
        if path not in _HARMLESS | _KEEPING and not self.outside.known(path):
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
            owner.receiver.init = _as_constructed(_outer_class(owner), arguments)
        call.receiver = owner.receiver
        return NONE

    def _escape_receiver(self, callee: Member, node: ast.AST) -> None:
        self.escape(callee.owner, node)


def _wrapped(callee: Value, arguments: Arguments) -> Value | None:
    """What ``wraps(wrapped)(wrapper)`` or ``update_wrapper(wrapper, wrapped)`` is given."""
    if isinstance(callee, Instance):
        return callee.init.get(0, "wrapped") if callee.init is not None else None
    return arguments.get(1, "wrapped")


def _partial_of(callee: Value) -> Arguments | None:
    """What a ``functools.partial`` was made of."""
    if isinstance(callee, Instance) and path_of(callee.type) == "functools.partial":
        return callee.init if callee.init is not None and callee.init.positional else None
    return None


def _filled(partial: Arguments, call: Arguments) -> Arguments:
    """The arguments that reach the function of a ``functools.partial``."""
    return Arguments(
        [*partial.positional[1:], *call.positional],
        {**partial.keywords, **call.keywords},
        [*partial.positional_nodes[1:], *call.positional_nodes],
        {**partial.keyword_nodes, **call.keyword_nodes},
        partial.open or call.open,
        [*partial.rest, *call.rest],
    )


def _after(arguments: Arguments, index: int) -> Arguments:
    """The arguments without the positional ones up to ``index``."""
    return Arguments(
        arguments.positional[index + 1 :],
        arguments.keywords,
        arguments.positional_nodes[index + 1 :],
        arguments.keyword_nodes,
        arguments.open,
        arguments.rest,
    )


def _as_constructed(maker: Value, arguments: Arguments) -> Arguments:
    """What reaches the constructor of the class outside: what is passed, or, where a declared
    class or factory stands between, perhaps something else."""
    if isinstance(maker, External) and maker.opaque:
        return Arguments(open=True)
    return arguments


def _outer_class(owner: Super) -> Value:
    """The nearest class outside the file that ``super()`` looks in."""
    outside = (base for base in owner.ancestry() if not isinstance(base, UserClass))
    return next((base for base in outside if path_of(base) == path_of(owner)), UNKNOWN)


def _function_and_receiver(
    value: Function | BoundMethod, arguments: Arguments
) -> tuple[Function, Arguments, Value | None]:
    function, receiver = function_of(value)
    assert function is not None
    return function, arguments, receiver


_FACTORIES = ("default_factory", "factory")
_RECORD_BASES = frozenset({"typing.NamedTuple", "pydantic.BaseModel"})
_RECORD_DECORATORS = frozenset("attr.s attr.define attr.frozen attrs.define attrs.frozen".split())


def _may_be_none(parameter: ast.arg, spec: ast.arguments) -> bool:
    """Whether a parameter is None where nothing is passed, whatever its annotation says."""
    default = default_of(parameter, spec)
    return isinstance(default, ast.Constant) and default.value is None


def _has_fields(owner: UserClass) -> bool:
    """Whether calling the class binds its annotated names, as in a dataclass."""
    decorated = any("dataclass" in d or d in _RECORD_DECORATORS for d in owner.decorators)
    return decorated or any(path_of(base) in _RECORD_BASES for base in _outer_bases(owner))


def _is_typed_dict(owner: UserClass) -> bool:
    return any(path_of(base) == "typing.TypedDict" for base in _outer_bases(owner))


def _outer_bases(owner: UserClass) -> list[Value]:
    return [base for base in owner.ancestry() if not isinstance(base, UserClass)]


def _fields(owner: UserClass) -> list[tuple[str, ast.expr | None]]:
    found: dict[str, ast.expr | None] = {}
    for base in reversed([b for b in owner.ancestry() if isinstance(b, UserClass)]):
        for statement in base.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found[statement.target.id] = statement.value
    return list(found.items())


def outer_unknown(owner: UserClass) -> bool:
    """Whether a base of the class is unknown."""
    return any(not isinstance(base, UserClass | External) for base in owner.ancestry())


def _may_stop_early(node: FunctionNode) -> bool:
    """Whether a statement in ``node`` may leave out what comes after it."""
    leaving = (ast.Return, ast.Break, ast.Continue, ast.Raise, ast.Try, ast.While, ast.Match)
    return any(isinstance(part, leaving) for part in walk(node))
