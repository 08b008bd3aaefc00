"""Registrations and entry calls, recognised among the calls of a walk by what they are bound to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from callscope.contracts.classic import callbacks
from callscope.contracts.classic.callbacks import HOOKS, Callback
from callscope.contracts.classic.classes import agent_class
from callscope.contracts.classic.dispatch import ASYNC_NESTED_CHATS
from callscope.contracts.classic.methods import (
    GROUP_CHAT,
    METHODS,
    REGISTER_FUNCTION,
    Parameters,
)
from callscope.contracts.own import OwnContracts
from callscope.contracts.versions import Release
from callscope.model.agents import Agent, agents_in, as_agent
from callscope.model.callables import Callable, as_callable
from callscope.model.events import Call, Where
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Constant,
    Instance,
    Mapping,
    Sequence,
    UserClass,
    Value,
    outer_base,
    path_of,
    truth,
)


@dataclass(eq=False)
class Registration:
    """A callback handed to a framework at one place.

    ``kind`` is a callback kind of :mod:`callscope.contracts.classic.callbacks` ("reply",
    "selector", ...), "hook", or one of the tool kinds: "tool-llm" (proposed to a model),
    "tool-execution" (in an agent's function map). ``agent`` is None where the receiver is not
    known for certain. ``contract`` is None where there is none, as for an unknown hook name.
    ``application`` is the call that hands the function to a decorator made by ``call``. ``is_own``
    marks one made by a team's own wrapper, of whose other arguments nothing is known.
    """

    kind: str
    call: Call
    agent: Agent | None
    callback: Value
    callback_node: ast.expr | None
    contract: Callback | None
    parameters: Parameters | None = None
    tool_name: str | None = None
    application: Call | None = None
    is_own: bool = False

    @property
    def where(self) -> Where:
        """The situation in which it runs."""
        return self.call.where

    @property
    def node(self) -> ast.expr:
        """The registering call; for a decorator the decorator."""
        return self.call.node

    @property
    def function(self) -> Callable | None:
        """The callback, if it is defined in this file."""
        return as_callable(self.callback)

    def argument(self, name: str) -> Value | None:
        """The argument ``name`` of the registering call; None if it is certainly not passed."""
        if self.is_own:
            return UNKNOWN
        if self.parameters is None:
            return None
        return self.call.arguments.get(self.parameters.index(name), name)

    def argument_node(self, name: str) -> ast.expr | None:
        """The expression of that argument."""
        if self.parameters is None:
            return None
        return self.call.arguments.node(self.parameters.index(name), name)

    @property
    def callback_name(self) -> str:
        """What to call the callback in a message."""
        known = self.function
        if known is not None:
            return known.name
        return ast.unparse(self.callback_node) if self.callback_node is not None else "the callback"

    @property
    def hook_name(self) -> str | None:
        """The literal hook name of a ``register_hook``, or the one a team's wrapper is for."""
        if self.is_own and self.kind == "hook" and self.contract is not None:
            return self.contract.kind
        value = self.argument("hookable_method") if self.kind == "hook" else None
        if isinstance(value, Constant) and isinstance(value.value, str):
            return value.value
        return None


def starts_async_chats(nested: Registration, release: Release) -> bool | None:
    """Whether the nested chats are async ones; None if that is not known."""
    asked = nested.argument("use_async") if release in ASYNC_NESTED_CHATS else None
    return truth(asked) if asked is not None else False


@dataclass(eq=False)
class EntryCall:
    """A call that sets agents in motion.

    ``agent`` is the one it is called on, ``partner`` the other side (None if there is none or it
    is not known; ``partner_known`` tells). ``is_async`` says that coroutine callbacks are awaited.
    """

    method: str
    call: Call
    agent: Agent | None
    partner: Agent | None
    partner_known: bool
    is_async: bool
    parameters: Parameters | None = None

    @property
    def node(self) -> ast.expr:
        """The call."""
        return self.call.node

    @property
    def where(self) -> Where:
        """The situation in which it runs."""
        return self.call.where

    def argument(self, name: str) -> Value | None:
        """The argument ``name``; None if it is certainly not passed."""
        if self.parameters is None:
            return self.call.arguments.get(None, name)
        return self.call.arguments.get(self.parameters.index(name), name)

    @property
    def participants(self) -> tuple[Agent, ...]:
        """Every agent that the call itself names: its own, the partner, those of its queue."""
        sides = [side for side in (self.agent, self.partner) if side is not None]
        queue = self.argument("chat_queue")
        for item in queue.items if isinstance(queue, Sequence) else ():
            entry = item.items if isinstance(item, Mapping) else {}
            queued = (as_agent(entry.get(role)) for role in ("sender", "recipient"))
            sides += [agent for agent in queued if agent is not None]
        return tuple(dict.fromkeys(sides))


@dataclass(eq=False)
class GroupChat:
    """A ``GroupChat`` object, its members, and the manager made of it."""

    instance: Instance
    call: Call
    members: tuple[Agent, ...]
    members_known: bool
    managers: list[Agent] = field(default_factory=list)

    def argument(self, name: str) -> Value | None:
        """The constructor argument ``name``; None if it is certainly not passed."""
        return self.call.arguments.get(GROUP_CHAT.index(name), name)


ENTRY_METHODS = frozenset(
    {
        "initiate_chat",
        "a_initiate_chat",
        "initiate_chats",
        "a_initiate_chats",
        "generate_reply",
        "a_generate_reply",
        "send",
        "a_send",
        "receive",
        "a_receive",
        "run",
        "a_run",
        "run_iter",
        "a_run_iter",
        "sequential_run",
        "a_sequential_run",
        "resume",
        "a_resume",
    }
)

_WITH_PARTNER = {
    "initiate_chat": "recipient",
    "a_initiate_chat": "recipient",
    "run": "recipient",
    "a_run": "recipient",
    "run_iter": "recipient",
    "a_run_iter": "recipient",
    "send": "recipient",
    "a_send": "recipient",
    "generate_reply": "sender",
    "a_generate_reply": "sender",
    "receive": "sender",
    "a_receive": "sender",
}


def agent_method(call: Call) -> tuple[str, tuple[Agent, ...], bool] | None:
    """The method of an agent that ``call`` calls, the agents it may be called on, and whether it
    may be called on something else; None for any other call.

    A method that the agent's class overrides in this file is a call of that method, not of the
    framework's, and is None here.
    """
    path = call.path
    if path is None or not path.startswith("autogen."):
        return None
    owner, _, method = path.rpartition(".")
    if call.receiver is None:
        return None
    made_by_class = owner.endswith("()") and agent_class(owner.removesuffix("()")) is not None
    is_agent = agent_class(outer_base(call.receiver)) is not None or as_agent(call.receiver)
    if not made_by_class and not is_agent:
        return None
    agents, more = agents_in(call.receiver)
    return (method, agents, more) if agents else None


def registrations_of(call: Call) -> Iterator[Registration]:
    """What ``call`` registers, if anything."""
    found = agent_method(call)
    if found is not None:
        method, agents, more = found
        agent = agents[0] if len(agents) == 1 and not more else None
        yield from _by_method(call, method, agent)
    yield from _by_constructor(call)
    if call.path == "autogen.register_function":
        yield from _by_register_function(call)
    yield from _by_decorator(call)
    yield from _by_tool_object(call)


def own_registrations_of(call: Call, own: OwnContracts) -> Iterator[Registration]:
    """What ``call`` registers if it is one of a team's own declared wrappers."""
    maker = call.callee.call if isinstance(call.callee, Instance) else None
    made = maker if maker is not None and own.decorates(call.path or "") else call
    wrapper = own.wrapper_at(made.path or "")
    if wrapper is None or (wrapper.callback is None) is (made is call):
        return
    place = wrapper.callback or (0, None)
    agents, more = agents_in(made.arguments.get(*wrapper.agent))
    callback = call.arguments.get(*place)
    if len(agents) == 1 and not more and callback is not None:
        node = call.arguments.node(*place)
        yield Registration(
            wrapper.kind, made, agents[0], callback, node, wrapper.contract, is_own=True
        )


def _by_method(call: Call, method: str, agent: Agent | None) -> Iterator[Registration]:
    parameters = METHODS.get(method)
    if parameters is None:
        return

    def given(name: str) -> tuple[Value | None, ast.expr | None]:
        index = parameters.index(name)
        return call.arguments.get(index, name), call.arguments.node(index, name)

    def made(kind: str, name: str, contract: Callback | None) -> Iterator[Registration]:
        value, node = given(name)
        if value is not None and value != NONE:
            yield Registration(kind, call, agent, value, node, contract, parameters)

    if method == "register_reply":
        yield from made("reply", "reply_func", callbacks.REPLY)
        yield from made("trigger", "trigger", callbacks.TRIGGER)
        yield from made("reset-config", "reset_config", callbacks.RESET_CONFIG)
    elif method == "replace_reply_func":
        yield from made("reply", "new_reply_func", callbacks.REPLY)
    elif method == "register_hook":
        hook = HOOKS.get(_text(given("hookable_method")[0]) or "")
        yield from made("hook", "hook", hook.callback if hook else None)
    elif method == "register_nested_chats":
        value, node = given("reply_func_from_nested_chats")
        if as_callable(value) is not None and value is not None:
            yield Registration(
                "nested-reply", call, agent, value, node, callbacks.NESTED_REPLY, parameters
            )
        yield Registration("nested", call, agent, UNKNOWN, None, None, parameters)
        yield from _nested_messages(call, agent, given("chat_queue")[0], parameters)
    elif method in ("initiate_chat", "a_initiate_chat", "run", "a_run"):
        for role, row in (
            ("message", callbacks.CHAT_MESSAGE),
            ("summary_method", callbacks.SUMMARY),
        ):
            value, node = given(role)
            if as_callable(value) is not None and value is not None:
                yield Registration(row.kind, call, agent, value, node, row, parameters)
    elif method == "register_function":
        value, node = given("function_map")
        if isinstance(value, Mapping):
            for key, item in value.items.items():
                if isinstance(key, str) and item != NONE:
                    yield Registration(
                        "tool-execution",
                        call,
                        agent,
                        item,
                        value.values.get(key, node),
                        None,
                        parameters,
                        key,
                    )


def _nested_messages(
    call: Call, agent: Agent | None, queue: Value | None, parameters: Parameters
) -> Iterator[Registration]:
    if not isinstance(queue, Sequence):
        return
    for entry in queue.items:
        if isinstance(entry, Mapping):
            message = entry.items.get("message")
            if as_callable(message) is not None and message is not None:
                yield Registration(
                    "nested-message",
                    call,
                    agent,
                    message,
                    entry.values.get("message"),
                    callbacks.NESTED_MESSAGE,
                    parameters,
                )


def _by_constructor(call: Call) -> Iterator[Registration]:
    """Callbacks that are arguments of constructors: agents, group chats and helpers."""
    made = call.result
    if isinstance(call.callee, UserClass) and outer_base(call.callee) is not None:
        agent = as_agent(made)
        # With an ``__init__`` of its own, what reaches the framework is in its super() call.
        if agent is not None and agent.instance.init is call.arguments:
            yield from _agent_arguments(call, agent)
        return
    path = call.path or ""
    agent = as_agent(call.receiver if path.endswith(".__init__") else made)
    if agent is not None and (agent_class(path) is not None or path.endswith(".__init__")):
        yield from _agent_arguments(call, agent)
        return
    for contract, index, name in BY_CONSTRUCTOR.get(path, ()):
        value = call.arguments.get(index, name)
        if value is not None and as_callable(value) is not None:
            node = call.arguments.node(index, name)
            yield Registration(contract.kind, call, None, value, node, contract)


_AFTER_WORK = (
    (callbacks.AFTER_WORK, 0, "agent"),
    (callbacks.SELECTION_MESSAGE, 1, "next_agent_selection_msg"),
)
# A function as the condition of a group chat's ``OnCondition`` is refused when it is made.
_ON_CONDITION = (
    (callbacks.SWARM_CONDITION, 1, "condition"),
    (callbacks.SWARM_AVAILABLE, 2, "available"),
)

BY_CONSTRUCTOR: dict[str, tuple[tuple[Callback, int, str], ...]] = {
    "autogen.GroupChat": (
        (
            callbacks.SELECTOR,
            GROUP_CHAT.positional.index("speaker_selection_method"),
            "speaker_selection_method",
        ),
    ),
    "autogen.UpdateSystemMessage": ((callbacks.UPDATE_SYSTEM_MESSAGE, 0, "content_updater"),),
    "autogen.FunctionTarget": ((callbacks.FUNCTION_TARGET, 0, "incoming_fn"),),
    "autogen.AfterWork": _AFTER_WORK,
    "autogen.AFTER_WORK": _AFTER_WORK,
    "autogen.OnCondition": _ON_CONDITION,
    "autogen.ON_CONDITION": _ON_CONDITION,
    "autogen.OnContextCondition": ((callbacks.SWARM_AVAILABLE, 2, "available"),),
}
"""What else takes functions: the contract, and the position and name of the argument."""


def _agent_arguments(call: Call, agent: Agent) -> Iterator[Registration]:
    parameters = Parameters(agent.row.parameters)

    def argument(name: str) -> tuple[Value | None, ast.expr | None]:
        index = parameters.index(name)
        return call.arguments.get(index, name), call.arguments.node(index, name)

    value, node = argument("is_termination_msg")
    if value is not None and as_callable(value) is not None:
        yield Registration(
            "termination", call, agent, value, node, callbacks.TERMINATION, parameters
        )
    value, node = argument("function_map")
    if isinstance(value, Mapping):
        for key, item in value.items.items():
            if isinstance(key, str) and item != NONE:
                place = value.values.get(key, node)
                yield Registration(
                    "tool-execution", call, agent, item, place, None, parameters, key
                )
    value, node = argument("update_agent_state_before_reply")
    if isinstance(value, Sequence):
        hook = HOOKS["update_agent_state"].callback
        for item in value.items:
            if as_callable(item) is not None:
                yield Registration("hook", call, agent, item, node, hook, parameters)
    given, node = argument("functions")
    items = given.items if isinstance(given, Sequence) else [given] if given else []
    for index, item in enumerate(items):
        if as_callable(item) is not None or tool_object(item) is not None:
            place = element_node(node, index, len(items))
            yield Registration(
                "tool-llm", call, agent, item, place, None, parameters, _tool_name(item)
            )


def element_node(node: ast.expr | None, index: int, count: int) -> ast.expr | None:
    """The expression of one element of a list that is written out; else the list's."""
    if isinstance(node, ast.List | ast.Tuple) and len(node.elts) == count:
        return node.elts[index]
    return node


def _by_register_function(call: Call) -> Iterator[Registration]:
    """``register_function(f, caller=..., executor=...)``: one proposal and one execution."""
    function = call.arguments.get(0, "f")
    if function is None:
        return
    node = call.arguments.node(0, "f")
    given = call.arguments.get(None, "name")
    name = _text(given) if given not in (None, NONE) else _tool_name(function)
    for kind, role in (("tool-llm", "caller"), ("tool-execution", "executor")):
        value = call.arguments.get(None, role)
        agents, more = agents_in(value)
        agent = agents[0] if len(agents) == 1 and not more else None
        yield Registration(kind, call, agent, function, node, None, REGISTER_FUNCTION, name)


DECORATORS = {"register_for_llm": "tool-llm", "register_for_execution": "tool-execution"}


def _by_decorator(call: Call) -> Iterator[Registration]:
    """``@agent.register_for_llm(...)`` on a function, or the same called by hand."""
    maker = call.callee
    if not isinstance(maker, Instance) or maker.call is None:
        return
    kind = DECORATORS.get(maker.call.method)
    found = agent_method(maker.call) if kind else None
    function = call.arguments.get(0, None)
    if kind is None or found is None or function is None:
        return
    _, agents, more = found
    agent = agents[0] if len(agents) == 1 and not more else None
    parameters = METHODS[maker.call.method]
    given = maker.call.arguments.get(parameters.index("name"), "name")
    name = _text(given) if given not in (None, NONE) else _tool_name(function)
    node = call.arguments.node(0, None)
    yield Registration(kind, maker.call, agent, function, node, None, parameters, name, call)


_TOOL_METHODS = {
    "register_for_llm": ("tool-llm",),
    "register_for_execution": ("tool-execution",),
    "register_tool": ("tool-llm", "tool-execution"),
}


def _by_tool_object(call: Call) -> Iterator[Registration]:
    """``tool.register_for_execution(agent)``, on a ``Tool`` or on another tool of the framework,
    whose name is not known."""
    kinds = _TOOL_METHODS.get(call.method, ())
    if not kinds or not (call.path or "").startswith("autogen.") or call.receiver is None:
        return
    agents, more = agents_in(call.arguments.get(0, "agent"))
    if as_agent(call.receiver) is not None or not agents:
        return
    agent = agents[0] if len(agents) == 1 and not more else None
    for kind in kinds:
        yield Registration(
            kind,
            call,
            agent,
            call.receiver,
            call.node,
            None,
            Parameters(("agent",)),
            _tool_name(call.receiver),
        )


def tool_object(value: Value | None) -> tuple[Value, Value | None] | None:
    """What ``Tool(func_or_tool=f, name=...)`` or ``@tool(...)`` was made of: the function, and the
    name given (None if none is); None for any other value."""
    if not isinstance(value, Instance) or value.init is None:
        return None
    made_by = path_of(value.type)
    if made_by == "autogen.Tool":
        function, name = value.init.get(None, "func_or_tool"), value.init.get(None, "name")
    elif made_by == "autogen.tool()" and isinstance(value.type, Instance) and value.type.init:
        function, name = value.init.get(0, None), value.type.init.get(0, "name")
    else:
        return None
    return (function, None if name == NONE else name) if function is not None else None


def _tool_name(function: Value) -> str | None:
    """The name a tool gets where none is given: its function's."""
    made_of = tool_object(function)
    if made_of is not None:
        inner, name = made_of
        return _text(name) if name is not None else _tool_name(inner)
    known = as_callable(function)
    if known is None or known.function.presented is None:
        return None
    return known.name if known.name != "<lambda>" else None


def _text(value: Value | None) -> str | None:
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None


def entry_call_of(call: Call) -> EntryCall | None:
    """``call`` as an entry call; None if it is none."""
    if call.path in ("autogen.initiate_chats", "autogen.a_initiate_chats"):
        method = call.method
        return EntryCall(method, call, None, None, True, method.startswith("a_"), METHODS[method])
    found = agent_method(call)
    if found is None or found[0] not in ENTRY_METHODS:
        return None
    method, agents, more = found
    agent = agents[0] if len(agents) == 1 and not more else None
    parameters = METHODS.get(method) or METHODS.get(method.removeprefix("a_").removesuffix("_iter"))
    partner: Agent | None = None
    known = True
    role = _WITH_PARTNER.get(method)
    if role is not None and parameters is not None:
        value = call.arguments.get(parameters.index(role), role)
        if value is not None and value != NONE:
            partner = as_agent(value)
            known = partner is not None
    return EntryCall(method, call, agent, partner, known, method.startswith("a_"), parameters)


def group_chat_of(call: Call) -> GroupChat | None:
    """``call`` as the making of a GroupChat; None if it is none."""
    made = call.result
    if call.path != "autogen.GroupChat" or not isinstance(made, Instance):
        return None
    members = call.arguments.get(0, "agents")
    if not isinstance(members, Sequence):
        return GroupChat(made, call, (), members_known=False)
    found = [agents_in(item) for item in members.items]
    known = members.exact and all(not more for _, more in found)
    return GroupChat(made, call, tuple(a for agents, _ in found for a in agents), known)


def path_ends(call: Call, *names: str) -> bool:
    """Whether the last part of the call's path is one of ``names``."""
    return (path_of(call.callee) or "").rpartition(".")[2] in names
