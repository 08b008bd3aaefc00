"""Code executors: which agents have one of this file, and whether they ever get code to run."""

from __future__ import annotations

import ast

from callscope.model.agents import Agent
from callscope.model.answering import only_reply, real_turns
from callscope.model.chats import Turn
from callscope.model.involvement import entry_of
from callscope.model.model import Model
from callscope.model.values import (
    Constant,
    Function,
    Instance,
    Mapping,
    UserClass,
    Value,
    literal,
    options,
    path_of,
)

_FENCE = "```"


def own_executor(agent: Agent) -> tuple[Instance, ast.expr | None] | None:
    """The code executor ``agent`` is given, if its class is one of this file, and where."""
    config = agent.argument("code_execution_config")
    executor = config.items.get("executor") if isinstance(config, Mapping) else None
    if not isinstance(executor, Instance) or not isinstance(executor.type, UserClass):
        return None
    init = agent.instance.init
    return executor, init.node(None, "code_execution_config") if init is not None else None


def gets_no_code(model: Model, agent: Agent, executor: Instance) -> bool:
    """Whether all that ``agent`` receives is known, and none of it is code in Markdown."""
    turns = real_turns(model, agent)
    if not turns or not model.is_closed(agent) or not _reads_markdown(model, executor):
        return False
    others = [turn.sender for turn in turns if turn.sender is not None]
    changed = any(
        r.kind == "hook" and r.agent in (None, agent, *others) for r in model.registrations
    )
    return not changed and all(_is_plain_text(model, turn) for turn in turns)


def _is_plain_text(model: Model, turn: Turn) -> bool:
    """Whether the agent's partner sends nothing but known texts without code."""
    entry = entry_of(model, turn.entry)
    if entry is None or turn.sender is None or turn.in_group:
        return False
    given = entry.call.arguments
    if (
        entry.method.removeprefix("a_") != "initiate_chat"
        or given.open
        or "carryover" in given.keywords
    ):
        return False
    texts: list[Value | None] = []
    if turn.agent == entry.partner:
        texts.append(entry.argument("message"))
    if turn.agent == entry.agent or entry.argument("max_turns") != Constant(1):
        texts.append(only_reply(model, turn.sender))
    words = [literal(text) for text in texts]
    return all(isinstance(word, str) and _FENCE not in word for word in words)


def _reads_markdown(model: Model, executor: Instance) -> bool:
    """Whether the executor finds its code as AutoGen's own do, between fences."""
    found = executor.attributes.get("code_extractor")
    if found is None and isinstance(executor.type, UserClass):
        found = executor.type.find("code_extractor")
    given = [found] if found is not None else []
    if isinstance(found, Function):
        given = [option for _, value in model.returned(found) for option in options(value)]
    paths = [path_of(value) or "" for value in given]
    return bool(paths) and all(path.endswith("MarkdownCodeExtractor()") for path in paths)
