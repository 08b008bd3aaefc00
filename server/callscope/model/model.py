"""The model of one module: what the rules, fixes and hovers read."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar, overload

from callscope.contracts import Release, Target, boundaries
from callscope.contracts.classic import classes
from callscope.contracts.classic.callbacks import in_release
from callscope.contracts.classic.methods import GROUP_CHAT, coroutine_row
from callscope.contracts.own import NOTHING_OWN, OwnContracts
from callscope.model.agents import Agent, as_agent
from callscope.model.callback_arguments import argument_callbacks_of
from callscope.model.chats import Turn, Turns, turns_of, unfollowed
from callscope.model.crossings import (
    Crossing,
    WorkerHook,
    crossings_of,
    task_dispatches,
    worker_hooks,
)
from callscope.model.events import Call, Root
from callscope.model.handed_objects import object_callbacks_of
from callscope.model.named import engine_of, modules_named
from callscope.model.order import Order, order_of
from callscope.model.registrations import (
    ENTRY_METHODS,
    EntryCall,
    GroupChat,
    Registration,
    entry_call_of,
    group_chat_of,
    own_registrations_of,
    registrations_of,
)
from callscope.model.tools import Toolbox
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Arguments,
    BoundMethod,
    Constant,
    Coroutine,
    Function,
    Instance,
    Member,
    Module,
    Scope,
    Sequence,
    Value,
    literal,
    path_of,
)
from callscope.model.walk import ALONE, Interpreter, Outside, Surroundings
from callscope.source import (
    ParsedSource,
    Position,
    Range,
    SourceText,
    movable_line,
    nodes_of,
    origin_of,
)

# Framework calls that take agents and are understood: who answers whom is not changed by others.
_Node = TypeVar("_Node", bound=ast.AST)
_Other = TypeVar("_Other", bound=ast.AST)
_Key = TypeVar("_Key", bound=Hashable)
_Item = TypeVar("_Item")

_UNDERSTOOD = frozenset(
    {
        "autogen.GroupChat",
        "autogen.GroupChatManager",
        "autogen.register_function",
        "autogen.register_hand_off",
        "autogen.initiate_chats",
        "autogen.a_initiate_chats",
        "autogen.gather_usage_summary",
    }
)

# Methods of an agent that let other agents answer, called by hand.
_RUNS_OTHERS = frozenset({"run_chat", "a_run_chat", "resume", "a_resume"})

# What these add to an agent changes what it answers, not whom.
_CHANGES_NO_TURNS = frozenset(
    {"add_to_agent", "register_for_llm", "register_for_execution", "register_tool"}
)


_EXPECTS_FAILURE = frozenset(
    {
        "pytest.raises",
        "pytest.warns",
        "contextlib.suppress",
        "unittest.TestCase().assertRaises",
        "unittest.TestCase().assertRaisesRegex",
        "unittest.TestCase().assertWarns",
        "unittest.IsolatedAsyncioTestCase().assertRaises",
    }
)


# Stands for the imports of other modules, as the place where a module's names leave it.
_EXPORT = ast.alias("*")


@dataclass
class Asked:
    """What was asked of the whole file where only a part of it was walked.

    ``everything`` says that all its nodes were looked at; ``words`` are the answers of
    :meth:`Model.mentions`.
    """

    everything: bool = False
    words: dict[str, bool] = field(default_factory=dict)


class Model:
    """Everything found in one module.

    ``calls`` are all calls met on the walks, in time order within each root. The other
    collections are views of them.
    """

    def __init__(
        self,
        parsed: ParsedSource,
        target: Target,
        own: OwnContracts = NOTHING_OWN,
        surroundings: Surroundings = ALONE,
        exported: bool = False,
    ) -> None:
        self.parsed = parsed
        self.target = target
        self.release: Release = target.release
        self.own = own
        self.deployment = surroundings.deployment
        self.interpreter = walk(parsed, self.release, own, surroundings)
        if exported:
            for value in self.interpreter.module.names.values():
                self.interpreter.escape(value, _EXPORT)
        self.calls: list[Call] = self.interpreter.calls
        self.coroutines: list[Coroutine] = self.interpreter.coroutines
        self.asked = Asked()
        self._orders: dict[int, Order] = {}

    # -- places ----------------------------------------------------------------------------

    @property
    def source(self) -> SourceText:
        """The text the model was made of."""
        return self.parsed.source

    def source_of(self, node: ast.AST) -> SourceText:
        """The text that ``node`` is from."""
        origin = origin_of(node)
        return self.source if origin is None or origin.path == self.source.path else origin

    def range(self, node: ast.AST) -> Range:
        """The range of ``node``; of a definition, its name only."""
        source = self.source_of(node)
        found = source.range_of(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found = _range_of_name(node.name, found, source)
        return found if source is self.source else replace(found, path=str(source.path))

    def line(self, node: ast.AST) -> str:
        """The 1-based line of ``node``, for messages: "12", or "12 of agents.py"."""
        place = self.range(node)
        if place.path:
            named = self.source_of(node).line_name(place.start.line)
            return f"{named} of {Path(place.path).name}"
        line = place.start.line
        return self.source.line_name(line) if self.parsed.rest is None else movable_line(line)

    @property
    def modules(self) -> list[Module]:
        """The modules that were walked, the checked one first."""
        return list(self.interpreter.modules.values())

    def imported_with(self, modules: Iterable[Module]) -> set[Module]:
        """``modules``, and what importing them imports besides."""
        found: set[Module] = set()
        pending = list(modules)
        while pending:
            module = pending.pop()
            if module not in found:
                found.add(module)
                pending.extend(self._imports.get(module, ()))
        return found

    @cached_property
    def _imports(self) -> dict[Module, list[Module]]:
        """For each module those that its body imports, whoever imports it."""
        found: dict[Module, list[Module]] = {}
        for event in self.interpreter.imports:
            if event.where.root.is_module and not event.where.stack and not event.where.guard:
                importer = event.where.root.module or self.interpreter.main
                found.setdefault(importer, []).append(event.module)
        return found

    @overload
    def nodes(self, kind: type[_Node], /) -> Iterator[_Node]: ...
    @overload
    def nodes(self, one: type[_Node], other: type[_Other], /) -> Iterator[_Node | _Other]: ...
    @overload
    def nodes(self, kind: type[ast.AST], /, *more: type[ast.AST]) -> Iterator[ast.AST]: ...

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Every node of one of ``kinds`` in the modules that were walked."""
        for module in self.modules:
            yield from nodes_of(module.scope.node, *kinds)

    @overload
    def everything(self, kind: type[_Node], /) -> Iterator[_Node]: ...
    @overload
    def everything(self, one: type[_Node], other: type[_Other], /) -> Iterator[_Node | _Other]: ...
    @overload
    def everything(self, kind: type[ast.AST], /, *more: type[ast.AST]) -> Iterator[ast.AST]: ...

    def everything(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """:meth:`nodes`, and those of the file's other parts where only a part of it was walked."""
        if self.parsed.rest is not None:
            self.asked.everything = True
            for statement in self.parsed.rest():
                yield from nodes_of(statement, *kinds)
        yield from self.nodes(*kinds)

    def mentions(self, word: str) -> bool:
        """Whether ``word`` stands anywhere in the text of a module that was walked."""
        trees = (module.scope.node for module in self.modules)
        found = any(word in self.source_of(tree).text for tree in trees)
        self.asked.words[word] = found
        return found

    # -- views -----------------------------------------------------------------------------

    @cached_property
    def registrations(self) -> list[Registration]:
        """Every registration met, in order."""
        found = [
            registration
            for call in self.calls
            for registration in (
                *registrations_of(call),
                *argument_callbacks_of(call),
                *object_callbacks_of(call),
                *own_registrations_of(call, self.own),
            )
        ]
        for registration in found:
            if registration.contract is not None:
                registration.contract = in_release(registration.contract, self.release)
        return found

    @cached_property
    def entry_calls(self) -> list[EntryCall]:
        """Every entry call met, in order."""
        return [found for call in self.calls if (found := entry_call_of(call)) is not None]

    @cached_property
    def group_chats(self) -> list[GroupChat]:
        """Every GroupChat met, its managers filled in."""
        groups = [g for call in self.calls if (g := group_chat_of(call)) is not None]
        for agent in self.agents:
            chat = agent.argument("groupchat") if agent.row.name == "GroupChatManager" else None
            for group in groups:
                if chat is group.instance:
                    group.managers.append(agent)
        return groups

    @cached_property
    def agents(self) -> list[Agent]:
        """Every agent made in this module."""
        found = (as_agent(instance) for instance in self.interpreter.instances)
        return [agent for agent in found if agent is not None]

    def agents_called(self, label: str | None) -> list[Agent]:
        """The agents that are bound to this name, somewhere, in order."""
        return self._agents_by_label.get(label, [])

    @cached_property
    def _agents_by_label(self) -> dict[str | None, list[Agent]]:
        return _listed_by((agent.instance.label, agent) for agent in self.agents)

    def agents_made_at(self, node: ast.AST | None) -> list[Agent]:
        """The agents that this very expression makes, in order."""
        return self._agents_by_node.get(id(node), []) if node is not None else []

    @cached_property
    def _agents_by_node(self) -> dict[int, list[Agent]]:
        return _listed_by((id(agent.node), agent) for agent in self.agents)

    def is_grouped(self, agent: Agent) -> bool:
        """Whether ``agent`` is a member or the manager of a group chat."""
        return id(agent.instance) in self._grouped

    @cached_property
    def _grouped(self) -> set[int]:
        sides = ([*group.members, *group.managers] for group in self.group_chats)
        return {id(agent.instance) for side in sides for agent in side}

    @cached_property
    def crossings(self) -> list[Crossing]:
        """Every place where work crosses a boundary."""
        walked = self.interpreter
        return list(crossings_of(self.calls, walked.classes, walked.named))

    @cached_property
    def worker_hooks(self) -> list[WorkerHook]:
        """Functions that engines call at some moment."""
        return list(worker_hooks(self.calls, self.interpreter.classes, self.modules))

    @cached_property
    def task_dispatches(self) -> list[tuple[Call, boundaries.Boundary, Function]]:
        """Calls that send a decorated task to its workers."""
        return list(task_dispatches(self.calls, self.crossings, self.interpreter.named))

    @cached_property
    def tools(self) -> Toolbox:
        """The tools proposed and executed in this module."""
        return Toolbox(self)

    # -- questions -------------------------------------------------------------------------

    def registrations_on(self, agent: Agent) -> list[Registration]:
        """The registrations on ``agent``, in order."""
        return self._by_agent.get(id(agent.instance), [])

    @cached_property
    def _by_agent(self) -> dict[int, list[Registration]]:
        return _listed_by(
            (id(registration.agent.instance), registration)
            for registration in self.registrations
            if registration.agent is not None
        )

    @cached_property
    def all_turns(self) -> list[Turn]:
        """Every turn that the calls in view bring about."""
        return list(turns_of(self.entry_calls, self.group_chats, self.registrations, self.release))

    def turns(self, agent: Agent) -> Turns:
        """The messages ``agent`` gets to answer, and whether there can be no others."""
        known = tuple(self._turns_by_agent.get(id(agent.instance), ()))
        return Turns(known, self.is_closed(agent))

    @cached_property
    def _turns_by_agent(self) -> dict[int, list[Turn]]:
        return _listed_by((id(turn.agent.instance), turn) for turn in self.all_turns)

    def calls_to(self, *paths: str) -> list[Call]:
        """The calls of what has one of these dotted paths, in order."""
        found = [call for path in paths for call in self._calls_by_path.get(path, ())]
        return sorted(found, key=lambda call: call.index)

    def calls_under(self, prefix: str) -> list[Call]:
        """The calls of what has a dotted path that begins with ``prefix``, in order."""
        return self.calls_to(*(path for path in self._calls_by_path if path.startswith(prefix)))

    def calls_named(self, *methods: str) -> list[Call]:
        """The calls whose dotted path ends with one of these names, in order."""
        return self.calls_to(*(p for p in self._calls_by_path if p.rpartition(".")[2] in methods))

    @cached_property
    def _calls_by_path(self) -> dict[str, list[Call]]:
        return _listed_by((call.path, call) for call in self.calls if call.path is not None)

    def calls_at(self, node: ast.AST) -> list[Call]:
        """The calls that this very expression makes, on whatever walk."""
        return self._calls_by_node.get(id(node), [])

    @cached_property
    def _calls_by_node(self) -> dict[int, list[Call]]:
        return _listed_by((id(call.node), call) for call in self.calls)

    def turns_after(self, sender: Agent) -> list[Turn]:
        """The turns in which a message of ``sender`` is answered."""
        return self._turns_by_sender.get(id(sender.instance), [])

    @cached_property
    def _turns_by_sender(self) -> dict[int, list[Turn]]:
        return _listed_by(
            (id(turn.sender.instance), turn) for turn in self.all_turns if turn.sender is not None
        )

    def made_of(self, definition: ast.AST) -> int:
        """How many functions this very ``def`` or ``lambda`` has made."""
        return self._times_made[id(definition)]

    @cached_property
    def _times_made(self) -> Counter[int]:
        return Counter(id(function.node) for function in self.interpreter.functions)

    def calls_on(self, receiver: Value) -> list[Call]:
        """The calls of methods of this very object, in order."""
        return self._calls_by_receiver.get(id(receiver), [])

    @cached_property
    def _calls_by_receiver(self) -> dict[int, list[Call]]:
        return _listed_by(
            (id(call.receiver), call) for call in self.calls if call.receiver is not None
        )

    def entries_of(self, agent: Agent) -> list[EntryCall]:
        """The entry calls that name ``agent``, as the caller, the partner or in their queue."""
        return self._entries_by_agent.get(id(agent.instance), [])

    @cached_property
    def _entries_by_agent(self) -> dict[int, list[EntryCall]]:
        return _listed_by(
            (id(side.instance), entry) for entry in self.entry_calls for side in entry.participants
        )

    def is_closed(self, agent: Agent, *, so_far: bool = False) -> bool:
        """Whether nothing outside this file, and nothing not understood in it, can make ``agent``
        answer a message. ``so_far`` leaves aside what happens once it is returned to callers that
        are not in view."""
        escapes = agent.instance.escapes
        if so_far:
            escapes = [p for p in escapes if p is not _EXPORT and not isinstance(p, ast.Return)]
        if agent.is_foreign or escapes or agent.instance.many:
            return False
        if self.interpreter.exhausted or self.interpreter.star_imports:
            return False
        return id(agent.instance) not in self._open and not self._is_left_behind(agent)

    def _is_left_behind(self, agent: Agent) -> bool:
        """Whether a later cell of a notebook makes another agent in place of this one. What the
        cells before are for, they did before that."""
        if not self.source.interactive or agent.node is None:
            return False
        return any(
            other.node is not None and self.can_come_after(agent.node, other.node)
            for other in self.agents_called(agent.instance.label)
        )

    def can_come_after(self, node: ast.AST, later: ast.AST) -> bool:
        """Whether ``node`` may also run after ``later``, which stands below it: each in a cell of
        its own in a notebook, whose cells are run again at will."""
        if not self.source.interactive:
            return False
        cells = [self.source.in_cell(self.range(each).start.line)[0] for each in (node, later)]
        return cells[0] < cells[1]

    @cached_property
    def _open(self) -> set[int]:
        """Agents that take part in something not understood."""
        found: set[int] = set()
        for entry in self.entry_calls:
            found.update(id(agent.instance) for agent in unfollowed(entry))
            if entry.agent is not None and self._may_leave_out(entry):
                found.add(id(entry.agent.instance))
        for call in self.calls:
            path = call.path or ""
            if not classes.is_framework(path) or path in _UNDERSTOOD:
                continue
            inner = call.method.startswith("_") and not call.method.startswith("__")
            if (
                as_agent(call.receiver) is not None
                and call.method not in _RUNS_OTHERS
                and not inner
            ):
                continue
            if call.method in _CHANGES_NO_TURNS:
                continue
            for argument in [*call.arguments.all(), *([call.receiver] if call.receiver else [])]:
                items = argument.items if isinstance(argument, Sequence) else [argument]
                found.update(id(item) for item in items if isinstance(item, Instance))
        for agent in self.agents:
            # Its own way to start or answer a chat is not the framework's.
            if any(agent.overrides(method) is not None for method in ENTRY_METHODS):
                found.add(id(agent.instance))
        for group in self.group_chats:
            # Whoever has the group or its manager may let its members speak.
            leaders = {id(group.instance), *(id(manager.instance) for manager in group.managers)}
            if not group.managers or leaders & found:
                found.update(id(member.instance) for member in group.members)
        return found

    def _may_leave_out(self, entry: EntryCall) -> bool:
        """Whether ``entry`` may pass over reply functions that other chats ask: ``exclude=[...]``.
        What is bound to an agent equals no function in its list, unless it was registered so."""
        excluded = entry.call.arguments.get(None, "exclude")
        if excluded is None or excluded == NONE:
            return False
        if not isinstance(excluded, Sequence) or not excluded.exact:
            return True
        listed = [r.callback for r in self.registrations if r.kind == "reply"]
        return any(not _is_bound(item) or item in listed for item in excluded.items)

    def order(self, agent: Agent) -> Order:
        """The agent's reply functions in the order they are tried, after all registrations."""
        found = self._orders.get(id(agent.instance))
        if found is None:
            found = self._orders[id(agent.instance)] = self._replayed(agent)
        return found

    def _replayed(self, agent: Agent) -> Order:
        mine = self.registrations_on(agent)
        exact = not agent.instance.escapes and not agent.is_foreign and not agent.instance.many
        exact = exact and not agent.has_unknown_bases
        courses = {r.where.course for r in mine if r.kind in ("reply", "nested")}
        return order_of(agent, mine, self.release, exact and len(courses) <= 1)

    def same_scope_order(self, first: Call, second: Call) -> bool | None:
        """Whether ``first`` runs before ``second``; None if they run on different walks."""
        if first.where.course is not second.where.course:
            return None
        return first.index < second.index

    def happens_before(self, first: Call, second: Call) -> bool:
        """Whether ``first`` certainly has run when ``second`` does: earlier on the same walk, or
        while the module is imported and ``second`` in a function called later, or while the object
        is made that ``second`` is in a method of."""
        before, after = first.where.root, second.where.root
        if first.where.course is second.where.course:
            return first.index < second.index
        made = before.function is not None and before.function.name == "__init__"
        if made and isinstance(before.receiver, Instance) and before.receiver is after.receiver:
            return True
        return before.is_module and not first.where.guard

    @cached_property
    def expected_failures(self) -> list[Range]:
        """Blocks that are meant to fail: ``with pytest.raises(...)`` and its like."""
        return self._blocks_with(_EXPECTS_FAILURE)

    @cached_property
    def _asked_failures(self) -> list[Range]:
        return self._blocks_with(_EXPECTS_FAILURE - {"contextlib.suppress"})

    def _blocks_with(self, paths: frozenset[str]) -> list[Range]:
        awaited = {
            id(call.node) for call in self.calls if call.use == "with" and call.path in paths
        }
        return [
            self.range(node)
            for node in self.nodes(ast.With, ast.AsyncWith)
            if any(id(item.context_expr) in awaited for item in node.items)
        ]

    def is_meant_to_fail(self, registration: Registration) -> bool:
        """Whether a test asks for the failure of a chat that its agent takes part in."""
        blocks = self._asked_failures
        if not blocks or registration.agent is None:
            return False
        places = [
            self.range(node)
            for entry in self.entries_of(registration.agent)
            if entry.where.root is registration.where.root
            for node in (entry.node, *(node for node, _ in entry.where.stack))
        ]
        return any(block.holds(place) for block in blocks for place in places)

    def twins(self, about: object) -> list[object]:
        """The same event as the same line gave it on other walks: of the same kind, and with the
        same callback, for a line may hand over one callback after the other."""
        if isinstance(about, Registration):
            return [
                r
                for r in self._by_node.get(id(about.node), ())
                if r.kind == about.kind
                and r.callback_node is about.callback_node
                and not _differ(r, about)
            ]
        if isinstance(about, EntryCall):
            return [e for e in self.entry_calls if e.node is about.node]
        return []

    @cached_property
    def _by_node(self) -> dict[int, list[Registration]]:
        return _listed_by(
            (id(registration.node), registration) for registration in self.registrations
        )

    def is_half_typed(self, function: Function) -> bool:
        """Whether part of ``function`` could not be parsed, so that what it gives is not known."""
        node = function.node
        lines = range(node.lineno - 1, node.end_lineno or node.lineno)
        scope = function.scope.module
        return any(m.scope is scope and not m.blanked.isdisjoint(lines) for m in self.modules)

    def returned(self, function: Function) -> list[tuple[ast.AST, Value]]:
        """What ``function`` gives back and where; the function itself stands for its end."""
        if self.is_half_typed(function):
            return [(function.node, UNKNOWN)]
        return list(self.interpreter.returns.get(id(function.node), {}).values())

    @property
    def module_scope(self) -> Scope:
        """The module's names as they stand at its end."""
        return self.interpreter.module

    def global_name(self, value: Value) -> str | None:
        """The module-level name bound to ``value``."""
        for name, bound in self.module_scope.names.items():
            if bound is value:
                return name
        return None

    @cached_property
    def is_script(self) -> bool:
        """Whether the file is meant to be run: it has a main guard, or starts chats on import."""
        guard = any(call.where.guard for call in self.calls)
        return guard or any(
            entry.where.root.is_module and not entry.where.stack for entry in self.entry_calls
        )


def _listed_by(pairs: Iterable[tuple[_Key, _Item]]) -> dict[_Key, list[_Item]]:
    """For each key all that it comes with, in order."""
    found: dict[_Key, list[_Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return found


def _is_bound(value: Value) -> bool:
    """Whether ``value`` is a method taken from an agent."""
    if isinstance(value, BoundMethod):
        return as_agent(value.receiver) is not None
    return isinstance(value, Member) and as_agent(value.owner) is not None


def _differ(first: Registration, second: Registration) -> bool:
    """Whether the two are known to hand over different functions, or for different hooks."""
    one, other = first.function, second.function
    if one is not None and other is not None and one.node is not other.node:
        return True
    return None not in (first.hook_name, second.hook_name) and first.hook_name != second.hook_name


def _range_of_name(name: str, whole: Range, source: SourceText) -> Range:
    """Where the name stands in the definition ``whole``."""
    start = source.line(whole.start.line).find(name, whole.start.column)
    if start < 0:
        return whole
    line = whole.start.line
    return Range(Position(line, start), Position(line, start + len(name)))


def walk(
    parsed: ParsedSource,
    release: Release,
    own: OwnContracts = NOTHING_OWN,
    surroundings: Surroundings = ALONE,
) -> Interpreter:
    """Walk a module with the framework's names known, boundary functions included."""
    outside = Outside(
        canonical=lambda path: classes.canonical(boundaries.canonical(path)),
        transparent=lambda path: _is_transparent(path) or own.decorates(path),
        is_coroutine=lambda path: coroutine_row(path, release) is not None,
        known=lambda path: classes.is_framework(path) or own.wrapper_at(path) is not None,
        fields=_constructor_fields,
        derives=_derives,
        own_base=own.base_of,
        awaited=boundaries.AWAITED.get,
        fluent=boundaries.FLUENT.__contains__,
        typed=boundaries.CLASSES.__contains__,
        store=_store_at,
        injected=boundaries.INJECTED,
        passed_first=boundaries.passed_first,
        thread_at=_thread_at,
        begins=lambda path: classes.is_framework(path) and path.rpartition(".")[2] in ENTRY_METHODS,
        is_lock=_is_lock,
        package=package_of(parsed.source.path) if own.agents or own.wrappers else "",
        find_module=surroundings.find_module,
        find_agent=surroundings.find_agent,
    )
    interpreter = Interpreter(parsed, outside)
    interpreter.run()
    _walk_named(interpreter, surroundings)
    _walk_crossings(interpreter)
    _walk_callbacks(interpreter)
    return interpreter


def _walk_named(interpreter: Interpreter, surroundings: Surroundings) -> None:
    """Walk the modules that are not imported, but named to an engine, or that its own processes
    begin with."""
    met: set[str] = set()
    begin = 0
    while begin < len(interpreter.calls):
        batch = interpreter.calls[begin:]
        begin = len(interpreter.calls)
        for call in batch:
            for path in modules_named(call):
                interpreter.named(path)
            _load_tasks(interpreter, surroundings, call)
        engines = {engine for call in batch if (engine := engine_of(call)) is not None} - met
        for engine in engines:
            met.add(engine)
            for head in surroundings.find_heads(engine, interpreter.main.path):
                interpreter.load(head)
        interpreter.run_rest()


def _load_tasks(interpreter: Interpreter, surroundings: Surroundings, call: Call) -> None:
    """Walk the modules that may define the task which is sent off here by a name of its own."""
    row = boundaries.TASK_NAMES.get(call.path or "")
    name = literal(call.arguments.get(row.index, row.keyword)) if row is not None else None
    engine = boundaries.DISPATCHES[call.path or ""].engine if row is not None else ""
    if not isinstance(name, str):
        return
    for head in surroundings.find_heads(f"{engine} tasks", interpreter.main.path):
        text = head.parsed.source.text
        if f'"{name}"' in text or f"'{name}'" in text:
            interpreter.load(head)


def _walk_callbacks(interpreter: Interpreter) -> None:
    """Walk as roots the functions that are handed to the framework and stand in modules that are
    otherwise beside the point."""
    for call in list(interpreter.calls):
        if classes.is_framework(call.path or ""):
            for argument in call.arguments.all():
                interpreter.run_if_left(argument)


def _walk_crossings(interpreter: Interpreter) -> None:
    """Walk as roots the functions beyond a boundary, and those that set workers up, which the
    parent also calls directly."""
    rooted = {call.where.root.function for call in interpreter.calls}
    met: list[Crossing | WorkerHook] = [
        *crossings_of(interpreter.calls, interpreter.classes, interpreter.named),
        *worker_hooks(interpreter.calls, interpreter.classes, interpreter.modules.values()),
    ]
    for place in met:
        if place.function not in rooted:
            rooted.add(place.function)
            interpreter.run_as_root(_as_value(place))


def _as_value(place: Crossing | WorkerHook) -> Value:
    receiver = place.receiver
    return place.function if receiver is None else BoundMethod(receiver, place.function)


def _is_lock(value: Value) -> bool:
    """Whether it lets in one run at a time; a semaphore may be told to let in more."""
    if path_of(value) not in boundaries.LOCKS or not isinstance(value, Instance):
        return False
    many = value.init.get(0, "value") if value.init is not None else None
    return not isinstance(many, Constant) or many.value == 1


def _thread_at(path: str, arguments: Arguments) -> int | None:
    """The position of what a thread calls for whoever awaits the result; None if none does."""
    if path in boundaries.AWAITED_THREADS:
        return 0
    executor = arguments.get(0, None) if path in boundaries.RUN_IN_EXECUTOR else None
    if executor is None:
        return None
    pool = boundaries.POOLS.get((path_of(executor) or "").removesuffix("()"))
    return 1 if executor == NONE or pool is boundaries.THREAD else None


def _store_at(path: str) -> str | None:
    store = boundaries.STORES.get(path)
    return store.kind if store is not None else None


def _constructor_fields(path: str) -> tuple[str, ...]:
    """The constructor parameters that objects of a framework class keep as attributes."""
    if path == "autogen.GroupChat":
        return GROUP_CHAT.positional
    row = classes.agent_class(path)
    # Of an agent only these two are kept as they were given.
    kept = row.parameters if row is not None else ()
    return tuple(name if name in ("name", "groupchat") else "" for name in kept)


def _derives(path: str, base: str) -> bool | None:
    """Whether the agent class at ``path`` is the one at ``base``, or derives from it; None if one
    of them is no agent class."""
    row = classes.agent_class(path)
    name = base.removeprefix("autogen.")
    known = classes.agent_class(base) is not None or name in classes.PROTOCOLS
    return name in classes.lineage(row.name) if row is not None and known else None


_TRANSPARENT_METHODS = ("register_for_llm()", "register_for_execution()", "register_handoff()")


def _is_transparent(path: str) -> bool:
    """Whether a decorator gives back the function it was put on."""
    return path.startswith("autogen.") and path.endswith(_TRANSPARENT_METHODS)


def package_of(path: Path) -> str:
    """The dotted package that a file belongs to, by the ``__init__.py`` files around it."""
    parts: list[str] = []
    folder = path.absolute().parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def build_model(
    parsed: ParsedSource,
    target: Target,
    own: OwnContracts = NOTHING_OWN,
    surroundings: Surroundings = ALONE,
    *,
    exported: bool = False,
) -> Model:
    """The model of ``parsed`` as a program for ``target``, with a team's own layer known.

    ``surroundings`` leads to the other modules of the project, whose imports are then followed.
    ``exported`` says that modules which are not in view import this one.
    """
    return Model(parsed, target, own, surroundings, exported)


__all__ = ["Model", "Root", "build_model"]
