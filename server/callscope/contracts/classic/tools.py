"""What classic AutoGen does with tools: how they are named, refused and carried out, by release.

Read in ``conversable_agent.py`` and ``tools/tool.py`` of the releases named, and seen by running
``register_for_llm``, ``register_for_execution`` and ``execute_function`` there.
"""

from __future__ import annotations

from callscope.contracts.versions import Release, Versions

TOOL_OBJECTS = Versions(None, ">=0.6.1")
"""The decorators give back a ``Tool`` that carries the name. Elsewhere they give back the function
itself and leave the name on it, so that a later registration of the same function takes it over."""

FUNCTIONS_ONLY = Versions(None, ">=0.7.5")
"""The decorators refuse what is not a plain function. The first to make a ``Tool`` took whatever
can be called and has a name."""

FUNCTIONS_ARGUMENT = Versions(None, ">=0.7.6")
"""Agents take ``functions=[...]`` and propose them to their model."""

LLM_CONFIG_CONTEXT = Versions(None, ">=0.8,<0.11.5")
"""``with llm_config:`` gives its model to agents made without ``llm_config``."""

NEEDS_MODEL = "AssertionError: To update a tool signature, agent must have an llm_config"

HIDDEN_EXECUTOR_METHODS = frozenset({"run", "a_run", "run_iter", "a_run_iter"})
"""Called without a recipient, these make an executor that carries out the agent's own tools."""

# Chats whose course is not followed here: who executes what in them is left open.
UNFOLLOWED_ENTRIES = frozenset({"sequential_run", "a_sequential_run", "resume", "a_resume"})

# Methods of an agent's class that decide what becomes of a tool call.
DISPATCH_METHODS = (
    "execute_function",
    "a_execute_function",
    "can_execute_function",
    "function_map",
    "generate_reply",
    "a_generate_reply",
    "receive",
    "a_receive",
    "register_function",
    "register_for_execution",
)

_NO_FUNCTION = (FUNCTIONS_ONLY, "TypeError: 'func_or_tool' must be a function or a Tool object")
_METHOD_REFUSED = (
    (Versions("", "<0.6.1"), "AttributeError: 'method' object has no attribute '_name'"),
    _NO_FUNCTION,
)
_PARTIAL_REFUSED = (_NO_FUNCTION,)
_PARTIAL_UNNAMED = (
    (
        Versions("", "<0.7"),
        "AttributeError: 'functools.partial' object has no attribute '__name__'",
    ),
)
_OBJECT_REFUSED = (_NO_FUNCTION,)


def refusal(through: str, named: bool, release: Release) -> str | None:
    """What the decorators raise for a callable handed over as ``through`` (see
    :class:`~callscope.model.callables.Callable`); None where they take it."""
    rows = {
        "method": _METHOD_REFUSED,
        "partial": _PARTIAL_REFUSED if named else (*_PARTIAL_REFUSED, *_PARTIAL_UNNAMED),
        "object": _OBJECT_REFUSED,
    }.get(through, ())
    return next((text for versions, text in rows if release in versions), None)


FUNCTIONS_REFUSED = {"method": "AttributeError: 'method' object has no attribute '_name'"}
"""What ``functions=[...]`` raises for a callable handed over so, before anything else."""

NOT_ANNOTATED = (
    "TypeError: All parameters of the function {name!r} without default values must be annotated"
)

DESCRIPTION_REQUIRED = Versions("", "<0.4")
NO_DESCRIPTION = "ValueError: Function description is required, none found."

EXECUTE_FUNCTION_KEEPS_COROUTINE = Versions("", "<0.10.5")
"""``execute_function`` calls an async tool and takes the coroutine for its result."""

SYNC_CHAT_NEEDS_FREE_LOOP = Versions("", "<0.4")
"""A sync reply runs an async tool on the thread's event loop, which must not be running."""
LOOP_RUNNING = "RuntimeError: This event loop is already running"

GPT_ASSISTANT_KEEPS_COROUTINE = Versions("", "<0.14")

NOT_FOUND = "Error: Function {name} not found."
TOOL_NAME = r"^[a-zA-Z0-9_-]{1,64}$"

SAFEGUARDS = ("safeguard_tool_inputs", "safeguard_tool_outputs")
MODEL_SAFEGUARDS = ("safeguard_llm_inputs", "safeguard_llm_outputs")
SAFEGUARD_VERSIONS = Versions(None, ">=0.9.10")

REPLY_RESULT_VERSIONS = Versions(None, ">=0.9")
