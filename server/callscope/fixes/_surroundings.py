"""A module as the fixes that move statements see it: whose names they are, what statements do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

from callscope.fixes._cst import Draft
from callscope.fixes._scopes import FunctionDef, names_in
from callscope.fixes.base import CannotFix
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.events import Call
from callscope.model.forking import is_in_child
from callscope.model.registrations import ENTRY_METHODS, EntryCall, GroupChat, Registration
from callscope.model.values import (
    Instance,
    Mapping,
    Module,
    Sequence,
    Value,
    options,
    path_of,
)

# Names of methods that change an agent rather than ask or run it.
_CHANGES = ("register", "replace", "update", "add", "set", "reset", "remove")
_TOOL_DECORATORS = frozenset({"register_for_llm", "register_for_execution"})
_TOO_DYNAMIC = frozenset({"globals", "exec", "eval", "locals", "vars"})


def is_main_guard(node: ast.AST) -> TypeGuard[ast.If]:
    """Whether ``node`` is ``if __name__ == "__main__":``."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))
    )


def is_tool_decorator(node: ast.expr) -> bool:
    """Whether a decorator looks like ``agent.register_for_llm(...)``."""
    method = node.func if isinstance(node, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _TOOL_DECORATORS


def instances_about(about: object) -> Iterator[Instance]:
    """The agent-like objects that a finding is about."""
    if isinstance(about, Registration | EntryCall):
        if about.agent is not None:
            yield about.agent.instance
        elif isinstance(about, Registration):
            for option in options(about.call.receiver) if about.call.receiver else ():
                yield from instances_about(option)
        if isinstance(about, EntryCall) and about.partner is not None:
            yield about.partner.instance
    elif isinstance(about, Agent | GroupChat):
        yield about.instance
    elif isinstance(about, Instance):
        yield about
    elif isinstance(about, Call):
        yield from instances_about(about.receiver)
    elif isinstance(about, tuple | list):
        for item in about:
            yield from instances_about(item)


def registrations_about(about: object) -> list[Registration]:
    """The registrations that a finding is about."""
    if isinstance(about, Registration):
        return [about]
    if isinstance(about, tuple | list):
        return [found for item in about for found in registrations_about(item)]
    return []


def what_moves(registration: Registration) -> str:
    """What to call a registration in a title."""
    if registration.callback_name.isidentifier():
        return f"the registration of `{registration.callback_name}`"
    return "the registration"


class Surroundings:
    """A module as the fixes that move statements see it: its names, and the model by place.

    ``module`` is one of those that the program ``model`` imports; None for the one it begins in.
    ``known`` are the others that have been looked at, by path.
    """

    def __init__(
        self,
        model: Model,
        module: Module | None = None,
        known: dict[Path, Surroundings] | None = None,
    ) -> None:
        self.model = model
        self.module = module or model.interpreter.main
        tree = model.parsed.tree if module is None else module.scope.node
        assert isinstance(tree, ast.Module)
        self.tree = tree
        self.source = model.source_of(tree)
        self.path = self.module.path
        self.scope = self.module.scope
        self.names = names_in(tree)
        self._known = known if known is not None else {}
        self._known[self.path] = self
        if module is None:
            self.check()

    def check(self) -> None:
        """Raise :class:`CannotFix` if the module does things that hide who uses what."""
        if self.module.blanked:
            raise CannotFix("the file does not parse")
        if self.model.interpreter.star_imports or self.model.interpreter.exhausted:
            raise CannotFix("not all names are known")
        if _TOO_DYNAMIC & self.names.uses.keys():
            raise CannotFix("names are looked up at run time")

    def draft(self) -> Draft:
        """A draft of the module's text."""
        return Draft(self.source, self.tree)

    def with_text(self, text: str) -> Draft:
        """A draft of another ``text`` of the module, whose lines are where they were."""
        return Draft(replace(self.source, text=text, _line_cache={}), self.tree)

    def at(self, node: ast.AST) -> Surroundings:
        """The module that ``node`` is from, itself or another one of the program."""
        path = self.model.source_of(node).path
        known = self._known.get(path)
        if known is None:
            module = next((each for each in self.model.modules if each.path == path), None)
            if module is None:
                raise CannotFix("in a module that is not in view")
            known = Surroundings(self.model, module, self._known)
        return known

    @cached_property
    def calls(self) -> dict[int, list[Call]]:
        """The calls met, by the identity of their node."""
        found: dict[int, list[Call]] = {}
        for call in self.model.calls:
            found.setdefault(id(call.node), []).append(call)
        return found

    @cached_property
    def guards(self) -> list[ast.If]:
        """The main guards at the top level."""
        return [node for node in self.tree.body if is_main_guard(node)]

    def value(self, name: str) -> Value | None:
        """What a top-level name stands for at the module's end."""
        return self.scope.names.get(name)

    def names_of(self, instance: Instance) -> set[str]:
        """The top-level names of an object, or of the lists that hold it."""
        named = [
            (name, value)
            for name, value in self.scope.names.items()
            if not any(isinstance(b, ast.For) for b in self.names.bindings.get(name, ()))
        ]
        return {name for name, value in named if value is instance} or {
            name for name, value in named if instance in held(value)
        }

    def is_member(self, name: str) -> bool:
        """Whether a top-level name stands for an agent, a group chat, or a list of them."""
        value = self.value(name)
        return value is not None and any(
            as_agent(item) is not None or path_of(item) == "autogen.GroupChat()"
            for item in held(value)
        )

    def may_join(self, name: str) -> bool:
        """Whether it stands for any object of the framework, or a list with one."""
        value = self.value(name)
        return value is not None and any(
            (path_of(item) or "").startswith("autogen.") for item in held(value)
        )

    def definition(self, name: str) -> ast.stmt:
        """The one statement that binds a member; raises CannotFix if it is not that simple."""
        bindings = self.names.bindings.get(name, [])
        if len(bindings) != 1 or name in self.names.rebound:
            raise CannotFix(f"{name} is bound more than once")
        statement = bindings[0]
        if is_main_guard(statement):
            statement = self._under_guard(statement, name)
        if isinstance(statement, ast.With):
            inside = [s for s in statement.body if not isinstance(s, ast.Assign | ast.AnnAssign)]
            if not inside and not any(item.optional_vars for item in statement.items):
                return statement
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            raise CannotFix(f"{name} is not simply assigned")
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        flat = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
        if not all(isinstance(target, ast.Name) for target in flat):
            raise CannotFix(f"{name} is not simply assigned")
        return statement

    def is_made_here(self, name: str) -> bool:
        """Whether the module itself makes what its top-level ``name`` stands for."""
        bindings = self.names.bindings.get(name, [])
        return any(not isinstance(each, ast.Import | ast.ImportFrom) for each in bindings)

    def _under_guard(self, guard: ast.If, name: str) -> ast.stmt:
        """The statement of a main guard that binds ``name``."""
        found = [s for s in guard.body if isinstance(s, ast.Assign) and name in stores(s)]
        if len(found) != 1 or sum(name in stores(s) for s in [*guard.body, *guard.orelse]) != 1:
            raise CannotFix(f"{name} is bound more than once")
        return found[0]

    # -- what a statement does ---------------------------------------------------------------

    def entries_in(self, statement: ast.AST) -> list[EntryCall]:
        """The entry calls that running ``statement`` makes, also in functions it calls."""
        inside = {id(node) for node in ast.walk(statement)}
        return [entry for entry in self.model.entry_calls if within(entry.call, inside)]

    def registrations_in(self, statement: ast.AST) -> list[Registration]:
        """The registrations that running ``statement`` makes, also in functions it calls."""
        inside = {id(node) for node in ast.walk(statement)}
        return [found for found in self.model.registrations if within(found.call, inside)]

    def is_setup(self, statement: ast.stmt, members: set[str]) -> bool:
        """Whether a statement that mentions members does nothing but set them up."""
        if isinstance(statement, ast.For):
            return not statement.orelse and all(
                isinstance(inner, ast.Expr) and self.is_setup(inner, members)
                for inner in statement.body
            )
        if self.entries_in(statement) or suspends(statement):
            return False
        if isinstance(statement, ast.Assign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return all(root_name(target) in members for target in targets)
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            return False
        if self.registrations_in(statement):
            return True
        for call in self.calls.get(id(statement.value), ()):
            path = call.path or ""
            method = call.method
            if path.startswith("autogen.") and method not in ENTRY_METHODS:
                return method.startswith(_CHANGES) or method == "register_function"
        return False

    def runs_alone(self, statement: ast.stmt) -> bool:
        """Whether a module-level statement uses members without handing them to code unknown."""
        return all(
            self.hands_over_plainly(node)
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and self.is_member(node.id)
        )

    def hands_over_plainly(self, node: ast.expr) -> bool:
        """Whether a member at ``node`` is asked for something, or handed to the framework."""
        above = list(self.names.above(node))
        if isinstance(above[0], ast.Attribute):
            return True
        for part in above:
            if isinstance(part, ast.Call):
                paths = [call.path or "" for call in self.calls.get(id(part), ())]
                return bool(paths) and all(
                    path.startswith(("autogen.", "builtins.")) for path in paths
                )
            if isinstance(part, ast.stmt):
                return False
        return False

    def owner(self, node: ast.AST) -> FunctionDef | None:
        """The outermost function around ``node``, which may be of another module."""
        found = None
        for above in self.at(node).names.above(node):
            if isinstance(above, FunctionDef):
                found = above
        return found

    def body_of(self, node: ast.AST) -> ast.AST:
        """The outermost function around ``node`` or that it is, else the body of its module."""
        if isinstance(node, FunctionDef | ast.Lambda) and self.owner(node) is None:
            return node
        return self.owner(node) or self.at(node).tree

    def top_statement(self, node: ast.stmt) -> ast.stmt:
        """The statement of the module's own body that ``node`` is or stands in."""
        around = [node, *(above for above in self.names.above(node) if isinstance(above, ast.stmt))]
        return around[-1]

    def guard_around(self, node: ast.AST) -> ast.If | None:
        """The main guard around ``node``."""
        return next((above for above in self.names.above(node) if is_main_guard(above)), None)

    def movable(self, statement: ast.stmt, members: set[str]) -> list[ast.stmt] | None:
        """The statements to take out of a function or main guard for ``statement`` to run at
        module level: itself, after local functions only it uses. None if it must stay."""
        if isinstance(statement, FunctionDef):
            return self._movable_tool(statement, members)
        if not self.is_setup(statement, members):
            return None
        if not self._runs_once(statement):
            return None
        found: list[ast.stmt] = []
        bound = {
            n.id
            for n in ast.walk(statement)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for name in sorted(self.bound_here(statement) - bound - members):
            local = self._local_function(statement, name)
            if local is None:
                return None
            found.append(local)
        return [*found, statement]

    def _runs_once(self, statement: ast.stmt) -> bool:
        """Whether a statement runs each time, and once, that its function or guard does."""
        for above in self.names.above(statement):
            if isinstance(above, FunctionDef) or is_main_guard(above):
                return True
            if not isinstance(above, ast.With | ast.AsyncWith):
                return False
        return True

    def _movable_tool(self, function: FunctionDef, members: set[str]) -> list[ast.stmt] | None:
        """A function that is there to be a member's tool, if nothing else speaks of it."""
        if not all(is_tool_decorator(decorator) for decorator in function.decorator_list):
            return None
        around = self.owner(function)
        others = self.bound_here(function) - {function.name}
        taken = around is not None and function.name in self.names.bindings
        mentioned = any(
            isinstance(node, ast.Name) and node.id == function.name
            for node in ast.walk(around or self.tree)
        )
        alone = self._runs_once(function) and not (others or taken or mentioned)
        return [function] if alone else None

    def bound_here(self, statement: ast.AST) -> set[str]:
        """Names in ``statement`` that an importing process would not have."""
        under_guard = {
            name
            for name in self.names.globals_in(statement)
            if any(is_main_guard(binding) for binding in self.names.bindings.get(name, ()))
        }
        return under_guard | self.names.locals_in(statement)

    def _local_function(self, statement: ast.stmt, name: str) -> ast.stmt | None:
        """The function ``name`` beside ``statement``, if nothing else uses or hinders it."""
        parent = self.names.parents[statement]
        found = [
            node
            for node in getattr(parent, "body", [])
            if isinstance(node, FunctionDef) and node.name == name
        ]
        around = self.owner(statement)
        known = len(self.names.bindings.get(name, ()))
        if len(found) != 1 or known != (around is None) or self.bound_here(found[0]) - {name}:
            return None
        used = [
            node
            for node in ast.walk(around or self.tree)
            if isinstance(node, ast.Name) and node.id == name
        ]
        inside = set(ast.walk(statement))
        return found[0] if all(node in inside for node in used) else None

    def steady(self, statement: ast.stmt, *, skip: set[str]) -> bool:
        """Whether the names ``statement`` reads mean the same when it runs at the module's end."""
        for name in self.names.globals_in(statement) - skip:
            bindings = self.names.bindings.get(name, [])
            later = [b for b in bindings if b.lineno > statement.lineno]
            if name in self.names.rebound or (later and len(bindings) > 1):
                return False
        return True


def ways_out(
    around: Surroundings, registration: Registration, members: set[str]
) -> Iterator[list[ast.stmt]]:
    """The statements that could be taken to module level for a registration to run there: it
    alone, or a call that leads to it. Nothing if it runs at module level already."""
    for node in places_of(registration):
        statement = around.names.statement_of(node)
        if statement is None or statement in around.tree.body:
            return
        statements = around.movable(statement, members)
        if statements and all(around.steady(s, skip=members) for s in statements):
            yield statements


def places_of(registration: Registration) -> list[ast.AST]:
    """A registration, then the calls that led to it."""
    return [registration.node, *(node for node, _ in reversed(registration.where.stack))]


def after_a_chat(around: Surroundings, registration: Registration, agents: set[int]) -> bool:
    """Whether a member has chatted before, so that the registration comes too late for that."""
    for entry in around.model.entry_calls:
        sides = [side for side in (entry.agent, entry.partner) if side is not None]
        if (
            any(id(side.instance) in agents for side in sides)
            and around.model.same_scope_order(entry.call, registration.call) is True
            and not is_in_child(around.model, entry.call)
        ):
            return True
    return False


def held(value: Value | None) -> list[Value]:
    """An object itself, or what a list or dict holds."""
    if isinstance(value, Sequence):
        return list(value.items)
    if isinstance(value, Mapping):
        return list(value.items.values())
    return [value] if value is not None else []


def within(call: Call, inside: set[int]) -> bool:
    """Whether a call is made by one of the nodes with the identities ``inside``."""
    return id(call.node) in inside or any(id(node) in inside for node, _ in call.where.stack)


def suspends(node: ast.AST) -> bool:
    """Whether ``node`` awaits or yields, so that it belongs to its function."""
    return any(isinstance(part, ast.Await | ast.Yield | ast.YieldFrom) for part in ast.walk(node))


def stores(node: ast.AST) -> set[str]:
    """The names that ``node`` binds with an assignment."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }


def root_name(node: ast.AST) -> str | None:
    """``a`` of ``a.b[0].c``; None for a bare name's own binding and anything else."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    current: ast.AST = node
    while isinstance(current, ast.Attribute | ast.Subscript):
        current = current.value
    return current.id if isinstance(current, ast.Name) else None
