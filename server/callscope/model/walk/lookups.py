"""What names, attributes and items stand for."""

from __future__ import annotations

import ast
import builtins

from callscope.model.values import (
    UNKNOWN,
    Arguments,
    BoundMethod,
    Constant,
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
    Super,
    UserClass,
    Value,
    is_text,
    one_of,
    outer_base,
    path_of,
    some_text,
    without_none,
)
from callscope.model.walk.state import WalkState

_BUILTINS = frozenset(dir(builtins))


class Lookups(WalkState):
    """Names, attributes and items."""

    def _quiet(self, node: ast.expr, scope: Scope) -> Value:
        """The value of a name or dotted name, without recording anything."""
        if isinstance(node, ast.Name):
            return scope.find(node.id) or self._builtin(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self.attribute(self._quiet(node.value, scope), node.attr)
        return UNKNOWN

    def _external(self, path: str) -> External:
        """What is imported by ``path``."""
        base = self.outside.own_base(path)
        return External(base, opaque=True) if base else External(self.outside.canonical(path))

    def _builtin(self, name: str, scope: Scope) -> Value:
        if id(scope.module) in self._starred:
            # It may have come with a star import: nothing is known of it.
            return UNKNOWN
        return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

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
            isinstance(found, External) and self.outside.known(found.path)
        ):
            instance = Instance(found, None, init=Arguments(open=True))
            instance.escapes.append(annotation)
            return instance
        return UNKNOWN

    def attribute(self, owner: Value, name: str) -> Value:
        """``owner.name``."""
        owner = without_none(owner)
        if isinstance(owner, OneOf):
            return one_of([self.attribute(option, name) for option in owner.options])
        if isinstance(owner, External):
            return self._external(f"{owner.path}.{name}")
        if isinstance(owner, Constant) and name == "value":
            # Of the constants, only a member of an ``Enum`` has one: itself.
            return owner
        if isinstance(owner, Instance):
            return self._instance_attribute(owner, name)
        if isinstance(owner, UserClass):
            return self._class_attribute(owner, name)
        if isinstance(owner, Module):
            return self.member(owner, name)
        if isinstance(owner, Super):
            return self._super_attribute(owner, name)
        if is_text(owner):
            return Member(some_text(), name)
        if isinstance(owner, Function | BoundMethod):
            return _function_attribute(owner, name)
        if isinstance(owner, Member | Sequence | Mapping | Coroutine):
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
        parameters = self.outside.fields(made_by) if made_by is not None else ()
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
        if name == "__name__":
            return Constant(owner.name)
        base = path_of(owner)
        return External(self.outside.canonical(f"{base}.{name}")) if base else UNKNOWN

    def _super_attribute(self, owner: Super, name: str) -> Value:
        ancestry = list(owner.after.ancestry())[1:]
        for base in ancestry:
            if isinstance(base, UserClass) and name in base.names:
                found = base.names[name]
                return BoundMethod(owner.receiver, found) if isinstance(found, Function) else found
        return Member(owner, name)

    def _as_sequence(self, value: Instance) -> Value:
        """The fields of a named tuple, in order."""
        if outer_is(value, "typing.NamedTuple") or outer_is(value, "collections.namedtuple"):
            return Sequence("tuple", list(value.attributes.values()))
        return UNKNOWN

    def _element(self, value: Value) -> Value:
        """One element of ``value``, which one is not known."""
        if isinstance(value, Sequence):
            return one_of(value.items) if value.items else UNKNOWN
        if isinstance(value, Mapping):
            return UNKNOWN
        if isinstance(value, OneOf):
            return one_of([self._element(option) for option in value.options])
        return UNKNOWN

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
        return some_text() if is_text(left) or is_text(right) else UNKNOWN

    def _extend(self, sequence: Sequence, more: Value) -> None:
        if isinstance(more, Sequence):
            sequence.items.extend(more.items)
            sequence.exact = sequence.exact and more.exact
        else:
            sequence.exact = False
            sequence.items.append(UNKNOWN)


def _function_attribute(owner: Function | BoundMethod, name: str) -> Value:
    function = owner.function if isinstance(owner, BoundMethod) else owner
    shown = function.presented if name in ("__name__", "__doc__") else None
    if shown is None:
        return Member(owner, name)
    if name == "__name__":
        return Constant(shown.name)
    return Constant(None if isinstance(shown.node, ast.Lambda) else ast.get_docstring(shown.node))


def outer_is(value: Instance, path: str) -> bool:
    """Whether the object's class derives from ``path`` outside the file."""
    return isinstance(value.type, UserClass) and any(
        path_of(base) == path for base in value.type.ancestry() if not isinstance(base, UserClass)
    )
