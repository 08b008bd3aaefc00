"""Methods of ``ConversableAgent``, ``GroupChat`` and module functions: parameters and coroutines.

Read in ``conversable_agent.py``, ``groupchat.py`` and ``chat.py`` of the releases named; a method
that is missing from a release is simply never called there.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.versions import ALL, Release, Versions


@dataclass(frozen=True, slots=True)
class Parameters:
    """Positional parameters in order (``self`` left out), then those that are keyword-only."""

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()

    def index(self, name: str) -> int | None:
        """The position of ``name``; None for a keyword-only or unknown one."""
        return self.positional.index(name) if name in self.positional else None


METHODS: dict[str, Parameters] = {
    "register_reply": Parameters(
        ("trigger", "reply_func", "position", "config", "reset_config"),
        ("ignore_async_in_sync_chat", "remove_other_reply_funcs"),
    ),
    "replace_reply_func": Parameters(("old_reply_func", "new_reply_func")),
    "register_nested_chats": Parameters(
        ("chat_queue", "trigger", "reply_func_from_nested_chats", "position", "use_async")
    ),
    "register_hook": Parameters(("hookable_method", "hook")),
    "register_for_llm": Parameters((), ("name", "description", "api_style", "silent_override")),
    "register_for_execution": Parameters(("name", "description"), ("serialize", "silent_override")),
    "register_function": Parameters(("function_map", "silent_override")),
    "register_model_client": Parameters(("model_client_cls",)),
    "initiate_chat": Parameters(
        (
            "recipient",
            "clear_history",
            "silent",
            "cache",
            "max_turns",
            "summary_method",
            "summary_args",
            "message",
        )
    ),
    "a_initiate_chat": Parameters(
        (
            "recipient",
            "clear_history",
            "silent",
            "cache",
            "max_turns",
            "summary_method",
            "summary_args",
            "message",
        )
    ),
    "run": Parameters(
        (
            "recipient",
            "clear_history",
            "silent",
            "cache",
            "max_turns",
            "summary_method",
            "summary_args",
            "message",
        )
    ),
    "a_run": Parameters(
        (
            "recipient",
            "clear_history",
            "silent",
            "cache",
            "max_turns",
            "summary_method",
            "summary_args",
            "message",
        )
    ),
    "generate_reply": Parameters(("messages", "sender")),
    "a_generate_reply": Parameters(("messages", "sender")),
    "send": Parameters(("message", "recipient", "request_reply", "silent")),
    "a_send": Parameters(("message", "recipient", "request_reply", "silent")),
    "receive": Parameters(("message", "sender", "request_reply", "silent")),
    "a_receive": Parameters(("message", "sender", "request_reply", "silent")),
    "initiate_chats": Parameters(("chat_queue",)),
    "a_initiate_chats": Parameters(("chat_queue",)),
    # Microsoft's line has no ``call_id``, so that no second position holds for both.
    "execute_function": Parameters(("func_call",)),
    "reset": Parameters(()),
}

# Methods of agents that not every release has.
NEWER: dict[str, Versions] = {
    "resume": Versions(">=0.2.28", ""),
    # That of 0.7.6 is another: it takes the message first, and no recipient.
    "run": Versions(None, ">=0.8.7"),
    "a_run": Versions(None, ">=0.8.7"),
    "sequential_run": Versions(None, ">=0.8.7"),
    "run_iter": Versions(None, ">=0.10.5"),
    "a_run_iter": Versions(None, ">=0.10.5"),
    "register_handoff": Versions(None, ">=0.9"),
    "register_handoffs": Versions(None, ">=0.9"),
    "register_input_guardrail": Versions(None, ">=0.9.10"),
    "register_input_guardrails": Versions(None, ">=0.9.10"),
    "register_output_guardrail": Versions(None, ">=0.9.10"),
    "register_output_guardrails": Versions(None, ">=0.9.10"),
}


def has_method(name: str, release: Release) -> bool:
    """Whether agents of this release have the method."""
    return release in NEWER.get(name, ALL)


REGISTER_FUNCTION = Parameters(("f",), ("caller", "executor", "name", "description"))

GROUP_CHAT = Parameters(
    (
        "agents",
        "messages",
        "max_round",
        "admin_name",
        "func_call_filter",
        "speaker_selection_method",
    )
)


@dataclass(frozen=True, slots=True)
class CoroutineRow:
    """A coroutine function: its sync twin's name if it has one, and the releases that have it."""

    twin: str | None
    versions: Versions = ALL


# Observed by an AST scan of the installed packages. ``a_run_iter`` is not among them: it is a
# plain function that gives an async iterator.
COROUTINE_METHODS: dict[str, CoroutineRow] = {
    "a_check_termination_and_human_reply": CoroutineRow("check_termination_and_human_reply"),
    "a_execute_function": CoroutineRow("execute_function"),
    "a_generate_function_call_reply": CoroutineRow("generate_function_call_reply"),
    "a_generate_init_message": CoroutineRow("generate_init_message"),
    "a_generate_oai_reply": CoroutineRow("generate_oai_reply"),
    "a_generate_reply": CoroutineRow("generate_reply"),
    "a_generate_tool_calls_reply": CoroutineRow("generate_tool_calls_reply"),
    "a_get_human_input": CoroutineRow("get_human_input"),
    "a_initiate_chat": CoroutineRow("initiate_chat"),
    "a_initiate_chats": CoroutineRow("initiate_chats"),
    "a_receive": CoroutineRow("receive"),
    "a_send": CoroutineRow("send"),
    "a_run": CoroutineRow("run", Versions(None, ">=0.7.6")),
    "a_sequential_run": CoroutineRow("sequential_run", Versions(None, ">=0.8.7")),
    "a_run_chat": CoroutineRow("run_chat"),
    "a_resume": CoroutineRow("resume", Versions(">=0.2.28", "")),
    "a_process_all_messages_before_reply": CoroutineRow(
        "process_all_messages_before_reply", Versions(">=0.2.36", None)
    ),
    "a_process_last_received_message": CoroutineRow(
        "process_last_received_message", Versions(">=0.2.36", None)
    ),
}

COROUTINE_FUNCTIONS: dict[str, CoroutineRow] = {
    "autogen.a_initiate_chats": CoroutineRow("initiate_chats"),
    "autogen.a_initiate_group_chat": CoroutineRow("initiate_group_chat", Versions(None, ">=0.9")),
    "autogen.a_run_group_chat": CoroutineRow("run_group_chat", Versions(None, ">=0.9.10")),
    "autogen.a_initiate_swarm_chat": CoroutineRow(
        "initiate_swarm_chat", Versions(None, ">=0.6.1,<0.14")
    ),
    "autogen.a_run_swarm": CoroutineRow("run_swarm", Versions(None, ">=0.8.7,<0.14")),
}

# Sync calls that set agents in motion and return only when they are done.
BLOCKING_ENTRY_CALLS = frozenset(
    {"initiate_chat", "initiate_chats", "generate_reply", "resume", "run_chat"}
)


def coroutine_row(path: str, release: Release) -> CoroutineRow | None:
    """The row of a coroutine function named by a value's path; None for anything else.

    ``path`` is a function's (``autogen.a_initiate_chats``) or a method's taken from an object
    (``autogen.AssistantAgent().a_send``).
    """
    row = COROUTINE_FUNCTIONS.get(path)
    if row is None and path.startswith("autogen."):
        owner, _, method = path.rpartition(".")
        if owner.endswith("()") or owner.count(".") == 1:
            row = COROUTINE_METHODS.get(method)
    return row if row is not None and release in row.versions else None


# What gives an ``AsyncRunResponse``, and its properties that give coroutines.
ASYNC_RUNS = frozenset({"a_run", "a_run_group_chat", "a_run_swarm"})
ASYNC_PROPERTIES = frozenset({"summary", "messages", "cost", "last_speaker", "context_variables"})
