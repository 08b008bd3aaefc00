"""Facts about dispatch that changed between releases of classic AutoGen."""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.versions import Release, Versions

_SENDER_REQUIRED_ERROR = Versions(None, ">=0.7.6")


def sender_required(release: Release) -> str:
    """The exception that a trigger naming the sender raises where there is no sender."""
    return "SenderRequiredError" if release in _SENDER_REQUIRED_ERROR else "SenderRequired"


# Where ``initiate_chat(max_turns=...)`` asks the recipient's termination check by itself.
CHAT_ASKS_TERMINATION = Versions(None, ">=0.9.10")

# Where a sync ``initiate_chat(max_turns=...)`` sends nothing to a recipient whose
# ``max_consecutive_auto_reply`` is 0.
CHAT_SKIPS_SILENT_RECIPIENT = Versions(None, ">=0.8.7")

# Where answers of models are kept on disk unless ``cache_seed`` says otherwise.
CACHES_BY_DEFAULT = Versions("", "<0.8")

# The hooks that run only when the agent makes a reply.
REPLY_HOOKS = frozenset(
    {
        "process_last_received_message",
        "process_all_messages_before_reply",
        "a_process_last_received_message",
        "a_process_all_messages_before_reply",
        "update_agent_state",
        "safeguard_llm_inputs",
        "safeguard_llm_outputs",
    }
)
LAST_MESSAGE_HOOKS = frozenset({"process_last_received_message", "a_process_last_received_message"})
SEND_HOOKS = frozenset({"process_message_before_send", "a_process_message_before_send"})

# Built-in reply functions. An agent's list holds the functions of the framework's own class, so
# that a subclass's method of the same name is not looked at.
BUILTIN_REPLIES = frozenset(
    {
        "check_termination_and_human_reply",
        "generate_function_call_reply",
        "generate_tool_calls_reply",
        "generate_code_execution_reply",
        "generate_oai_reply",
        "a_check_termination_and_human_reply",
        "a_generate_function_call_reply",
        "a_generate_tool_calls_reply",
        "a_generate_oai_reply",
    }
)
MANAGER_REPLIES = frozenset({"run_chat", "a_run_chat"})

# ``a_generate_oai_reply`` and the methods of these classes do call ``self.generate_oai_reply``.
CALLED_IN_ASYNC_CHATS = frozenset({"generate_oai_reply"})
CALLS_ITS_OAI_REPLY = frozenset({"autogen.TextAnalyzerAgent", "autogen.A2UIAgent"})

# Where async chats ask ``get_human_input`` for agents that do not override ``a_get_human_input``.
ASYNC_ASKS_SYNC_HUMAN_INPUT = Versions(">0.2.20", "<0.8.7")

# Where an async chat passes over a sync reply function ``foo`` if a coroutine ``a_foo`` is
# registered with ignore_async_in_sync_chat=True, and to that end reads every function's __name__.
ASYNC_CHATS_SKIP_TWINS = Versions(None, ">=0.10.5")

# Where ``register_nested_chats`` knows ``use_async``; before, it takes and ignores any keyword.
ASYNC_NESTED_CHATS = Versions(">=0.2.35", "")

# Where ``eligibility_policies`` exist, which a selector that returns an agent goes past.
ELIGIBILITY_POLICIES = Versions(None, ">=0.12.3")


@dataclass(frozen=True, slots=True)
class GroupFeature:
    """What an agent is given for the chats of a group only: ``starts`` are the functions that start
    a chat which looks at it. ``in_group_chat``: so does a GroupChat that is made by hand."""

    starts: tuple[str, str]
    in_group_chat: bool = False


_IN_GROUPS = GroupFeature(("initiate_group_chat", "run_group_chat"))
_GUARDRAIL = GroupFeature(_IN_GROUPS.starts, in_group_chat=True)
SWARM_HAND_OFF = GroupFeature(("initiate_swarm_chat", "run_swarm"))

# By the method that gives it to an agent.
GROUP_FEATURES = {
    "register_input_guardrail": _GUARDRAIL,
    "register_input_guardrails": _GUARDRAIL,
    "register_output_guardrail": _GUARDRAIL,
    "register_output_guardrails": _GUARDRAIL,
    "register_handoff": _IN_GROUPS,
    "register_handoffs": _IN_GROUPS,
}

# What gives an agent a hand-off of a swarm: first a method of SwarmAgent, then a function.
REGISTER_HAND_OFF = "register_hand_off"
HAND_OFF_METHOD = Versions(None, ">=0.4.1,<0.7")
HAND_OFF_FUNCTION = Versions(None, ">=0.7,<0.14")

# ``agent.handoffs``, and its methods that add to it.
IN_HANDOFFS = _IN_GROUPS
HANDOFFS = Versions(None, ">=0.9")
HANDOFF_METHODS = frozenset(
    {
        "add",
        "add_many",
        "add_context_condition",
        "add_context_conditions",
        "add_llm_condition",
        "add_llm_conditions",
        "add_after_work",
        "add_after_works",
        "set_after_work",
    }
)

# Objects that take part in an agent's chats only after ``add_to_agent``.
CAPABILITIES = frozenset(
    {
        "autogen.TransformMessages",
        "autogen.Teachability",
        "autogen.VisionCapability",
        "autogen.ImageGeneration",
        "autogen.ToolsCapability",
    }
)

# What starts a chat that looks at hand-offs, and what starts a swarm.
GROUP_STARTS = frozenset(
    {
        "autogen.initiate_group_chat",
        "autogen.a_initiate_group_chat",
        "autogen.run_group_chat",
        "autogen.a_run_group_chat",
        "autogen.run_group_chat_iter",
        "autogen.a_run_group_chat_iter",
    }
)

# Conditions that are false while a context variable is not set, and the argument that names it.
CONTEXT_CONDITIONS: dict[str, tuple[int | None, str]] = {
    "autogen.StringContextCondition": (None, "variable_name"),
    "autogen.StringAvailableCondition": (0, "context_variable"),
    "autogen.ContextExpression": (0, "expression"),
}
