"""Facts about dispatch that changed between releases of classic AutoGen."""

from __future__ import annotations

from callscope.contracts.versions import Release, Versions

_SENDER_REQUIRED = {"microsoft": "SenderRequired", "ag2": "SenderRequiredError"}


def sender_required(release: Release) -> str:
    """The exception that a trigger naming the sender raises where there is no sender."""
    return _SENDER_REQUIRED[release.line]


# Where ``initiate_chat(max_turns=...)`` asks the recipient's termination check by itself.
CHAT_ASKS_TERMINATION = Versions(None, ">=0.9.10")
