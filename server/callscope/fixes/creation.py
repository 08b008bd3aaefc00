"""Write the callback that a registration names and nobody has defined."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from functools import partial

from callscope.contracts.classic.skeletons import NewFunction, new_function
from callscope.contracts.versions import Release
from callscope.fixes.base import Edit, Proposal, Safety, apply_edits
from callscope.model import Model
from callscope.model.callback_places import CallbackPlace, callback_places
from callscope.source import ParsedSource, Position, Range, SourceText, walk

_CELL = "# %%"
_IMPORTS = (ast.Import, ast.ImportFrom)


def named_at(model: Model, span: Range) -> list[CallbackPlace]:
    """The places at ``span`` where a mere name stands for a callback."""
    places = (place for call in model.calls for place in callback_places(call, model.release))
    return [
        place
        for place in places
        if isinstance(place.node, ast.Name)
        and not model.range(place.node).path
        and model.range(place.node).overlaps(span)
    ]


def creations(
    places: Iterable[CallbackPlace], parsed: ParsedSource, release: Release
) -> Iterator[Proposal]:
    """One proposal for each name of ``places`` that is bound nowhere in the file ``parsed``."""
    done: set[str] = set()
    for place in places:
        name = ast.unparse(place.node)
        if name in done or is_bound(parsed, name):
            continue
        done.add(name)
        function = new_function(place.contract, release, name)
        if function is not None:
            used = parsed.source.range_of(place.node).start
            rewrite = partial(_written, parsed, function, used)
            yield Proposal(f"Create {noun(place)} `{name}`", Safety.SAFE, rewrite)


def noun(place: CallbackPlace) -> str:
    """What the function for ``place`` is called in a title, which has no room for code."""
    return place.noun.replace("`", "")


def is_bound(parsed: ParsedSource, name: str) -> bool:
    """Whether ``name`` may be bound to something, anywhere in the file."""
    return (
        hasattr(builtins, name)
        or any(name in line for line in parsed.unread)
        or not {name, "*"}.isdisjoint(each for n in walk(parsed.tree) for each in _bound_by(n))
    )


def _bound_by(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0],)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, ast.Global | ast.Nonlocal):
        return tuple(node.names)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return (node.name,) if node.name else ()
    return (node.rest,) if isinstance(node, ast.MatchMapping) and node.rest else ()


def _written(parsed: ParsedSource, function: NewFunction, used: Position, text: str) -> str:
    del text  # it is the one that was parsed
    return apply_edits(parsed.source, additions(parsed, function, used))


def additions(parsed: ParsedSource, function: NewFunction, used: Position) -> tuple[Edit, ...]:
    """The edits that put ``function`` before the top-level statement that uses it at ``used``, and
    the imports that it needs behind those of the file."""
    source = parsed.source
    line = _first_line(parsed, used.line)
    newline = source.newline
    above = 0
    while above < 2 and line - above > 0 and not source.line(line - above - 1).strip():
        above += 1
    before = "" if line - above <= 0 else newline * (2 - above)
    body = newline.join(function.lines(indentation(parsed)))
    definition = f"{before}{body}{newline * 3}"
    imports = _imports(parsed, function)
    ends = (s.end_lineno or s.lineno for s in parsed.tree.body if isinstance(s, _IMPORTS))
    behind = max((end for end in ends if end <= line), default=line)
    if not imports or behind == line:
        return (_insertion(line, imports + definition),)
    return _insertion(behind, imports), _insertion(line, definition)


def _insertion(line: int, text: str) -> Edit:
    place = Position(line, 0)
    return Edit(Range(place, place), text)


def _imports(parsed: ParsedSource, function: NewFunction) -> str:
    names: dict[str, list[str]] = {}
    for module, name in function.imports:
        if not is_bound(parsed, name):
            names.setdefault(module, []).append(name)
    newline = parsed.source.newline
    return "".join(f"from {m} import {', '.join(each)}{newline}" for m, each in names.items())


def _first_line(parsed: ParsedSource, used: int) -> int:
    """The line that the top-level statement around ``used`` begins in, with its comments."""
    starts, last = [0], -1
    for statement in parsed.tree.body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(each.lineno for each in decorators)]) - 1
        # A second statement on the line of another cannot be parted from it.
        if first > last:
            starts.append(first)
        last = (statement.end_lineno or statement.lineno) - 1
    line = max(start for start in starts if start <= used)
    while line > 1 and _is_comment(parsed.source, line - 1):
        line -= 1
    return line


def _is_comment(source: SourceText, line: int) -> bool:
    text = source.line(line)
    return text.startswith("#") and not text.startswith(_CELL)


def indentation(parsed: ParsedSource) -> str:
    """What the file indents by."""
    for node in walk(parsed.tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and body:
            outer, inner = (parsed.source.line(each.lineno - 1) for each in (node, body[0]))
            outer, inner = (line[: len(line) - len(line.lstrip())] for line in (outer, inner))
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
    return "    "
