"""The places in a call where a callback is expected, whatever stands there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callscope.contracts.classic import callbacks
from callscope.contracts.classic.callbacks import BY_KIND, HOOKS, Callback, in_release
from callscope.contracts.classic.methods import METHODS, Parameters
from callscope.contracts.versions import Release
from callscope.model.agents import Agent, as_agent
from callscope.model.events import Call
from callscope.model.registrations import (
    BY_CONSTRUCTOR,
    DECORATORS,
    agent_method,
)
from callscope.model.values import Constant, Instance


@dataclass(frozen=True)
class CallbackPlace:
    """An expression that stands where the framework wants a callback.

    ``contract`` is None for a tool, whose parameters are its own business. ``agent`` is the one it
    is registered on, if that is known.
    """

    node: ast.expr
    contract: Callback | None
    agent: Agent | None = None

    @property
    def noun(self) -> str:
        """What to call a function for it."""
        return self.contract.noun if self.contract is not None else "tool"


_CHAT = (("message", callbacks.CHAT_MESSAGE), ("summary_method", callbacks.SUMMARY))

_BY_METHOD: dict[str, tuple[tuple[str, Callback], ...]] = {
    "register_reply": (
        ("reply_func", callbacks.REPLY),
        ("reset_config", callbacks.RESET_CONFIG),
    ),
    "replace_reply_func": (("new_reply_func", callbacks.REPLY),),
    "register_nested_chats": (("reply_func_from_nested_chats", callbacks.NESTED_REPLY),),
    **dict.fromkeys(("initiate_chat", "a_initiate_chat", "run", "a_run"), _CHAT),
}
_IN_QUEUE: dict[str, dict[str, Callback]] = {
    "register_nested_chats": {
        "message": callbacks.NESTED_MESSAGE,
        "summary_method": callbacks.SUMMARY,
    },
    "initiate_chats": {"message": callbacks.CHAT_MESSAGE, "summary_method": callbacks.SUMMARY},
}


def callback_places(call: Call, release: Release) -> Iterator[CallbackPlace]:
    """Where ``call`` takes callbacks, in the order of its contracts."""
    for place in _places(call):
        if place.contract is None:
            yield place
            continue
        contract = in_release(place.contract, release)
        if release in contract.versions:
            yield CallbackPlace(place.node, contract, place.agent)


def _places(call: Call) -> Iterator[CallbackPlace]:
    found = agent_method(call)
    if found is not None:
        method, agents, more = found
        agent = agents[0] if len(agents) == 1 and not more else None
        yield from _of_method(call, method, agent)
    agent = as_agent(call.result)
    if agent is not None and agent.instance.call is call and agent.instance.init is call.arguments:
        yield from _of_agent(call, agent)
    for contract, index, name in BY_CONSTRUCTOR.get(call.path or "", ()):
        yield from _given(call, index, name, contract)
    if call.path == "autogen.register_function":
        yield from _given(call, 0, "f", None)
    if _is_decorator(call):
        yield from _given(call, 0, None, None)


def _of_method(call: Call, method: str, agent: Agent | None) -> Iterator[CallbackPlace]:
    if method in ("resume", "a_resume"):
        yield from _given(call, 1, "remove_termination_string", callbacks.REMOVE_TERMINATION, agent)
    parameters = METHODS.get(method)
    if parameters is None:
        return
    for name, contract in _BY_METHOD.get(method, ()):
        yield from _given(call, parameters.index(name), name, contract, agent)
    if method == "register_hook":
        wanted = call.arguments.get(0, "hookable_method")
        hook = HOOKS.get(str(wanted.value)) if isinstance(wanted, Constant) else None
        if hook is not None:
            yield from _given(call, 1, "hook", hook.callback, agent)
    rows = _IN_QUEUE.get(method.removeprefix("a_"))
    if rows is not None:
        queue = call.arguments.node(parameters.index("chat_queue"), "chat_queue")
        for entry in queue.elts if isinstance(queue, ast.List | ast.Tuple) else ():
            yield from _in_dict(entry, rows, agent)
    if method == "register_function":
        yield from _values(call.arguments.node(0, "function_map"), agent)


def _of_agent(call: Call, agent: Agent) -> Iterator[CallbackPlace]:
    parameters = Parameters(agent.row.parameters)

    def node(name: str) -> ast.expr | None:
        return call.arguments.node(parameters.index(name), name)

    given = node("is_termination_msg")
    if given is not None:
        yield CallbackPlace(given, callbacks.TERMINATION, agent)
    yield from _values(node("function_map"), agent)
    hook = HOOKS["update_agent_state"].callback
    for each in _elements(node("update_agent_state_before_reply")):
        yield CallbackPlace(each, hook, agent)
    for each in _elements(node("functions")):
        yield CallbackPlace(each, None, agent)
    config = node("llm_config")
    yield from _in_dict(config, {"filter_func": BY_KIND["filter"]}, agent)


def _given(
    call: Call,
    index: int | None,
    name: str | None,
    contract: Callback | None,
    agent: Agent | None = None,
) -> Iterator[CallbackPlace]:
    node = call.arguments.node(index, name)
    if node is not None:
        yield CallbackPlace(node, contract, agent)


def _in_dict(
    node: ast.expr | None, rows: dict[str, Callback], agent: Agent | None
) -> Iterator[CallbackPlace]:
    """The entries of a dict that is written out, by their keys."""
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and key.value in rows:
            yield CallbackPlace(value, rows[key.value], agent)


def _values(node: ast.expr | None, agent: Agent | None) -> Iterator[CallbackPlace]:
    """The tools of a ``function_map`` that is written out."""
    for value in node.values if isinstance(node, ast.Dict) else ():
        yield CallbackPlace(value, None, agent)


def _elements(node: ast.expr | None) -> Iterable[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else ()


def _is_decorator(call: Call) -> bool:
    """Whether ``call`` hands a function to ``agent.register_for_llm(...)`` or its like."""
    maker = call.callee.call if isinstance(call.callee, Instance) else None
    found = agent_method(maker) if maker is not None else None
    return found is not None and found[0] in DECORATORS
