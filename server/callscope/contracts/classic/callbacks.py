"""How classic AutoGen calls each kind of callback, what it wants back, and when it does not call.

Read in ``conversable_agent.py``, ``groupchat.py``, ``chat.py`` and the ``group`` package of the
releases named in each row, and confirmed by running every claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from callscope.contracts.versions import ALL, Release, Versions


@dataclass(frozen=True, slots=True)
class CallShape:
    """The arguments of the framework's call: so many positional ones (named for people), and
    these by keyword."""

    positional: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def render(self, name: str) -> str:
        """The call as it would be written, ``on_reply(recipient, messages=..., ...)``."""
        parts = [*self.positional, *(f"{keyword}=..." for keyword in self.keywords)]
        return f"{name}({', '.join(parts)})"

    def parameters(self) -> tuple[str, ...]:
        """Names for the parameters of a function that fits."""
        return (*self.positional, *self.keywords)


@dataclass(frozen=True, slots=True)
class Callback:
    """The contract of one kind of callback.

    ``noun`` names it in messages. ``returns`` says what must come back and ``on_none`` what
    happens when nothing does ("" where that is fine). ``coroutine`` is how an ``async def`` is
    treated: "async-chat" (awaited in async chats only), "never" (the coroutine is lost) or
    "awaited". ``fires`` and ``silent`` are sentences for the hover.
    """

    kind: str
    noun: str
    shape: CallShape
    returns: str
    on_none: str = ""
    coroutine: str = "never"
    on_coroutine: str = ""
    fires: str = ""
    silent: str = ""
    versions: Versions = ALL
    source: str = ""

    @property
    def title(self) -> str:
        """:attr:`noun` at the beginning of a line."""
        return f"{self.noun[0].upper()}{self.noun[1:]}"


REPLY = Callback(
    kind="reply",
    noun="reply function",
    shape=CallShape(("recipient",), ("messages", "sender", "config")),
    returns="a pair `(final, reply)`; `(False, None)` lets the next reply function answer",
    on_none="TypeError: cannot unpack non-iterable NoneType object",
    coroutine="async-chat",
    fires="Each time the agent has to answer a message whose **sender** matches the trigger, "
    "unless a reply function tried earlier has given a final reply.",
    silent="The trigger is matched against the sender, never against the agent itself. "
    "`generate_reply(messages=...)` without `sender=` matches only a trigger list with `None`. "
    "An `async def` is skipped by `generate_reply`, `send` and `receive`.",
    source="ConversableAgent.generate_reply, _match_trigger",
)

TRIGGER = Callback(
    kind="trigger",
    noun="trigger",
    shape=CallShape(("sender",)),
    returns="a `bool`; anything else raises AssertionError",
    on_none="AssertionError: trigger must return a boolean value",
    on_coroutine="AssertionError: trigger must return a boolean value",
    fires="For each message the agent has to answer; `sender` is None for a `generate_reply` "
    "without a sender.",
    source="ConversableAgent._match_trigger",
)

NESTED_REPLY = Callback(
    kind="nested-reply",
    noun="nested-chat reply function",
    shape=CallShape(("chat_queue", "recipient", "messages", "sender", "config")),
    returns="a pair `(final, reply)`",
    on_none="TypeError: cannot unpack non-iterable NoneType object",
    on_coroutine="TypeError: cannot unpack non-iterable coroutine object",
    fires="When the agent has to answer a sender that matches the trigger and no earlier reply "
    "function was final.",
    versions=Versions(">=0.2.28", ""),
    source="ConversableAgent.register_nested_chats",
)

# Before there was ``use_async``: a partial of the function, which is a coroutine function as well.
NESTED_REPLY_PARTIAL = replace(
    NESTED_REPLY, coroutine="async-chat", on_coroutine="", versions=Versions("<0.2.28", None)
)

NESTED_MESSAGE = Callback(
    kind="nested-message",
    noun="nested-chat message function",
    shape=CallShape(("recipient", "messages", "sender", "config")),
    returns="the first message of the nested chat; an empty one drops the chat silently",
    on_none="the nested chat is dropped without a word",
    on_coroutine="the coroutine object is taken for the message",
    fires="When the nested chat is about to start.",
    silent="Unlike `initiate_chat(message=...)` it takes four arguments.",
    source="ConversableAgent._get_chats_to_run",
)

CHAT_MESSAGE = Callback(
    kind="chat-message",
    noun="message function",
    shape=CallShape(("sender", "recipient", "context")),
    returns="the first message, a `str` or `dict`",
    on_none="TypeError: the message is None",
    on_coroutine="TypeError: 'coroutine' object is not iterable, in async chats too",
    fires="Once, when the chat starts.",
    source="ConversableAgent.generate_init_message",
)

SUMMARY = Callback(
    kind="summary",
    noun="summary function",
    shape=CallShape(("sender", "recipient", "summary_args")),
    returns="the summary, a `str`",
    on_coroutine="the summary is a coroutine object, in async chats too",
    fires="Once, when the chat has ended.",
    source="ConversableAgent._summarize_chat",
)

SELECTOR = Callback(
    kind="selector",
    noun="speaker selector",
    shape=CallShape(("last_speaker", "groupchat")),
    returns="an agent of the group, None to end the chat, or one of `auto`, `manual`, `random`, "
    "`round_robin`; the *name* of an agent raises ValueError",
    on_coroutine="ValueError: Custom speaker selection function returned an object of type "
    "<class 'coroutine'>, in async chats too",
    fires="Before each turn of the group chat but the first.",
    silent="It is read when the GroupChatManager is made; one assigned to the GroupChat later is "
    "ignored. With `max_round=1` it is never called.",
    source="GroupChat._prepare_and_select_agents",
)

TERMINATION = Callback(
    kind="termination",
    noun="termination check",
    shape=CallShape(("message",)),
    returns="something true to end the chat",
    on_coroutine="a coroutine object is true, so the chat ends at once and the body never runs",
    fires="For each message the agent *receives* and has to answer, as a dict whose `content` is "
    "None for a tool call.",
    silent="The agent's own messages are not asked about.",
    source="ConversableAgent.check_termination_and_human_reply",
)

RESET_CONFIG = Callback(
    kind="reset-config",
    noun="reset_config function",
    shape=CallShape(("config",)),
    returns="nothing; it changes `config` in place",
    on_coroutine="the coroutine is never awaited",
    fires="Only from `agent.reset()`.",
    silent="A new `initiate_chat(clear_history=True)` does not call it.",
    source="ConversableAgent.reset",
)

UPDATE_SYSTEM_MESSAGE = Callback(
    kind="update-system-message",
    noun="system message function",
    shape=CallShape(("agent", "messages")),
    returns="the system message; the annotation `-> str` is required",
    on_coroutine="the coroutine is never awaited",
    fires="Before each reply of the agent.",
    versions=Versions(None, ">=0.7.6"),
    source="UpdateSystemMessage.__post_init__",
)

FUNCTION_TARGET = Callback(
    kind="function-target",
    noun="FunctionTarget function",
    shape=CallShape(("last_output", "context_variables")),
    returns="a `FunctionTargetResult`",
    on_none="ValueError: the function did not return a FunctionTargetResult",
    on_coroutine="ValueError: the coroutine is not awaited and is no FunctionTargetResult",
    fires="After the agent's turn in a group chat run by initiate_group_chat.",
    versions=Versions(None, ">=0.10.5"),
    source="FunctionTarget.resolve",
)

AFTER_WORK = Callback(
    kind="after-work",
    noun="AfterWork function",
    shape=CallShape(("last_speaker", "messages", "groupchat")),
    returns="an agent, its name, or an AfterWorkOption",
    on_none="ValueError: Invalid After Work condition or return value from callable",
    on_coroutine="ValueError: the coroutine is not awaited and is no agent",
    fires="When no agent of the swarm has been handed the turn.",
    silent="Only in a swarm chat; an agent's own comes before the one of `initiate_swarm_chat`.",
    versions=Versions(None, ">=0.6,<0.14"),
    source="swarm_agent._determine_next_agent",
)

# In the first swarms it selected the speaker itself, so that an option was no answer.
AFTER_WORK_WITH_VARIABLES = replace(
    AFTER_WORK,
    returns="an agent, or None to end the swarm",
    shape=CallShape(("last_speaker", "messages", "groupchat", "context_variables")),
    on_none="the swarm ends",
    versions=Versions(None, ">=0.4,<0.6"),
)

_SWARM_AGENT_AND_MESSAGES = CallShape(("agent", "messages"))

SWARM_CONDITION = Callback(
    kind="swarm-condition",
    noun="OnCondition condition",
    shape=_SWARM_AGENT_AND_MESSAGES,
    returns="the condition in words, a `str`, for the model to judge",
    on_coroutine="the coroutine object becomes the description of the transfer tool",
    fires="Before each reply of the agent, in a swarm chat.",
    silent="Outside a swarm it only changes the description of a tool that leads nowhere.",
    versions=Versions(None, ">=0.7.6,<0.14"),
    source="swarm_agent._update_conditional_functions",
)

SWARM_AVAILABLE = Callback(
    kind="swarm-available",
    noun="OnCondition available function",
    shape=_SWARM_AGENT_AND_MESSAGES,
    returns="something true to offer the hand-off to the model",
    on_none="the hand-off is never offered",
    on_coroutine="a coroutine object is true, so the hand-off is always offered",
    fires="Before each reply of the agent, in a swarm chat.",
    versions=Versions(None, ">=0.6,<0.14"),
    source="swarm_agent._update_conditional_functions",
)

SELECTION_MESSAGE = Callback(
    kind="selection-message",
    noun="next_agent_selection_msg function",
    shape=_SWARM_AGENT_AND_MESSAGES,
    returns="the template of the selection message, a `str`",
    on_none="TypeError: the template is None",
    on_coroutine="TypeError: the coroutine is not awaited and is no template",
    fires="When the swarm's manager has to select the next agent.",
    silent="It is ignored with any other option than AfterWorkOption.SWARM_MANAGER.",
    versions=Versions(None, ">=0.7.6,<0.14"),
    source="swarm_agent._prepare_groupchat_auto_speaker",
)

REMOVE_TERMINATION = Callback(
    kind="remove-termination",
    noun="remove_termination_string function",
    shape=CallShape(("content",)),
    returns="the content without the termination string, a `str`",
    on_none="the last message has no content",
    on_coroutine="the coroutine object becomes the content of the last message",
    fires="Once, when `resume` is given messages that end with a termination string.",
    versions=Versions(">=0.2.29", ""),
    source="GroupChatManager._process_resume_termination",
)

FILTER = Callback(
    kind="filter",
    noun="filter_func",
    shape=CallShape((), ("context", "response")),
    returns="something true to accept the response",
    on_none="every response is rejected and the next config is asked",
    on_coroutine="a coroutine object is true, so every response is accepted and the body never "
    "runs",
    fires="For each response of the model.",
    versions=Versions("", "<0.4"),
    source="OpenAIWrapper.create",
)

HUMAN_INPUT = Callback(
    kind="human-input",
    noun="get_human_input override",
    shape=CallShape(("prompt",)),
    returns="what the person typed, a `str`",
    fires="When the agent asks a person, in sync chats.",
    versions=Versions("", "<0.10.5"),
    source="ConversableAgent.check_termination_and_human_reply",
)

HUMAN_INPUT_IOSTREAM = Callback(
    kind="human-input",
    noun="get_human_input override",
    shape=CallShape(("prompt",), ("iostream",)),
    returns="what the person typed, a `str`",
    fires="When the agent asks a person, in sync chats.",
    versions=Versions(None, ">=0.10.5"),
    source="ConversableAgent.check_termination_and_human_reply",
)

BY_KIND: dict[str, Callback] = {
    row.kind: row
    for row in (
        REPLY,
        TRIGGER,
        NESTED_REPLY,
        NESTED_MESSAGE,
        CHAT_MESSAGE,
        SUMMARY,
        SELECTOR,
        TERMINATION,
        RESET_CONFIG,
        UPDATE_SYSTEM_MESSAGE,
        FUNCTION_TARGET,
        AFTER_WORK,
        SWARM_CONDITION,
        SWARM_AVAILABLE,
        SELECTION_MESSAGE,
        REMOVE_TERMINATION,
        FILTER,
    )
}

_EARLIER = {row.kind: row for row in (NESTED_REPLY_PARTIAL, AFTER_WORK_WITH_VARIABLES)}


def in_release(row: Callback, release: Release) -> Callback:
    """The row of the same kind that holds in ``release``; ``row`` itself where there is but one."""
    earlier = _EARLIER.get(row.kind)
    return earlier if earlier is not None and release in earlier.versions else row


def all_rows(row: Callback) -> tuple[Callback, ...]:
    """Every row of the kind of ``row``, the newest first."""
    rows = (BY_KIND.get(row.kind), row, _EARLIER.get(row.kind))
    return tuple(dict.fromkeys(each for each in rows if each is not None))


# -- hooks -----------------------------------------------------------------------------------

_A_NAMES = Versions(">=0.2.36,<0.3", None)
_HOOKS = Versions(">=0.2.20", "")
_SAFEGUARDS = Versions(None, ">=0.9.10")


@dataclass(frozen=True, slots=True)
class Hook:
    """One hookable method: the callback's contract, and the chats it fires in.

    ``in_async`` says whether a sync hook fires in async chats, by release.
    """

    callback: Callback
    in_sync: bool = True
    in_async: Versions = ALL
    must_return: bool = True


def _hook(
    name: str,
    shape: CallShape,
    returns: str,
    on_none: str,
    versions: Versions,
    fires: str,
    silent: str = "",
    coroutine: str = "never",
    on_coroutine: str = "",
) -> Callback:
    return Callback(
        kind=name,
        noun=f"`{name}` hook",
        shape=shape,
        returns=returns,
        on_none=on_none,
        coroutine=coroutine,
        on_coroutine=on_coroutine,
        fires=fires,
        silent=silent,
        versions=versions,
        source="ConversableAgent.hook_lists",
    )


_NOT_AWAITED = "AutoGen does not await it, the coroutine object takes the place of the value"
_EVERY_BUT_LAST_MS = Versions("<0.2.36", "")

HOOKS: dict[str, Hook] = {
    hook.callback.kind: hook
    for hook in (
        Hook(
            _hook(
                "process_last_received_message",
                CallShape(("content",)),
                "the new content",
                "the content becomes None, in the stored history too",
                _HOOKS,
                "Before the agent replies, with the content of the last message it received.",
                "Not for tool calls, messages without content, or `exit`; not on an agent that "
                "only receives.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=_EVERY_BUT_LAST_MS,
        ),
        Hook(
            _hook(
                "process_all_messages_before_reply",
                CallShape(("messages",)),
                "the list of messages",
                "the reply functions fall back to the unprocessed history: the change is lost",
                _HOOKS,
                "Before the agent replies, with all messages of the chat.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=_EVERY_BUT_LAST_MS,
        ),
        Hook(
            _hook(
                "process_message_before_send",
                CallShape((), ("sender", "message", "recipient", "silent")),
                "the message to send",
                "TypeError: 'NoneType' object is not iterable",
                _HOOKS,
                "When the agent sends a message.",
                "`generate_reply()` called directly sends nothing; the receiver's hooks are not "
                "asked.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=_EVERY_BUT_LAST_MS,
        ),
        Hook(
            _hook(
                "a_process_last_received_message",
                CallShape(("content",)),
                "the new content",
                "the content becomes None, in the stored history too",
                _A_NAMES,
                "In async chats, before the agent replies.",
                "Never in sync chats.",
                coroutine="awaited",
            ),
            in_sync=False,
        ),
        Hook(
            _hook(
                "a_process_all_messages_before_reply",
                CallShape(("messages",)),
                "the list of messages",
                "the reply functions fall back to the unprocessed history: the change is lost",
                _A_NAMES,
                "In async chats, before the agent replies.",
                "Never in sync chats.",
                coroutine="awaited",
            ),
            in_sync=False,
        ),
        Hook(
            _hook(
                "a_process_message_before_send",
                CallShape((), ("sender", "message", "recipient", "silent")),
                "the message to send",
                "TypeError: 'NoneType' object is not iterable",
                _A_NAMES,
                "In async chats, when the agent sends a message.",
                "Never in sync chats.",
                coroutine="awaited",
            ),
            in_sync=False,
        ),
        Hook(
            _hook(
                "update_agent_state",
                CallShape(("agent", "messages")),
                "nothing, the result is ignored",
                "",
                Versions(None, ">=0.6.1"),
                "Before each reply of the agent.",
                on_coroutine="the coroutine is never awaited, so the body does not run",
            ),
            must_return=False,
        ),
        Hook(
            _hook(
                "safeguard_tool_inputs",
                CallShape(("tool_input",)),
                "the tool call",
                "ValueError: safeguard_tool_inputs hook returned None",
                _SAFEGUARDS,
                "Before this agent *executes* a tool, in sync chats.",
                "Never in async chats; not on the agent that proposes the tool; in group chats "
                "tools run on a hidden executor.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=Versions(None, None),
        ),
        Hook(
            _hook(
                "safeguard_tool_outputs",
                CallShape(("response",)),
                "the tool's response",
                "ValueError: safeguard_tool_outputs hook returned None",
                _SAFEGUARDS,
                "After this agent has executed a tool, in sync chats.",
                "Never in async chats; not on the agent that proposes the tool.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=Versions(None, None),
        ),
        Hook(
            _hook(
                "safeguard_llm_inputs",
                CallShape(("messages",)),
                "the messages; None blocks the call",
                "",
                _SAFEGUARDS,
                "Before the model is asked.",
                "A rewritten list is ignored from 0.10.5 on.",
                on_coroutine=_NOT_AWAITED,
            ),
            must_return=False,
        ),
        Hook(
            _hook(
                "safeguard_llm_outputs",
                CallShape(("response",)),
                "the response; the value is ignored, None raises ValueError",
                "ValueError: safeguard_llm_outputs hook returned None",
                _SAFEGUARDS,
                "After the model has answered.",
                on_coroutine=_NOT_AWAITED,
            ),
        ),
        Hook(
            _hook(
                "safeguard_human_inputs",
                CallShape(("human_input",)),
                "the text",
                "ValueError: safeguard_human_inputs hook returned None",
                _SAFEGUARDS,
                "After a person has typed an answer, in sync chats.",
                "Never in async chats, nor where get_human_input is overridden.",
                on_coroutine=_NOT_AWAITED,
            ),
            in_async=Versions(None, None),
        ),
    )
}


def hook_names(release: Release) -> tuple[str, ...]:
    """The names that ``register_hook`` accepts in this release."""
    return tuple(name for name, hook in HOOKS.items() if release in hook.callback.versions)


def hooks_exist(release: Release) -> bool:
    """Whether the release has ``register_hook`` at all (0.2.0 has not)."""
    return release in _HOOKS


# Where agents take ``update_agent_state_before_reply``; the hook of that name is older.
UPDATE_STATE_ARGUMENT = Versions(None, ">=0.7.6")

# Where a coroutine hook is skipped after a UserWarning rather than called and not awaited.
COROUTINE_HOOK_SKIPPED = Versions(">=0.2.36,<0.3", None)

# Where a callable object with an ``async def __call__`` is recognised as a coroutine function.
CALLABLE_OBJECTS_RECOGNISED = Versions(None, ">=0.10.5")

# Safeguards whose returned value, other than None, is dropped.
VALUE_IGNORED = {
    "safeguard_llm_inputs": Versions(None, ">=0.10.5"),
    "safeguard_llm_outputs": _SAFEGUARDS,
}

# The sync hook that a capability registers on the agent it is added to.
CAPABILITY_HOOKS = {
    "TransformMessages": "process_all_messages_before_reply",
    "Teachability": "process_last_received_message",
    "VisionCapability": "process_last_received_message",
}

# Where GPTAssistantAgent runs its tools through an ``execute_function`` that awaits nothing.
SYNC_FUNCTION_MAP = Versions("", "<0.10.5")

# ``initiate_chat`` raises for async reply functions on either agent; ``generate_reply``, ``send``
# and ``receive`` skip them without a word.
RAISES_ON_ASYNC_REPLY = frozenset({"initiate_chat", "initiate_chats"})

__all__ = ["BY_KIND", "HOOKS", "CallShape", "Callback", "Hook", "hook_names"]
