"""The releases that a row holds for, against what each release is seen to have.

One line a row: its name, its releases, and what tells in the package whether it holds.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callscope.contracts.classic import callbacks, dispatch, events, objects, tools
from callscope.contracts.versions import Versions
from tests.contracts.facts import Surface

Row = tuple[str, tuple[Versions, ...], Callable[[Surface], bool]]


def defines(name: str) -> Callable[[Surface], bool]:
    """The package has a class of this name, importable without extras or not."""
    return lambda real: name in real.data["statements"]


def uses(method: str, name: str, owner: str = "ConversableAgent") -> Callable[[Surface], bool]:
    """The method reads that attribute or global."""
    return lambda real: name in real.methods(owner).get(method, {"uses": ()})["uses"]


def has(owner: str, name: str) -> Callable[[Surface], bool]:
    """Objects of the class have an attribute or field of this name."""

    def holds(real: Surface) -> bool:
        facts = real.class_facts(owner)
        return facts is not None and name in (*facts["attributes"], *facts["fields"])

    return holds


def takes(method: str, name: str) -> Callable[[Surface], bool]:
    """The agent's method has a parameter of this name."""

    def holds(real: Surface) -> bool:
        found = real.method(method)
        return found is not None and name in (*found.positional, *found.keyword_only)

    return holds


def lacks(holds: Callable[[Surface], bool]) -> Callable[[Surface], bool]:
    return lambda real: not holds(real)


SWARMS = (callbacks.AFTER_WORK.versions, callbacks.AFTER_WORK_WITH_VARIABLES.versions)
TOOL = "_create_tool_if_needed"
RESUMED = "_process_resume_termination"

ROWS: tuple[Row, ...] = (
    # hooks
    ("a_ hooks", (callbacks.COROUTINE_HOOK_SKIPPED,), uses("register_hook", "warn")),
    # other callables
    (
        "nested partial",
        (callbacks.NESTED_REPLY_PARTIAL.versions,),
        uses("register_nested_chats", "partial"),
    ),
    ("system message", (callbacks.UPDATE_SYSTEM_MESSAGE.versions,), defines("UpdateSystemMessage")),
    ("function target", (callbacks.FUNCTION_TARGET.versions,), defines("FunctionTarget")),
    ("swarms", SWARMS, defines("AfterWorkOption")),
    ("human input", (callbacks.HUMAN_INPUT.versions,), lacks(takes("get_human_input", "iostream"))),
    (
        "human input with stream",
        (callbacks.HUMAN_INPUT_IOSTREAM.versions,),
        takes("get_human_input", "iostream"),
    ),
    (
        "remove termination",
        (callbacks.REMOVE_TERMINATION.versions,),
        uses(RESUMED, "isinstance", "GroupChatManager"),
    ),
    (
        "updates of state",
        (callbacks.UPDATE_STATE_ARGUMENT,),
        takes("__init__", "update_agent_state_before_reply"),
    ),
    # dispatch
    (
        "callable objects",
        (callbacks.CALLABLE_OBJECTS_RECOGNISED,),
        uses("generate_reply", "is_coroutine_callable"),
    ),
    (
        "chat asks termination",
        (dispatch.CHAT_ASKS_TERMINATION,),
        uses("initiate_chat", "_should_terminate_chat"),
    ),
    (
        "silent recipient",
        (dispatch.CHAT_SKIPS_SILENT_RECIPIENT,),
        uses("initiate_chat", "_max_consecutive_auto_reply"),
    ),
    (
        "async nested chats",
        (dispatch.ASYNC_NESTED_CHATS,),
        takes("register_nested_chats", "use_async"),
    ),
    ("policies", (dispatch.ELIGIBILITY_POLICIES,), has("GroupChat", "eligibility_policies")),
    # tools
    ("functions=", (tools.FUNCTIONS_ARGUMENT,), takes("__init__", "functions")),
    ("Tool objects", (tools.TOOL_OBJECTS,), uses("register_for_llm", TOOL)),
    ("functions only", (tools.FUNCTIONS_ONLY,), uses(TOOL, "isfunction")),
    ("ReplyResult", (tools.REPLY_RESULT_VERSIONS,), defines("ReplyResult")),
    (
        "coroutine kept",
        (tools.EXECUTE_FUNCTION_KEEPS_COROUTINE,),
        lacks(uses("execute_function", "isawaitable")),
    ),
    (
        "safeguards",
        (tools.SAFEGUARD_VERSIONS,),
        lambda real: set(tools.SAFEGUARDS) <= set(real.hooks),
    ),
    ("run_iter", (events.RUN_ITER,), lambda real: "run_iter" in real.methods()),
    # objects
    ("policy", (objects.POLICY[0].versions,), defines("AgentEligibilityPolicy")),
    ("guardrail", (objects.GUARDRAIL[0].versions,), defines("Guardrail")),
    ("context condition", (objects.CONDITION[0].versions,), defines("ContextCondition")),
    ("available condition", (objects.AVAILABLE[0].versions,), defines("AvailableCondition")),
    ("stream.send", (objects.STREAM[0].versions,), has("IOConsole", "send")),
    ("logger given", (objects.LOGGERS,), has("BaseLogger", "log_event")),
    ("logger", (objects.LOGGER[2].versions,), has("BaseLogger", "log_function_use")),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_releases_of_a_row(real: Surface, row: Row) -> None:
    _, versions, holds = row
    assert any(real.release in each for each in versions) == holds(real)
