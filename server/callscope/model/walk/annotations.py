"""What annotations and tests of a class say of a value that is not known otherwise."""

from __future__ import annotations

import ast

from callscope.model.values import (
    NONE,
    UNKNOWN,
    AnyKey,
    Arguments,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Scope,
    Sequence,
    UserClass,
    Value,
    one_of,
    options,
    outer_base,
    path_of,
)
from callscope.model.walk.lookups import Lookups
from callscope.source import expression_of

_MODULES = ("builtins.", "typing.", "typing_extensions.", "collections.abc.", "collections.")
_OF_ELEMENTS = frozenset(
    """
    list List set Set frozenset FrozenSet deque Deque Sequence MutableSequence Iterable Iterator
    Collection AbstractSet Generator AsyncIterable AsyncIterator AsyncGenerator
    """.split()
)
_OF_ENTRIES = frozenset(
    "dict Dict Mapping MutableMapping defaultdict DefaultDict OrderedDict".split()
)
_QUALIFIERS = frozenset("Annotated Final ClassVar Required NotRequired ReadOnly".split())


class Annotations(Lookups):
    """Annotations to values."""

    def _known_as(self, value: Value, annotation: ast.expr | None, scope: Scope) -> Value:
        """``value``, or what its annotation says where the value itself says nothing."""
        if annotation is None or not self._says_nothing(value):
            return value
        described = self._annotated(annotation, scope)
        return value if described is UNKNOWN else described

    def _says_nothing(self, value: Value) -> bool:
        """Whether it came from code not in view, which may give anything."""
        if isinstance(value, Instance) and not isinstance(value.type, UserClass):
            path = path_of(value.type) or ""
            return not self.outside.known(path) and not path.rpartition(".")[2][:1].isupper()
        return value is UNKNOWN

    def _annotated(self, annotation: ast.expr, scope: Scope) -> Value:
        """An object as an annotation describes it; unknown unless its classes are all known."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = expression_of(annotation.value.strip())
            except (SyntaxError, ValueError):
                return UNKNOWN
        if isinstance(annotation, ast.Constant) and annotation.value is None:
            return NONE
        if isinstance(annotation, ast.BinOp):
            return self._any_of([annotation.left, annotation.right], scope)
        if isinstance(annotation, ast.Subscript):
            return self._generic(annotation, scope)
        return self._of_class(self._quiet(annotation, scope), annotation, scope)

    def _any_of(self, parts: list[ast.expr], scope: Scope) -> Value:
        """One of several; unknown if one of them is."""
        found = [self._annotated(part, scope) for part in parts]
        return one_of(found) if UNKNOWN not in found else UNKNOWN

    def _generic(self, annotation: ast.Subscript, scope: Scope) -> Value:
        outer = self._quiet(annotation.value, scope)
        inner = annotation.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if isinstance(outer, UserClass):
            return self._of_class(outer, annotation, scope)
        path = path_of(outer) or ""
        module = next((prefix for prefix in _MODULES if path.startswith(prefix)), None)
        name = path.removeprefix(module) if module is not None else ""
        if name == "Union":
            return self._any_of(parts, scope)
        if name == "Optional":
            return self._any_of([inner, ast.Constant(None)], scope)
        if name in _QUALIFIERS and parts:
            return self._annotated(parts[0], scope)
        if name in _OF_ELEMENTS and parts:
            return Sequence("list", self._several(parts[0], scope), exact=False)
        if name in _OF_ENTRIES and len(parts) == 2:
            values = self._several(parts[1], scope)
            return Mapping({AnyKey(): value for value in values}, exact=False)
        if name in ("tuple", "Tuple"):
            return self._tuple_of(parts, scope)
        return UNKNOWN

    def _tuple_of(self, parts: list[ast.expr], scope: Scope) -> Value:
        last = parts[-1] if parts else None
        if isinstance(last, ast.Constant) and last.value is Ellipsis:
            return Sequence("tuple", self._several(parts[0], scope), exact=False)
        return Sequence("tuple", [self._annotated(part, scope) for part in parts])

    def _several(self, annotation: ast.expr, scope: Scope) -> list[Value]:
        """An object that stands for any number of them; none if they are not known."""
        value = self._annotated(annotation, scope)
        for option in options(value):
            if isinstance(option, Instance):
                option.many = True
        return [value] if value is not UNKNOWN else []

    def _of_class(self, found: Value, annotation: ast.expr, scope: Scope) -> Value:
        """An object of the class that ``annotation`` names."""
        if isinstance(found, Instance) and path_of(found.type) == "typing.TypeVar":
            bound = found.init.get(None, "bound") if found.init is not None else None
            if isinstance(bound, Constant) and isinstance(bound.value, str):
                return self._annotated(ast.Constant(bound.value), scope)
            return self._of_class(bound, annotation, scope) if bound is not None else UNKNOWN
        if isinstance(found, UserClass) or (
            isinstance(found, External)
            and (self.outside.known(found.path) or self.outside.typed(found.path))
        ):
            instance = Instance(found, None, init=Arguments(open=True))
            instance.escapes.append(annotation)
            return instance
        return UNKNOWN

    # -- tests of a class ------------------------------------------------------------------

    def _is_instance(self, value: Value, kind: Value) -> bool | None:
        """``isinstance(value, kind)``; None if that is not known."""
        if isinstance(kind, Sequence):
            answers = {self._is_instance(value, part) for part in kind.items}
            if True in answers:
                return True
            return False if answers == {False} and kind.exact else None
        if not isinstance(value, Instance):
            return False if value == NONE and isinstance(kind, UserClass | External) else None
        made_of = value.type
        ancestry = list(made_of.ancestry()) if isinstance(made_of, UserClass) else [made_of]
        if kind in ancestry:
            return True
        if any(not isinstance(base, UserClass | External) for base in ancestry):
            return None
        path = outer_base(made_of)
        derives: bool | None = None
        if isinstance(kind, UserClass):
            derives = False if path is not None else None
        elif isinstance(kind, External) and not kind.opaque and path is not None:
            derives = self.outside.derives(path, kind.path)
        # An object not made in view, or by a declared class, may be of a class further down.
        opaque = any(isinstance(base, External) and base.opaque for base in ancestry)
        return derives if derives or not (opaque or value.call is None) else None

    def _narrow(self, test: ast.expr, holds: bool) -> None:
        """Bind a name that says nothing to what an ``isinstance`` test of it says."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self._narrow(test.operand, not holds)
        elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) is holds:
            for operand in test.values:
                self._narrow(operand, holds)
        elif holds and isinstance(test, ast.Call) and len(test.args) == 2:
            subject, kind = test.args
            names = self._frame.scope.names
            if not isinstance(subject, ast.Name) or not self._is_named(test.func, "isinstance"):
                return
            value = names.get(subject.id)
            if value is not None and self._says_nothing(value):
                names[subject.id] = self._of_classes(kind)

    def _is_named(self, node: ast.expr, builtin: str) -> bool:
        return path_of(self._quiet(node, self._frame.scope)) == f"builtins.{builtin}"

    def _of_classes(self, kind: ast.expr) -> Value:
        if isinstance(kind, ast.Tuple):
            return self._any_of(kind.elts, self._frame.scope)
        return self._annotated(kind, self._frame.scope)


def returns_of(function: Function) -> ast.expr | None:
    """The annotation of what a function returns."""
    return None if isinstance(function.node, ast.Lambda) else function.node.returns


def parameters_of(spec: ast.arguments) -> list[ast.arg]:
    """The parameters of a function, but for ``*args`` and ``**kwargs``."""
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]


def notes_of(annotation: ast.expr | None) -> list[ast.Call]:
    """The calls that an ``Annotated[...]`` says of a parameter, besides its type."""
    inside = annotation.slice if isinstance(annotation, ast.Subscript) else None
    parts = inside.elts[1:] if isinstance(inside, ast.Tuple) else []
    return [part for part in parts if isinstance(part, ast.Call)]


def default_of(parameter: ast.arg, spec: ast.arguments) -> ast.expr | None:
    """The default of a parameter, as it is written."""
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [
        *zip(reversed(positional), reversed(spec.defaults), strict=False),
        *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
    ]
    return next((default for known, default in pairs if known is parameter), None)
