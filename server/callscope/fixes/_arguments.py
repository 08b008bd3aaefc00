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
        node = only_value(patch, node)
    if isinstance(node, ast.Constant):
        patch.replace(node, quoted_like(patch, node, value))
    elif isinstance(node, ast.Attribute):
        patch.replace(node, f'"{value}"')
    else:
        raise CannotFix("not a literal")


def only_value(patch: Patch, node: ast.Name) -> ast.expr:
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
    _append(patch, call, [patch.span(part) for part in (*call.args, *call.keywords)], written)


def add_item(patch: Patch, display: ast.List | ast.Dict, written: str) -> None:
    """Add an element, or ``key: value``, as the last of a list or dict that is written out."""
    if isinstance(display, ast.Dict):
        if None in display.keys:
            raise CannotFix("not written out")
        pairs = zip(display.keys, display.values, strict=True)
        places = [(patch.start(key), patch.end(value)) for key, value in pairs if key is not None]
    else:
        places = [patch.span(part) for part in display.elts]
    _append(patch, display, places, written)


def set_entry(patch: Patch, beside: ast.expr, name: str, written: str) -> None:
    """Give the dict that ``beside`` is a value of the entry ``name``, or its entry another value.

    The dict is a literal or a call of ``dict``.
    """
    above = patch.parents.get(id(beside))
    if isinstance(above, ast.Dict):
        first = above.keys[0]
        for key, value in zip(above.keys, above.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                return patch.replace(value, written)
        if not isinstance(first, ast.Constant):
            raise CannotFix("not a plain key")
        return add_item(patch, above, f"{quoted_like(patch, first, name)}: {written}")
    call = patch.parents.get(id(above)) if isinstance(above, ast.keyword) else None
    if not isinstance(call, ast.Call):
        raise CannotFix("not written as a dict")
    for keyword in call.keywords:
        if keyword.arg == name:
            return patch.replace(keyword.value, written)
    return add_keyword(patch, call, f"{name}={written}")


def _append(patch: Patch, outer: ast.expr, places: list[tuple[int, int]], written: str) -> None:
    """Put ``written`` behind the last of the parts of ``outer``, on its own line if that is."""
    _, end = patch.span(outer)
    if not places:
        patch.insert(end - 1, written)
        return
    start, after = max(places)
    rest = patch.source.text[after : end - 1]
    comma = _without_comments(rest).strip()
    own_line = ("\n" in rest or "\r" in rest) and not patch.before_on_line(start).strip()
    if comma not in ("", ",") or ("#" in rest and not own_line):
        raise CannotFix("not understood")
    if not own_line:
        patch.insert(after, f", {written}")
        return
    line = patch.newline + patch.before_on_line(start) + written
    if "#" in patch.rest_of_line(after):
        patch.insert(after, "" if comma else ",")
        patch.insert(after + len(patch.rest_of_line(after)), line + comma)
    else:
        patch.insert(after, "," + line)


def _without_comments(text: str) -> str:
    """The lines of ``text``, which holds no strings, without what is behind ``#``."""
    return "".join(line.partition("#")[0] for line in text.splitlines())


def remove_keyword(patch: Patch, call: ast.Call, name: str) -> None:
    """Take the argument ``name=...`` out of ``call``, with its line if it has one to itself."""
    found = [patch.span(part) for part in call.keywords if part.arg == name]
    if len(found) != 1:
        raise CannotFix("not written in the call")
    places = [patch.span(part) for part in (*call.args, *call.keywords)]
    _remove(patch, call, sorted(places), found[0])


def remove_entry(patch: Patch, value: ast.expr) -> None:
    """Take the entry whose value is ``value`` out of its dict, a literal or a call of ``dict``, or
    the argument out of its call."""
    above = patch.parents.get(id(value))
    call = patch.parents.get(id(above))
    if isinstance(above, ast.keyword) and above.arg is not None and isinstance(call, ast.Call):
        return remove_keyword(patch, call, above.arg)
    if not isinstance(above, ast.Dict) or None in above.keys:
        raise CannotFix("not written as a dict")
    pairs = zip(above.keys, above.values, strict=True)
    places = [(patch.start(key), patch.end(item)) for key, item in pairs if key is not None]
    return _remove(patch, above, places, places[above.values.index(value)])


def _remove(
    patch: Patch, outer: ast.expr, places: list[tuple[int, int]], gone: tuple[int, int]
) -> None:
    """Take one of the parts of ``outer`` out, with a comma beside it."""
    start, end = gone
    index = places.index(gone)
    before, rest = patch.before_on_line(start), patch.rest_of_line(end)
    if not before.strip() and rest.strip() in ("", ","):
        after = end + len(rest)
        broken = 2 if patch.source.text[after : after + 2] == "\r\n" else 1
        patch.delete(start - len(before), after + broken)
    elif index:
        _delete_with_comma(patch, places[index - 1][1], start, end)
    elif len(places) > 1:
        _delete_with_comma(patch, end, places[1][0], start)
    else:
        _delete_with_comma(patch, end, patch.end(outer) - 1, start)


def _delete_with_comma(patch: Patch, one: int, two: int, far: int) -> None:
    """Delete what stands between ``one`` and ``two``, a comma, and on to ``far``."""
    if patch.source.text[one:two].strip() not in ("", ","):
        raise CannotFix("not understood")
    patch.delete(min(one, far), max(two, far))


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
