"""What names, attributes and items stand for."""

from __future__ import annotations

import ast
import builtins

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
    Member,
    Module,
    OneOf,
    Scope,
    Sequence,
    Super,
    UserClass,
    Value,
    is_text,
    literal,
    one_of,
    options,
    outer_base,
    path_of,
    some_text,
    without_none,
)
from callscope.model.walk.state import MOST_TURNS, WalkState
from callscope.model.walk.turns import changing_attributes

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
        """What is imported by ``path`` from outside the project."""
        told = self._told(path)
        return told if told.opaque else self.outside.find_agent(path) or told

    def _told(self, path: str) -> External:
        """What ``path`` is as far as the contracts tell."""
        base = self.outside.own_base(path)
        return External(base, opaque=True) if base else External(self.outside.canonical(path))

    def _builtin(self, name: str, scope: Scope) -> Value:
        if id(scope.module) in self._starred:
            # It may have come with a star import: nothing is known of it.
            return UNKNOWN
        return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def attribute(self, owner: Value, name: str) -> Value:
        """``owner.name``."""
        owner = without_none(owner)
        if isinstance(owner, OneOf):
            return one_of([self.attribute(option, name) for option in owner.options])
        if isinstance(owner, External | Instance | Member):
            kept = self._kept(owner, name)
            if kept is not None:
                return kept
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

    def _kept(self, owner: Value, key: object) -> Value | None:
        """What was put into a store by that name; None if it is none, or holds nothing of it."""
        store = self.outside.store(path_of(owner) or "")
        found = self.stored.get((store, key)) if store is not None else None
        return one_of(found) if found else None

    def _keep(self, owner: Value, key: object, value: Value) -> None:
        """Put something into a store, if ``owner`` is one."""
        store = self.outside.store(path_of(owner) or "")
        if store is not None:
            known = self.stored.setdefault((store, key), [])
            known += [value] if value not in known else []

    def _instance_attribute(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            value = owner.attributes[name]
            turns = self._in_unknown_loop() and value != NONE and self._may_turn(owner, name)
            return one_of([value, UNKNOWN]) if turns else value
        if name == "__class__" and isinstance(owner.type, UserClass):
            return owner.type
        if isinstance(owner.type, UserClass):
            found = owner.type.find(name)
            if found is not None:
                return self._bound(owner, found)
            fallback = owner.type.find("__getattr__")
            if isinstance(fallback, Function):
                return self._enter_at(fallback, Arguments([Constant(name)]), owner, fallback.node)
            if path_of(owner) is None:
                if owner.init is not None and owner.init.open:
                    return UNKNOWN
                return Member(owner, name) if name.startswith("__") else UNKNOWN
        return self._constructor_field(owner, name) or Member(owner, name)

    def _may_turn(self, owner: Instance, name: str) -> bool:
        """Whether an attribute may be something else in a later turn of a loop."""
        if not isinstance(owner.type, UserClass):
            return False
        for base in owner.type.ancestry():
            if isinstance(base, UserClass):
                known = self._changing.get(id(base.node))
                if known is None:
                    known = self._changing[id(base.node)] = changing_attributes(base.node)
                if name in known:
                    return True
        return any(name in found for found in self._set_by_others.values())

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
        if isinstance(found, Instance) and path_of(found.type) == "functools.partialmethod":
            return self._partial_method(owner, found)
        if not isinstance(found, Function) or found.kind == "static":
            return found
        if found.kind == "property" and isinstance(owner, Instance):
            value = self._enter_at(found, Arguments(), owner, found.node)
            if found.cached:
                self._changes(owner, value)
                owner.attributes[found.name] = value
            return value
        if found.kind == "class":
            return BoundMethod(owner.type if isinstance(owner, Instance) else owner, found)
        return BoundMethod(owner, found) if isinstance(owner, Instance) else found

    def _partial_method(self, owner: Instance | UserClass, made: Instance) -> Value:
        """A method with some arguments given, taken from its object."""
        init = made.init
        if init is None or not init.positional or not isinstance(owner, Instance):
            return UNKNOWN
        inner = self._bound(owner, init.positional[0])
        given = Arguments([inner, *init.positional[1:]], init.keywords, open=init.open)
        return Instance(External("functools.partial"), None, init=given)

    def _class_attribute(self, owner: UserClass, name: str) -> Value:
        found = owner.find(name)
        if found is not None:
            return self._bound(owner, found)
        if name == "__name__":
            return Constant(owner.name)
        base = path_of(owner)
        return External(self.outside.canonical(f"{base}.{name}")) if base else UNKNOWN

    def _super_attribute(self, owner: Super, name: str) -> Value:
        for base in owner.ancestry():
            if isinstance(base, UserClass) and name in base.names:
                found = base.names[name]
                return BoundMethod(owner.receiver, found) if isinstance(found, Function) else found
        return Member(owner, name)

    def _as_sequence(self, value: Instance) -> Value:
        """The fields of a named tuple, in order."""
        if outer_is(value, "typing.NamedTuple") or outer_is(value, "collections.namedtuple"):
            return Sequence("tuple", list(value.attributes.values()))
        return UNKNOWN

    def _iterated(self, value: Value) -> Value:
        """What a loop over ``value`` goes through, as a sequence; unknown if that is not known."""
        if isinstance(value, OneOf):
            return one_of([self._iterated(option) for option in value.options])
        if isinstance(value, Mapping):
            keys: list[Value] = [
                UNKNOWN if isinstance(key, AnyKey) else Constant(key) for key in value.items
            ]
            return Sequence("list", keys if value.exact else [*keys, UNKNOWN], value.exact)
        if isinstance(value, Instance) and isinstance(value.type, UserClass):
            method = value.type.find("__iter__")
            if isinstance(method, Function):
                made = self._enter_at(method, Arguments(), value, method.node)
                # An iterator gives itself, again and again.
                steps = any(isinstance(option, Instance) for option in options(made))
                return UNKNOWN if steps else self._iterated(made)
            return self._as_sequence(value)
        text = literal(value)
        if isinstance(text, str) and len(text) <= MOST_TURNS:
            return Sequence("str", [Constant(letter) for letter in text])
        return value if isinstance(value, Sequence) else UNKNOWN

    def _element(self, value: Value) -> Value:
        """One element of ``value``, which one is not known."""
        if isinstance(value, OneOf):
            return one_of([self._element(option) for option in value.options])
        value = self._iterated(value)
        if isinstance(value, Sequence):
            return one_of(value.items) if value.items else UNKNOWN
        return UNKNOWN

    def _item(self, holder: Value, key: Value, node: ast.expr) -> Value:
        index = key.value if isinstance(key, Constant) else None
        if isinstance(holder, Instance) and isinstance(holder.type, UserClass):
            method = holder.type.find("__getitem__")
            if isinstance(method, Function):
                return self._enter_at(method, Arguments([key]), holder, node)
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
            return self._entry_at(holder, key, node)
        if isinstance(holder, External | Member | Instance):
            kept = self._kept(holder, index)
            if kept is not None:
                return kept
        if isinstance(holder, External):
            return holder
        if isinstance(holder, Member | Instance):
            return Member(holder, "[]")
        return UNKNOWN

    def _entry_at(self, holder: Mapping, key: Value, node: ast.expr) -> Value:
        """``holder[key]``; what a ``defaultdict`` makes for it if it is not there."""
        if isinstance(key, Constant) and key.value in holder.items:
            return holder.items[key.value]
        found = self._values_at(holder, key)
        if holder.factory is None:
            return one_of(found) if found else UNKNOWN
        made = self._invoke(holder.factory, Arguments(), node)
        self._changes(holder, made)
        holder.items[key.value if isinstance(key, Constant) else AnyKey()] = made
        return one_of([*found, made])

    def _values_at(self, holder: Mapping, key: Value | None) -> list[Value]:
        """The values that a key which is not known to be there may lead to."""
        return [
            value
            for known, value in holder.items.items()
            if isinstance(known, AnyKey) or not isinstance(key, Constant)
        ]

    def _merge(self, holder: Mapping, more: Value) -> None:
        """Put the entries of ``more`` into ``holder``."""
        if isinstance(more, Mapping):
            self._changes(holder, more)
            holder.items.update(more.items)
            holder.exact = holder.exact and more.exact
        else:
            holder.items[AnyKey()] = UNKNOWN
            holder.exact = False

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
            self._changes(sequence, more)
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
