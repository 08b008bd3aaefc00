"""A parameter list as text: its items in order, to be renamed, dropped, moved or added to."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from callscope.fixes._patch import Definition, Patch, Token
from callscope.fixes.base import CannotFix


@dataclass(frozen=True, slots=True)
class Item:
    """One parameter, or a bare ``*`` or ``/`` (then ``node`` is None), and where it stands."""

    index: int
    kind: str
    node: ast.arg | None
    default: ast.expr | None
    start: int
    end: int

    @property
    def has_default(self) -> bool:
        """Whether callers may leave it out."""
        return self.default is not None or self.kind not in ("plain", "keyword")

    @property
    def is_option(self) -> bool:
        """Whether it has a default that says something, unlike None."""
        default = self.default
        is_none = isinstance(default, ast.Constant) and default.value is None
        return default is not None and not is_none

    @property
    def name(self) -> str:
        """The parameter's name; the mark itself for a bare ``*`` or ``/``."""
        return self.node.arg if self.node is not None else self.kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the list to be: an old ``item``, perhaps with another ``name``, or a new one."""

    item: Item | None
    name: str
    default: str = ""

    @property
    def has_default(self) -> bool:
        """Whether callers may leave it out."""
        return bool(self.default) or (self.item is not None and self.item.has_default)


class ParameterList:
    """The parameters of one function, as written."""

    def __init__(self, patch: Patch, function: Definition | ast.Lambda) -> None:
        self._patch = patch
        self._function = function
        inside = self._tokens()
        chunks = _chunks(inside)
        expected = _expected(function.args)
        if len(chunks) != len(expected):
            raise CannotFix("not understood")
        self.items = [
            Item(index, kind, node, default, chunk[0].start, chunk[-1].end)
            for index, (chunk, (kind, node, default)) in enumerate(
                zip(chunks, expected, strict=True)
            )
        ]

    def _tokens(self) -> list[Token]:
        """The tokens between the parentheses, or between ``lambda`` and its colon."""
        patch, function = self._patch, self._function
        start, _ = patch.span(function)
        tokens = [t for t in patch.tokens_of(patch.statement(function)) if t.start >= start]
        if isinstance(function, ast.Lambda):
            opening = 0
        else:
            opening = next(i for i, t in enumerate(tokens) if t.text == function.name) + 1
            if tokens[opening].text != "(":
                raise CannotFix("not understood")
        closing = _closing(tokens, opening)
        self._after_opening = tokens[opening].end
        self._closing = tokens[closing].start
        return tokens[opening + 1 : closing]

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Put the list ``entries`` in the place of the old one."""
        wanted = list(entries)
        if not self.items:
            joined = ", ".join(self._text(entry) for entry in wanted)
            between = self._patch.source.text[self._after_opening : self._closing]
            if between.strip():
                raise CannotFix("not understood")
            lead = " " if isinstance(self._function, ast.Lambda) and not between else ""
            self._patch.insert(self._after_opening, lead + joined)
            return
        self._refuse_lost_comments(wanted)
        start, end = self.items[0].start, self.items[-1].end
        text = self._joined(wanted)
        if not wanted:
            start, end = self._after_opening, self._closing
        elif wanted[-1].item != self.items[-1] and "#" in self._tail():
            raise CannotFix("not understood")
        self._patch.change(start, end, text)

    def _joined(self, wanted: list[Entry]) -> str:
        pieces: list[str] = []
        for number, entry in enumerate(wanted):
            if number:
                lead = self._lead(entry)
                following = wanted[number + 1] if number + 1 < len(wanted) else None
                if entry.item is None and following is not None and "#" in self._lead(following):
                    lead = self._lead(following)
                elif entry.item is not None and wanted[number - 1].item is None and "#" in lead:
                    lead = self._separator
                pieces.append(lead)
            pieces.append(self._text(entry))
        return "".join(pieces)

    def _text(self, entry: Entry) -> str:
        if entry.item is None:
            return entry.name + (f"={entry.default}" if entry.default else "")
        text = self._patch.source.text[entry.item.start : entry.item.end]
        if entry.item.node is not None and entry.name != entry.item.name:
            at = self._patch.span(entry.item.node)[0] - entry.item.start
            if text[at : at + len(entry.item.name)] != entry.item.name:
                raise CannotFix("not understood")
            text = text[:at] + entry.name + text[at + len(entry.item.name) :]
        if entry.default and not entry.item.has_default:
            annotated = entry.item.node is not None and entry.item.node.annotation is not None
            text += f" = {entry.default}" if annotated else f"={entry.default}"
        return text

    def _lead(self, entry: Entry) -> str:
        """What stands between the item before and ``entry``."""
        if entry.item is None or entry.item.index == 0:
            return self._separator
        before = self.items[entry.item.index - 1]
        return self._patch.source.text[before.end : entry.item.start]

    @property
    def _separator(self) -> str:
        """What to put in front of a new item: a line of its own where the others have one."""
        text = self._patch.source.text
        befores = [self._after_opening, *(item.end for item in self.items)]
        leads = [text[end : item.start] for end, item in zip(befores, self.items, strict=False)]
        apart = leads[1:] or leads
        if not all("\n" in lead or "\r" in lead for lead in apart):
            return ", "
        last = apart[0]
        indent = last[max(last.rfind("\n"), last.rfind("\r")) + 1 :]
        return "," + self._patch.newline + indent

    def _tail(self) -> str:
        return self._patch.source.text[self.items[-1].end : self._closing]

    def _refuse_lost_comments(self, wanted: list[Entry]) -> None:
        kept = [entry.item.index for entry in wanted if entry.item is not None]
        if kept == list(range(len(self.items))):
            return
        text = self._patch.source.text
        if "#" in text[self._after_opening : self._closing]:
            raise CannotFix("not understood")


def _closing(tokens: list[Token], opening: int) -> int:
    """The index of the token that ends the list begun at ``opening``."""
    depth = lambdas = 0
    for index in range(opening, len(tokens)):
        text = tokens[index].text
        if text == "lambda":
            lambdas += 1
        elif text in ("(", "[", "{"):
            depth += 1
        elif text in (")", "]", "}"):
            depth -= 1
            if depth == 0 and tokens[opening].text == "(":
                return index
        elif text == ":" and depth == 0:
            lambdas -= 1
            if lambdas == 0:
                return index
    raise CannotFix("not understood")


def _chunks(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each item, comments left out."""
    chunks: list[list[Token]] = [[]]
    depth = lambdas = 0
    for token in tokens:
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        elif token.text == "lambda" and depth == 0:
            lambdas += 1
        elif token.text == ":" and depth == 0:
            lambdas = max(lambdas - 1, 0)
        if token.text == "," and depth == lambdas == 0:
            chunks.append([])
        elif not token.is_comment:
            chunks[-1].append(token)
    if not chunks[-1]:
        chunks.pop()
    if not all(chunks):
        raise CannotFix("not understood")
    return chunks


def _expected(spec: ast.arguments) -> list[tuple[str, ast.arg | None, ast.expr | None]]:
    """Kind, node and default of each item in the order they are written."""
    plain = [*spec.posonlyargs, *spec.args]
    defaults = [*[None] * (len(plain) - len(spec.defaults)), *spec.defaults]
    found: list[tuple[str, ast.arg | None, ast.expr | None]] = [
        ("plain", node, default) for node, default in zip(plain, defaults, strict=True)
    ]
    if spec.posonlyargs:
        found.insert(len(spec.posonlyargs), ("/", None, None))
    if spec.vararg is not None:
        found.append(("rest", spec.vararg, None))
    elif spec.kwonlyargs:
        found.append(("*", None, None))
    found.extend(
        ("keyword", node, default)
        for node, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    )
    if spec.kwarg is not None:
        found.append(("keywords", spec.kwarg, None))
    return found
