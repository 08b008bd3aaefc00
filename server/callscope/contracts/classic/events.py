"""What an iterated run hands to its loop, read in ``io/run_response.py`` and ``events``."""

from __future__ import annotations

from callscope.contracts.versions import Versions

RUN_ITER = Versions(None, ">=0.10.5")

# Received messages share a base; every other event derives from ``BaseEvent`` alone.
_RECEIVED = frozenset(
    {
        "TextEvent",
        "ToolCallEvent",
        "ToolResponseEvent",
        "FunctionCallEvent",
        "FunctionResponseEvent",
    }
)
_OTHERS = frozenset(
    """
    PostCarryoverProcessingEvent ClearAgentsHistoryEvent SpeakerAttemptSuccessfulEvent
    SpeakerAttemptFailedMultipleAgentsEvent SpeakerAttemptFailedNoAgentsEvent GroupChatResumeEvent
    GroupChatRunChatEvent TerminationAndHumanReplyNoInputEvent UsingAutoReplyEvent TerminationEvent
    ExecuteCodeBlockEvent ExecuteFunctionEvent ExecutedFunctionEvent SelectSpeakerEvent
    SelectSpeakerTryCountExceededEvent SelectSpeakerInvalidInputEvent
    ClearConversableAgentHistoryEvent ClearConversableAgentHistoryWarningEvent
    GenerateCodeExecutionReplyEvent ConversableAgentUsageSummaryNoCostIncurredEvent
    ConversableAgentUsageSummaryEvent ErrorEvent RunCompletionEvent UsageSummaryEvent StreamEvent
    PrintEvent
    """.split()
)

EVENTS = _RECEIVED | _OTHERS
"""The classes that ``yield_on`` decides about; requests for input are always handed over."""

ENDS_THE_LOOP = {
    "RunCompletionEvent": "it ends the loop instead",
    "ErrorEvent": "its error is raised instead",
}
"""Events that the iterator keeps to itself."""

BASES = dict.fromkeys(_RECEIVED, "BasePrintReceivedEvent")


def is_a(event: str, wanted: str) -> bool:
    """Whether an ``event`` is an instance of ``wanted``."""
    return wanted in (event, BASES.get(event), "BaseEvent")
