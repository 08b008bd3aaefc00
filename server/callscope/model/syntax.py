"""Small questions about syntax that need no values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node below ``body`` that runs with it: functions, lambdas and classes defined there
    are met, but not entered."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
