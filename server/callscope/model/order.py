"""The reply functions of an agent in the order they are tried.

Replays what the real agent's list goes through: the built-in ones in their places, then each
registration in time, inserted where ``list.insert`` would put it. The positions were read from
``agent._reply_func_list`` of the real packages; they are the same in all classic releases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callscope.contracts.classic.callbacks import NESTED_REPLY_PARTIAL
from callscope.contracts.classic.dispatch import BUILTIN_REPLIES, MANAGER_REPLIES
from callscope.contracts.versions import Release
from callscope.model.agents import Agent, as_agent
from callscope.model.callables import as_callable
from callscope.model.registrations import Registration, starts_async_chats
from callscope.model.values import (
    NONE,
    BoundMethod,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Member,
    UserClass,
    Value,
    path_of,
)

_BEFORE_CODE = (
    "a_check_termination_and_human_reply",
    "check_termination_and_human_reply",
    "a_generate_function_call_reply",
    "generate_function_call_reply",
    "a_generate_tool_calls_reply",
    "generate_tool_calls_reply",
)
_CODE = "generate_code_execution_reply"
_CODE_BY_EXECUTOR = "_generate_code_execution_reply_using_executor"
_AFTER_CODE = ("a_generate_oai_reply", "generate_oai_reply")
_MANAGER = ("a_run_chat", "run_chat")


@dataclass(frozen=True, eq=False)
class Slot:
    """One entry of the list: a built-in (``registration`` is None) or a user's registration.

    ``certain`` is False for a registration that may not have happened. ``trigger`` is None for
    everybody, and nobody. ``is_coroutine`` says that only async chats can use it.
    """

    name: str
    registration: Registration | None = None
    certain: bool = True
    trigger: Value | None = None
    is_coroutine: bool = False


@dataclass(frozen=True)
class Order:
    """The list as it stands after all registrations known. ``exact`` is False where something not
    known may have changed it, so that no claim of "never" may be built on it."""

    slots: tuple[Slot, ...]
    exact: bool

    def index(self, registration: Registration) -> int | None:
        """The place of ``registration``, 0 being tried first; None if it is not in the list."""
        for index, slot in enumerate(self.slots):
            if slot.registration is registration:
                return index
        return None


def builtins_of(agent: Agent) -> tuple[list[Slot], bool]:
    """What the list holds before the first registration, and whether that is certain."""
    runs_code = _runs_code(agent)
    names = [*_BEFORE_CODE, *([_code_reply(agent)] if runs_code else ()), *_AFTER_CODE]
    everybody = [_builtin(name) for name in names]
    if agent.row.name == "GroupChatManager":
        any_sender = External("autogen.Agent")
        everybody = [*(_builtin(name, any_sender) for name in _MANAGER), *everybody]
    certain = runs_code is not None and (
        not agent.row.owns_replies or agent.row.name == "GroupChatManager"
    )
    return everybody, certain


def _builtin(name: str, trigger: Value | None = None) -> Slot:
    return Slot(name, trigger=trigger, is_coroutine=name.startswith("a_"))


def _runs_code(agent: Agent) -> bool | None:
    value = agent.argument("code_execution_config")
    if value is None:
        return agent.row.executes_code
    if isinstance(value, Constant):
        # ``{}`` and None both switch the default executor on for a UserProxyAgent.
        return False if value.value is False else (True if agent.row.executes_code else None)
    if isinstance(value, Mapping) and value.items:
        return True
    return None if not isinstance(value, Instance) and path_of(value) is None else True


def _code_reply(agent: Agent) -> str:
    config = agent.argument("code_execution_config")
    executor = config.items.get("executor", NONE) if isinstance(config, Mapping) else NONE
    return _CODE if executor == NONE else _CODE_BY_EXECUTOR


def order_of(
    agent: Agent, registrations: Iterable[Registration], release: Release, exact: bool = True
) -> Order:
    """Replay ``registrations`` (in time order, all of them on ``agent``)."""
    slots, certain = builtins_of(agent)
    exact = exact and certain
    for registration in registrations:
        if registration.kind == "nested":
            _insert(slots, registration, 2, release)
            continue
        if registration.call.method == "replace_reply_func":
            exact = _replace(slots, registration, release) and exact
            continue
        if registration.kind != "reply":
            continue
        if registration.argument("remove_other_reply_funcs") == Constant(True):
            slots.clear()
        placed = _insert(slots, registration, 0, release)
        exact = exact and placed
    return Order(tuple(slots), exact)


def _insert(slots: list[Slot], registration: Registration, default: int, release: Release) -> bool:
    position = registration.argument("position")
    index: int | None
    if position is None:
        index = default
    elif isinstance(position, Constant) and isinstance(position.value, int):
        index = position.value
    elif _is_length_of_list(position):
        index = len(slots)
    else:
        index = None
    slots.insert(index or 0, _slot(registration, registration.argument("trigger"), release))
    return index is not None and registration.where.certain


def _slot(registration: Registration, trigger: Value | None, release: Release) -> Slot:
    name = registration.callback_name if registration.kind == "reply" else "nested chats"
    is_coroutine = _is_coroutine(registration, release)
    return Slot(name, registration, registration.where.certain, trigger, is_coroutine)


def _is_coroutine(registration: Registration, release: Release) -> bool:
    function = registration.function
    if registration.kind == "nested":
        if release not in NESTED_REPLY_PARTIAL.versions:
            return starts_async_chats(registration, release) is True
        own = registration.argument("reply_func_from_nested_chats")
        function = as_callable(own) if own is not None else None
    return function is not None and function.is_async


def _is_length_of_list(position: Value) -> bool:
    """``len(agent._reply_func_list)``"""
    if not isinstance(position, Instance) or path_of(position) != "builtins.len()":
        return False
    listed = position.init.get(0, None) if position.init else None
    return isinstance(listed, Member) and listed.name == "_reply_func_list"


def _replace(slots: list[Slot], registration: Registration, release: Release) -> bool:
    """Put the new function in the places of the old one; whether all of that is certain."""
    old = registration.argument("old_reply_func")
    if isinstance(old, Member) and old.name in BUILTIN_REPLIES | MANAGER_REPLIES:
        if as_agent(old.owner) is not None:
            # A bound method never equals the function in the list: nothing is replaced.
            return True
        if isinstance(old.owner, UserClass):
            old = External(f"autogen.{old.name}")
    if not isinstance(old, External | Function | BoundMethod):
        return False
    places = [index for index, slot in enumerate(slots) if _holds(slot, old)]
    for index in places:
        slots[index] = _slot(registration, slots[index].trigger, release)
    return not places or registration.where.certain


def _holds(slot: Slot, function: External | Function | BoundMethod) -> bool:
    if slot.registration is not None:
        return slot.registration.kind == "reply" and slot.registration.callback == function
    return isinstance(function, External) and slot.name == function.path.rpartition(".")[2]
