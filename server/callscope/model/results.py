"""What a callback gives back, place by place, as far as reading its body tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callscope.model.callables import Callable
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Constant,
    Coroutine,
    Function,
    Instance,
    Mapping,
    OneOf,
    Sequence,
    UserClass,
    Value,
    path_of,
)
from callscope.source import is_generator

if TYPE_CHECKING:
    from callscope.model.model import Model

_LEAVES = frozenset(
    {
        "sys.exit",
        "os._exit",
        "os.abort",
        "builtins.exit",
        "builtins.quit",
        "pytest.fail",
        "pytest.skip",
        "typing.assert_never",
        "typing_extensions.assert_never",
    }
)
_GIVES = {
    "str": ("str", "repr", "input", "format", "ascii", "chr"),
    "bool": ("bool", "isinstance", "issubclass", "any", "all", "callable", "hasattr"),
    "int": ("int", "len", "id", "hash", "ord"),
    "float": ("float",),
    "dict": ("dict", "vars"),
    "None": ("print", "setattr", "delattr"),
}
_TEXT_METHODS = frozenset(
    {
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "format",
        "join",
        "replace",
    }
)
_BUILTIN_GIVES = {
    **{f"builtins.{name}()": kind for kind, names in _GIVES.items() for name in names},
    **{f"builtins.str().{name}()": "str" for name in _TEXT_METHODS},
}
_LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


@dataclass(frozen=True, slots=True)
class Result:
    """One place where a callback gives something back.

    ``node`` is the expression, or the statement of a bare ``return``, or the function itself for
    its end. ``kind`` names the type ("None", "str", "bool", "int", "float", "dict", "list",
    "tuple", "set", "coroutine", "object") and is None where that is not known.
    """

    node: ast.AST
    value: Value
    kind: str | None
    at_end: bool = False


def results(model: Model, known: Callable) -> list[Result]:
    """What ``known`` gives back and where; empty where nothing is known, as for a generator or a
    function that is half typed."""
    function = known.function
    if is_generator(function.node) or model.is_half_typed(function):
        return []
    if _is_placeholder(model, known):
        return []
    found: list[Result] = []
    # What one closure gives back says nothing of another one made of the same ``def``.
    shared = model.made_of(function.node) > 1
    for place, value in model.returned(function):
        if isinstance(place, ast.FunctionDef | ast.AsyncFunctionDef):
            if not _may_leave(model, place):
                found.append(Result(place, NONE, "None", at_end=True))
            continue
        expression = place.value if isinstance(place, ast.Return) else place
        if isinstance(expression, ast.expr):
            found.extend(_by_branch(expression, _written_value(expression) if shared else value))
        else:
            found.append(Result(place, NONE, "None"))
    return found


def _by_branch(expression: ast.expr, value: Value) -> Iterator[Result]:
    """The result of ``expression``; both of them where it is ``a if test else b``."""
    if isinstance(expression, ast.IfExp) and not isinstance(expression.test, ast.Constant):
        for side in (expression.body, expression.orelse):
            yield from _by_branch(side, _written_value(side))
        return
    yield Result(expression, value, kind_of(value, expression))


def kind_of(value: Value, expression: ast.AST | None = None) -> str | None:
    """The type of ``value``, which ``expression`` gave; None where that is not known.

    Of several possible values all have to be of that type.
    """
    if isinstance(value, OneOf):
        kinds = {kind_of(option) for option in value.options}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(value, Constant):
        return "None" if value.value is None else type(value.value).__name__
    if isinstance(value, Mapping):
        return "dict"
    if isinstance(value, Sequence):
        return value.kind if value.kind in ("list", "tuple", "set") else None
    if isinstance(value, Coroutine):
        return "coroutine"
    if isinstance(value, Instance):
        return _instance_kind(value)
    return _written_kind(expression) if isinstance(expression, ast.expr) else None


def _instance_kind(value: Instance) -> str | None:
    if isinstance(value.type, UserClass):
        plain = all(isinstance(base, UserClass) for base in value.type.ancestry())
        iterable = value.type.find("__iter__") or value.type.find("__getitem__")
        return "object" if plain and not iterable else None
    path = path_of(value) or ""
    if path.startswith("logging.") and path.rpartition(".")[2].removesuffix("()") in _LOG_METHODS:
        return "None"
    if path == "json.dumps()":
        return "str"
    return _BUILTIN_GIVES.get(path)


def _written_value(node: ast.expr) -> Value:
    """The value of an expression made of literals; unknown for any other."""
    if isinstance(node, ast.Constant):
        return Constant(node.value)
    if isinstance(node, ast.Tuple | ast.List):
        return Sequence(type(node).__name__.lower(), [_written_value(item) for item in node.elts])
    return UNKNOWN


def _written_kind(node: ast.expr) -> str | None:
    """The type that an expression has by how it is written."""
    if isinstance(node, ast.Constant):
        return "None" if node.value is None else type(node.value).__name__
    if isinstance(node, ast.JoinedStr):
        return "str"
    if isinstance(node, ast.Compare):
        sure = all(isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in node.ops)
        literal = any(isinstance(side, ast.Constant) for side in [node.left, *node.comparators])
        return "bool" if sure or literal else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "bool"
    if isinstance(node, ast.BoolOp):
        kinds = {_written_kind(operand) for operand in node.values}
        return "bool" if kinds == {"bool"} else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return "str" if _written_kind(node.left) == "str" else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of_text = _written_kind(node.func.value) == "str"
        return "str" if of_text and node.func.attr in _TEXT_METHODS else None
    return None


def _is_placeholder(model: Model, known: Callable) -> bool:
    """Whether another function may stand in its place: abstract, or overridden in a subclass."""
    function = known.function
    owner = function.owner
    if owner is None or isinstance(function.node, ast.Lambda):
        return False
    if any("abstractmethod" in ast.unparse(d) for d in function.node.decorator_list):
        return True
    if known.holder is not None and known.holder.call is not None:
        return False
    overridden = any(
        owner in list(other.ancestry())[1:] and function.name in other.names
        for other in model.interpreter.classes
    )
    return overridden or all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.node.body
    )


def _may_leave(model: Model, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether one of the statements that ``node`` ends with may never come back."""
    for statement in _last_statements(node.body):
        if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Constant):
            return True
        if not isinstance(statement, ast.Expr):
            continue
        value = statement.value
        called = value.value if isinstance(value, ast.Await) else value
        calls = model.calls_at(called) if isinstance(called, ast.Call) else []
        if not calls:
            continue
        call = calls[-1]
        callee = getattr(call.callee, "function", call.callee)
        if call.path in _LEAVES:
            return True
        if isinstance(callee, Function) and not model.returned(callee):
            return not is_generator(callee.node)
    return False


def _last_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that may run last in ``body``."""
    if not body:
        return
    last = body[-1]
    inner = [getattr(last, name, []) for name in ("body", "orelse", "finalbody")]
    inner += [part.body for part in getattr(last, "handlers", []) or getattr(last, "cases", [])]
    if isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or not any(inner):
        yield last
        return
    for block in inner:
        yield from _last_statements(block)
