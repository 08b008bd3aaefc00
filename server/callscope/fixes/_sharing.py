"""Whether the functions of a family can do with an agent each."""

from __future__ import annotations

import ast
from collections.abc import Collection
from itertools import pairwise

from callscope.fixes._family import Family
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings
from callscope.model.registrations import EntryCall

_STARTS_AFRESH = frozenset({"initiate_chat", "a_initiate_chat", "run", "a_run"})
_ANSWERS = frozenset({"generate_reply", "a_generate_reply"})


def shares_a_chat(around: Surroundings, family: Family) -> bool:
    """Whether functions that use members call each other, so that each having its own agents
    would part what is one chat. A callback is called by whoever chats, too."""
    bodies = family.bodies(around)
    if len(bodies) > 1:
        return True
    calls = _call_graph(around)
    for registration in around.model.registrations:
        known = registration.function
        if known is None or isinstance(known.node, ast.Lambda):
            continue
        if known.node in family.users and not _starts_afresh(around, family, known.node):
            return True
    for caller in [*calls, *bodies]:
        reached = _reached(caller, calls) & family.users.keys()
        direct = caller in bodies
        if len(reached) + direct < 2:
            continue
        if not all(_starts_afresh(around, family, function) for function in reached):
            return True
        if direct and not _starts_afresh(around, family, caller):
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
    gone = {id(node) for node in family.gone()}
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
        entry for entry in around.model.entry_calls if around.body_of(entry.node) is function
    ]
    return bool(entries) and all(map(_is_fresh, entries))


def _is_fresh(entry: EntryCall) -> bool:
    if entry.method in _ANSWERS:
        return entry.argument("messages") is not None
    return entry.method in _STARTS_AFRESH and entry.argument("clear_history") is None


def _call_graph(around: Surroundings) -> dict[ast.AST, set[ast.AST]]:
    """Which function calls which, as far as can be seen; a module's body counts as one."""
    graph: dict[ast.AST, set[ast.AST]] = {}
    _add_named_calls(around, graph)
    for call in around.model.calls:
        frames = [function.node for _, function in call.where.stack]
        root = call.where.root.function
        bodies = [around.body_of(node) for node in ([root.node] if root else []) + frames]
        if root is None:
            bodies.insert(0, around.body_of(call.where.stack[0][0] if frames else call.node))
        for outer, inner in pairwise(bodies):
            if outer is not inner:
                graph.setdefault(outer, set()).add(inner)
    return graph


def _add_named_calls(around: Surroundings, graph: dict[ast.AST, set[ast.AST]]) -> None:
    """Add the calls of functions of the module by their name."""
    named = {node.name: node for node in around.tree.body if isinstance(node, FunctionDef)}
    for node in ast.walk(around.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            callee = named.get(node.func.id)
            if callee is not None:
                graph.setdefault(around.body_of(node), set()).add(callee)
    for owner in around.tree.body:
        # What ``__init__`` puts on self is there for the other methods.
        methods = owner.body if isinstance(owner, ast.ClassDef) else []
        inits = [m for m in methods if isinstance(m, FunctionDef) and m.name == "__init__"]
        for method in methods:
            graph.setdefault(method, set()).update(inits)


def _reached(start: ast.AST, graph: dict[ast.AST, set[ast.AST]]) -> set[ast.AST]:
    found = {start}
    pending = [start]
    while pending:
        for callee in graph.get(pending.pop(), ()):
            if callee not in found:
                found.add(callee)
                pending.append(callee)
    return found
