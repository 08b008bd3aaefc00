"""Which statements of a module make an agent what it is, and who uses the agent.

A family is a module-level agent with all that belongs to it: the agents, group chats and lists
that refer to it or that it refers to, and the statements that set them up. Where anything is not
fully understood, CannotFix is raised.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeGuard

from callscope.fixes._scopes import FunctionDef, Names, Use
from callscope.fixes.base import CannotFix
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.crossings import Crossing
from callscope.model.events import Call
from callscope.model.registrations import ENTRY_METHODS, EntryCall, GroupChat, Registration
from callscope.model.values import Instance, Mapping, Sequence, Value, options, path_of

# Names of methods that change an agent rather than ask or run it.
_CHANGES = ("register", "replace", "update", "add", "set", "reset", "remove")
_TOOL_DECORATORS = frozenset({"register_for_llm", "register_for_execution"})
_STARTS_AFRESH = frozenset({"initiate_chat", "a_initiate_chat", "run", "a_run"})
_ANSWERS = frozenset({"generate_reply", "a_generate_reply"})
_TOO_DYNAMIC = frozenset({"globals", "exec", "eval", "locals", "vars"})


@dataclass(frozen=True, eq=False)
class Part:
    """A statement that goes into the factory.

    ``whole`` says that it leaves its place. Otherwise it is a decorated function that stays where
    it is, without ``decorators``, which are called by hand in the factory.
    """

    statement: ast.stmt
    whole: bool = True
    decorators: tuple[ast.expr, ...] = ()


@dataclass
class Family:
    """A family found by :func:`family_of`.

    ``parts`` are in the order in which they run. ``lifted`` are those of them that stand under the
    main guard or in a function. ``users`` are the functions that use members, outermost only, with
    the members each uses; ``module_uses`` and ``guard_uses`` are the members used while the
    module itself runs. ``registrations`` counts the registering calls that move along.
    """

    members: set[str]
    parts: list[Part]
    lifted: list[ast.stmt]
    users: dict[ast.stmt, set[str]]
    module_uses: list[Use]
    guard_uses: list[Use]
    exported: set[str]
    registrations: int


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
    """A module as the fixes that move statements see it: its names, and the model by place."""

    def __init__(self, model: Model) -> None:
        if model.parsed.problem is not None:
            raise CannotFix("the file does not parse")
        self.model = model
        self.tree = model.parsed.tree
        self.names = Names(self.tree)
        if model.interpreter.star_imports or model.interpreter.exhausted:
            raise CannotFix("not all names are known")
        if _TOO_DYNAMIC & self.names.uses.keys():
            raise CannotFix("names are looked up at run time")

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
        return self.model.module_scope.names.get(name)

    def names_of(self, instance: Instance) -> set[str]:
        """The top-level names of an object, or of the lists that hold it."""
        named = [
            (name, value)
            for name, value in self.model.module_scope.names.items()
            if not any(isinstance(b, ast.For) for b in self.names.bindings.get(name, ()))
        ]
        return {name for name, value in named if value is instance} or {
            name for name, value in named if instance in _held(value)
        }

    def is_member(self, name: str) -> bool:
        """Whether a top-level name stands for an agent, a group chat, or a list of them."""
        value = self.value(name)
        return value is not None and any(
            as_agent(item) is not None or path_of(item) == "autogen.GroupChat()"
            for item in _held(value)
        )

    def may_join(self, name: str) -> bool:
        """Whether it stands for any object of the framework, or a list with one."""
        value = self.value(name)
        return value is not None and any(
            (path_of(item) or "").startswith("autogen.") for item in _held(value)
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

    def _under_guard(self, guard: ast.If, name: str) -> ast.stmt:
        """The statement of a main guard that binds ``name``."""
        found = [s for s in guard.body if isinstance(s, ast.Assign) and name in _stores(s)]
        if len(found) != 1 or sum(name in _stores(s) for s in [*guard.body, *guard.orelse]) != 1:
            raise CannotFix(f"{name} is bound more than once")
        return found[0]

    # -- what a statement does ---------------------------------------------------------------

    def entries_in(self, statement: ast.AST) -> list[EntryCall]:
        """The entry calls that running ``statement`` makes, also in functions it calls."""
        inside = {id(node) for node in ast.walk(statement)}
        return [entry for entry in self.model.entry_calls if _within(entry.call, inside)]

    def registrations_in(self, statement: ast.AST) -> list[Registration]:
        """The registrations that running ``statement`` makes, also in functions it calls."""
        inside = {id(node) for node in ast.walk(statement)}
        return [found for found in self.model.registrations if _within(found.call, inside)]

    def is_setup(self, statement: ast.stmt, members: set[str]) -> bool:
        """Whether a statement that mentions members does nothing but set them up."""
        if isinstance(statement, ast.For):
            return not statement.orelse and all(
                isinstance(inner, ast.Expr) and self.is_setup(inner, members)
                for inner in statement.body
            )
        if self.entries_in(statement) or _suspends(statement):
            return False
        if isinstance(statement, ast.Assign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return all(_root_name(target) in members for target in targets)
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
            self._is_plain(node)
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and self.is_member(node.id)
        )

    def _is_plain(self, node: ast.Name) -> bool:
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
        """The outermost function around ``node``."""
        found = None
        for above in self.names.above(node):
            if isinstance(above, FunctionDef):
                found = above
        return found

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


@dataclass
class _Search:
    """Grows a family from the names it starts with until nothing more belongs to it."""

    around: Surroundings
    members: set[str]
    moved: dict[ast.stmt, Part] = field(default_factory=dict)
    lifted: list[ast.stmt] = field(default_factory=list)

    def grow(self) -> None:
        """Take in whatever refers to members, or members refer to."""
        before = -1
        while before != len(self.moved) + len(self.members):
            before = len(self.moved) + len(self.members)
            for name in list(self.members):
                self._take(self.around.definition(name))
            for statement in self.around.tree.body:
                # Of a decorated function more may move, the more members there are.
                if statement not in self.moved or not self.moved[statement].whole:
                    self._consider(statement)

    def _consider(self, statement: ast.stmt) -> None:
        mentioned = self.around.names.globals_in(statement) & self.members
        if not mentioned or is_main_guard(statement) or isinstance(statement, ast.ClassDef):
            return
        if isinstance(statement, FunctionDef):
            self._consider_decorators(statement)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.With):
            bound = self.bound(statement)
            if bound and all(self.around.may_join(name) for name in bound):
                self.members |= bound
            elif self.around.is_setup(statement, self.members):
                self._take(statement)
        elif self.around.is_setup(statement, self.members):
            self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        if statement in self.moved:
            return
        if self.around.entries_in(statement) or _suspends(statement):
            raise CannotFix("the agents run where they are made")
        self.moved[statement] = Part(statement)
        if statement not in self.around.tree.body:
            self.lifted.append(statement)
        self.members |= self.bound(statement) - self.loop_names(statement)
        self.join(statement)

    def join(self, statement: ast.AST) -> None:
        """Take in the agents a moved statement mentions."""
        loop = self.loop_names(statement) if isinstance(statement, ast.stmt) else set()
        for name in self.around.names.globals_in(statement) - loop:
            if self.around.is_member(name):
                self.members.add(name)
        # A capability that is added to a member goes where the member goes.
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            root = _root_name(call.func)
            if root is not None and self.around.may_join(root):
                self.members.add(root)

    def bound(self, statement: ast.stmt) -> set[str]:
        """The top-level names a statement binds."""
        names = self.around.names
        if statement not in self.around.tree.body:
            return _stores(statement)
        return {name for name, where in names.bindings.items() if statement in where}

    def loop_names(self, statement: ast.stmt) -> set[str]:
        """The variables of a loop that sets members up."""
        return self.bound(statement) if isinstance(statement, ast.For) else set()

    def _consider_decorators(self, function: FunctionDef) -> None:
        names = self.around.names
        ours = tuple(d for d in function.decorator_list if names.globals_in(d) & self.members)
        if not ours:
            return
        if not all(map(is_tool_decorator, ours)):
            raise CannotFix("a decorator that is not understood")
        if tuple(function.decorator_list[: len(ours)]) != ours:
            raise CannotFix("another decorator stands above")
        self.moved[function] = Part(function, whole=False, decorators=ours)
        for decorator in ours:
            self.join(decorator)

    def add_inner_functions(self) -> None:
        """Take in the functions that members are made with and that mention members themselves."""
        names = self.around.names
        again = True
        while again:
            again = False
            outside = self._mentions_outside()
            for statement in self.around.tree.body:
                if not isinstance(statement, FunctionDef) or self._is_whole(statement):
                    continue
                body = [*statement.body, statement.args]
                if not any(names.globals_in(part) & self.members for part in body):
                    continue
                if statement.name in outside or not self._mentioned_inside(statement):
                    continue
                self.moved[statement] = Part(statement)
                again = True

    def _is_whole(self, statement: ast.stmt) -> bool:
        return statement in self.moved and self.moved[statement].whole

    def _mentioned_inside(self, function: FunctionDef) -> bool:
        names = self.around.names
        if function in self.moved:
            return True
        return any(function.name in names.globals_in(s) for s in self._gone())

    def _gone(self) -> list[ast.stmt]:
        return [s for s, part in self.moved.items() if part.whole] + self.lifted

    def _mentions_outside(self) -> set[str]:
        """The names of functions that statements which stay mention."""
        gone = {node for s in self._gone() for node in ast.walk(s)}
        found = set()
        for name, uses in self.around.names.uses.items():
            if any(use.node not in gone for use in uses):
                found.add(name)
        return found


def family_of(
    around: Surroundings,
    start: Iterable[Instance],
    *,
    needed: Iterable[Registration] = (),
    with_partners: bool,
    from_handlers: bool,
    ignoring: ast.Name | None = None,
    wanted: str | None = None,
) -> Family:
    """The family of the objects ``start``.

    ``needed`` are registrations that must come along. ``with_partners`` takes in the agents that
    members chat with in functions. ``from_handlers`` lifts registrations out of functions that
    run beyond a boundary too, where they would be repeated. A use ``ignoring`` is about to go,
    and one of the member ``wanted`` about to come.
    """
    members = {name for instance in start for name in around.names_of(instance)}
    if not members:
        raise CannotFix("the agent has no name at module level")
    search = _Search(around, members)
    search.grow()
    while with_partners and (found := _partners(around, search.members)):
        search.members |= found
        search.grow()
    _lift(around, search, from_handlers)
    search.grow()
    for registration in needed:
        if not _is_moved(around, search, registration):
            raise CannotFix("the registration needs what is only known where it stands")
    search.add_inner_functions()
    _check_order(around, search)
    return _finished(around, search, ignoring, wanted)


def _partners(around: Surroundings, members: set[str]) -> set[str]:
    """Agents at module level that members chat with inside functions."""
    found: set[str] = set()
    for entry in around.model.entry_calls:
        if entry.agent is None or entry.partner is None or around.owner(entry.node) is None:
            continue
        sides = [around.names_of(side.instance) for side in (entry.agent, entry.partner)]
        if any(side & members for side in sides):
            found.update(name for side in sides for name in side)
    return found - members


def _lift(around: Surroundings, search: _Search, from_handlers: bool) -> None:
    """Take registrations out of the main guard and out of functions."""
    instances = {
        id(item)
        for name in search.members
        for item in _held(around.value(name))
        if isinstance(item, Instance)
    }
    for registration in around.model.registrations:
        agent = registration.agent
        if agent is None or id(agent.instance) not in instances:
            continue
        if not registration.where.root.is_module and not from_handlers:
            continue
        if after_a_chat(around, registration, instances):
            continue
        for statements in ways_out(around, registration, search.members):
            for lifted in statements:
                if lifted not in search.lifted:
                    search.lifted.append(lifted)
                    search.moved[lifted] = Part(lifted)
                    search.join(lifted)
            break


def ways_out(
    around: Surroundings, registration: Registration, members: set[str]
) -> Iterator[list[ast.stmt]]:
    """The statements that could be taken to module level for a registration to run there: it
    alone, or a call that leads to it. Nothing if it runs at module level already."""
    for node in _places(registration):
        statement = around.names.statement_of(node)
        if statement is None or statement in around.tree.body:
            return
        statements = around.movable(statement, members)
        if statements and all(around.steady(s, skip=members) for s in statements):
            yield statements


def _places(registration: Registration) -> list[ast.AST]:
    """A registration, then the calls that led to it."""
    return [registration.node, *(node for node, _ in reversed(registration.where.stack))]


def after_a_chat(around: Surroundings, registration: Registration, agents: set[int]) -> bool:
    """Whether a member has chatted before, so that the registration comes too late for that."""
    for entry in around.model.entry_calls:
        sides = [side for side in (entry.agent, entry.partner) if side is not None]
        if any(id(side.instance) in agents for side in sides) and (
            around.model.same_scope_order(entry.call, registration.call) is True
        ):
            return True
    return False


def _is_moved(around: Surroundings, search: _Search, registration: Registration) -> bool:
    gone = {id(node) for part in search.moved.values() for node in _moving_nodes(part)}
    return any(id(place) in gone for place in _places(registration))


def _moving_nodes(part: Part) -> Iterator[ast.AST]:
    for node in [part.statement] if part.whole else part.decorators:
        yield from ast.walk(node)


def _check_order(around: Surroundings, search: _Search) -> None:
    """Moved statements run later than before; nothing may have happened in between."""
    top = [s for s in search.moved if s in around.tree.body]
    last = max((s.lineno for s in top), default=0)
    for statement in search.lifted:
        if isinstance(statement, ast.Assign) and (
            around.bound_here(statement) - search.members
            or not around.steady(statement, skip=search.members)
        ):
            raise CannotFix("the agent needs what is only known where it is made")
    for statement in top:
        part = search.moved[statement]
        for node in [statement] if part.whole else part.decorators:
            if not isinstance(statement, FunctionDef) or not part.whole:
                own = search.bound(statement)
                if not around.steady(
                    node if isinstance(node, ast.stmt) else statement, skip=search.members | own
                ):
                    raise CannotFix("a name it needs is bound again")
        loop = search.loop_names(statement)
        inside = set(ast.walk(statement))
        for name in loop:
            if any(use.node not in inside for use in around.names.uses.get(name, ())):
                raise CannotFix("the loop's variable is used elsewhere")
    for statement in around.tree.body:
        if statement.lineno >= last or statement in search.moved:
            continue
        if isinstance(statement, FunctionDef | ast.ClassDef):
            continue
        if around.names.globals_in(statement) & search.members:
            raise CannotFix("the agent is used before it is complete")


def _finished(
    around: Surroundings, search: _Search, ignoring: ast.Name | None, wanted: str | None
) -> Family:
    members = search.members
    gone = {node for part in search.moved.values() for node in _moving_nodes(part)}
    users: dict[ast.stmt, set[str]] = {}
    module_uses: list[Use] = []
    guard_uses: list[Use] = []
    for name in sorted(members):
        for use in around.names.uses.get(name, ()):
            if use.node in gone or use.node is ignoring:
                continue
            function = use.function
            if function is not None:
                users.setdefault(function, set()).add(name)
            elif not use.at_module_level or isinstance(use.statement, FunctionDef | ast.ClassDef):
                raise CannotFix("used in a class body, a default, a decorator or a lambda")
            elif is_main_guard(use.statement):
                guard_uses.append(use)
            elif around.runs_alone(use.statement):
                module_uses.append(use)
            else:
                raise CannotFix("handed to code not in view")
    last_line = around.tree.body[-1].end_lineno or 0
    exported = {name for names in users.values() for name in names}
    exported |= {use.node.id for use in [*module_uses, *guard_uses]}
    exported |= members & _declared_public(around.tree)
    if wanted is not None:
        exported.add(wanted)
    elif not users:
        raise CannotFix("no function uses the agent")
    top = sorted(
        (p for s, p in search.moved.items() if s not in search.lifted),
        key=lambda part: part.statement.lineno,
    )
    # What is made under the guard comes first: the rest is done to it.
    search.lifted.sort(key=lambda s: s.lineno if isinstance(s, ast.Assign) else last_line)
    lifted = [search.moved[statement] for statement in search.lifted]
    moving = {id(node) for node in gone}
    registering = {
        id(r.node)
        for r in around.model.registrations
        if not isinstance(r.call.result, Instance) or as_agent(r.call.result) is None
        if r.kind != "selector" and any(id(place) in moving for place in _places(r))
    }
    return Family(
        members, [*top, *lifted], list(search.lifted), users, module_uses, guard_uses, exported,
        len(registering),
    )  # fmt: skip


def _declared_public(tree: ast.Module) -> set[str]:
    """The names in ``__all__``."""
    found: set[str] = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            found.update(
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
    return found


def shares_a_chat(around: Surroundings, family: Family) -> bool:
    """Whether functions that use members call each other, so that each having its own agents
    would part what is one chat. A callback is called by whoever chats, too."""
    calls = _call_graph(around)
    for registration in around.model.registrations:
        known = registration.function
        if known is None or isinstance(known.node, ast.Lambda):
            continue
        if known.node in family.users and not _starts_afresh(around, family, known.node):
            return True
    for caller in [*calls, around.tree]:
        reached = _reached(caller, calls) & family.users.keys()
        direct = bool(family.module_uses or family.guard_uses) and caller is around.tree
        if len(reached) + direct < 2:
            continue
        if not all(_starts_afresh(around, family, function) for function in reached):
            return True
        if direct and not _starts_afresh(around, family, around.tree):
            return True
    return False


def only_registers(around: Surroundings, family: Family) -> bool:
    """Whether a function that stays does nothing with members but register on them, which would
    be lost with the function's own agents."""
    gone = {id(node) for part in family.parts for node in _moving_nodes(part)}
    for registration in around.model.registrations:
        if id(registration.node) in gone or registration.agent is None:
            continue
        owner = around.owner(registration.node)
        if owner in family.users and not any(
            around.owner(entry.node) is owner for entry in around.model.entry_calls
        ):
            return True
    return False


def _starts_afresh(around: Surroundings, family: Family, function: ast.AST) -> bool:
    """Whether all ``function`` does with members is to start chats that need no earlier one."""
    entries = [
        entry
        for entry in around.model.entry_calls
        if (around.owner(entry.node) or around.tree) is function
    ]
    return bool(entries) and all(map(_is_fresh, entries))


def _is_fresh(entry: EntryCall) -> bool:
    if entry.method in _ANSWERS:
        return entry.argument("messages") is not None
    return entry.method in _STARTS_AFRESH and entry.argument("clear_history") is None


def _call_graph(around: Surroundings) -> dict[ast.AST, set[ast.AST]]:
    """Which function calls which, as far as can be seen; the module's body counts as one."""
    graph: dict[ast.AST, set[ast.AST]] = {}
    named = {node.name: node for node in around.tree.body if isinstance(node, FunctionDef)}
    for node in ast.walk(around.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            callee = named.get(node.func.id)
            if callee is not None:
                graph.setdefault(around.owner(node) or around.tree, set()).add(callee)
    for call in around.model.calls:
        frames = [call.where.root.function, *(function for _, function in call.where.stack)]
        nodes: list[ast.AST] = [
            (around.owner(f.node) or f.node) if f is not None else around.tree for f in frames
        ]
        for outer, inner in pairwise(nodes):
            if outer is not inner:
                graph.setdefault(outer, set()).add(inner)
    return graph


def _reached(start: ast.AST, graph: dict[ast.AST, set[ast.AST]]) -> set[ast.AST]:
    found = {start}
    pending = [start]
    while pending:
        for callee in graph.get(pending.pop(), ()):
            if callee not in found:
                found.add(callee)
                pending.append(callee)
    return found


def _held(value: Value | None) -> list[Value]:
    """An object itself, or what a list or dict holds."""
    if isinstance(value, Sequence):
        return list(value.items)
    if isinstance(value, Mapping):
        return list(value.items.values())
    return [value] if value is not None else []


def _within(call: Call, inside: set[int]) -> bool:
    return id(call.node) in inside or any(id(node) in inside for node, _ in call.where.stack)


def _suspends(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Await | ast.Yield | ast.YieldFrom) for part in ast.walk(node))


def _stores(node: ast.AST) -> set[str]:
    """The names that ``node`` binds with an assignment."""
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }


def _root_name(node: ast.AST) -> str | None:
    """``a`` of ``a.b[0].c``; None for a bare name's own binding and anything else."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    current: ast.AST = node
    while isinstance(current, ast.Attribute | ast.Subscript):
        current = current.value
    return current.id if isinstance(current, ast.Name) else None


__all__ = ["Crossing", "Family", "Part", "Surroundings", "family_of"]
