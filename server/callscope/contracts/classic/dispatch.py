"""Facts about dispatch that changed between releases of classic AutoGen."""

from __future__ import annotations

from callscope.contracts.versions import Release, Versions

_SENDER_REQUIRED = {"microsoft": "SenderRequired", "ag2": "SenderRequiredError"}


def sender_required(release: Release) -> str:
    """The exception that a trigger naming the sender raises where there is no sender."""
    return _SENDER_REQUIRED[release.line]


# Where ``initiate_chat(max_turns=...)`` asks the recipient's termination check by itself.
CHAT_ASKS_TERMINATION = Versions(None, ">=0.9.10")

# Where a sync ``initiate_chat(max_turns=...)`` sends nothing to a recipient whose
# ``max_consecutive_auto_reply`` is 0.
CHAT_SKIPS_SILENT_RECIPIENT = Versions(None, ">=0.8.7")

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
SEND_HOOKS = frozenset({"process_message_before_send", "a_process_message_before_send"})
