"""Lists and dicts: the methods and builtins that make and change them."""

from __future__ import annotations

import ast

from callscope.model.values import (
    NONE,
    UNKNOWN,
    AnyKey,
    Arguments,
    Constant,
    Mapping,
    Member,
    Sequence,
    Value,
    one_of,
)
from callscope.model.walk.annotations import Annotations


class Containers(Annotations):
    """Lists and dicts."""

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
            return self._iterated(holder)
        if callee.name == "items":
            pairs: list[Value] = [Sequence("tuple", [_key(k), v]) for k, v in holder.items.items()]
            return Sequence("list", pairs, holder.exact)
        if callee.name in ("get", "pop", "setdefault"):
            fallback = arguments.get(1, "default") or NONE
            return self._looked_up(holder, callee.name, first, fallback)
        if callee.name == "update":
            if first is not None:
                self._merge(holder, first)
            self._changes(holder, Sequence("list", list(arguments.keywords.values())))
            holder.items.update(arguments.keywords)
        elif callee.name == "copy":
            return Mapping(dict(holder.items), holder.exact)
        return UNKNOWN

    def _looked_up(self, holder: Mapping, method: str, key: Value | None, fallback: Value) -> Value:
        """What ``get``, ``pop`` or ``setdefault`` gives, and what it leaves behind."""
        if not isinstance(key, Constant):
            holder.exact = holder.exact and method == "get"
            return one_of([*self._values_at(holder, key), fallback, UNKNOWN])
        known = holder.items.get(key.value)
        if method == "pop" and known is not None:
            if self._where.branches or self._in_unknown_loop():
                holder.exact = False
            else:
                del holder.items[key.value]
        if known is not None:
            return known
        if not holder.exact:
            return one_of([*self._values_at(holder, key), fallback, UNKNOWN])
        if method == "setdefault":
            self._changes(holder, fallback)
            holder.items[key.value] = fallback
        return fallback

    def _sequence_method(
        self, holder: Sequence, name: str, first: Value | None, arguments: Arguments
    ) -> Value:
        if self._where.branches or self._in_unknown_loop():
            holder.exact = holder.exact and name in ("index", "count", "copy")
        if name == "append" and first is not None:
            self._changes(holder, first)
            holder.items.append(first)
        elif name == "extend" and first is not None:
            self._extend(holder, first)
        elif name == "insert":
            inserted = arguments.get(1, None) or UNKNOWN
            self._changes(holder, inserted)
            holder.items.insert(0, inserted)
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
                self._changes(holder, first)
                holder.items.append(first)
            holder.exact = False
        return UNKNOWN if name in ("index", "count") else NONE


def _key(key: object) -> Value:
    return UNKNOWN if isinstance(key, AnyKey) else Constant(key)
