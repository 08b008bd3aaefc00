"""Code executors: which agents have one of this file, and whether they ever get code to run."""

from __future__ import annotations

import ast

from callscope.model.agents import Agent
from callscope.model.model import Model
from callscope.model.received import texts_received
from callscope.model.values import Function, Instance, Mapping, UserClass, options, path_of

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
    texts = texts_received(model, agent) if _reads_markdown(model, executor) else None
    return texts is not None and not any(_FENCE in text for text in texts)


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
