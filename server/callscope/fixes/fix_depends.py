"""Let FastAPI give each request agents of its own: ``Depends`` on a factory."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from callscope.fixes._cst import Draft
from callscope.fixes._factory import Factory
from callscope.fixes._scopes import FunctionDef
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.fixes.fix_factory import move, moved
from callscope.model import Model
from callscope.rules import Finding
from callscope.source import SourceText, module_of


class InjectAgents(WideFixProvider):
    """As :class:`MoveIntoFactory` does, but handlers get their agents as a parameter, which tests
    can override."""

    codes = frozenset({"CB101", "CB102", "CB103"})
    order = 42

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, where handlers of FastAPI are what uses the agents."""
        handlers = _handlers(files.model)
        if not handlers:
            return
        stages, texts = moved(files, finding, cached=False)
        factory = stages[-1].factory
        injected = [
            (source, _injected(source, text, factory, handlers.get(source.path, set()), texts))
            for source, text in texts
        ]
        if injected == texts:
            return
        title = (
            f"{move(stages, cached=False)}: FastAPI calls it for each request, "
            f"`Depends({factory.name})` (fresh chat history per request)"
        )
        yield WideProposal(title, Safety.UNSAFE, partial(iter, injected))


def _handlers(model: Model) -> dict[Path, set[str]]:
    """The functions that FastAPI calls, by file."""
    found: dict[Path, set[str]] = {}
    for crossing in model.crossings:
        path = crossing.call.path if crossing.call is not None else None
        node = crossing.function.node
        is_route = crossing.is_decorator and (path or "").startswith("fastapi.")
        if is_route and isinstance(node, FunctionDef):
            found.setdefault(model.source_of(node).path, set()).add(node.name)
    names = set().union(*found.values())
    if any(_mentions(node, names) for node in model.nodes(ast.Name, ast.alias)):
        raise CannotFix("somebody calls a handler, and would have to pass the agents")
    return found


def _mentions(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names and isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.alias) and node.name in names


def _injected(
    source: SourceText,
    text: str,
    factory: Factory,
    handlers: set[str],
    texts: list[tuple[SourceText, str]],
) -> str:
    """``text`` with a parameter in ``handlers`` for each first statement that calls ``factory``."""
    draft = Draft(replace(source, text=text, _line_cache={}), module_of(text))
    draft.folds = True
    changed = False
    for number, function in enumerate(draft.tree.body):
        if isinstance(function, FunctionDef) and function.name in handlers:
            call = _first_call(function, factory)
            if any(_makes(later, factory) for later in draft.tree.body[number:]):
                raise CannotFix("the factory stands below the handler")
            if call is not None:
                _inject(draft, function, call, _annotation(draft, function, factory, texts))
                changed = True
    return draft.finish() if changed else text


def _makes(statement: ast.stmt, factory: Factory) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name == factory.name


@dataclass(frozen=True)
class _First:
    """The call of the factory, and the ``statement`` at the beginning of a handler it stands in."""

    call: ast.Call
    statement: ast.Assign


def _first_call(function: FunctionDef, factory: Factory) -> _First | None:
    skipped = ast.get_docstring(function) is not None
    statement = function.body[skipped] if len(function.body) > skipped + 1 else None
    if not isinstance(statement, ast.Assign):
        return None
    for node in ast.walk(statement.value):
        called = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2]
        if isinstance(node, ast.Call) and called == factory.name:
            return _First(node, statement)
    return None


def _inject(draft: Draft, function: FunctionDef, first: _First, annotation: str) -> None:
    target = first.statement.targets[0]
    if first.statement.value is first.call and isinstance(target, ast.Name):
        name = target.id
        start = draft.line_start(draft.first_line(first.statement))
        draft.change(start, draft.line_start(draft.last_line(first.statement) + 1), "")
    else:
        name = draft.free_name("agents", "built")
        draft.replace(first.call, name)
    equals = f": {annotation} = " if annotation else "="
    depends = draft.imported_name("fastapi", "Depends")
    _add_parameter(draft, function, name, f"{equals}{depends}({draft.text(first.call.func)})")


def _add_parameter(draft: Draft, function: FunctionDef, name: str, rest: str) -> None:
    """Put a parameter with a default behind the positional ones."""
    spec = function.args
    before = [*spec.posonlyargs, *spec.args]
    if name in {each.arg for each in (*before, *spec.kwonlyargs)}:
        raise CannotFix(f"{name} is a parameter")
    if before:
        last = spec.defaults[-1] if spec.defaults else before[-1]
        draft.change(draft.end(last), draft.end(last), f", {name}{rest}")
        return
    if spec.vararg or spec.kwonlyargs or spec.kwarg:
        raise CannotFix("there are no positional parameters")
    place = _behind_opening(draft, function)
    draft.change(place, place, f"{name}{rest}")


def _behind_opening(draft: Draft, function: FunctionDef) -> int:
    """The offset behind the parenthesis that a function's parameters begin with."""
    for token in draft.tokens:
        if token.string == "(" and token.start[0] >= function.lineno:
            return draft.line_start(token.end[0] - 1) + token.end[1]
    raise CannotFix("not understood")


def _annotation(
    draft: Draft, function: FunctionDef, factory: Factory, texts: list[tuple[SourceText, str]]
) -> str:
    """What the factory says that it gives, where the handler annotates what it gets or gives."""
    spec = function.args
    notes = [function.returns, *(each.annotation for each in (*spec.posonlyargs, *spec.args))]
    for source, text in texts if any(notes) else ():
        tree = module_of(text)
        for node in tree.body:
            if _makes(node, factory) and isinstance(node, ast.FunctionDef) and node.returns:
                note = ast.unparse(node.returns)
                here = source.path == draft.source.path
                return note if here else _imported(draft, tree, note)
    return ""


def _imported(draft: Draft, home: ast.Module, note: str) -> str:
    """What to write for the class that is called ``note`` at home; "" if it is made there."""
    first, _, rest = note.partition(".")
    for node in home.body:
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            if (alias.asname or alias.name) != first:
                continue
            if not isinstance(node, ast.ImportFrom):
                return f"{draft.module_name(alias.name)}.{rest}" if rest else ""
            if node.module is not None and not node.level and not rest:
                return draft.imported_name(node.module, alias.name)
    return ""
