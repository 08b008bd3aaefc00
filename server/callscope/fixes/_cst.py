"""What all fixes write with: a draft of a module's text, and libcst over one statement of it.

Places are the ``ast`` nodes of the model, so nothing is parsed twice. What a fix does not name is
not touched: the draft keeps the text and a list of replacements. Where the inside of a statement
is changed, :meth:`Draft.piece` gives libcst's tree of that statement alone, which costs what the
statement is long and not what the file is.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst.metadata import CodePosition, MetadataWrapper, PositionProvider

from callscope.fixes._folding import folded
from callscope.fixes.base import CannotFix
from callscope.source import Position, Range, SourceText, origin_of

Node = TypeVar("Node", bound=cst.CSTNode)
Block = ast.FunctionDef | ast.AsyncFunctionDef | ast.If
_INDENT = re.compile(r"[ \t\f]*")


class Draft:
    """A module being rewritten: replacements are collected, :meth:`finish` applies them.

    ``source`` is the text that the nodes of ``tree`` were parsed from; ``folds`` says that lines
    which get too long are folded.
    """

    def __init__(self, source: SourceText, tree: ast.Module) -> None:
        self.source = source
        self.tree = tree
        self.folds = False
        self._changes: list[tuple[int, int, str]] = []
        self._imports: dict[str, str] = {}
        self._local: set[str] = set()
        self._is_local: Callable[[ast.stmt], bool] = lambda statement: False

    # -- places ----------------------------------------------------------------------------

    @property
    def newline(self) -> str:
        """The file's line break."""
        return self.source.newline

    def range_of(self, node: ast.AST) -> Range:
        """The range of a node of this module; raises CannotFix for one of another module."""
        origin = origin_of(node)
        if origin is not None and origin.path != self.source.path:
            raise CannotFix("in another module")
        return self.source.range_of(node)

    def start(self, node: ast.AST) -> int:
        """The offset of ``node``; of a definition, of its first decorator."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if decorators:
            first = self.range_of(decorators[0]).start
            at_sign = self.source.line(first.line).rfind("@", 0, first.column)
            return self.line_start(first.line) + max(at_sign, 0)
        return self.source.offset(self.range_of(node).start)

    def end(self, node: ast.AST) -> int:
        """The offset after the last character of ``node``."""
        return self.source.offset(self.range_of(node).end)

    def text(self, node: ast.AST) -> str:
        """The source of ``node``, as it is written."""
        return self.source.text[self.start(node) : self.end(node)]

    def first_line(self, node: ast.stmt) -> int:
        """The 0-based line a statement begins on, decorators included."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        places = [self.range_of(each).start.line for each in (node, *decorators)]
        return min(places)

    def last_line(self, node: ast.stmt) -> int:
        """The 0-based line a statement ends on."""
        return self.range_of(node).end.line

    def line_start(self, line: int) -> int:
        """The offset of 0-based ``line``; of a line past the end, the end of the text."""
        return self.source.offset(Position(line, 0))

    def indent_of(self, node: ast.stmt) -> str:
        """The white space in front of a statement, up to its line's first character."""
        return _indent(self.source.line(self.first_line(node)))

    @cached_property
    def indent_unit(self) -> str:
        """One level of indentation, as the file's first indented block has it."""
        for node in ast.walk(self.tree):
            body = getattr(node, "body", None)
            if isinstance(node, ast.stmt) and isinstance(body, list) and body:
                inner, outer = self.indent_of(body[0]), self.indent_of(node)
                alone = self.source.offset(self.source.range_of(body[0]).start) == (
                    self.line_start(self.first_line(body[0])) + len(inner)
                )
                if alone and inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :]
        return "    "

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """The file's tokens."""
        try:
            # Lines and columns stay what they are when a lone "\r" becomes "\n".
            text = self.source.text.replace("\r\n", "\n").replace("\r", "\n")
            return list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, SyntaxError) as error:
            raise CannotFix(str(error)) from None

    @cached_property
    def lines_in_strings(self) -> frozenset[int]:
        """The 0-based lines whose first characters are part of a string, so must stay put."""
        found: set[int] = set()
        opened: list[int] = []
        for token in self.tokens:
            name = tokenize.tok_name[token.type]
            if name == "STRING" and token.end[0] > token.start[0]:
                found.update(range(token.start[0], token.end[0]))
            elif name in ("FSTRING_START", "TSTRING_START"):
                opened.append(token.start[0])
            elif name in ("FSTRING_END", "TSTRING_END") and opened:
                found.update(range(opened.pop(), token.end[0]))
        return frozenset(found)

    def owns_its_lines(self, node: ast.stmt) -> bool:
        """Whether nothing but white space and comments shares the lines of a statement."""
        before = self.source.text[self.line_start(self.first_line(node)) : self.start(node)]
        return not before.strip() and not self._rest_of_line(node).strip()

    def _rest_of_line(self, node: ast.stmt) -> str:
        """What stands behind a statement on its last line, comments left out."""
        rest = self.source.text[self.end(node) : self.line_start(self.last_line(node) + 1)]
        return "" if rest.lstrip().startswith("#") else rest

    def header_end(self, node: Block) -> int:
        """The 0-based line that ends the header of a block, with its colon."""
        for token in self.tokens:
            if token.type == tokenize.NEWLINE and token.start[0] >= node.lineno:
                return token.start[0] - 1
        raise CannotFix("a block without a header")

    # -- changes ---------------------------------------------------------------------------

    def change(self, start: int, end: int, code: str) -> None:
        """Replace the characters from ``start`` up to ``end``."""
        self._changes.append((start, end, code))

    def replace(self, node: ast.AST, code: str) -> None:
        """Put ``code`` in the place of an expression or statement."""
        self.change(self.start(node), self.end(node), code)

    def insert_before(self, node: ast.stmt, code: str) -> None:
        """Put whole lines of unindented ``code`` in front of a statement that owns its lines."""
        if not self.owns_its_lines(node):
            raise CannotFix("statements share a line")
        place = self.line_start(self.first_line(node))
        self.change(place, place, self.lines(code, self.indent_of(node)))

    def insert_after(self, node: ast.stmt, code: str) -> None:
        """Put whole lines of unindented ``code`` behind a statement that owns its lines."""
        if not self.owns_its_lines(node):
            raise CannotFix("statements share a line")
        self.insert_line(self.last_line(node) + 1, self.lines(code, self.indent_of(node)))

    def insert_line(self, line: int, code: str) -> None:
        """Put ``code``, whole lines, in front of 0-based ``line``, which may be past the end."""
        place = self.line_start(line)
        missing = place == len(self.source.text) and not self.source.text.endswith(("\n", "\r"))
        self.change(place, place, (self.newline if missing and place else "") + code)

    def lines(self, code: str, indent: str) -> str:
        """``code`` (lines without strings that span lines) indented, with the file's line ends."""
        rows = code.split("\n")
        return "".join(f"{indent}{row}".rstrip() + self.newline for row in rows)

    def insert_first(self, block: Block, code: str) -> None:
        """Put lines of unindented ``code`` first in a function (behind its docstring) or ``if``."""
        body = block.body
        header = self.header_end(block)
        if body[0].lineno - 1 <= header:
            self._unfold(block, code)
            return
        indent = self.indent_of(body[0])
        line = header + 1
        if not isinstance(block, ast.If) and ast.get_docstring(block, clean=False) is not None:
            if not self.owns_its_lines(body[0]):
                raise CannotFix("statements share a line")
            line = self.last_line(body[0]) + 1
            while line < self.source.line_count - 1 and not self.source.line(line).strip():
                line += 1
            if len(body) == 1:
                line = self.last_line(body[0]) + 1
        apart = isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        self.insert_line(line, self.lines(code, indent) + self.newline * apart)

    def _unfold(self, block: Block, code: str) -> None:
        """The same for a body that stands on the line of its header."""
        indent = self.indent_of(block) + self.indent_unit
        place = self.start(block.body[0])
        head = self.source.text[:place].rstrip(" \t")
        lines = self.newline + self.lines(code, indent)
        self.change(len(head), place, lines + indent)

    # -- imports ---------------------------------------------------------------------------

    def module_name(self, module: str) -> str:
        """What to write for ``module``, which is imported if it is not yet."""
        for node in self.tree.body:
            for alias in node.names if isinstance(node, ast.Import) else ():
                if alias.name == module:
                    return alias.asname or module
        self._add_import(f"import {module}", module.partition(".")[0])
        return module

    def imported_name(self, module: str, name: str) -> str:
        """What to write for ``name`` of ``module``, which is imported if it is not yet."""
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
                for alias in node.names:
                    if alias.name == name:
                        return alias.asname or name
            for alias in node.names if isinstance(node, ast.Import) else ():
                if alias.name == module:
                    return f"{alias.asname or module}.{name}"
        self._add_import(f"from {module} import {name}", name)
        return name

    def import_from_project(
        self, module: str, name: str, is_local: Callable[[ast.stmt], bool]
    ) -> None:
        """Import ``name`` from ``module`` of the same project, which may be a relative path;
        ``is_local`` tells the imports from it."""
        self._is_local = is_local
        statement = f"from {module} import {name}"
        self._add_import(statement, name)
        self._local.add(statement)

    def _extended(self, statement: str) -> tuple[int, int, str] | None:
        """``statement`` added to an import from the same module, if there is one."""
        words = statement.split()
        for node in self.tree.body:
            if (
                isinstance(node, ast.ImportFrom)
                and words[0] == "from"
                and "." * node.level + (node.module or "") == words[1]
                and node.names[0].name != "*"
            ):
                for alias in node.names:
                    if alias.name > words[3]:
                        return self.start(alias), self.start(alias), f"{words[3]}, "
                place = self.end(node.names[-1])
                return place, place, f", {words[3]}"
        return None

    def _add_import(self, statement: str, binds: str) -> None:
        if statement not in self._imports:
            if binds in self.names:
                raise CannotFix(f"{binds} is taken")
            self._imports[statement] = binds

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that is bound or read anywhere in the file."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            for field in ("id", "arg", "name", "asname", "rest"):
                value = getattr(node, field, None)
                if isinstance(value, str):
                    found.add(value.partition(".")[0])
            if isinstance(node, ast.Global | ast.Nonlocal):
                found.update(node.names)
        return frozenset(found)

    def free_name(self, *wishes: str) -> str:
        """The first of ``wishes`` that the file does not know; else the last with a number."""
        for wish in wishes:
            if wish not in self.names:
                return wish
        number = 1
        while f"{wishes[-1]}_{number}" in self.names:
            number += 1
        return f"{wishes[-1]}_{number}"

    def _write_imports(self) -> Iterator[tuple[int, int, str]]:
        groups = _import_groups(self)
        missing: list[str] = []
        for statement in sorted(self._imports):
            extended = self._extended(statement)
            if extended is not None:
                yield extended
            else:
                missing.append(statement)
        local = [each for each in missing if each in self._local and groups]
        for statement in _merged([each for each in missing if each not in local]):
            yield self._new_lines(*_import_place(self, groups, statement), statement)
        if local:
            block = self.newline.join(_merged(local))
            last = groups[-1][-1]
            line = self.last_line(last) + 1
            yield self._new_lines(line, int(not self._is_local(last)), 0, block)

    def _new_lines(self, line: int, before: int, after: int, code: str) -> tuple[int, int, str]:
        """``code`` in front of 0-based ``line``, with blank lines before and after it."""
        place = self.line_start(line)
        end = self.newline
        bare = place == len(self.source.text) and self.source.text[-1:] not in ("", "\n", "\r")
        lead = end if bare else ""
        return place, place, lead + end * before + code + end + end * after

    # -- the result ------------------------------------------------------------------------

    def finish(self) -> str:
        """The text with all changes; raises CannotFix if two of them overlap."""
        imports = list(self._write_imports())
        # Of changes at one place, imports come first; the others keep the order they came in.
        ordered = sorted([*imports, *self._changes], key=lambda change: change[:2])
        text = self.source.text
        pieces: list[str] = []
        reached = 0
        for start, end, code in ordered:
            if start < reached:
                raise CannotFix("changes overlap")
            pieces += [text[reached:start], code]
            reached = end
        result = "".join([*pieces, text[reached:]])
        if self.folds:
            result = folded(text, result, self.indent_unit, self.newline)
        ended = not text or text.endswith(("\n", "\r"))
        return result if ended else result.rstrip("\r\n")

    # -- libcst ----------------------------------------------------------------------------

    def piece(self, statement: ast.stmt) -> Piece:
        """libcst's tree of one statement (with what shares its lines), to change and put back."""
        return Piece(self, statement)


class Piece:
    """The lines of one statement as a libcst tree."""

    def __init__(self, draft: Draft, statement: ast.stmt) -> None:
        self._draft = draft
        self._first = draft.first_line(statement)
        self._start = draft.line_start(self._first)
        self._end = draft.line_start(draft.last_line(statement) + 1)
        text = draft.source.text[self._start : self._end]
        # A header above indented lines makes a module of them, with nothing to dedent.
        self._header = f"if 1:{draft.newline}" if _indent(text) else ""
        try:
            self._module = cst.parse_module(self._header + text)
        except cst.ParserSyntaxError as error:
            raise CannotFix(str(error)) from None
        wrapper = MetadataWrapper(self._module, unsafe_skip_copy=True)
        self._places = wrapper.resolve(PositionProvider)

    def find(self, node: ast.AST, kind: type[Node]) -> Node:
        """libcst's node of class ``kind`` for an ``ast`` node inside the statement."""
        span = self._draft.source.range_of(node)
        for found, place in self._places.items():
            if not isinstance(found, kind):
                continue
            start, end = self._position(place.start), self._position(place.end)
            if (start, end) == (span.start, span.end):
                return found
            # libcst counts the parentheses of a tuple out, ``ast`` counts them in.
            if (
                isinstance(node, ast.Tuple)
                and node.elts
                and span.start < start == self._draft.source.range_of(node.elts[0]).start
                and end < span.end
            ):
                return found
        raise CannotFix("libcst sees it differently")

    def _position(self, place: CodePosition) -> Position:
        shift = self._first - (1 if self._header else 0) - 1
        return Position(place.line + shift, place.column)

    def put_back(self, *changes: tuple[cst.CSTNode, cst.CSTNode | cst.RemovalSentinel]) -> None:
        """Replace nodes that :meth:`find` gave, and write the statement back into the draft."""
        module = self._module
        replacer = _Replacer(dict(changes))
        code = module.visit(replacer).code
        self._draft.change(self._start, self._end, code[len(self._header) :])


class _Replacer(cst.CSTTransformer):
    def __init__(self, changes: dict[cst.CSTNode, cst.CSTNode | cst.RemovalSentinel]) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        changed = self._changes.get(original_node)
        if changed is not None:
            return changed  # type: ignore[return-value]
        return super().on_leave(original_node, updated_node)


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match.group() if match else ""


# -- where an import goes ------------------------------------------------------------------

_Group = list["ast.Import | ast.ImportFrom"]


def _import_groups(draft: Draft) -> list[_Group]:
    """The imports at the head of the file, ``__future__`` aside, as blank lines group them."""
    groups: list[_Group] = []
    end = -1
    for node in _after_docstring(draft.tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            break
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if not groups or draft.first_line(node) > end + 1:
            groups.append([])
        groups[-1].append(node)
        end = draft.last_line(node)
    return groups


def _after_docstring(tree: ast.Module) -> Sequence[ast.stmt]:
    return tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body


def _import_place(draft: Draft, groups: list[_Group], statement: str) -> tuple[int, int, int]:
    """The line to insert an import from outside the project at, blank lines before and after."""
    if not groups:
        return _head_line(draft)
    if statement.split()[1].partition(".")[0] not in sys.stdlib_module_names:
        others = [n for group in groups for n in group if not _is_standard(n)]
        same = [n for n in others if _package(draft, n) == _package(draft, statement)]
        if others:
            return draft.last_line((same or others)[-1]) + 1, 0, 0
    first = groups[0]
    if len(groups) > 1 and not _is_standard(first[0]) and not any(map(_is_standard, first)):
        return draft.first_line(first[0]), 0, 1
    key = _import_key(statement)
    # Third-party imports come last, so an import of the standard library goes before them.
    ours = [n for n in first if _is_standard(n)]
    for node in ours:
        if _import_key(draft.text(node)) > key:
            return draft.first_line(node), 0, 0
    if ours:
        return draft.last_line(ours[-1]) + 1, 0, 0
    return draft.first_line(first[0]), 0, 1


def _merged(statements: Sequence[str]) -> list[str]:
    """Import statements, those from one module made one."""
    names: dict[str, list[str]] = {}
    for statement in statements:
        module, imports, name = statement.partition(" import ")
        names.setdefault(module + imports, []).append(name)
    return [module + ", ".join(found) for module, found in names.items()]


def _package(draft: Draft, statement: ast.stmt | str) -> str:
    """The first name of what an import imports; "" if it is relative."""
    text = statement if isinstance(statement, str) else draft.text(statement)
    return text.split()[1].partition(".")[0].rstrip(",")


def _head_line(draft: Draft) -> tuple[int, int, int]:
    """The place of the first import of a file without any."""
    body = draft.tree.body
    rest = list(_after_docstring(draft.tree))
    future = [n for n in rest if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    if future:
        return draft.last_line(future[-1]) + 1, 1, 0
    if len(rest) < len(body):
        return draft.last_line(body[0]) + 1, 1, 0
    return (draft.first_line(body[0]) if body else 0), 0, 2


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    name = node.names[0].name if isinstance(node, ast.Import) else node.module or "."
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names and not getattr(node, "level", 0)


def _import_key(statement: str) -> tuple[bool, str]:
    """The usual order: ``import x`` before ``from x import y``, each by name."""
    words = statement.split()
    return words[0] == "from", words[1].lower()
