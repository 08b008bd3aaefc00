"""What a new callback of each kind looks like: a body that changes nothing yet.

Annotations name builtins only, so that they need no import; those with ``|`` are left to releases
that need Python 3.10 themselves. Every row is run on real AutoGen.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.callbacks import Callback
from callscope.contracts.versions import Release, Versions


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A new callback: what it is called where it has no name yet, its annotation, what it returns.

    ``plain`` is the annotation that every Python understands. With ``value`` "" it returns nothing,
    and ``words``, its docstring, are the body. ``imports`` are names that it needs, by module.
    ``parameters`` are those of a function whose contract leaves them open.
    """

    name: str
    annotation: str = ""
    plain: str = ""
    value: str = ""
    words: str = ""
    imports: tuple[tuple[str, str], ...] = ()
    parameters: tuple[str, ...] = ()


_NEEDS_PYTHON_310 = Versions(None, ">=0.9.10")

TOOL = Skeleton(
    "look_up",
    plain="str",
    value="query",
    words="Tell the model here what the tool does.",
    parameters=("query: str",),
)
"""Any function is a tool; each of its parameters needs an annotation."""

SKELETONS: dict[str, Skeleton] = {
    "reply": Skeleton("on_reply", "tuple[bool, str | dict | None]", "tuple", "False, None"),
    "nested-reply": Skeleton(
        "reply_from_chats", "tuple[bool, str | dict | None]", "tuple", "False, None"
    ),
    "nested-message": Skeleton("first_message", "str | dict", value='messages[-1]["content"]'),
    "chat-message": Skeleton("first_message", "str | dict", value='context.get("task", "Hello")'),
    "summary": Skeleton(
        "summarize", plain="str", value='recipient.last_message(sender)["content"]'
    ),
    "selector": Skeleton("select_speaker", value="groupchat.next_agent(last_speaker)"),
    "termination": Skeleton(
        "is_finished", plain="bool", value='"TERMINATE" in (message.get("content") or "")'
    ),
    "reset-config": Skeleton(
        "reset_config", plain="None", words="Bring `config` back to what it was, in place."
    ),
    "update-system-message": Skeleton(
        "write_system_message", plain="str", value="agent.system_message"
    ),
    "function-target": Skeleton(
        "choose_target",
        plain="FunctionTargetResult",
        value="FunctionTargetResult(target=StayTarget())",
        imports=(
            ("autogen.agentchat.group", "FunctionTargetResult"),
            ("autogen.agentchat.group", "StayTarget"),
        ),
    ),
    "remove-termination": Skeleton(
        "without_termination", plain="str", value='content.replace("TERMINATE", "")'
    ),
    "filter": Skeleton("is_acceptable", plain="bool", value="bool(response.choices)"),
    "process_last_received_message": Skeleton(
        "process_last_message", "str | list", value="content"
    ),
    "process_all_messages_before_reply": Skeleton(
        "process_all_messages", "list[dict]", "list", "messages"
    ),
    "process_message_before_send": Skeleton("process_message", "str | dict", value="message"),
    "a_process_last_received_message": Skeleton("process_last_message", value="content"),
    "a_process_all_messages_before_reply": Skeleton(
        "process_all_messages", "list[dict]", "list", "messages"
    ),
    "a_process_message_before_send": Skeleton("process_message", value="message"),
    "update_agent_state": Skeleton(
        "update_state", plain="None", words="Bring `agent` up to date before it replies."
    ),
    "safeguard_tool_inputs": Skeleton("check_tool_input", plain="dict", value="tool_input"),
    "safeguard_tool_outputs": Skeleton("check_tool_output", plain="dict", value="response"),
    "safeguard_llm_inputs": Skeleton("check_model_input", "list[dict]", "list", "messages"),
    "safeguard_llm_outputs": Skeleton("check_model_output", value="response"),
    "safeguard_human_inputs": Skeleton("check_human_input", plain="str", value="human_input"),
}
"""By the kind of callback, or the name of the hook."""


@dataclass(frozen=True, slots=True)
class NewFunction:
    """A function that fits a contract, not yet written down."""

    name: str
    parameters: tuple[str, ...]
    annotation: str
    value: str
    words: str
    imports: tuple[tuple[str, str], ...]
    is_async: bool = False

    def lines(self, indent: str) -> list[str]:
        """Its definition, its body indented by ``indent``."""
        keyword = "async def" if self.is_async else "def"
        arrow = f" -> {self.annotation}" if self.annotation else ""
        found = [f"{keyword} {self.name}({', '.join(self.parameters)}){arrow}:"]
        if self.words:
            found.append(f'{indent}"""{self.words}"""')
        if self.value:
            found.append(f"{indent}return {self.value}")
        return found


def new_function(contract: Callback | None, release: Release, name: str = "") -> NewFunction | None:
    """A function for ``contract``, or a tool where that is None; None if there is no such contract
    in this release, or no skeleton."""
    skeleton = TOOL if contract is None else SKELETONS.get(contract.kind)
    if skeleton is None or (contract is not None and release not in contract.versions):
        return None
    newer = release in _NEEDS_PYTHON_310
    parameters = skeleton.parameters
    if contract is not None:
        parameters = contract.shape.parameters()
    return NewFunction(
        name or skeleton.name,
        parameters,
        (skeleton.annotation if newer else "") or skeleton.plain,
        skeleton.value,
        skeleton.words,
        skeleton.imports,
        is_async=contract is not None and contract.coroutine == "awaited",
    )
