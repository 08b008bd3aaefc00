"""Callbacks that are handed over inside something else: entries of a chat queue, of a trigger list,
of an ``llm_config``, and arguments of the less usual calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic import callbacks
from callscope.contracts.classic.callbacks import Callback
from callscope.contracts.classic.methods import METHODS, Parameters
from callscope.model.agents import Agent, as_agent
from callscope.model.callables import as_callable
from callscope.model.events import Call
from callscope.model.registrations import Registration, agent_method
from callscope.model.values import Mapping, Sequence, Value

_QUEUES = {
    # What a queue's entries may hold, by the call it is passed to.
    "initiate_chats": (("message", callbacks.CHAT_MESSAGE), ("summary_method", callbacks.SUMMARY)),
    "register_nested_chats": (("summary_method", callbacks.SUMMARY),),
}
_SWARM_CALLS = frozenset(
    {
        "autogen.initiate_swarm_chat",
        "autogen.a_initiate_swarm_chat",
        "autogen.run_swarm",
        "autogen.a_run_swarm",
    }
)
_QUEUE_FUNCTIONS = frozenset({"autogen.initiate_chats", "autogen.a_initiate_chats"})


def argument_callbacks_of(call: Call) -> Iterator[Registration]:
    """The callbacks that ``call`` hands over inside its arguments."""
    found = agent_method(call)
    if found is not None:
        method, agents, more = found
        agent = agents[0] if len(agents) == 1 and not more else None
        yield from _by_method(call, method, agent)
    elif call.path in _QUEUE_FUNCTIONS:
        yield from _in_queue(call, None, "initiate_chats")
    elif call.path in _SWARM_CALLS:
        yield from _plain(call, None, "after_work", callbacks.AFTER_WORK, Parameters(()))
    agent = as_agent(call.result)
    if agent is not None and agent.instance.call is call:
        yield from _in_llm_config(call, agent)


def _by_method(call: Call, method: str, agent: Agent | None) -> Iterator[Registration]:
    if method in ("register_reply", "register_nested_chats"):
        yield from _in_trigger(call, agent, METHODS[method], alone=method != "register_reply")
    if method.removeprefix("a_") in _QUEUES:
        yield from _in_queue(call, agent, method.removeprefix("a_"))
    if method in ("resume", "a_resume"):
        parameters = Parameters(("messages", "remove_termination_string", "silent"))
        yield from _plain(
            call, agent, "remove_termination_string", callbacks.REMOVE_TERMINATION, parameters
        )


def _plain(
    call: Call, agent: Agent | None, name: str, row: Callback, parameters: Parameters
) -> Iterator[Registration]:
    index = parameters.index(name)
    value, node = call.arguments.get(index, name), call.arguments.node(index, name)
    if value is not None and as_callable(value) is not None:
        yield Registration(row.kind, call, agent, value, node, row, parameters)


def _in_trigger(
    call: Call, agent: Agent | None, parameters: Parameters, alone: bool
) -> Iterator[Registration]:
    """The callables of a trigger list; one that is not in a list only if ``alone``."""
    index = parameters.index("trigger")
    trigger, node = call.arguments.get(index, "trigger"), call.arguments.node(index, "trigger")
    places: list[ast.expr] = node.elts if isinstance(node, ast.List) else []
    items: list[Value] = trigger.items if isinstance(trigger, Sequence) else []
    if alone and trigger is not None:
        items, places = [trigger, *items], [node, *places] if node is not None else []
    for position, item in enumerate(items):
        if as_callable(item) is not None and as_agent(item) is None:
            place = places[position] if len(places) == len(items) else node
            yield Registration("trigger", call, agent, item, place, callbacks.TRIGGER, parameters)


def _in_queue(call: Call, agent: Agent | None, method: str) -> Iterator[Registration]:
    parameters = METHODS[method]
    queue = call.arguments.get(parameters.index("chat_queue"), "chat_queue")
    for entry in queue.items if isinstance(queue, Sequence) else ():
        if not isinstance(entry, Mapping):
            continue
        for name, row in _QUEUES[method]:
            value = entry.items.get(name)
            if value is not None and as_callable(value) is not None:
                yield Registration(
                    row.kind, call, agent, value, entry.values.get(name), row, parameters
                )


def _in_llm_config(call: Call, agent: Agent) -> Iterator[Registration]:
    """``filter_func`` in an ``llm_config``, at its top or in an entry of its ``config_list``."""
    config = agent.argument("llm_config")
    if not isinstance(config, Mapping):
        return
    listed = config.items.get("config_list")
    entries = listed.items if isinstance(listed, Sequence) else []
    for holder in [config, *(entry for entry in entries if isinstance(entry, Mapping))]:
        value = holder.items.get("filter_func")
        if value is not None and as_callable(value) is not None:
            row = callbacks.FILTER
            yield Registration(
                row.kind, call, agent, value, holder.values.get("filter_func"), row, None
            )
