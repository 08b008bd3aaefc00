"""Run on real AutoGen: what the package holds, as JSON.

``exports`` gives for each path (``autogen.agentchat.AssistantAgent``) the class or function found
there, ``classes`` and ``functions`` describe each of those. ``statements`` gives for every class,
also those that need an extra to be imported, the bases that its file names and the methods that it
calls on itself. ``hooks`` and ``replies`` are what agents hold after they have been made.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import logging
import pkgutil
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import autogen  # type: ignore[import-not-found]

SIMPLE = (str, bool, int, type(None))


def identity(thing: Any) -> str:
    return f"{thing.__module__}:{thing.__qualname__}"


def own(thing: Any) -> bool:
    """Whether AutoGen defines it; ``autogen.beta`` is another framework."""
    module = getattr(thing, "__module__", None) or ""
    return module.partition(".")[0] == "autogen" and not module.startswith("autogen.beta")


def modules() -> list[types.ModuleType]:
    """Every module that can be imported without extras."""
    found = [autogen]
    for info in pkgutil.walk_packages(autogen.__path__, "autogen.", onerror=lambda name: None):
        if not info.name.startswith("autogen.beta"):
            try:
                found.append(importlib.import_module(info.name))
            except Exception:  # noqa: BLE001
                continue
    return found


def parameters(function: Any) -> list[list[Any]] | None:
    """Name, kind and default of each: a list of the simple default, [] where there is none."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError, NameError):
        return None
    return [
        [p.name, p.kind.name, [p.default] if isinstance(p.default, SIMPLE) else [repr(p.default)]]
        if p.default is not p.empty
        else [p.name, p.kind.name, []]
        for p in signature.parameters.values()
    ]


def names_used(function: Any) -> list[str]:
    """The attributes and globals in a function's code, and in that of the functions inside it."""
    codes = [getattr(inspect.unwrap(function), "__code__", None)]
    found: set[str] = set()
    for code in codes:
        if code is not None:
            found.update(code.co_names)
            codes += [constant for constant in code.co_consts if inspect.iscode(constant)]
    return sorted(found)


def described(function: Any) -> dict[str, Any]:
    coroutine = inspect.iscoroutinefunction(function)
    return {"parameters": parameters(function), "coroutine": coroutine}


def class_facts(cls: Any) -> dict[str, Any]:
    fields = [field.name for field in dataclasses.fields(cls)] if is_dataclass(cls) else []
    facts: dict[str, Any] = {
        "lineage": [identity(base) for base in cls.__mro__ if own(base)],
        "init": parameters(cls),
        "fields": fields,
        "attributes": [name for name in dir(cls) if not name.startswith("__")],
        "context": hasattr(cls, "__enter__"),
    }
    if issubclass(cls, autogen.ConversableAgent):
        methods = dict(inspect.getmembers(cls, inspect.isfunction))
        facts["methods"] = {
            name: {**described(method), "own": name in vars(cls), "uses": names_used(method)}
            for name, method in methods.items()
        }
    return facts


def is_dataclass(cls: Any) -> bool:
    return dataclasses.is_dataclass(cls)


def statements() -> dict[str, list[dict[str, list[str]]]]:
    """For each class name what each of the statements says that define such a class."""
    found: dict[str, list[dict[str, list[str]]]] = {}
    root = Path(autogen.__file__).parent
    for path in root.rglob("*.py"):
        if "beta" not in path.relative_to(root).parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                    said = {"bases": bases, "calls": sorted(calls_on_self(node))}
                    found.setdefault(node.name, []).append(said)
    return found


def calls_on_self(statement: ast.ClassDef) -> set[str]:
    called = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    attributes = (func for func in called if isinstance(func, ast.Attribute))
    return {
        func.attr
        for func in attributes
        if isinstance(func.value, ast.Name) and func.value.id == "self"
    }


def replies(agent: Any) -> list[str]:
    return [entry["reply_func"].__name__ for entry in agent._reply_func_list]


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    exports: dict[str, str] = {}
    things: dict[str, Any] = {}
    for module in modules():
        for name, thing in vars(module).items():
            if (inspect.isclass(thing) or inspect.isfunction(thing)) and own(thing):
                exports[f"{module.__name__}.{name}"] = identity(thing)
                things[identity(thing)] = thing
    plain = autogen.ConversableAgent("plain", llm_config=False)
    coder = autogen.UserProxyAgent("coder", code_execution_config={"use_docker": False})
    group = autogen.GroupChat(agents=[plain], messages=[], max_round=1)
    manager = autogen.GroupChatManager(groupchat=group, llm_config=False)
    facts = {
        "exports": exports,
        "classes": {k: class_facts(v) for k, v in things.items() if inspect.isclass(v)},
        "functions": {k: described(v) for k, v in things.items() if inspect.isfunction(v)},
        "statements": statements(),
        "hooks": list(plain.hook_lists),
        "replies": {
            "ConversableAgent": replies(plain),
            "UserProxyAgent": replies(coder),
            "GroupChatManager": replies(manager),
        },
    }
    json.dump(facts, sys.stdout)


main()
