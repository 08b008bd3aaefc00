"""The effect of each kind of statement."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace

from callscope.model.events import Loop
from callscope.model.values import (
    NONE,
    UNKNOWN,
    AnyKey,
    Arguments,
    BoundMethod,
    Constant,
    Coroutine,
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
    options,
    path_of,
    truth,
    without_none,
)
from callscope.model.walk.annotations import notes_of, parameters_of
from callscope.model.walk.imports import Imports
from callscope.model.walk.state import Frame, Outside
from callscope.model.walk.turns import asks_for, names_bound
from callscope.source import ParsedSource, walk

# What these make of the function they are put on.
_KINDS = {
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
    "builtins.property": "property",
    "functools.cached_property": "property",
    "django.utils.functional.cached_property": "property",
}

_CACHING = frozenset(
    {
        "functools.cached_property",
        "django.utils.functional.cached_property",
        "functools.lru_cache()",
        "functools.lru_cache",
        "functools.cache",
        "streamlit.cache_resource",
        "streamlit.cache_resource()",
    }
)


class Statements(Imports):
    """Statements, one after the other and branch by branch."""

    def __init__(self, parsed: ParsedSource, outside: Outside) -> None:
        super().__init__(parsed, outside)
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

    def _expr_statement(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._parents_use[id(node.value)] = "discarded"
        self.value(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        _keep(node.targets, node.value, value)
        for target in node.targets:
            self._bind(target, value)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            value = self.value(node.value)
            value = self._known_as(value, node.annotation, self._frame.scope)
            _keep([node.target], node.value, value)
            self._bind(node.target, value)
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
            self._bind(target.value, value)

    def _bind_name(self, name: str, value: Value) -> None:
        scope = self._frame.scope
        if name in scope.outer:
            holder = scope.parent.holder(name) if scope.parent else None
            scope = holder or scope.module
            old = scope.names.get(name)
            value = one_of([old, value]) if old is not None and self._where.branches else value
        if isinstance(value, Instance) and value.label is None and self._naming:
            value.label = name
        if scope.parent is None:
            bindings = self._bindings.setdefault((id(scope), name), [])
            if value not in bindings:
                bindings.append(value)
        scope.names[name] = value

    def _set_attribute(self, owner: Value, name: str, value: Value) -> None:
        for option in options(without_none(owner)):
            attributes: dict[str, Value] | None = None
            if isinstance(option, Instance):
                attributes = option.attributes
            elif isinstance(option, UserClass):
                attributes = option.names
            elif isinstance(option, Module):
                attributes = option.scope.names
            elif isinstance(option, Function) and name.startswith("__"):
                # What name or signature it shows from now on is not known.
                option.wraps = UNKNOWN
            self._keep(option, name, value)
            if attributes is None:
                self._note_assigned(option, name, value)
                self.escape(value, self.tree)
                continue
            if isinstance(value, Instance) and value.label is None:
                value.label = name
            self._changes(option, value)
            old = attributes.get(name)
            weak = old is not None and (bool(self._where.branches) or isinstance(owner, OneOf))
            attributes[name] = one_of([old, value]) if weak and old is not None else value

    def _note_assigned(self, owner: Value, name: str, value: Value) -> None:
        """Remember what is assigned to an attribute of an object outside the file."""
        path = path_of(owner)
        if path is not None:
            self.assigned.setdefault(f"{path}.{name}", []).append(value)

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
        holder = self.value(target.value)
        key = self.value(target.slice)
        self._note_access(self.writes, target, holder)
        self._changes(holder, value)
        if isinstance(holder, Mapping):
            if isinstance(key, Constant):
                holder.items[key.value] = value
            else:
                holder.items[AnyKey()] = value
                holder.exact = False
        elif isinstance(holder, Sequence):
            holder.items.append(value)
            holder.exact = False
        else:
            if isinstance(key, Constant):
                self._keep(holder, key.value, value)
            self.escape(value, target)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        value = self._iterated(value)
        rows = [self._row(option, target.elts) for option in options(value)]
        known = [row for row in rows if row is not None]
        if len(known) == len(rows):
            for index, element in enumerate(target.elts):
                self._bind(element, one_of([row[index] for row in known]))
            return
        for element in target.elts:
            self._bind(element, self._part(element, value))

    def _row(self, value: Value, targets: list[ast.expr]) -> list[Value] | None:
        """What each target gets of a sequence that is known exactly; None if it is not."""
        if not isinstance(value, Sequence) or not value.exact:
            return None
        items, starred = value.items, _starred(targets)
        if starred is None:
            return items if len(items) == len(targets) else None
        after = len(targets) - starred - 1
        if len(items) < starred + after:
            return None
        end = len(items) - after
        return [*items[:starred], Sequence("list", items[starred:end]), *items[end:]]

    def _part(self, target: ast.expr, value: Value) -> Value:
        """What a target gets of a sequence of which it is not known which item is where."""
        element = self._element(value)
        return Sequence("list", [element], exact=False) if _is_starred(target) else element

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        owner = self._frame.scope.node
        scope = self._closure_scope()
        function = Function(node, scope)
        if isinstance(owner, ast.ClassDef):
            function.kind = "method"
            function.owner = self._class_of(owner)
        self.functions.append(function)
        self._defaults(node.args)
        self._annotations(node.args)
        value: Value = function
        for decorator in reversed(node.decorator_list):
            value = self._decorate(decorator, function, value)
        self._frame.scope.names[node.name] = value

    def _annotations(self, spec: ast.arguments) -> None:
        """Calls that stand in annotations: ``Annotated[Agent, Depends(get_agent)]``."""
        for call in (c for p in parameters_of(spec) for c in notes_of(p.annotation)):
            self.value(call)

    def _class_of(self, node: ast.ClassDef) -> UserClass | None:
        return next((c for c in reversed(self.classes) if c.node is node), None)

    def _decorate(self, decorator: ast.expr, function: Function, value: Value) -> Value:
        made = self.value(decorator)
        path = path_of(made) or ""
        if path in _KINDS:
            function.kind = _KINDS[path]
            function.cached = function.cached or path in _CACHING
            if isinstance(value, Function):
                value.kind = function.kind
            return value
        if path in _CACHING:
            function.cached = True
        if isinstance(made, Member) and made.name in ("setter", "getter", "deleter"):
            return value
        arguments = Arguments([value], {}, [decorator], {})
        return self._invoke(made, arguments, decorator)

    def _define_class(self, node: ast.ClassDef) -> None:
        bases = tuple(self.value(base) for base in node.bases)
        changed = [_changes_classes(self.value(keyword.value)) for keyword in node.keywords]
        decorators = tuple(
            path_of(self.value(d.func if isinstance(d, ast.Call) else d)) or ""
            for d in node.decorator_list
        )
        made = UserClass(node, bases, self._frame.scope, decorators=decorators)
        self.classes.append(made)
        outer = self._frame
        self._frame = Frame(Scope({}, outer.scope, node), outer.function, outer.receiver)
        self._block(node.body)
        made.names = {
            name: _as_method(value, made) for name, value in self._frame.scope.names.items()
        }
        self._frame = outer
        value: Value = UNKNOWN if any(changed) else made
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

    def _if(self, node: ast.If) -> bool:
        if _is_main_guard(node.test) and self._frame.scope.module is not self.module:
            return self._block(node.orelse)
        if _is_main_guard(node.test):
            with self._situation(guard=True, guard_node=node):
                through = self._block(node.body)
            if node.orelse:
                self._branches(node.test, lambda: self._block(node.orelse), lambda: True)
            return through
        test = self.value(node.test)
        if path_of(test) == "typing.TYPE_CHECKING":
            outer, self._typing_only = self._typing_only, True
            self._block(node.body)
            self._typing_only = outer
            return self._block(node.orelse)
        known = truth(test) if isinstance(test, Constant) else None
        if known is True:
            return self._block(node.body)
        if known is False:
            return self._block(node.orelse)
        return self._branches(
            node.test,
            lambda: self._block_where(node.test, True, node.body),
            lambda: self._block_where(node.test, False, node.orelse),
        )

    def _block_where(self, test: ast.expr, holds: bool, body: list[ast.stmt]) -> bool:
        """Walk statements that run where ``test`` came out as ``holds``."""
        self._narrow(test, holds)
        return self._block(body)

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        items = self.value(node.iter)
        turns = self._turns(items)
        if turns is None:
            element = self._element(items)

            def body() -> bool:
                self._let_turn(node)
                self._bind_element(node.target, element)
                with self._situation(loops=(*self._where.loops, Loop(node, None, element))):
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

    def _while(self, node: ast.While) -> bool:
        test = self.value(node.test)
        forever = isinstance(test, Constant) and bool(test.value)
        forever = forever and not asks_for(node.test, names_bound(node))

        def body() -> bool:
            self._let_turn(node)
            with self._situation(loops=(*self._where.loops, Loop(node, None))):
                self._block(node.body)
            return True

        if forever:
            body()
            return _breaks(node.body)
        self._branches(node.test, body, lambda: True)
        return self._block(node.orelse)

    def _let_turn(self, loop: ast.For | ast.AsyncFor | ast.While) -> None:
        """Before the one walk through the body of ``loop``: what its turns bind may be something
        else by now than before the first. What was None is taken to be made in the first."""
        names = self._frame.scope.names
        for name in names_bound(loop):
            value = names.get(name, NONE)
            if value not in (NONE, UNKNOWN):
                names[name] = one_of([value, UNKNOWN])

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        taken = self._where.locks
        for item in node.items:
            if isinstance(item.context_expr, ast.Call):
                self._parents_use[id(item.context_expr)] = "with"
            value = self.value(item.context_expr)
            if isinstance(value, Coroutine):
                value = self._consume(value, item.context_expr)
            value = self._entered(value, item.context_expr)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, value)
            if self.outside.is_lock(value):
                taken = (*taken, item.context_expr)
        with self._situation(locks=taken):
            return self._block(node.body)

    def _entered(self, manager: Value, node: ast.expr) -> Value:
        """What ``with manager as ...`` binds."""
        if isinstance(manager, Sequence) and manager.kind == "generator":
            return one_of(manager.items) if manager.items else UNKNOWN
        if isinstance(manager, Instance) and isinstance(manager.type, UserClass):
            enter = manager.type.find("__enter__") or manager.type.find("__aenter__")
            if isinstance(enter, Function):
                entered = self._invoke(BoundMethod(manager, enter), Arguments(), node)
                return self._consume(entered, node) if isinstance(entered, Coroutine) else entered
        return manager

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

    def _raise(self, node: ast.Raise) -> bool:
        for part in (node.exc, node.cause):
            if part is not None:
                self.value(part)
        return False

    def _assert(self, node: ast.Assert) -> None:
        self.value(node.test)
        self._narrow(node.test, holds=True)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._frame.scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                self._delete_item(self.value(target.value), self.value(target.slice))

    def _delete_item(self, holder: Value, key: Value) -> None:
        if isinstance(holder, Mapping) and isinstance(key, Constant) and not self._where.branches:
            holder.items.pop(key.value, None)
        elif isinstance(holder, Mapping | Sequence):
            holder.exact = False

    def _global(self, node: ast.Global | ast.Nonlocal) -> None:
        self._frame.scope.outer.update(node.names)

    def _match(self, node: ast.Match) -> bool:
        self.value(node.subject)

        def case_body(case: ast.match_case) -> Callable[[], bool]:
            def body() -> bool:
                for part in walk(case.pattern):
                    name = getattr(part, "name", None) or getattr(part, "rest", None)
                    if isinstance(name, str):
                        self._bind_name(name, UNKNOWN)
                    if isinstance(part, ast.MatchClass):
                        self.matched[id(part.cls)] = self.value(part.cls)
                return self._block(case.body)

            return body

        bodies = [case_body(case) for case in node.cases]
        if not any(_takes_all(case) for case in node.cases):
            bodies.append(lambda: True)
        return self._branches(node, *bodies)

    def _leave(self, node: ast.stmt) -> bool:
        return False


def _as_method(value: Value, owner: UserClass) -> Value:
    """A function that a class holds without defining it, as a wrapper made by a decorator, is bound
    like any method."""
    if not isinstance(value, Function) or value.owner is not None:
        return value
    return replace(value, owner=owner, kind="method" if value.kind == "plain" else value.kind)


def _join(ends: list[dict[str, Value]]) -> dict[str, Value]:
    if len(ends) == 1:
        return ends[0]
    joined: dict[str, Value] = {}
    for end in ends:
        for name, value in end.items():
            old = joined.get(name)
            joined[name] = value if old is None or old is value else one_of([old, value])
    return joined


def _keep(targets: list[ast.expr], made_by: ast.expr, value: Value) -> None:
    """Note that a coroutine is kept in plain names and nowhere else."""
    names = all(isinstance(target, ast.Name) for target in targets)
    if names and isinstance(value, Coroutine) and isinstance(made_by, ast.Call):
        value.call.use = "kept"


def _changes_classes(metaclass: Value) -> bool:
    """Whether classes of a metaclass may be other than what is written."""
    makers = ("__new__", "__init__")
    return isinstance(metaclass, UserClass) and any(metaclass.find(name) for name in makers)


def _is_starred(element: ast.expr) -> bool:
    return isinstance(element, ast.Starred)


def _starred(elements: list[ast.expr]) -> int | None:
    """The position of the starred one among the targets of an assignment; None if none is."""
    return next((i for i, element in enumerate(elements) if _is_starred(element)), None)


def _is_main_guard(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = [test.left, test.comparators[0]]
    return (
        isinstance(test.ops[0], ast.Eq)
        and any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
        and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
    )


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
