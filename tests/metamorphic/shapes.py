"""The same program in another shape: inside a function, awaited, in another order, with a
comment. Where a shape would make another program of it, there is none (None)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from callscope.fixes._statements import bound_by, names_read

_NOT_INSIDE = (ast.Global, ast.Nonlocal)
_SUITE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


# -- wrapped -------------------------------------------------------------------------------


def in_a_function(text: str) -> str | None:
    """The program as the body of a function that the module calls."""
    body = _indented(text, 1)
    return body and f"def program():\n{body}\n\nprogram()\n"


def in_a_class(text: str) -> str | None:
    """The program as the body of a method."""
    body = _indented(text, 2)
    return body and f"class Program:\n    def run(self):\n{body}\n\nProgram().run()\n"


def in_an_async_function(text: str) -> str | None:
    """The program as the body of a coroutine function, which has an event loop of its own."""
    body = None if "async" in text or "await" in text else _indented(text, 1)
    return body and f"import asyncio\nasync def program():\n{body}\n\nasyncio.run(program())\n"


def _indented(text: str, levels: int) -> str | None:
    """The program as the body of a function; None where it is another program there: it has
    globals, a main guard, imports that only a module may have, or strings of many lines."""
    tree = ast.parse(text)
    if any(isinstance(node, _NOT_INSIDE) for node in ast.walk(tree)) or "__name__" in text:
        return None
    if re.search(r"^\s*from \S+ import \*|^from __future__", text, re.MULTILINE) or '"""' in text:
        return None
    indent = "    " * levels
    lines = text.strip("\n").split("\n")
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)


# -- sync and async ------------------------------------------------------------------------

#: Methods that an async program calls by their ``a_`` twins, with the same arguments.
_AWAITED = frozenset({"initiate_chat", "generate_reply", "send", "receive"})


def awaited(text: str) -> str | None:
    """Every chat is started by ``await a_...`` in a coroutine function that asyncio runs."""
    tree = ast.parse(text)
    calls = list(_module_level_chats(tree))
    named = [getattr(node, "attr", getattr(node, "name", None)) for node in ast.walk(tree)]
    # One that is called elsewhere, handed over or defined anew would have to change, too.
    if not calls or sum(name in _AWAITED for name in named) != len(calls) or "async" in text:
        return None
    lines = text.split("\n")
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset), reverse=True):
        func = call.func
        assert isinstance(func, ast.Attribute)
        end = (func.end_lineno or 0) - 1
        column = (func.end_col_offset or 0) - len(func.attr)
        lines[end] = f"{lines[end][:column]}a_{lines[end][column:]}"
        last = (call.end_lineno or 0) - 1
        shift = 2 if last == end else 0
        close = (call.end_col_offset or 0) + shift
        lines[last] = f"{lines[last][:close]}){lines[last][close:]}"
        first = call.lineno - 1
        lines[first] = f"{lines[first][: call.col_offset]}(await {lines[first][call.col_offset :]}"
    body = _indented("\n".join(lines), 1)
    return body and f"import asyncio\nasync def program():\n{body}\n\nasyncio.run(program())\n"


def _module_level_chats(tree: ast.Module) -> Iterator[ast.Call]:
    """The chats that the module's body starts by itself."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, _SUITE | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            continue
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr in _AWAITED:
            assert isinstance(node, ast.Call)
            yield node
        pending.extend(ast.iter_child_nodes(node))


# -- comments ------------------------------------------------------------------------------


def with_comment(text: str, line: int, code: str) -> str | None:
    """A suppression of ``code`` at the end of a 0-based line; None where it has no room."""
    lines = text.split("\n")
    if "# callscope" in lines[line] or lines[line].rstrip().endswith("\\"):
        return None
    lines[line] += f"  # callscope: ignore[{code}] -- so"
    return "\n".join(lines)


# -- order ---------------------------------------------------------------------------------


def reordered(text: str) -> str | None:
    """Statements of the module that do not need each other have changed places, two by two."""
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    if not lines or not lines[-1].endswith("\n"):
        return None
    needed = _Needed(tree)
    parts = _parts(tree, lines)
    index, changed = 0, False
    while index + 1 < len(parts):
        (one, _), (two, _) = parts[index], parts[index + 1]
        if needed.independent(one, two):
            parts[index], parts[index + 1] = parts[index + 1], parts[index]
            index, changed = index + 1, True
        index += 1
    head = "".join(lines[: _first_line(tree.body[0])])
    return head + "".join(piece for _, piece in parts) if changed else None


def _parts(tree: ast.Module, lines: list[str]) -> list[tuple[ast.stmt, str]]:
    """Each statement with its lines, up to the next."""
    starts = [_first_line(node) for node in tree.body] + [len(lines)]
    if sorted(set(starts)) != starts:
        return []  # Two statements on one line.
    return [
        (node, "".join(lines[start:end]))
        for node, start, end in zip(tree.body, starts, starts[1:], strict=False)
    ]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1


class _Needed:
    """The names that the statements of a module need, by way of what those names stand for, too."""

    def __init__(self, tree: ast.Module) -> None:
        self._behind: dict[str, set[str]] = {}
        for node in tree.body:
            for name in bound_by(node):
                self._behind.setdefault(name, set()).update(names_read(node))

    def _reached(self, node: ast.stmt) -> set[str]:
        found: set[str] = set()
        pending = list(names_read(node) | bound_by(node))
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self._behind.get(name, ()))
        return found

    def independent(self, one: ast.stmt, two: ast.stmt) -> bool:
        """Whether two statements do the same in either order: one of them only gives a name to
        something, and neither needs a name that the other gives."""
        if not (_only_names(one) or _only_names(two)) or _is_future(one):
            return False
        return not (bound_by(one) & self._reached(two) or bound_by(two) & self._reached(one))


def _only_names(node: ast.stmt) -> bool:
    """A definition without decorators and defaults, an import, or a constant with a name."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        return not node.decorator_list and all(isinstance(d, ast.Constant) for d in given)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return all(alias.name != "*" for alias in node.names)
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
