"""The value of each kind of expression."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from callscope.model.events import Loop
from callscope.model.values import (
    NONE,
    UNKNOWN,
    AnyKey,
    Arguments,
    BoundMethod,
    Constant,
    Coroutine,
    External,
    Function,
    Instance,
    Mapping,
    Module,
    OneOf,
    Scope,
    Sequence,
    Value,
    is_text,
    literal,
    one_of,
    options,
    path_of,
    some_text,
    truth,
)
from callscope.model.walk.library import Library
from callscope.model.walk.state import MOST_STEPS, MOST_TURNS, Frame, Outside
from callscope.source import ParsedSource

# Reading one of these by its name is remembered.
_NOTED = (Instance, Sequence, Mapping, OneOf, Constant)


class Expressions(Library):
    """Expressions to values."""

    def __init__(self, parsed: ParsedSource, outside: Outside) -> None:
        super().__init__(parsed, outside)
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
        module = scope.module
        value = scope.find(node.id)
        if value is None:
            value = self._builtin(node.id, scope)
        elif (
            isinstance(value, Constant)
            and node.id in self._rebound[id(module)]
            and scope is not module
        ):
            # A flag that some function sets: which value it has by now is not known.
            self._note_access(self.reads, node, value)
            value = UNKNOWN
        elif not self._where.root.is_module and module.names.get(node.id) is value:
            # Called at some time or other, a function may find any of the values the name had.
            value = one_of(self._bindings.get((id(module), node.id), [value]))
        self.loads[id(node)] = value
        if isinstance(value, _NOTED):
            self._note_access(self.reads, node, value)
        if isinstance(value, Coroutine):
            value.reads += 1
        return value

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        found = self.attribute(owner, node.attr)
        if isinstance(owner, Module) and isinstance(found, _NOTED):
            self._note_access(self.reads, node, found)
        return found

    def _await(self, node: ast.Await) -> Value:
        if isinstance(node.value, ast.Call):
            self._parents_use[id(node.value)] = "awaited"
        value = self.value(node.value)
        return one_of([self._awaited(option, node) for option in options(value)])

    def _awaited(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Coroutine):
            return self._consume(value, node)
        if not isinstance(value, Instance):
            return UNKNOWN
        if "<result>" in value.attributes:
            return value.attributes["<result>"]
        made_of = self.outside.awaited(path_of(value) or "")
        if made_of is None:
            return UNKNOWN
        return Instance(External(made_of), value.call, init=Arguments(open=True))

    def _consume(self, coroutine: Coroutine, place: ast.AST) -> Value:
        """Run a coroutine's body, once."""
        if coroutine.consumed is not None:
            return coroutine.result or UNKNOWN
        coroutine.consumed = place
        if coroutine.handed is not None:
            with self._situation(in_thread=True):
                coroutine.result = self._invoke(*coroutine.handed)
        if coroutine.function is not None and coroutine.arguments is not None:
            function, receiver = function_of(coroutine.function)
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

    def _defaults(self, spec: ast.arguments) -> None:
        for default in [*spec.defaults, *(d for d in spec.kw_defaults if d is not None)]:
            self.value(default)

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        made = Sequence(type(node).__name__.lower(), [])
        for element in node.elts:
            value = self.value(element)
            if isinstance(element, ast.Starred):
                self._extend(made, value)
            else:
                made.items.append(value)
        return made

    def _dict(self, node: ast.Dict) -> Value:
        made = Mapping({})
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            if key is None:
                self._merge(made, value)
                continue
            known = self.value(key)
            if isinstance(known, Constant):
                made.items[known.value] = value
                made.keys[known.value] = key
                made.values[known.value] = item
            else:
                made.items[AnyKey()] = value
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

    def _turns(self, items: Value) -> list[Value] | None:
        """The elements of a loop that can be walked turn by turn; None if they are not known."""
        if self._steps > MOST_STEPS:
            return None
        items = self._iterated(items)
        if isinstance(items, Sequence) and items.exact and len(items.items) <= MOST_TURNS:
            return list(items.items)
        return None

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
                return Mapping({AnyKey(): item}, exact=False)
            for turn, element in enumerate(turns):
                self._bind_element(node.generators[0].target, element)
                with self._situation(loops=(*self._where.loops, Loop(node, turn))):
                    key = self.value(node.key)
                    made.items[key.value if isinstance(key, Constant) else AnyKey()] = self.value(
                        node.value
                    )
                    made.exact = made.exact and isinstance(key, Constant)
            return made

    @contextmanager
    def _inner_scope(self, node: ast.AST) -> Iterator[None]:
        outer = self._frame
        self._frame = Frame(Scope({}, self._closure_scope(), node), outer.function, outer.receiver)
        if isinstance(outer.scope.node, ast.ClassDef):
            self._frame.scope.parent = outer.scope
        self._frame.returned, self._frame.yielded = outer.returned, outer.yielded
        try:
            yield
        finally:
            self._frame = outer

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
        if isinstance(node.op, ast.Mod) and is_text(left):
            return some_text()
        if isinstance(node.op, ast.BitOr) and isinstance(left, Mapping):
            made = Mapping(dict(left.items), left.exact)
            self._merge(made, right)
            return made
        if isinstance(node.op, ast.Sub):
            first, second = literal(left), literal(right)
            if isinstance(first, int) and isinstance(second, int):
                return Constant(first - second)
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
        if isinstance(node.slice, ast.Slice):
            return one_of([self._sliced(option, node.slice) for option in options(holder)])
        return one_of([self._item(option, key, node) for option in options(holder)])

    def _sliced(self, holder: Value, part: ast.Slice) -> Value:
        if not isinstance(holder, Sequence):
            return UNKNOWN
        ends = [self.value(end) if end else NONE for end in (part.lower, part.upper, part.step)]
        bounds = [end.value for end in ends if isinstance(end, Constant)]
        numbers = [end for end in bounds if end is None or isinstance(end, int)]
        if not holder.exact or len(numbers) < len(ends) or 0 in numbers[2:]:
            return Sequence(holder.kind, list(holder.items), exact=False)
        return Sequence(holder.kind, holder.items[slice(*numbers)])

    def _named_expression(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self._bind(node.target, value)
        return value

    def _joined(self, node: ast.JoinedStr) -> Value:
        parts = [self.value(part) for part in node.values]
        if all(isinstance(part, Constant) and isinstance(part.value, str) for part in parts):
            return Constant("".join(part.value for part in parts if isinstance(part, Constant)))  # type: ignore[misc]
        return some_text()

    def _formatted(self, node: ast.FormattedValue) -> Value:
        value = self.value(node.value)
        if isinstance(value, Constant) and node.conversion == -1 and node.format_spec is None:
            return Constant(str(value.value))
        return UNKNOWN

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        value = self.value(node.value) if node.value is not None else NONE
        frame = self._frame
        values, exact = [value], True
        if isinstance(node, ast.YieldFrom):
            turns = self._turns(value)
            values, exact = (turns, True) if turns is not None else ([self._element(value)], False)
        frame.yielded += values
        frame.yields_all = frame.yields_all and exact and self._is_certain_in(frame)
        if not self._where.stack:
            self.escape(value, node)
        return UNKNOWN

    def _is_certain_in(self, frame: Frame) -> bool:
        """Whether the place that is walked is reached once whenever ``frame`` was entered."""
        if frame.where is None or self._where.branches != frame.where.branches:
            return False
        inner = self._where.loops[len(frame.where.loops) :]
        return all(loop.turn is not None for loop in inner)


def _boolean(values: list[Value], stops_at: bool) -> Value:
    """``a or b`` (stops at what is true), ``a and b`` (at what is false): one of the operands.

    An operand but the last is given back only where it stops the evaluation.
    """
    early = [o for value in values[:-1] for o in options(value) if truth(o) is not (not stops_at)]
    return one_of([*early, values[-1]])


def function_of(value: Value) -> tuple[Function | None, Value | None]:
    """The function of a plain or bound callable, and what it is bound to; None for others."""
    if isinstance(value, BoundMethod):
        return value.function, value.receiver
    return (value, None) if isinstance(value, Function) else (None, None)
