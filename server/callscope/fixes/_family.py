"""Which statements of a module make an agent what it is, and who uses the agent.

A family is a module-level agent with all that belongs to it: the agents, group chats and lists
that refer to it or that it refers to, and the statements that set them up. Where anything is not
fully understood, CannotFix is raised.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from callscope.fixes._importers import Importer, Mention, importers_of
from callscope.fixes._scopes import FunctionDef, Use
from callscope.fixes._surroundings import (
    Surroundings,
    after_a_chat,
    held,
    is_main_guard,
    is_tool_decorator,
    places_of,
    root_name,
    stores,
    suspends,
    ways_out,
    within,
)
from callscope.fixes.base import CannotFix, Files
from callscope.model.agents import as_agent
from callscope.model.registrations import Registration
from callscope.model.values import Instance


@dataclass(frozen=True, eq=False)
class Part:
    """A statement that goes into the factory.

    ``whole`` says that it leaves its place. Otherwise it is a decorated function that stays where
    it is, without ``decorators``, which are called by hand in the factory.
    """

    statement: ast.stmt
    whole: bool = True
    decorators: tuple[ast.expr, ...] = ()


@dataclass(frozen=True, eq=False)
class ForeignPart:
    """A statement of another module that goes into the factory, or the ``decorators`` of one that
    stays."""

    around: Surroundings
    statement: ast.stmt
    decorators: tuple[ast.expr, ...] = ()

    def nodes(self) -> Iterator[ast.AST]:
        """All that leaves its place."""
        for node in self.decorators or (self.statement,):
            yield from ast.walk(node)


@dataclass
class Family:
    """A family found by :func:`family_of`.

    ``parts`` are in the order in which they run, with ``foreign`` ones behind them. ``lifted`` are
    those of them that stand under the main guard or in a function. ``users`` are the functions that
    use members, outermost only and of whichever module, with the members each uses;
    ``module_uses`` and ``guard_uses`` are the members used while the module itself runs.
    ``importers`` are the other files that use members. ``registrations`` counts the registering
    calls that move along.
    """

    members: set[str]
    parts: list[Part]
    lifted: list[ast.stmt]
    users: dict[ast.stmt, set[str]]
    module_uses: list[Use]
    guard_uses: list[Use]
    exported: set[str]
    registrations: int
    importers: list[Importer] = field(default_factory=list)
    foreign: list[ForeignPart] = field(default_factory=list)

    def gone(self) -> Iterator[ast.AST]:
        """All nodes that leave their place."""
        for part in self.parts:
            yield from moving_nodes(part)
        for foreign in self.foreign:
            yield from foreign.nodes()

    def bodies(self, around: Surroundings) -> list[ast.Module]:
        """The modules that use members while they are imported or run as a script."""
        own = [around.tree] if self.module_uses or self.guard_uses else []
        return own + [importer.around.tree for importer, _ in self._outside_functions()]

    def at_import(self, around: Surroundings) -> list[ast.AST]:
        """Uses of members that run while a module is imported: its own, and those of functions
        that are called then."""
        found: list[ast.AST] = [use.node for use in self.module_uses]
        for _, mentions in self._outside_functions():
            found += [mention.node for mention in mentions if not mention.in_guard]
        for call in around.model.calls:
            if call.where.root.is_module and not call.where.guard:
                stack = call.where.stack
                found += [node for node, function in stack if function.node in self.users]
        return found

    def _outside_functions(self) -> Iterator[tuple[Importer, list[Mention]]]:
        gone = set(self.gone())
        for importer in self.importers:
            left = [m for m in importer.mentions if m.function is None and m.node not in gone]
            if left:
                yield importer, left


@dataclass
class _Search:
    """Grows a family from the names it starts with until nothing more belongs to it."""

    around: Surroundings
    members: set[str]
    moved: dict[ast.stmt, Part] = field(default_factory=dict)
    lifted: list[ast.stmt] = field(default_factory=list)
    foreign: list[ForeignPart] = field(default_factory=list)

    def take_foreign(
        self, around: Surroundings, statement: ast.stmt, decorators: tuple[ast.expr, ...] = ()
    ) -> None:
        """Take in a statement of another module, or the decorators of one."""
        if all(part.statement is not statement for part in self.foreign):
            self.foreign.append(ForeignPart(around, statement, decorators))

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
        if self.around.entries_in(statement) or suspends(statement):
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
            root = root_name(call.func)
            if root is not None and self.around.may_join(root):
                self.members.add(root)

    def bound(self, statement: ast.stmt) -> set[str]:
        """The top-level names a statement binds."""
        names = self.around.names
        if statement not in self.around.tree.body:
            return stores(statement)
        return {name for name, where in names.bindings.items() if statement in where}

    def loop_names(self, statement: ast.stmt) -> set[str]:
        """The variables of a loop that sets members up."""
        return self.bound(statement) if isinstance(statement, ast.For) else set()

    def _consider_decorators(self, function: FunctionDef) -> None:
        uses = [use.node for name in self.members for use in self.around.names.uses.get(name, ())]
        ours = _outer_tool_decorators(function, uses)
        if not ours:
            return
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
    files: Files | None = None,
) -> Family:
    """The family of the objects ``start``, which are made in the module ``around``.

    ``needed`` are registrations that must come along. ``with_partners`` takes in the agents that
    members chat with in functions. ``from_handlers`` lifts registrations out of functions that
    run beyond a boundary too, where they would be repeated. A use ``ignoring`` is about to go,
    and one of the member ``wanted`` about to come. ``files`` are looked through for other modules
    that use members.
    """
    members = {name for instance in start for name in around.names_of(instance)}
    if not members:
        raise CannotFix("the agent has no name at module level")
    search = _Search(around, members)
    search.grow()
    while with_partners and (found := _partners(around, search.members)):
        search.members |= found
        search.grow()
    needed = list(needed)
    _lift(around, search, needed, from_handlers)
    search.grow()
    importers = importers_of(files, around, search.members) if files is not None else []
    for importer in importers:
        if files is None or importer.around.path not in files.keepers:
            _take_set_up(search, importer)
    search.foreign.sort(key=_time)
    for registration in needed:
        if not _is_moved(around, search, registration):
            raise CannotFix("the registration needs what is only known where it stands")
    search.add_inner_functions()
    _check_order(around, search)
    return _finished(around, search, importers, ignoring, wanted)


def _take_set_up(search: _Search, importer: Importer) -> None:
    """Take in what another module does to members while it is imported."""
    around = importer.around
    for mention in importer.mentions:
        if mention.function is not None or mention.in_guard:
            continue
        statement = mention.statement
        names = {mention.node.id} if isinstance(mention.node, ast.Name) else set()
        if isinstance(statement, FunctionDef):
            mentioned = {m.node for m in importer.mentions if m.statement is statement}
            decorators = _outer_tool_decorators(statement, mentioned)
            if decorators:
                search.take_foreign(around, statement, decorators)
        elif around.is_setup(statement, names):
            search.take_foreign(around, statement)


def _outer_tool_decorators(
    function: FunctionDef, mentions: Collection[ast.AST]
) -> tuple[ast.expr, ...]:
    """The decorators of a function that ``mentions`` stand in."""
    every = function.decorator_list
    ours = tuple(d for d in every if any(node in mentions for node in ast.walk(d)))
    if not all(map(is_tool_decorator, ours)):
        raise CannotFix("a decorator that is not understood")
    if tuple(every[: len(ours)]) != ours:
        raise CannotFix("another decorator stands above")
    return ours


def _time(part: ForeignPart) -> int:
    """When a statement of another module runs, as far as can be seen from what it registers."""
    inside = {id(node) for node in part.nodes()}
    for number, registration in enumerate(part.around.model.registrations):
        if within(registration.call, inside):
            return number
    return 0


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


def _lift(
    around: Surroundings, search: _Search, needed: list[Registration], from_handlers: bool
) -> None:
    """Take registrations out of the main guard and out of functions."""
    instances = {
        id(item): item
        for name in search.members
        for item in held(around.value(name))
        if isinstance(item, Instance)
    }
    for registration in around.model.registrations:
        agent = registration.agent
        if agent is None or id(agent.instance) not in instances:
            continue
        if not registration.where.root.is_module and not (from_handlers or registration in needed):
            continue
        if after_a_chat(around, registration, set(instances)):
            continue
        there = around.at(registration.node)
        if there is not around:
            own_names = {name for each in instances.values() for name in there.names_of(each)}
            for statements in ways_out(there, registration, own_names):
                for lifted in statements:
                    search.take_foreign(there, lifted)
                break
            continue
        for statements in ways_out(around, registration, search.members):
            for lifted in statements:
                if lifted not in search.lifted:
                    search.lifted.append(lifted)
                    search.moved[lifted] = Part(lifted)
                    search.join(lifted)
            break


def _is_moved(around: Surroundings, search: _Search, registration: Registration) -> bool:
    gone = {id(node) for part in search.moved.values() for node in moving_nodes(part)}
    gone |= {id(node) for part in search.foreign for node in part.nodes()}
    return any(id(place) in gone for place in places_of(registration))


def moving_nodes(part: Part) -> Iterator[ast.AST]:
    """All of a statement that leaves its place, or of the decorators that do."""
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
    around: Surroundings,
    search: _Search,
    importers: list[Importer],
    ignoring: ast.Name | None,
    wanted: str | None,
) -> Family:
    members = search.members
    gone = {node for part in search.moved.values() for node in moving_nodes(part)}
    gone |= {node for part in search.foreign for node in part.nodes()}
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
    elsewhere = {name for each in importers for name in _used_in(each, gone, users)}
    exported |= elsewhere
    if wanted is not None:
        exported.add(wanted)
    elif not users and not elsewhere:
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
        if r.kind != "selector" and any(id(place) in moving for place in places_of(r))
    }
    return Family(
        members, [*top, *lifted], list(search.lifted), users, module_uses, guard_uses, exported,
        len(registering), importers, search.foreign,
    )  # fmt: skip


def _used_in(importer: Importer, gone: set[ast.AST], users: dict[ast.stmt, set[str]]) -> set[str]:
    """The members that another file uses; its functions that do are added to ``users``."""
    found: set[str] = set()
    for mention in importer.mentions:
        if mention.node in gone:
            continue
        found.add(mention.member)
        if mention.function is not None:
            users.setdefault(mention.function, set()).add(mention.member)
        elif isinstance(mention.statement, FunctionDef):
            raise CannotFix("used in a default or in a decorator")
        elif not mention.in_guard and not importer.around.hands_over_plainly(mention.node):
            raise CannotFix("handed to code not in view")
    return found


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
