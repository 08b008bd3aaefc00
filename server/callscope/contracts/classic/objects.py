"""Objects that are handed to classic AutoGen, and how it calls their methods.

Read in ``groupchat.py``, ``conversable_agent.py``, ``oai/client.py``, ``runtime_logging.py``,
``transform_messages.py`` and the ``group`` and ``io`` packages of the releases named, and confirmed
by running objects whose methods do not fit.
"""

from __future__ import annotations

from dataclasses import dataclass

from callscope.contracts.classic.callbacks import Callback, CallShape
from callscope.contracts.versions import ALL, Versions

_GROUP = Versions(None, ">=0.9")
_GUARDRAILS = Versions(None, ">=0.9.10")


@dataclass(frozen=True, slots=True)
class Handed:
    """An argument that takes such an object, or a list of them.

    ``is_class`` says that the class itself is handed over, and AutoGen makes the object.
    """

    argument: str
    index: int | None
    methods: tuple[Callback, ...]
    is_class: bool = False


def _method(
    name: str,
    of: str,
    shape: CallShape,
    returns: str,
    fires: str,
    source: str,
    versions: Versions = ALL,
    silent: str = "",
    on_coroutine: str = "the coroutine is taken for the result",
    coroutine: str = "never",
) -> Callback:
    return Callback(
        kind=name,
        noun=f"{of} method",
        shape=shape,
        returns=returns,
        coroutine=coroutine,
        on_coroutine=on_coroutine,
        fires=fires,
        silent=silent,
        versions=versions,
        source=source,
    )


POLICY = (
    _method(
        "is_eligible",
        "eligibility policy",
        CallShape(("agent", "ctx")),
        "a `bool`",
        "For each agent, before AutoGen selects the next speaker.",
        "GroupChat._apply_eligibility_policies",
        Versions(None, ">=0.12.3"),
        silent="A selector function that returns an agent goes past the policies.",
        on_coroutine="a coroutine object is true, so every agent is eligible",
    ),
)

TRANSFORM = (
    _method(
        "apply_transform",
        "transform",
        CallShape(("messages",)),
        "the list of messages",
        "Before each reply of the agent that the capability was added to.",
        "TransformMessages._transform_messages",
    ),
    _method(
        "get_logs",
        "transform",
        CallShape(("pre_transform_messages", "post_transform_messages")),
        "a pair `(text, had_effect)`",
        "After each transform, unless `verbose=False`.",
        "TransformMessages._transform_messages",
    ),
)

STREAM = (
    _method(
        "send",
        "stream",
        CallShape(("message",)),
        "nothing",
        "For each event of the chat, in the thread that entered `IOStream.set_default`.",
        "IOStream.send",
        Versions(None, ">=0.7.6"),
        silent="A chat with `silent=True` gives it no messages.",
        on_coroutine="the coroutine is never awaited",
    ),
    _method(
        "input",
        "stream",
        CallShape(("prompt",)),
        "what the person typed, a `str`",
        "When an agent asks a person.",
        "ConversableAgent.get_human_input",
        coroutine="async-chat",
    ),
)

LOGGERS = Versions(">=0.2.28", "")
"""``runtime_logging.start`` takes a logger; before, only the name of one of its own."""

LOGGER = (
    _method(
        "log_event",
        "logger",
        CallShape(("source", "name"), ("message", "sender", "valid")),
        "nothing",
        "For each message received (`received_message`), and for each reply function tried by a "
        "sync `generate_reply` (`reply_func_executed`).",
        "runtime_logging.log_event",
        LOGGERS,
        silent="Async chats log no `reply_func_executed`.",
        on_coroutine="the coroutine is never awaited",
    ),
    _method(
        "log_new_agent",
        "logger",
        CallShape(("agent", "init_args")),
        "nothing",
        "When an agent is made.",
        "runtime_logging.log_new_agent",
        LOGGERS,
        silent="Agents made before `runtime_logging.start` are not logged.",
        on_coroutine="the coroutine is never awaited",
    ),
    _method(
        "log_function_use",
        "logger",
        CallShape(("source", "function", "args", "returns")),
        "nothing",
        "After a tool was executed.",
        "runtime_logging.log_function_use",
        Versions(">=0.2.35", ""),
        on_coroutine="the coroutine is never awaited",
    ),
)

GUARDRAIL = (
    _method(
        "check",
        "guardrail",
        CallShape((), ("context",)),
        "a `GuardrailResult`",
        "In group chats, before the agent replies or after.",
        "ConversableAgent.run_input_guardrails, run_output_guardrails",
        _GUARDRAILS,
        silent="Plain chats between two agents look at no guardrail.",
    ),
)

MODEL_CLIENT = (
    _method(
        "create",
        "model client",
        CallShape(("params",)),
        "a response with `choices` and `model`",
        "For each request to the model.",
        "OpenAIWrapper.create",
        silent="Up to AG2 0.4 a request made before is answered from the cache on disk, unless "
        "`cache_seed` is None.",
    ),
    _method(
        "cost",
        "model client",
        CallShape(("response",)),
        "a number",
        "After each response.",
        "OpenAIWrapper.create",
    ),
    _method(
        "message_retrieval",
        "model client",
        CallShape(("response",)),
        "a list of texts or messages",
        "After each response.",
        "OpenAIWrapper.extract_text_or_completion_object",
    ),
)

CONDITION = (
    _method(
        "evaluate",
        "context condition",
        CallShape(("context_variables",)),
        "a `bool`",
        "In group chats, before each turn of the agent.",
        "ContextCondition.evaluate",
        _GROUP,
        on_coroutine="a coroutine object is true, so the hand-off is always made",
    ),
)

AVAILABLE = (
    _method(
        "is_available",
        "available condition",
        CallShape(("agent", "messages")),
        "a `bool`",
        "In group chats, before each turn of the agent.",
        "AvailableCondition.is_available",
        _GROUP,
        on_coroutine="a coroutine object is true, so the hand-off is always available",
    ),
)

BY_CALL: dict[str, tuple[Handed, ...]] = {
    "autogen.GroupChat": (Handed("eligibility_policies", None, POLICY),),
    "autogen.TransformMessages": (Handed("transforms", None, TRANSFORM),),
    "autogen.IOStream.set_default": (Handed("stream", 0, STREAM),),
    "autogen.IOStream.set_global_default": (Handed("stream", 0, STREAM),),
    "autogen.runtime_logging.start": (Handed("logger", 0, LOGGER),),
    "autogen.OnContextCondition": (
        Handed("condition", None, CONDITION),
        Handed("available", None, AVAILABLE),
    ),
    "autogen.OnCondition": (Handed("available", None, AVAILABLE),),
}
"""By the canonical path of the call."""

BY_METHOD: dict[str, tuple[Handed, ...]] = {
    "register_input_guardrail": (Handed("guardrail", 0, GUARDRAIL),),
    "register_output_guardrail": (Handed("guardrail", 0, GUARDRAIL),),
    "register_input_guardrails": (Handed("guardrails", 0, GUARDRAIL),),
    "register_output_guardrails": (Handed("guardrails", 0, GUARDRAIL),),
    "register_model_client": (Handed("model_client_cls", 0, MODEL_CLIENT, is_class=True),),
}
"""By the method of an agent."""
