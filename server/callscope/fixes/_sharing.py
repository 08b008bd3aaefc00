"""Whether the functions of a family can do with an agent each."""

from __future__ import annotations

import ast
from collections.abc import Collection
from itertools import pairwise

from callscope.fixes._family import Family, moving_nodes
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings
from callscope.model.registrations import EntryCall

_STARTS_AFRESH = frozenset({"initiate_chat", "a_initiate_chat", "run", "a_run"})
_ANSWERS = frozenset({"generate_reply", "a_generate_reply"})


def shares_a_chat(around: Surroundings, family: Family) -> bool:
    """Whether functions that use members call each other, so that each having its own agents
    would part what is one chat. A callback is called by whoever chats, too."""
    calls = _call_graph(around)
    for registration in around.model.registrations:
        known = registration.function
        if known is None or isinstance(known.node, ast.Lambda):
            continue
        if known.node in family.users and not _starts_afresh(around, family, known.node):
            return True
    for caller in [*calls, around.tree]:
        reached = _reached(caller, calls) & family.users.keys()
        direct = bool(family.module_uses or family.guard_uses) and caller is around.tree
        if len(reached) + direct < 2:
            continue
        if not all(_starts_afresh(around, family, function) for function in reached):
            return True
        if direct and not _starts_afresh(around, family, around.tree):
            return True
    return False


def travels_by_value(around: Surroundings, functions: Collection[ast.AST]) -> bool:
    """Whether one of ``functions`` is sent to its workers as a copy with the globals it names. The
    copy of a cached function is a reference, which another process's main module does not have."""
    return any(
        crossing.boundary.keeps == "by-value" and crossing.function.node in functions
        for crossing in around.model.crossings
    )


def only_registers(around: Surroundings, family: Family) -> bool:
    """Whether a function that stays does nothing with members but register on them, which would
    be lost with the function's own agents."""
    gone = {id(node) for part in family.parts for node in moving_nodes(part)}
    for registration in around.model.registrations:
        if id(registration.node) in gone or registration.agent is None:
            continue
        owner = around.owner(registration.node)
        if owner in family.users and not any(
            around.owner(entry.node) is owner for entry in around.model.entry_calls
        ):
            return True
    return False


def _starts_afresh(around: Surroundings, family: Family, function: ast.AST) -> bool:
    """Whether all ``function`` does with members is to start chats that need no earlier one."""
    entries = [
        entry
        for entry in around.model.entry_calls
        if (around.owner(entry.node) or around.tree) is function
    ]
    return bool(entries) and all(map(_is_fresh, entries))


def _is_fresh(entry: EntryCall) -> bool:
    if entry.method in _ANSWERS:
        return entry.argument("messages") is not None
    return entry.method in _STARTS_AFRESH and entry.argument("clear_history") is None


def _call_graph(around: Surroundings) -> dict[ast.AST, set[ast.AST]]:
    """Which function calls which, as far as can be seen; the module's body counts as one."""
    graph: dict[ast.AST, set[ast.AST]] = {}
    named = {node.name: node for node in around.tree.body if isinstance(node, FunctionDef)}
    for node in ast.walk(around.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            callee = named.get(node.func.id)
            if callee is not None:
                graph.setdefault(around.owner(node) or around.tree, set()).add(callee)
    for owner in around.tree.body:
        # What ``__init__`` puts on self is there for the other methods.
        methods = owner.body if isinstance(owner, ast.ClassDef) else []
        inits = [m for m in methods if isinstance(m, FunctionDef) and m.name == "__init__"]
        for method in methods:
            graph.setdefault(method, set()).update(inits)
    for call in around.model.calls:
        frames = [call.where.root.function, *(function for _, function in call.where.stack)]
        nodes: list[ast.AST] = [
            (around.owner(f.node) or f.node) if f is not None else around.tree for f in frames
        ]
        for outer, inner in pairwise(nodes):
            if outer is not inner:
                graph.setdefault(outer, set()).add(inner)
    return graph


def _reached(start: ast.AST, graph: dict[ast.AST, set[ast.AST]]) -> set[ast.AST]:
    found = {start}
    pending = [start]
    while pending:
        for callee in graph.get(pending.pop(), ()):
            if callee not in found:
                found.add(callee)
                pending.append(callee)
    return found
