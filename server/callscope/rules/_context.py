"""The context variables of group chats: which a condition looks at, and who may set them."""

from __future__ import annotations

import ast
import re

from callscope.contracts.classic.classes import is_framework
from callscope.contracts.classic.dispatch import CONTEXT_CONDITIONS
from callscope.model import Model
from callscope.model.events import Call
from callscope.model.values import NONE, Constant, External, Instance, Mapping, Sequence, Value

_ALONE = re.compile(r"\s*\$\{(\w+)\}\s*")
_WRITES = frozenset({"set", "update", "setdefault", "from_dict"})


def variable_of(call: Call) -> str | None:
    """The variable that has to be true for the condition that ``call`` makes."""
    row = CONTEXT_CONDITIONS.get(call.path or "")
    value = call.arguments.get(*row) if row is not None else None
    if not isinstance(value, Constant) or not isinstance(value.value, str):
        return None
    if call.method != "ContextExpression":
        return value.value
    alone = _ALONE.fullmatch(value.value)
    return alone[1] if alone else None


def in_view(model: Model) -> bool:
    """Whether all that may set a variable is: the variables given, and every function."""
    if model.interpreter.star_imports or model.interpreter.exhausted:
        return False
    for call in model.calls:
        if call.path == "autogen.ContextVariables":
            data = call.arguments.get(0, "data")
            if call.arguments.open or not _is_exact(data):
                return False
        variables = call.arguments.get(None, "context_variables")
        if not _is_exact(variables) and not _is_made_here(variables):
            return False
        if is_framework(call.path or "") and any(map(_comes_from_elsewhere, call.arguments.all())):
            return False
    if any(map(_is_computed, model.everything(ast.Subscript, ast.Call, ast.DictComp))):
        return False
    return not any(agent.instance.escapes or agent.has_unknown_bases for agent in model.agents)


def _is_exact(value: Value | None) -> bool:
    return value is None or value == NONE or (isinstance(value, Mapping) and value.exact)


def _is_made_here(value: Value | None) -> bool:
    return isinstance(value, Instance) and value.type == External("autogen.ContextVariables")


def _comes_from_elsewhere(value: Value | None) -> bool:
    """Whether ``value`` is, or holds, something that another file made."""
    if isinstance(value, Sequence):
        return not value.exact or any(map(_comes_from_elsewhere, value.items))
    if isinstance(value, External):
        return not is_framework(value.path)
    return isinstance(value, Instance) and _comes_from_elsewhere(value.type)


def _is_computed(node: ast.AST) -> bool:
    """Whether ``node`` may set something under a name that is not written out."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        return not isinstance(node.slice, ast.Constant)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        first = node.args[0] if node.args else None
        return node.func.attr in _WRITES and not isinstance(first, ast.Constant | ast.Dict)
    return isinstance(node, ast.DictComp)
