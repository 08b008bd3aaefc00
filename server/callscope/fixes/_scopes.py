"""Whose name is it: which names of a module mean its own top-level bindings, and where they are
evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from callscope.source import children, walk

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


@dataclass(eq=False)
class Scope:
    """The body of a module, class, function, lambda or comprehension, and what it binds."""

    node: ast.AST
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    declared_global: set[str] = field(default_factory=set)

    @property
    def is_class(self) -> bool:
        """Whether it is a class's body, which nested functions do not see."""
        return isinstance(self.node, ast.ClassDef)

    def chain(self) -> list[Scope]:
        """The scopes from the module's inwards to this one."""
        above = self.parent.chain() if self.parent is not None else []
        return [*above, self]


@dataclass(frozen=True, eq=False)
class Use:
    """A top-level name mentioned somewhere.

    ``statement`` is the top-level statement it stands in, ``scope`` the scope it is evaluated in.
    """

    node: ast.Name
    scope: Scope
    statement: ast.stmt

    @property
    def function(self) -> FunctionDef | None:
        """The outermost function in whose body it is evaluated; None at module or class level."""
        for scope in self.scope.chain():
            if isinstance(scope.node, FunctionDef):
                return scope.node
            if not isinstance(scope.node, ast.Module | ast.ClassDef):
                return None
        return None

    @property
    def at_module_level(self) -> bool:
        """Whether it is evaluated while the module's own statements run."""
        return all(
            isinstance(scope.node, ast.Module | _Comprehension) for scope in self.scope.chain()
        )


@lru_cache(maxsize=32)
def names_in(tree: ast.Module) -> Names:
    """The names of ``tree``, which several fixes ask for in turn."""
    return Names(tree)


class Names:
    """The names of ``tree``, resolved as Python does."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.uses: dict[str, list[Use]] = {}
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.rebound: set[str] = set()
        self._resolved: dict[ast.Name, Scope] = {}
        self.module = Scope(tree, None)
        self.module.bound = _bound_in(tree, self.module)
        for statement in tree.body:
            self._statement = statement
            for name in _bound_in(ast.Module([statement], []), Scope(tree, None)):
                self.bindings.setdefault(name, []).append(statement)
            self._visit(statement, self.module)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node that each node is right below."""
        return {child: node for node in walk(self.tree) for child in children(node)}

    # -- questions -------------------------------------------------------------------------

    def globals_in(self, node: ast.AST) -> set[str]:
        """The top-level names mentioned anywhere in ``node``, builtins included."""
        return {name.id for name, scope in self.names_in(node) if scope is self.module}

    def locals_in(self, node: ast.AST) -> set[str]:
        """The names in ``node`` that belong to a function or class around it."""
        inside = set(walk(node))
        return {
            name.id
            for name, scope in self.names_in(node)
            if scope is not self.module and scope.node not in inside
        }

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, innermost first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that ``node`` is or is part of."""
        if isinstance(node, ast.stmt):
            return node
        return next((above for above in self.above(node) if isinstance(above, ast.stmt)), None)

    def names_in(self, node: ast.AST) -> Iterator[tuple[ast.Name, Scope]]:
        """The names mentioned in ``node``, each with the scope that it belongs to."""
        for part in walk(node):
            if isinstance(part, ast.Name) and part in self._resolved:
                yield part, self._resolved[part]

    # -- walking ---------------------------------------------------------------------------

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name):
            self._name(node, scope)
        elif isinstance(node, _SCOPES):
            self._enter(node, scope)
        else:
            for child in children(node):
                self._visit(child, scope)

    def _name(self, node: ast.Name, scope: Scope) -> None:
        holder = _holder(node.id, scope, self.module)
        self._resolved[node] = holder
        if holder is self.module:
            self.uses.setdefault(node.id, []).append(Use(node, scope, self._statement))
            if scope is not self.module and not isinstance(node.ctx, ast.Load):
                self.rebound.add(node.id)

    def _enter(self, node: ast.AST, outer: Scope) -> None:
        inner = Scope(node, outer)
        inner.bound = _bound_in(node, inner)
        if inner.declared_global:
            self.rebound |= inner.declared_global & _stored_in(node)
        for child, inside in _parts(node):
            self._visit(child, inner if inside else outer)


def _holder(name: str, scope: Scope, module: Scope) -> Scope:
    innermost = scope
    current: Scope | None = scope
    while current is not None:
        if name in current.declared_global:
            return module
        if name in current.bound and (current is innermost or not current.is_class):
            return current
        current = current.parent
    return module


def _parts(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """The children of a scope's node, and whether each is evaluated inside the scope."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        outside: list[ast.AST] = [*node.decorator_list, node.args]
        outside += [node.returns] if node.returns is not None else []
        yield from ((part, False) for part in outside)
        yield from ((part, True) for part in node.body)
    elif isinstance(node, ast.Lambda):
        yield node.args, False
        yield node.body, True
    elif isinstance(node, ast.ClassDef):
        yield from ((part, False) for part in [*node.decorator_list, *node.bases, *node.keywords])
        yield from ((part, True) for part in node.body)
    elif isinstance(node, _Comprehension):
        yield node.generators[0].iter, False
        for number, generator in enumerate(node.generators):
            yield generator.target, True
            if number:
                yield generator.iter, True
            yield from ((test, True) for test in generator.ifs)
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        yield from ((element, True) for element in elements)


def _bound_in(node: ast.AST, scope: Scope) -> set[str]:
    """What the body of ``node`` binds itself; notes ``global`` and ``nonlocal`` in ``scope``."""
    bound: set[str] = set()
    outer: set[str] = set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        spec = node.args
        every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
        bound.update(parameter.arg for parameter in every if parameter is not None)
    if isinstance(node, ast.Module):
        pending = list(node.body)
    else:
        pending = [part for part, inside in _parts(node) if inside]  # type: ignore[misc]
    todo: list[ast.AST] = list(pending)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(part.name)
            todo.extend(child for child, inside in _parts(part) if not inside)
            continue
        if isinstance(part, ast.Lambda):
            continue
        if isinstance(part, _Comprehension):
            # Only a walrus inside reaches out of a comprehension.
            bound.update(
                inner.target.id for inner in walk(part) if isinstance(inner, ast.NamedExpr)
            )
            continue
        if isinstance(part, ast.Global):
            scope.declared_global.update(part.names)
        elif isinstance(part, ast.Nonlocal):
            outer.update(part.names)
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            bound.add(part.id)
        elif isinstance(part, ast.alias):
            bound.add(part.asname or part.name.partition(".")[0])
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            bound.add(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest:
            bound.add(part.rest)
        todo.extend(children(part))
    return bound - outer - scope.declared_global


def _stored_in(node: ast.AST) -> set[str]:
    """Names that anything in ``node`` binds or deletes."""
    found = set()
    for part in walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(part.name)
        elif isinstance(part, ast.alias):
            found.add(part.asname or part.name.partition(".")[0])
    return found
