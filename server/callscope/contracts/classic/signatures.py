"""Calls that raise TypeError for an argument they do not have: their parameters, by version.

Only what takes no ``**kwargs`` is listed: whatever else is passed there is an error. Read by
``inspect.signature`` from the installed packages.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.methods import METHODS, Parameters
from callscope.contracts.versions import ALL, Release, Versions


@dataclass(frozen=True, slots=True)
class Signature:
    """All that a call takes, in the releases it holds for."""

    parameters: Parameters
    versions: Versions = ALL

    @property
    def names(self) -> frozenset[str]:
        """Every parameter that can be passed by keyword."""
        return frozenset((*self.parameters.positional, *self.parameters.keyword_only))


_REPLY = Signature(Parameters(("messages", "sender", "exclude")), Versions(None, ">=0.10.5"))
_FOR_LLM = ("name", "description", "api_style")

METHOD_SIGNATURES: dict[str, tuple[Signature, ...]] = {
    "register_reply": (Signature(METHODS["register_reply"]),),
    "replace_reply_func": (Signature(METHODS["replace_reply_func"]),),
    "register_hook": (Signature(METHODS["register_hook"]),),
    "register_for_llm": (
        Signature(Parameters((), _FOR_LLM), Versions("", "<0.8")),
        Signature(METHODS["register_for_llm"], Versions(None, ">=0.8.7")),
    ),
    "generate_reply": (_REPLY,),
    "a_generate_reply": (_REPLY,),
}


def method_signature(method: str, release: Release) -> Signature | None:
    """All that a method of agents takes in this release; None where anything goes, or for a
    method that has no row."""
    rows = METHOD_SIGNATURES.get(method, ())
    return next((row for row in rows if release in row.versions), None)


REGISTER_FUNCTION_SIGNATURE = Signature(
    Parameters(("f",), ("caller", "executor", "name", "description"))
)

_COMMON = (
    "name",
    "system_message",
    "is_termination_msg",
    "max_consecutive_auto_reply",
    "human_input_mode",
    "function_map",
    "code_execution_config",
    "llm_config",
    "default_auto_reply",
    "description",
    "groupchat",
)
_HISTORY = ("chat_messages", "silent")
_UPDATES = ("context_variables", "functions", "update_agent_state_before_reply")

AGENT_SIGNATURES: tuple[Signature, ...] = (
    Signature(Parameters((), _COMMON), Versions("<=0.2.20", None)),
    Signature(Parameters((), (*_COMMON, *_HISTORY)), Versions(">=0.2.28", "<0.5")),
    Signature(
        Parameters((), (*_COMMON, *_HISTORY, "context_variables")), Versions(None, ">=0.5.3,<0.7")
    ),
    Signature(Parameters((), (*_COMMON, *_HISTORY, *_UPDATES)), Versions(None, ">=0.7.6,<0.9")),
    Signature(
        Parameters((), (*_COMMON, *_HISTORY, *_UPDATES, "handoffs")), Versions(None, ">=0.9")
    ),
)


def agent_keywords(release: Release) -> frozenset[str] | None:
    """The keywords that agents' constructors take in this release; None where not known."""
    for signature in AGENT_SIGNATURES:
        if release in signature.versions:
            return signature.names
    return None
