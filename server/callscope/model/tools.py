"""Tools: which are proposed to a model, who carries them out, and under what names.

A tool call travels like any message: the agent whose model asks for it sends it, and the agent
that answers looks the name up in its own function map. In a group chat a member whose map has the
name is picked. This module brings the two sides together.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from callscope.contracts.classic.tools import (
    DISPATCH_METHODS,
    LLM_CONFIG_CONTEXT,
    TOOL_OBJECTS,
    UNFOLLOWED_ENTRIES,
)
from callscope.model.agents import Agent, as_agent
from callscope.model.callables import Callable, as_callable
from callscope.model.chats import Turn
from callscope.model.registrations import (
    EntryCall,
    GroupChat,
    Registration,
    element_node,
    tool_object,
)
from callscope.model.values import (
    NONE,
    Constant,
    Function,
    Instance,
    Mapping,
    Member,
    OneOf,
    Sequence,
    UserClass,
    Value,
    path_of,
)
from callscope.source import walk

if TYPE_CHECKING:
    from callscope.model.model import Model

_PROPOSING = frozenset({"register_for_llm", "register_function", "register_tool"})


@dataclass(frozen=True, eq=False)
class Execution:
    """An entry of an agent's function map. ``agent`` or ``name`` is None where it is not known."""

    agent: Agent | None
    name: str | None
    function: Function | None
    registration: Registration


@dataclass(frozen=True)
class Responders:
    """The agents that may be handed a tool call. ``known`` says that there are no others.

    ``group`` is set where the call is made in a group chat; ``turns`` are what brings it about.
    """

    agents: tuple[Agent, ...]
    known: bool
    turns: tuple[Turn, ...] = ()
    group: GroupChat | None = None


@dataclass(frozen=True, eq=False)
class ToolRequest:
    """A tool that ``asker`` may call for, by ``name``.

    ``origin`` says where the name is from: "registered" (``register_for_llm`` and its kin),
    "functions" (the constructor's ``functions=``), "schema" (a literal in ``llm_config``),
    "message" (a literal tool call passed to an entry call) or "reply" (one that a reply function
    gives back). ``node`` is the place to point at. ``schema`` is the literal schema,
    ``arguments`` the names in a literal call's arguments.
    """

    origin: str
    name: str | None
    asker: Agent | None
    node: ast.AST
    responders: Responders
    function: Function | None = None
    about: Registration | EntryCall | None = None
    schema: Mapping | None = None
    arguments: frozenset[str] | None = None


class Toolbox:
    """The tools of one module."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.names = dict(_effective_names(model))
        self._responders: dict[int, Responders] = {}

    @cached_property
    def executions(self) -> list[Execution]:
        """Every entry of a function map, in order."""
        return [
            Execution(r.agent, self.names[id(r)], python_function(r.callback), r)
            for r in self.model.registrations
            if r.kind == "tool-execution"
        ]

    @cached_property
    def requests(self) -> list[ToolRequest]:
        """Every tool that may be called for."""
        return [*self._registered(), *self._schemas(), *self._messages(), *self._replies()]

    # -- who executes ----------------------------------------------------------------------

    def executes(self, agent: Agent, name: str) -> bool | None:
        """Whether ``agent`` carries out tool calls of ``name``; None if that is not known."""
        answer: bool | None = False
        for execution in self.executions:
            if execution.agent == agent and execution.name == name:
                return True
            if (execution.agent is None or execution.agent == agent) and (
                execution.name is None or execution.name == name
            ):
                answer = None
        return answer if answer is None or self.is_plain(agent) else None

    def is_plain(self, agent: Agent) -> bool:
        """Whether the agent's function map is all in view and nothing else answers tool calls."""
        row, made_of = agent.row, agent.instance.type
        if agent.is_foreign or agent.instance.escapes or agent.instance.many:
            return False
        if row.owns_replies and row.name != "GroupChatManager":
            return False
        if isinstance(made_of, UserClass) and any(made_of.find(m) for m in DISPATCH_METHODS):
            return False
        if agent.has_unknown_bases:
            return False
        given = agent.argument("function_map")
        if given not in (None, NONE) and not (isinstance(given, Mapping) and given.exact):
            return False
        return id(agent.instance) not in self._changed_by_hand

    @cached_property
    def _changed_by_hand(self) -> set[int]:
        """Agents whose function map is changed otherwise than by a registration known."""
        found: set[int] = set()
        for write in self.model.interpreter.writes:
            found.update(_map_owner(write.value))
        for call in self.model.calls:
            if call.receiver is not None:
                found.update(_map_owner(call.receiver))
            if call.method == "register_function" and as_agent(call.receiver) is not None:
                given = call.arguments.get(0, "function_map")
                if not (isinstance(given, Mapping) and given.exact):
                    found.add(id(call.receiver))
        return found

    def responders(self, agent: Agent) -> Responders:
        """Who may be handed a tool call that ``agent`` makes."""
        key = id(agent.instance)
        if key not in self._responders:
            self._responders[key] = self._find_responders(agent)
        return self._responders[key]

    def _find_responders(self, agent: Agent) -> Responders:
        model = self.model
        turns = tuple(model.turns_after(agent))
        inside = tuple(turn for turn in model.turns(agent).known if turn.in_group)
        known = model.is_closed(agent) and bool(turns or inside) and not self._unfollowed
        known = known and self._sends_its_calls(agent)
        found: list[Agent] = []
        group: GroupChat | None = None
        for turn in model.turns(agent).known:
            # A chat with a partner that the framework makes itself: it executes the agent's tools.
            known = known and turn.sender_class is None
        answering = [turn.agent for turn in turns] + [t.sender for t in inside if t.sender]
        for other in answering:
            if other.row.name != "GroupChatManager":
                found.append(other)
                continue
            group = next((g for g in model.group_chats if other in g.managers), None)
            known = known and group is not None and group.members_known
            found.extend(group.members if group is not None else ())
        distinct = tuple(dict.fromkeys(found))
        return Responders(distinct, known, (*turns, *inside), group)

    def _sends_its_calls(self, agent: Agent) -> bool:
        """Whether the agent certainly does not carry out its own calls before it replies."""
        made_of = agent.instance.type
        if agent.has_unknown_bases or (
            agent.row.owns_replies and agent.row.name != "GroupChatManager"
        ):
            return False
        if isinstance(made_of, UserClass) and any(made_of.find(m) for m in DISPATCH_METHODS):
            return False
        runs_some = any(execution.agent in (None, agent) for execution in self.executions)
        return not runs_some or not any(
            registration.kind == "reply" and registration.agent in (None, agent)
            for registration in self.model.registrations
        )

    @cached_property
    def _unfollowed(self) -> bool:
        return any(entry.method in UNFOLLOWED_ENTRIES for entry in self.model.entry_calls)

    def unanswered(self, request: ToolRequest) -> bool:
        """Whether certainly nobody carries out what ``request`` asks for."""
        name, responders = request.name, request.responders
        return (
            name is not None
            and responders.known
            and bool(responders.agents)
            and all(self.executes(agent, name) is False for agent in responders.agents)
        )

    def misnamed(self, request: ToolRequest) -> Execution | None:
        """What a responder executes under another name and ``request`` must mean: the very
        function, or, where only a name is asked for, an entry that nothing else asks for."""
        for execution in self.executions:
            if execution.agent not in request.responders.agents or execution.name is None:
                continue
            if execution.name != request.name and (
                execution.function is request.function
                if request.function is not None
                else execution.name not in self._asked_names
            ):
                return execution
        return None

    def swapped(self, request: ToolRequest) -> Registration | None:
        """The ``register_function`` that lets the one who asks execute, and a responder ask."""
        if request.origin not in ("message", "reply"):
            return None
        for execution in self.executions:
            if execution.agent != request.asker or execution.name != request.name:
                continue
            call = execution.registration.call
            proposer = as_agent(call.arguments.get(None, "caller"))
            if call.path == "autogen.register_function" and (proposer in request.responders.agents):
                return execution.registration
        return None

    @cached_property
    def _asked_names(self) -> set[str | None]:
        return {request.name for request in self.requests}

    # -- who asks --------------------------------------------------------------------------

    def _registered(self) -> Iterator[ToolRequest]:
        for registration in self.model.registrations:
            if registration.kind != "tool-llm":
                continue
            agent = registration.agent
            responders = self.responders(agent) if agent is not None else Responders((), False)
            yield ToolRequest(
                "functions" if is_offered_by_constructor(registration) else "registered",
                self.names[id(registration)],
                agent,
                registration.callback_node or registration.node,
                responders,
                python_function(registration.callback),
                registration,
            )

    def _schemas(self) -> Iterator[ToolRequest]:
        for agent in self.model.agents:
            for schema, node in schemas_of(agent):
                name = schema.items.get("name")
                if isinstance(name, Constant) and isinstance(name.value, str):
                    place = schema.values.get("name", node)
                    yield ToolRequest(
                        "schema", name.value, agent, place, self.responders(agent), schema=schema
                    )

    def _messages(self) -> Iterator[ToolRequest]:
        for entry in self.model.entry_calls:
            asked = _asked_in(entry)
            if asked is None:
                continue
            message, asker, responder = asked
            for name, arguments, _ in tool_calls_in(message):
                closed = responder.row.name != "GroupChatManager"
                yield ToolRequest(
                    "message",
                    name,
                    asker,
                    entry.node,
                    Responders((responder,), closed),
                    about=entry,
                    arguments=arguments,
                )

    def _replies(self) -> Iterator[ToolRequest]:
        for registration in self.model.registrations:
            known = registration.function if registration.kind == "reply" else None
            if known is None or registration.agent is None:
                continue
            for _, value in self.model.returned(known.function):
                if not isinstance(value, Sequence) or len(value.items) != 2:
                    continue
                for name, arguments, node in tool_calls_in(value.items[1]):
                    yield ToolRequest(
                        "reply",
                        name,
                        registration.agent,
                        node or registration.node,
                        self.responders(registration.agent),
                        arguments=arguments,
                    )


# -- single questions ----------------------------------------------------------------------


def is_offered_by_constructor(registration: Registration) -> bool:
    """Whether the tool is one of an agent's ``functions=[...]``."""
    return registration.kind == "tool-llm" and registration.call.method not in _PROPOSING


def python_function(value: Value | None) -> Function | None:
    """The function of this file that a tool runs, whatever it is wrapped in."""
    known = tool_callable(value)
    return known.function if known is not None else None


def tool_callable(value: Value | None) -> Callable | None:
    """The callable of this file that a tool runs; a ``Tool`` object is looked through."""
    made_of = tool_object(value)
    return as_callable(made_of[0]) if made_of is not None else as_callable(value)


def lacks_model(agent: Agent, model: Model) -> bool:
    """Whether the agent certainly has no ``llm_config``."""
    if agent.is_foreign or "llm_config" in agent.instance.attributes or agent.has_unknown_bases:
        return False
    if agent.row.owns_replies and agent.row.name != "GroupChatManager":
        return False
    value = agent.argument("llm_config")
    if isinstance(value, Constant) and value.value is False:
        return True
    if value is None and agent.row.llm == "off":
        return True
    if value not in (None, NONE):
        return False
    return not _may_be_inside_with(agent, model)


def _may_be_inside_with(agent: Agent, model: Model) -> bool:
    """Whether the agent may be made while a ``with llm_config:`` is open.

    Where such a block gives nothing, it raises by itself, which is another matter.
    """
    call = agent.instance.call
    if call is None:
        return True
    if model.release in LLM_CONFIG_CONTEXT and not call.where.root.is_module:
        return True
    places = {id(call.node), *(id(node) for node, _ in call.where.stack)}
    return any(id(inner) in places for outer in model.nodes(ast.With) for inner in walk(outer))


def schemas_of(agent: Agent) -> Iterator[tuple[Mapping, ast.AST]]:
    """The literal function schemas in an agent's ``llm_config``, each with a place."""
    for item, node in tool_entries(agent):
        if isinstance(item, Mapping):
            inner = item.items.get("function")
            yield (inner if isinstance(inner, Mapping) else item), node


def tool_entries(agent: Agent) -> Iterator[tuple[Value, ast.AST]]:
    """What stands in ``llm_config``'s ``functions`` and ``tools``, each with a place."""
    config = agent.argument("llm_config")
    call = agent.instance.call
    if call is None:
        return
    known = agent.row.parameters
    index = known.index("llm_config") if "llm_config" in known else None
    fallback = agent.instance.init.node(index, "llm_config") if agent.instance.init else None
    for key in ("functions", "tools"):
        listed: Value | None = None
        node: ast.AST | None = None
        if isinstance(config, Mapping):
            listed, node = config.items.get(key), config.values.get(key)
        elif isinstance(config, Instance) and path_of(config.type) == "autogen.LLMConfig":
            listed = config.init.get(None, key) if config.init else None
            node = config.init.node(None, key) if config.init else None
        items = listed.items if isinstance(listed, Sequence) else []
        for place, item in enumerate(items):
            written = element_node(node, place, len(items)) if isinstance(node, ast.expr) else None
            yield item, written or fallback or call.node


def tool_calls_in(
    message: Value | None,
) -> Iterator[tuple[str, frozenset[str] | None, ast.AST | None]]:
    """The literal tool calls of a message: name, names of the arguments, place."""
    if not isinstance(message, Mapping):
        return
    calls = [message.items.get("function_call")]
    listed = message.items.get("tool_calls")
    items = listed.items if isinstance(listed, Sequence) else []
    calls += [item.items.get("function") for item in items if isinstance(item, Mapping)]
    for call in calls:
        if not isinstance(call, Mapping):
            continue
        name = call.items.get("name")
        if isinstance(name, Constant) and isinstance(name.value, str):
            yield name.value, _argument_names(call.items.get("arguments")), call.values.get("name")


def _argument_names(arguments: Value | None) -> frozenset[str] | None:
    if isinstance(arguments, Instance) and arguments.init and path_of(arguments) == "json.dumps()":
        given = arguments.init.get(0, "obj")
        if (
            isinstance(given, Mapping)
            and given.exact
            and all(isinstance(k, str) for k in given.items)
        ):
            return frozenset(str(key) for key in given.items)
    if isinstance(arguments, Constant) and isinstance(arguments.value, str):
        try:
            read = json.loads(arguments.value or "{}")
        except ValueError:
            return None
        return frozenset(read) if isinstance(read, dict) else None
    return None


def _asked_in(entry: EntryCall) -> tuple[Value, Agent | None, Agent] | None:
    """The message of an entry call, who sends it and who answers it."""
    method = entry.method.removeprefix("a_")
    if method == "generate_reply" and entry.agent is not None and entry.partner_known:
        messages = entry.argument("messages")
        if isinstance(messages, Sequence) and messages.exact and messages.items:
            return messages.items[-1], entry.partner, entry.agent
    if method in ("initiate_chat", "send") and entry.partner is not None:
        message = entry.argument("message")
        wanted = method == "initiate_chat" or entry.argument("request_reply") == Constant(True)
        if message is not None and wanted:
            return message, entry.agent, entry.partner
    return None


def _map_owner(holder: Value) -> Iterator[int]:
    """The agent whose ``function_map`` or ``_function_map`` ``holder`` is."""
    for option in holder.options if isinstance(holder, OneOf) else (holder,):
        if isinstance(option, Member) and option.name in ("function_map", "_function_map"):
            yield id(option.owner)


# -- names ---------------------------------------------------------------------------------


def _effective_names(model: Model) -> Iterator[tuple[int, str | None]]:
    """For each tool registration (by id) the name the real agent would know the tool by.

    Replays what the decorators leave behind: a name on the function itself, or a ``Tool`` that
    carries it and is what a decorated name is bound to from then on.
    """
    makes_objects = model.release in TOOL_OBJECTS
    on_function: dict[int, str | None] = {}
    decorated: dict[int, str | None] = {}
    made: dict[int, str | None] = {}
    kept: dict[int, set[str | None]] = {}
    for registration in model.registrations:
        if registration.kind not in ("tool-llm", "tool-execution"):
            continue
        function = python_function(registration.callback)
        key, own = id(function), registration.tool_name
        if (
            function is None
            or tool_object(registration.callback) is not None
            or (registration.kind == "tool-execution" and _is_map_entry(registration))
        ):
            yield id(registration), own
            continue
        given = registration.argument("name")
        if given not in (None, NONE):
            name = own
        elif not makes_objects:
            name = on_function.get(key, own)
        else:
            name = _carried(registration, key, own, decorated, made, kept)
        yield id(registration), name
        on_function[key] = name
        application = registration.application
        if registration.callback_node is registration.node:
            decorated[key] = name
        elif application is not None:
            made[id(application.node)] = name
            if application.use != "discarded":
                kept.setdefault(key, set()).add(name)


def _is_map_entry(registration: Registration) -> bool:
    """Whether it is an entry of a dict: its key is its name."""
    by_decorator = registration.call.method in ("register_for_execution", "register_for_llm")
    return not by_decorator and registration.call.path != "autogen.register_function"


def _carried(
    registration: Registration,
    key: int,
    own: str | None,
    decorated: dict[int, str | None],
    made: dict[int, str | None],
    kept: dict[int, set[str | None]],
) -> str | None:
    """The name that what is registered brings along, where tools are objects."""
    if key in decorated:
        return decorated[key]
    node = registration.callback_node
    if id(node) in made:
        return made[id(node)]
    others = kept.get(key, set())
    # The result of an earlier registration was kept under some name: this may be that one.
    return own if others <= {own} else None
