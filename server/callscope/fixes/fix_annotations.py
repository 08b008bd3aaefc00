"""Annotate the parameters of a tool."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._references import is_function
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Parameter
from callscope.model.registrations import Registration
from callscope.model.tools import tool_callable
from callscope.model.values import Constant, Function
from callscope.rules.base import Finding
from callscope.source import expression_of

_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "set"})

# ``query (str): ...`` of Google's style, ``:param str query:``, ``:type query: str``, and NumPy's.
_DOCUMENTED = (
    r"^[ \t]*\*{{0,2}}{name}\s*\(([^()]+)\)\s*:",
    r":param\s+([^:]+?)\s+{name}\s*:",
    r":type\s+{name}\s*:\s*(.+?)[ \t]*$",
    r"^[ \t]*{name}\s*:\s*([\w\[\], |]+?)[ \t]*$",
)


class FixAnnotations(FixProvider):
    """Annotates with what the docstring or the calls in the file say; else with ``Any``."""

    codes = frozenset({"CB505"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not for ``*args``, nor for the ``self`` of a method taken from its class."""
        about = finding.about
        known = tool_callable(about.callback) if isinstance(about, Registration) else None
        shown = known.function.presented if known is not None else None
        if known is None or shown is None or not isinstance(shown.node, Definition):
            return
        parameters = replace(known, function=shown).parameters
        bare = [p for p in parameters if p.node.annotation is None and _counts(p)]
        is_unbound = shown.owner is not None and shown.kind != "static" and not known.bound
        if is_unbound or any(p.kind.startswith("*") for p in bare):
            return
        text = ast.get_docstring(shown.node) or ""
        told = {p.name: _documented(text, p.name) for p in bare}
        used = {p.name: told[p.name] or _passed(model, shown, p, parameters) for p in bare}

        def change(patch: Patch) -> None:
            for parameter in bare:
                written = used[parameter.name] or patch.imported_name("typing", "Any")
                patch.insert(patch.end(parameter.node), f": {written}")

        listed = ", ".join(f"{name}: {found or 'Any'}" for name, found in used.items())
        hint = "" if all(used.values()) else "; `Any` tells the model no type"
        safety = Safety.SAFE if all(told.values()) else Safety.UNSAFE
        yield proposal(model, f"Annotate with `{listed}`{hint}", safety, change)


def _counts(parameter: Parameter) -> bool:
    return parameter.required or parameter.kind.startswith("*")


def _documented(text: str, name: str) -> str | None:
    """The type that a docstring gives the parameter, if it is one of Python's own."""
    for pattern in _DOCUMENTED:
        found = re.search(pattern.format(name=re.escape(name)), text, re.MULTILINE)
        if found is not None and _is_type(found[1]):
            return found[1]
    return None


def _is_type(text: str) -> bool:
    try:
        tree = expression_of(text)
    except SyntaxError:
        return False
    known = ast.Name | ast.Subscript | ast.BinOp | ast.BitOr | ast.Tuple | ast.Load | ast.Constant
    return all(
        isinstance(node, known)
        and (not isinstance(node, ast.Name) or node.id in _TYPES)
        and (not isinstance(node, ast.Constant) or node.value is None)
        and not (isinstance(node, ast.Tuple) and node is tree)
        for node in ast.walk(tree)
    )


def _passed(
    model: Model, function: Function, parameter: Parameter, parameters: tuple[Parameter, ...]
) -> str | None:
    """The type of what the calls in the file pass for the parameter, if it is the same each
    time."""
    index = None if parameter.kind == "keyword-only" else parameters.index(parameter)
    given = [
        call.arguments.get(index, parameter.name)
        for call in model.calls
        if is_function(call.callee, function.node)
    ]
    types = {type(v.value).__name__ if isinstance(v, Constant) else "" for v in given}
    found = next(iter(types), "")
    return found if len(types) == 1 and found in _TYPES else None
