"""Losses to another program of the project, which a script starts by ``subprocess``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from callscope.contracts.boundaries import STARTS_PROGRAM
from callscope.model import Model, scope
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.registrations import Registration
from callscope.model.values import Constant, Instance, Sequence, Value, path_of
from callscope.model.walk import ModuleSource
from callscope.model.worker_imports import module_of
from callscope.source import walk


@dataclass(frozen=True)
class Started:
    """A call that starts the program ``script``, which uses the agent."""

    call: Call
    script: ModuleSource


def lost_to_program(model: Model, registration: Registration) -> Started | None:
    """The program that a script starts after a registration, to use the agent without it."""
    agent, where = registration.agent, registration.where
    if agent is None or not where.guard or not scope.is_long_lived(model, agent.instance):
        return None
    for call in model.calls_to(*STARTS_PROGRAM):
        if call.where.root is not where.root:
            continue
        script = _script(model, call) if call.index > registration.call.index else None
        if script is not None and _uses(model, script, agent):
            return Started(call, script)
    return None


def _script(model: Model, call: Call) -> ModuleSource | None:
    """The module of the project that Python is told to run."""
    words = call.arguments.get(0, "args")
    items = words.items if isinstance(words, Sequence) else call.arguments.positional
    if not items or not _is_python(items[0]):
        return None
    names = [text for item in items[1:] for text in _texts(item, 0)]
    scripts = [name.removesuffix(".py").replace("/", ".") for name in names if name.endswith(".py")]
    if "-m" in names[:-1]:
        scripts.append(names[names.index("-m") + 1])
    find = model.interpreter.outside.find_module
    found = (find(name.strip("."), model.source.path) for name in scripts)
    return next((module for module in found if module is not None), None)


def _is_python(value: Value) -> bool:
    named = isinstance(value, Constant) and str(value.value).rpartition("/")[2].startswith("python")
    return named or path_of(value) == "sys.executable"


def _texts(value: Value, depth: int) -> Iterator[str]:
    """The texts that make up an argument, such as ``str(Path(__file__).with_name("x.py"))``."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, Instance) and value.call is not None and depth < 3:
        for argument in value.call.arguments.all():
            yield from _texts(argument, depth + 1)


def _uses(model: Model, script: ModuleSource, agent: Agent) -> bool:
    """Whether the script imports the agent, and registers nothing itself."""
    made = agent.instance.call
    if made is None or "register" in script.parsed.source.text:
        return False
    home = module_of(model, made.where)
    names = {name for name, value in home.scope.names.items() if value is agent.instance}
    find, here = model.interpreter.outside.find_module, script.parsed.source.path
    for node in walk(script.parsed.tree):
        if isinstance(node, ast.ImportFrom):
            module = find("." * node.level + (node.module or ""), here)
            imported = {alias.name for alias in node.names}
            if module is not None and module.parsed.source.path == home.path and imported & names:
                return True
    return False
