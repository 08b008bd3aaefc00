"""What a program does in the child that ``os.fork`` makes: the branch in which that gave 0."""

from __future__ import annotations

import ast

from callscope.contracts.boundaries import FORKS
from callscope.model.events import Call
from callscope.model.model import Model
from callscope.model.worker_imports import module_of
from callscope.source import walk

_LEAVES = frozenset({"os._exit", "sys.exit", "exit", "quit", "os.execv", "os.execvp"})


def lies_in(call: Call, inside: set[ast.AST]) -> bool:
    """Whether ``call`` is made by what is written ``inside``, or in a function called there."""
    return call.node in inside or any(node in inside for node, _ in call.where.stack)


def is_in_child(model: Model, call: Call) -> bool:
    """Whether a forked child makes ``call``, and its parent does not."""
    return any(lies_in(call, course_of_child(model, fork)) for fork in model.calls_to(*FORKS))


def course_of_child(model: Model, fork: Call) -> set[ast.AST]:
    """All that is written in the branch that only the child takes, and does not leave."""
    body = _body_around(model, fork)
    names = _names_of(body, fork.node)
    for node in walk(body):
        if isinstance(node, ast.If):
            taken = _branch_of_child(node, fork.node, names)
            if taken and _leaves(taken[-1]):
                return {part for statement in taken for part in walk(statement)}
    return set()


def _body_around(model: Model, call: Call) -> ast.AST:
    function = call.where.function
    return function.node if function is not None else module_of(model, call.where).scope.node


def _names_of(body: ast.AST, call: ast.AST) -> set[str]:
    """The names that ``body`` binds the result of ``call`` to."""
    found: set[str] = set()
    for node in walk(body):
        if isinstance(node, ast.Assign | ast.NamedExpr) and node.value is call:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _branch_of_child(node: ast.If, call: ast.AST, names: set[str]) -> list[ast.stmt]:
    """The statements that run where what ``call`` gave is 0, if that is what ``node`` asks."""
    test, holds = node.test, False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, True
    elif isinstance(test, ast.Compare) and len(test.ops) == 1 and _is_zero(test.comparators[0]):
        holds = isinstance(test.ops[0], ast.Eq)
        if not isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.Gt):
            return []
        test = test.left
    if isinstance(test, ast.NamedExpr):
        test = test.value
    asked = test is call or (isinstance(test, ast.Name) and test.id in names)
    return (node.body if holds else node.orelse) if asked else []


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _leaves(statement: ast.stmt) -> bool:
    """Whether nothing that stands behind ``statement`` is run after it."""
    if isinstance(statement, ast.Return | ast.Raise):
        return True
    if isinstance(statement, ast.Try):
        last = statement.finalbody or statement.body
        return _leaves(last[-1])
    called = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(called, ast.Call) and ast.unparse(called.func) in _LEAVES
