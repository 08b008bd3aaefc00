"""The parts of a module that have nothing to do with each other.

Most modules define things that meet in some names: those are looked at as a whole. But where a
long module has parts that share no name except what they import, and constants, each part is an
island: what is found in it does not depend on the others, and need not be found again when they
change.

Two segments belong to one island if one of them holds, anywhere, even in a text, a word that the
other binds. What a module imports, its constants, and calls that stand alone (``load_dotenv()``)
are the sea: they belong to every island that names them, or to all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from callscope.contracts.classic.dispatch import CAPABILITIES
from callscope.source.segments import Segment, Segments

_WORD = re.compile(r"[^\W\d]\w*")

# What these do may reach anything by its name, or change what everything else does.
_FAR_REACHING = frozenset(
    {
        *("globals", "vars", "exec", "eval", "__dict__", "__import__", "import_module", "modules"),
        *("set_start_method", "task_always_eager", "session_state", "user_session", "current_app"),
        *("runtime_logging", *(path.rpartition(".")[2] for path in CAPABILITIES)),
    }
)

# Calls that give something which nobody changes but by the ways looked for below.
_GIVES_PLAIN = frozenset(
    {
        *("os.getenv", "os.environ.get", "pathlib.Path", "Path", "re.compile"),
        *("logging.getLogger", "getLogger", "TypeVar", "typing.TypeVar"),
        *("autogen.config_list_from_json", "config_list_from_json"),
        *("autogen.config_list_from_dotenv", "config_list_from_dotenv"),
        *("autogen.LLMConfig", "LLMConfig", "autogen.LLMConfig.from_json", "LLMConfig.from_json"),
    }
)

# A use of a name that goes into its object: ``name.x = ...``, ``name[x] += ...``,
# ``name.append(...)``, ``name[x]``; what stands between is the second group.
_USE = re.compile(
    r"\b([^\W\d]\w*)((?:\s*\.\s*\w+|\s*\[[^\[\]\r\n]*\])+)\s*(?:(\()|([-+*/%&|^@<>]{0,2}=)(?!=))?"
)
_DELETED = re.compile(r"\bdel\s+\(?\s*([^\W\d]\w*)")

# Calls of these change nothing.
_HARMLESS = re.compile(
    r"\.\s*(?:debug|info|warning|error|exception|critical|log|get|items|keys|values|copy|format"
    r"|join|split|strip|lower|upper|startswith|endswith|match|search|sub|findall|read_text|exists)$"
)

_MOST_AROUND = 30
"""More calls that stand alone than these are no sea, but the work of the module."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Traits:
    """What a segment has to do with others.

    ``words`` are all that stand in it, ``binds`` the names it binds in the module. ``drifts`` says
    that it may be part of the sea: an import, a constant, a call that stands alone; then
    ``everywhere`` says that all islands feel it, ``imports`` that it imports only, ``is_open`` that
    what it binds are objects whose parts may be set. ``sets``, ``calls`` and ``parts`` are the
    names of objects whose parts it sets, whose methods it calls, and whose parts it uses at all.
    """

    words: frozenset[str]
    binds: frozenset[str]
    drifts: bool
    everywhere: bool
    imports: bool
    is_open: bool
    sets: frozenset[str]
    calls: frozenset[str]
    parts: frozenset[str]

    @classmethod
    def of(cls, segment: Segment) -> Traits:
        """Those of ``segment``."""
        body, text = segment.parsed.tree.body, segment.text
        sets, calls, parts = set(_DELETED.findall(text)), set(), set()
        for name, between, is_call, is_set in _USE.findall(text):
            parts.add(name)
            if is_call and not _HARMLESS.search(between):
                calls.add(name)
            elif is_set and not between.replace(" ", "").startswith(".environ["):
                sets.add(name)
        return cls(
            frozenset(_WORD.findall(text)),
            frozenset(_bound(body, text)),
            segment.parsed.problem is None and all(map(_drifts, body)),
            any(map(_is_felt, body)),
            all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in body),
            any(map(_makes_open, body)),
            frozenset(sets),
            frozenset(calls),
            frozenset(parts),
        )

    def is_like(self, other: Traits, names: Container[str]) -> bool:
        """Whether the two mean the same for the islands of a module that binds ``names``."""
        if self.words != other.words and any(w in names for w in self.words ^ other.words):
            return False
        return replace(self, words=other.words) == other


def _bound(body: Iterable[ast.stmt], text: str) -> Iterator[str]:
    """The names that statements bind in the module; more rather than fewer."""
    hidden = "global " in text or ":=" in text
    for statement in body:
        if isinstance(statement, _DEFINITIONS):
            yield statement.name
            if hidden:
                yield from _rebound(statement)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (a.asname or a.name.partition(".")[0] for a in statement.names)
        elif isinstance(statement, ast.Assign) and not hidden:
            for target in statement.targets:
                yield from _stored(target)
        elif not isinstance(statement, ast.Expr) or hidden:
            yield from _stored(statement)
            yield from _defined_inside(statement)


def _stored(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            yield part.id
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            yield part.name
        elif isinstance(part, ast.Global):
            yield from part.names


def _defined_inside(statement: ast.stmt) -> Iterator[str]:
    for part in ast.walk(statement):
        if isinstance(part, _DEFINITIONS):
            yield part.name
        elif isinstance(part, ast.alias):
            yield part.asname or part.name.partition(".")[0]


def _rebound(statement: ast.stmt) -> Iterator[str]:
    for part in ast.walk(statement):
        if isinstance(part, ast.Global):
            yield from part.names
        elif isinstance(part, ast.NamedExpr):
            yield part.target.id


def _is_felt(statement: ast.stmt) -> bool:
    """Whether it changes what code means that does not name it."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__" or any(a.name == "*" for a in statement.names)
    return _is_call(statement)


def _is_call(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def _makes_open(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Dict | ast.List | ast.Set)


def _drifts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant | ast.Call)
    if isinstance(statement, ast.Assign):
        plain = all(isinstance(target, ast.Name) for target in statement.targets)
        return plain and _is_plain(statement.value)
    if isinstance(statement, ast.AnnAssign):
        value = statement.value
        return isinstance(statement.target, ast.Name) and value is not None and _is_plain(value)
    return False


def _is_plain(value: ast.expr) -> bool:
    """Whether it is a constant, or made of constants."""
    if isinstance(value, ast.Call):
        arguments = [*value.args, *(keyword.value for keyword in value.keywords)]
        made_plain = ast.unparse(value.func) in _GIVES_PLAIN
        return made_plain and all(isinstance(a, ast.Constant | ast.Name) for a in arguments)
    if isinstance(value, ast.Dict):
        return all(key is not None and _is_plain(key) for key in value.keys) and all(
            map(_is_plain, value.values)
        )
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_plain, value.elts))
    if isinstance(value, ast.JoinedStr | ast.BinOp | ast.UnaryOp):
        parts = (part for part in ast.walk(value) if isinstance(part, ast.expr))
        plain = (
            ast.Constant | ast.Name | ast.JoinedStr | ast.FormattedValue | ast.BinOp | ast.UnaryOp
        )
        return all(isinstance(part, plain) for part in parts)
    return isinstance(value, ast.Constant)


class Islands:
    """The islands of a module."""

    _names: set[str]
    groups: list[tuple[int, ...]]
    """The numbers of the segments of each island, the sea around it included, in order."""

    def __init__(self, segments: Segments, before: Islands | None = None) -> None:
        """``before`` are those of the text before: what is the same is taken from there."""
        fresh = [Traits.of(segment) for segment in segments.fresh]
        if before is None:
            self._ordered = fresh
        else:
            rest = len(before._ordered) - segments.left
            gone = before._ordered[segments.kept : rest]
            self._ordered = [*before._ordered[: segments.kept], *fresh, *before._ordered[rest:]]
            if len(gone) == len(fresh) and all(
                one.is_like(other, before._names) for one, other in zip(fresh, gone, strict=True)
            ):
                self.groups, self._names = before.groups, before._names
                self.__dict__["homes"] = before.homes
                return
        self._names = {name for traits in self._ordered for name in traits.binds}
        self.groups = self._find()

    @cached_property
    def homes(self) -> dict[int, list[int]]:
        """For each segment the numbers of the islands that it is a part of."""
        found: dict[int, list[int]] = {}
        for number, group in enumerate(self.groups):
            for each in group:
                found.setdefault(each, []).append(number)
        return found

    def _find(self) -> list[tuple[int, ...]]:
        everything = [tuple(range(len(self._ordered)))]
        if any(not _FAR_REACHING.isdisjoint(traits.words) for traits in self._ordered):
            return everything
        sea = self._sea()
        around = [n for n in sea if self._ordered[n].everywhere]
        if len(around) > _MOST_AROUND:
            return everything
        suppliers = {name: n for n in sea for name in self._ordered[n].binds}
        groups = [self._with_sea(group, around, suppliers) for group in self._joined(sea)]
        # What no island names is looked at, too: an import may be wrong by itself.
        idle = {number for number in sea.difference(*groups) if self._ordered[number].words}
        if idle or not groups:
            groups.append(tuple(sorted({*idle, *around})))
        return groups

    def _sea(self) -> set[int]:
        """The segments that drift: what they bind is bound nowhere else and changed by nobody."""
        binders: dict[str, list[int]] = {}
        for number, traits in enumerate(self._ordered):
            for name in traits.binds:
                binders.setdefault(name, []).append(number)
        sets = set().union(*(traits.sets for traits in self._ordered))
        calls = set().union(*(traits.calls for traits in self._ordered))
        parts = set().union(*(traits.parts for traits in self._ordered))
        sea = {number for number, traits in enumerate(self._ordered) if traits.drifts}
        solid = {name for name, where in binders.items() if len(where) > 1 or where[0] not in sea}
        for name, (first, *_) in binders.items():
            binder = self._ordered[first]
            if (
                name in sets
                or (name in calls and not binder.imports)
                or (binder.is_open and name in parts)
            ):
                solid.add(name)
        while True:
            # What names something solid does not drift.
            sinking = {n for n in sea if not self._ordered[n].words.isdisjoint(solid)}
            if not sinking:
                return sea
            sea -= sinking
            solid.update(name for n in sinking for name in self._ordered[n].binds)

    def _joined(self, sea: set[int]) -> list[list[int]]:
        """The segments outside the sea, those together that share the name of a thing."""
        rest = [number for number in range(len(self._ordered)) if number not in sea]
        solid = {name for number in rest for name in self._ordered[number].binds}
        leader = {number: number for number in rest}

        def lead(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        first: dict[str, int] = {}
        for number in rest:
            traits = self._ordered[number]
            for name in (traits.words & solid) | traits.binds:
                one, other = lead(first.setdefault(name, number)), lead(number)
                leader[max(one, other)] = min(one, other)
        groups: dict[int, list[int]] = {}
        for number in rest:
            groups.setdefault(lead(number), []).append(number)
        return list(groups.values())

    def _with_sea(
        self, group: list[int], around: list[int], suppliers: Mapping[str, int]
    ) -> tuple[int, ...]:
        found = {*group, *around}
        pending = list(found)
        while pending:
            for word in self._ordered[pending.pop()].words:
                supplier = suppliers.get(word)
                if supplier is not None and supplier not in found:
                    found.add(supplier)
                    pending.append(supplier)
        return tuple(sorted(found))
