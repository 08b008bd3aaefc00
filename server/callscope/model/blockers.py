"""Built-in reply functions that always answer, so that nothing behind them is ever asked."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.model.agents import Agent
from callscope.model.chats import Turn
from callscope.model.events import Call
from callscope.model.order import Slot
from callscope.model.registrations import EntryCall
from callscope.model.values import NONE, Constant, Mapping, Sequence, Value, truth

_TERMINATE = "TERMINATE"
_TERMINATION = "check_termination_and_human_reply"


@dataclass(frozen=True)
class Situation:
    """How an agent may be asked: in an async chat or not, by a sender or none, and with which last
    message where that is known (None otherwise)."""

    is_async: bool
    has_sender: bool = True
    message: Value | None = None


ANY = (Situation(is_async=False), Situation(is_async=True))


def situation_of(turn: Turn, entry: EntryCall | None) -> Situation:
    """The situation of a turn in view; ``entry`` is the call that sets it off."""
    message: Value | None = None
    method = turn.method.removeprefix("a_")
    if entry is not None and method == "generate_reply":
        messages = entry.argument("messages")
        if isinstance(messages, Sequence) and messages.exact and messages.items:
            message = messages.items[-1]
    elif entry is not None and method == "initiate_chat" and entry.partner == turn.agent:
        first = entry.argument("message")
        # Of a longer chat the first message says nothing of the others, unless it ends it.
        if is_stop_word(first) or entry.argument("max_turns") == Constant(1):
            message = first
    has_sender = turn.sender is not None or turn.sender_class is not None
    return Situation(turn.is_async, has_sender, message)


def always_answers(slot: Slot, agent: Agent, situation: Situation) -> str | None:
    """Why the built-in function in ``slot`` gives a final reply; None if it may pass."""
    if slot.registration is not None:
        return None
    name = slot.name.removeprefix("a_")
    if slot.is_coroutine and not situation.is_async:
        return None
    if name == "generate_oai_reply" and agent.has_model:
        return "the model's reply is always final"
    if name == "run_chat" and situation.has_sender:
        return "running the group chat is always final"
    if name == _TERMINATION and agent.human_input_mode == "NEVER":
        if agent.max_auto_reply == 0:
            return "with max_consecutive_auto_reply=0 the chat ends there"
        if agent.argument("is_termination_msg") is None and is_stop_word(situation.message):
            return "the first message is the word that ends the chat"
    if name == "generate_tool_calls_reply" and is_tool_call(situation.message):
        return "the message is a tool call, whose result is the final reply"
    return None


def is_stop_word(message: Value | None) -> bool:
    """Whether ``message`` is what the default termination check waits for."""
    content = message.items.get("content") if isinstance(message, Mapping) else message
    return content == Constant(_TERMINATE)


def is_tool_call(message: Value | None) -> bool:
    """Whether ``message`` is a dict that asks for tools."""
    if not isinstance(message, Mapping):
        return False
    return truth(message.items.get("tool_calls")) is True


def changes_limit(call: Call) -> bool:
    """Whether ``call`` may raise an agent's limit of automatic replies."""
    return call.method == "update_max_consecutive_auto_reply"


def is_passed_over(message: Value | None) -> bool:
    """Whether ``process_last_received_message`` hooks are not asked about ``message``: a tool or
    function call, one with a context, without content, or the word ``exit``."""
    if not isinstance(message, Mapping) or not message.exact:
        return False
    if "function_call" in message.items or "context" in message.items:
        return True
    content = message.items.get("content", NONE)
    return content in (NONE, Constant("exit"))
