"""Lists and dicts: the methods and builtins that make and change them."""

from __future__ import annotations

import ast

from callscope.model.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Constant,
    Mapping,
    Member,
    Sequence,
    Value,
    literal,
)
from callscope.model.walk.lookups import Lookups


class Containers(Lookups):
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
            return Sequence("list", [Constant(k) for k in holder.items], holder.exact)
        if callee.name == "items":
            pairs: list[Value] = [
                Sequence("tuple", [Constant(k), v]) for k, v in holder.items.items()
            ]
            return Sequence("list", pairs, holder.exact)
        if callee.name in ("get", "pop", "setdefault"):
            fallback = arguments.get(1, "default") or NONE
            return self._looked_up(holder, callee.name, first, fallback)
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

    def _looked_up(self, holder: Mapping, method: str, key: Value | None, fallback: Value) -> Value:
        """What ``get``, ``pop`` or ``setdefault`` gives, and what it leaves behind."""
        if not isinstance(key, Constant):
            holder.exact = holder.exact and method == "get"
            return UNKNOWN
        known = holder.items.get(key.value)
        if method == "pop" and known is not None:
            if self._where.branches or self._in_unknown_loop():
                holder.exact = False
            else:
                del holder.items[key.value]
        if known is not None:
            return known
        if not holder.exact:
            return UNKNOWN
        if method == "setdefault":
            holder.items[key.value] = fallback
        return fallback

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

    def _known_builtin(self, path: str, arguments: Arguments) -> Value | None:
        first = arguments.get(0, None)
        if path == "collections.defaultdict" and len(arguments.positional) < 2:
            given: dict[object, Value] = dict(arguments.keywords.items())
            return Mapping(given, exact=not arguments.open, factory=first)
        if not path.startswith("builtins.") or path.count(".") > 1:
            return None
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
