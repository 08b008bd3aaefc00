"""Arguments as they are written in a call."""

from __future__ import annotations

import ast

from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix
from callscope.model import Model
from callscope.model.registrations import EntryCall, Registration
from callscope.source import Range


def written_argument(model: Model, about: Registration | EntryCall, name: str) -> ast.expr | None:
    """The expression written for the argument ``name``; None where it comes by ``*`` or ``**``."""
    parameters, call = about.parameters, about.call.node
    if parameters is None or not isinstance(call, ast.Call):
        return None
    node = about.call.arguments.node(parameters.index(name), name)
    if node is None:
        return None
    positional = any(argument is node for argument in call.args)
    keyword = any(k.arg == name and k.value is node for k in call.keywords)
    return node if positional or keyword else None


def quoted_like(patch: Patch, node: ast.Constant, value: str) -> str:
    """``value`` as a literal in the quotes of the string ``node``."""
    text = patch.text(node)
    if len(text) < 2 or text[0] not in "'\"" or text[:3] in ('"""', "'''") or text[-1] != text[0]:
        raise CannotFix("not a plain string")
    if text[1:-1] != node.value or text[0] in value or "\\" in value:
        raise CannotFix("not a plain string")
    return f"{text[0]}{value}{text[0]}"


def write_string(patch: Patch, node: ast.expr, value: str) -> None:
    """Put the string ``value`` in the place of ``node``, or of the literal that it stands for."""
    if isinstance(node, ast.Name):
        node = _only_value(patch, node)
    if isinstance(node, ast.Constant):
        patch.replace(node, quoted_like(patch, node, value))
    elif isinstance(node, ast.Attribute):
        patch.replace(node, f'"{value}"')
    else:
        raise CannotFix("not a literal")


def _only_value(patch: Patch, node: ast.Name) -> ast.expr:
    """The literal a constant of the file stands for, if this is its only use."""
    found: list[ast.expr] = []
    for part in ast.walk(patch.tree):
        if isinstance(part, ast.Name) and part.id == node.id and part is not node:
            above = patch.parents.get(id(part))
            if not isinstance(above, ast.Assign) or above.targets != [part]:
                raise CannotFix("used elsewhere")
            found.append(above.value)
    if len(found) != 1:
        raise CannotFix("not bound once")
    return found[0]


def add_keyword(patch: Patch, call: ast.Call, written: str) -> None:
    """Add a keyword argument ``name=value`` as the last of ``call``."""
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    ):
        raise CannotFix("arguments not written out")
    _, end = patch.span(call)
    places = [patch.span(part) for part in (*call.args, *call.keywords)]
    if not places:
        patch.insert(end - 1, written)
        return
    start, after = max(places)
    rest = patch.source.text[after : end - 1]
    if rest.strip() not in ("", ","):
        raise CannotFix("not understood")
    own_line = ("\n" in rest or "\r" in rest) and not patch.before_on_line(start).strip()
    lead = "," + patch.newline + patch.before_on_line(start) if own_line else ", "
    patch.insert(after, lead + written)


def expression_at(model: Model, place: Range) -> ast.expr | None:
    """The outermost expression that takes up exactly ``place``."""
    for node in ast.walk(model.parsed.tree):
        if isinstance(node, ast.expr) and model.range(node) == place:
            return node
    return None


def as_list(patch: Patch, node: ast.expr) -> None:
    """Make a list of what is written as a tuple or set, or of what a name stands for."""
    if not isinstance(node, ast.Tuple | ast.Set):
        patch.replace(node, f"list({patch.text(node)})")
        return
    start, end = patch.span(node)
    text = patch.source.text
    if (text[start], text[end - 1]) not in (("(", ")"), ("{", "}")) or not node.elts:
        raise CannotFix("not understood")
    patch.change(start, start + 1, "[")
    last = patch.end(node.elts[-1])
    one = isinstance(node, ast.Tuple) and len(node.elts) == 1 and text[last : end - 1] == ","
    patch.change(last if one else end - 1, end, "]")
