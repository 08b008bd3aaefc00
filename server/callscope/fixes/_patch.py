"""Surgery on the text of a model's module, for fixes that know what the model knows.

A :class:`Patch` is a :class:`~callscope.fixes._cst.Draft` that also finds the way around the tree:
parents, the function around a place, the statements of one-line bodies, and how the file names
the framework. What a fix does not expect to meet raises :class:`CannotFix`.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from callscope.fixes._cst import Draft
from callscope.fixes.base import CannotFix, Proposal, Safety
from callscope.model import Model
from callscope.model.values import External
from callscope.source import Position

_TRIVIA = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

# The modules that the framework's classes can be taken from.
_MODULES = (External("autogen"), External("autogen.agentchat"))

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Token:
    """One token with the offsets of its text."""

    kind: int
    text: str
    start: int
    end: int

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment."""
        return self.kind == tokenize.COMMENT


class Patch(Draft):
    """Changes to be made in the text of ``model``."""

    def __init__(self, model: Model, text: str | None = None) -> None:
        super().__init__(model.source, model.parsed.tree)
        self.model = model
        if text is not None and text != self.source.text:
            raise CannotFix("the text has changed")

    # -- looking ---------------------------------------------------------------------------

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The offsets of ``node``."""
        where = self.range_of(node)
        return self.source.offset(where.start), self.source.offset(where.end)

    def tokens_of(self, node: ast.stmt) -> list[Token]:
        """The tokens on the lines of a statement, comments included; no line breaks or indents.

        Decorators are left out. Whatever else the file holds may be half typed.
        """
        first, last = node.lineno - 1, self.last_line(node)
        lines = [self.source.line(number) + "\n" for number in range(first, last + 1)]
        found = []
        try:
            for token in tokenize.generate_tokens(io.StringIO("".join(lines)).readline):
                if token.type not in _TRIVIA:
                    (row, column), (end_row, end_column) = token.start, token.end
                    start = self.source.offset(Position(first + row - 1, column))
                    end = self.source.offset(Position(first + end_row - 1, end_column))
                    found.append(Token(token.type, token.string, start, end))
        except (tokenize.TokenError, SyntaxError):
            raise CannotFix("half typed") from None
        return found

    @cached_property
    def parents(self) -> dict[int, ast.AST]:
        """The parent of each node, by the node's id."""
        return {
            id(child): node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, the nearest first."""
        while (above := self.parents.get(id(node))) is not None:
            yield above
            node = above

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that ``node`` is, or is part of."""
        while not isinstance(node, ast.stmt):
            above = self.parents.get(id(node))
            if above is None:
                raise CannotFix("not understood")
            node = above
        return node

    def function(self, node: ast.AST) -> Definition | ast.Lambda | None:
        """The function ``node`` is part of the body of; None at module or class level."""
        below = node
        for above in self.ancestors(node):
            if isinstance(above, Definition):
                if isinstance(below, ast.stmt) and below in above.body:
                    return above
            elif isinstance(above, ast.Lambda) and below is above.body:
                return above
            below = above
        return None

    def indent(self, statement: ast.stmt) -> str | None:
        """The white space before ``statement``; None if something else stands before it."""
        start = self.range_of(statement).start
        before = self.source.line(start.line)[: start.column]
        return before if not before.strip() else None

    def rest_of_line(self, offset: int) -> str:
        """What follows ``offset`` on its line."""
        text = self.source.text
        ends = [text.find(mark, offset) for mark in "\r\n"]
        return text[offset : min((end for end in ends if end >= 0), default=len(text))]

    # -- changing --------------------------------------------------------------------------

    def insert(self, offset: int, text: str) -> None:
        """Put ``text`` in at ``offset``; what was put in there earlier stays in front."""
        self.change(offset, offset, text)

    def delete(self, start: int, end: int) -> None:
        """Take out what stands between two offsets; refuses where that holds a comment."""
        if "#" in self.source.text[start:end]:
            raise CannotFix("not understood")
        self.change(start, end, "")

    def put_before(self, statement: ast.stmt, line: str) -> None:
        """Put a statement of one line in before ``statement``, which may share its line."""
        start, _ = self.span(statement)
        indent = self.indent(statement)
        between = "; " if indent is None else self.source.newline + indent
        self.insert(start, line + between)

    def put_after(self, statement: ast.stmt, line: str) -> None:
        """Put a statement of one line in after ``statement``, in the same block."""
        _, end = self.span(statement)
        rest = self.rest_of_line(end)
        indent = self.indent(statement)
        if rest.strip() and not rest.strip().startswith("#"):
            raise CannotFix("not understood")
        if indent is None:
            self.insert(end, "; " + line)
        else:
            self.insert(end + len(rest), self.source.newline + indent + line)

    def remove_statement(self, statement: ast.stmt) -> None:
        """Take a statement out with its lines, which must hold nothing else."""
        start, end = self.span(statement)
        rest = self.rest_of_line(end)
        indent = self.indent(statement)
        if indent is None or rest.strip():
            raise CannotFix("not understood")
        after = end + len(rest)
        text = self.source.text
        if text[after : after + 2] == "\r\n":
            after += 2
        elif after < len(text):
            after += 1
        self.delete(start - len(indent), after)

    # -- names -----------------------------------------------------------------------------

    def framework_name(self, name: str, near: ast.AST) -> str:
        """How to write ``autogen.<name>`` at ``near``: as the file does, else with an import."""
        inner = self._scopes_between(near)
        loads = self.model.interpreter.loads
        for part in ast.walk(near):
            value = loads.get(id(part))
            if isinstance(part, ast.Name) and value in _MODULES:
                return f"{part.id}.{name}"
        names = self.model.module_scope.names
        for wanted in (External(f"autogen.{name}"), External("autogen")):
            for bound, value in names.items():
                if value == wanted and bound not in inner:
                    return bound if wanted.path != "autogen" else f"{bound}.{name}"
        for statement in self._imports_seen_from(near):
            for alias in statement.names:
                if alias.name == name:
                    return alias.asname or name
        if name in self.names:
            raise CannotFix(f"{name} is taken")
        for statement in self._imports_seen_from(near):
            self._add_alias(statement, name)
            return name
        raise CannotFix("no import of autogen to follow")

    def _scopes_between(self, near: ast.AST) -> set[str]:
        """Names that functions around ``near`` bind for themselves."""
        return {
            name
            for above in self.ancestors(near)
            if isinstance(above, Definition | ast.Lambda)
            for name in bound_names(above)
        }

    def _imports_seen_from(self, near: ast.AST) -> Iterator[ast.ImportFrom]:
        """The ``from autogen import ...`` of the functions around ``near``, then the module's."""
        around = [above for above in self.ancestors(near) if isinstance(above, Definition)]
        blocks = [own_nodes(function) for function in around]
        for nodes in (*blocks, own_nodes(self.tree)):
            for node in nodes:
                if (
                    isinstance(node, ast.ImportFrom)
                    and node.level == 0
                    and node.module in ("autogen", "autogen.agentchat")
                    and node.names[0].name != "*"
                ):
                    yield node

    def _add_alias(self, statement: ast.ImportFrom, name: str) -> None:
        """``from x import A, C`` with ``B`` among its names, in order if they are in order."""
        names = [alias.name for alias in statement.names]
        following = [alias for alias in statement.names if alias.name > name]
        many_lines = statement.lineno != statement.end_lineno
        last = statement.names[-1]
        if names == sorted(names) and following:
            start, _ = self.span(following[0])
            own_line = many_lines and self._begins_line(start)
            self.insert(start, f"{name}," + (self._line_break_before(start) if own_line else " "))
            return
        start, end = self.span(last)
        if many_lines and self._begins_line(start):
            self.insert(start, f"{name},{self._line_break_before(start)}")
        else:
            self.insert(end, f", {name}")

    def _begins_line(self, offset: int) -> bool:
        return not self.before_on_line(offset).strip()

    def before_on_line(self, offset: int) -> str:
        """What stands in front of ``offset`` on its line."""
        text = self.source.text
        start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
        return text[start:offset]

    def _line_break_before(self, offset: int) -> str:
        return self.source.newline + self.before_on_line(offset)


def proposal(model: Model, title: str, safety: Safety, change: Callable[[Patch], None]) -> Proposal:
    """What ``change`` makes of the text of ``model``, as a proposal."""

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        change(patch)
        return patch.finish()

    return Proposal(title, safety, rewrite)


# -- scopes ----------------------------------------------------------------------------------

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_INNER = Definition | ast.Lambda | ast.ClassDef


def parameters_of(function: Definition | ast.Lambda) -> list[ast.arg]:
    """All parameters, ``*args`` and ``**kwargs`` included."""
    spec = function.args
    rest = [arg for arg in (spec.vararg, spec.kwarg) if arg is not None]
    return [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *rest]


def body_of(function: Definition | ast.Lambda | ast.Module) -> list[ast.AST]:
    """What runs when it is called."""
    return list(function.body) if isinstance(function.body, list) else [function.body]


def bound_names(function: Definition | ast.Lambda) -> set[str]:
    """The parameters and local names of a function, less those it declares global or nonlocal."""
    found = {parameter.arg for parameter in parameters_of(function)}
    outer: set[str] = set()
    for node in _own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, _INNER) and not isinstance(node, ast.Lambda):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
    return found - outer


def _own_nodes(function: Definition | ast.Lambda | ast.Module) -> Iterator[ast.AST]:
    """The nodes of the body, not those inside functions and classes in it."""
    pending = body_of(function)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _INNER):
            pending.extend(ast.iter_child_nodes(node))


def own_nodes(function: Definition | ast.Lambda | ast.Module) -> list[ast.AST]:
    """The nodes of the body in the order of the text, not those in functions and classes in it."""
    located = [node for node in _own_nodes(function) if hasattr(node, "lineno")]
    return sorted(located, key=lambda node: (node.lineno, node.col_offset))  # type: ignore[attr-defined]


def uses_of(function: Definition | ast.Lambda, name: str) -> list[ast.Name]:
    """Every place in the body that means the parameter or local ``name`` of ``function``.

    Raises :class:`CannotFix` where the name's meaning cannot be told.
    """
    found: list[ast.Name] = []
    pending: list[ast.AST] = body_of(function)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and node.id == name:
            found.append(node)
        elif _is_opaque(node, name):
            raise CannotFix("not understood")
        if isinstance(node, Definition | ast.Lambda) and name in bound_names(node):
            pending.extend(_outside_body(node))
        elif isinstance(node, ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
            if any(
                isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
                for statement in node.body
                for n in ast.walk(statement)
            ):
                raise CannotFix("not understood")
        elif isinstance(node, _COMPREHENSIONS) and any(
            isinstance(n, ast.Name) and n.id == name
            for generator in node.generators
            for n in ast.walk(generator.target)
        ):
            pending.append(node.generators[0].iter)
        else:
            pending.extend(ast.iter_child_nodes(node))
    return sorted(found, key=lambda use: (use.lineno, use.col_offset))


def _is_opaque(node: ast.AST, name: str) -> bool:
    """Whether ``node`` makes names mean what cannot be read off the text."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return name in node.names
    return isinstance(node, ast.Name) and node.id in ("locals", "vars", "eval", "exec")


def _outside_body(function: Definition | ast.Lambda) -> list[ast.AST]:
    """Defaults and decorators, which are evaluated in the scope around."""
    spec = function.args
    found: list[ast.AST] = [*spec.defaults, *(d for d in spec.kw_defaults if d is not None)]
    return found + (list(function.decorator_list) if not isinstance(function, ast.Lambda) else [])
