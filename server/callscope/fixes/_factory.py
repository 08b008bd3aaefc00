"""Writes a family of agents as a factory function, and calls it where members were used."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from callscope.fixes._cst import Draft
from callscope.fixes._family import Family, Part
from callscope.fixes._moving import (
    Bodies,
    gap,
    lines_of,
    moved_text,
    remove_inside,
    take_out,
)
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings
from callscope.fixes.base import CannotFix
from callscope.model.values import External, Instance, Sequence, UserClass


@dataclass(frozen=True)
class Factory:
    """How the factory is called and what it gives back.

    ``results`` are the members that are used elsewhere, in the order in which they are made.
    ``bundle`` is the name of the named tuple for more than two of them, else None.
    """

    name: str
    results: tuple[str, ...]
    bundle: str | None


def plan(draft: Draft, family: Family) -> Factory:
    """Names for the factory of ``family``, which are free wherever it is used."""
    order: dict[str, int] = {}
    for part in family.parts:
        for node in ast.walk(part.statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                order.setdefault(node.id, len(order))
    results = tuple(sorted(family.exported, key=lambda name: order.get(name, len(order))))
    if len(results) == 1:
        private = "_" * results[0].startswith("_")
        name = f"{private}build_{results[0].strip('_').lower()}"
    else:
        name = "build_agents" if "build_agents" not in draft.names else "build_group"
    bundle = draft.free_name("Agents", "AgentGroup") if len(results) > 2 else None
    name = draft.free_name(name)
    if any(name in importer.around.draft().names for importer in family.importers):
        raise CannotFix(f"{name} is taken")
    return Factory(name, results, bundle)


@dataclass
class Carried:
    """What comes from other modules: statements for the factory, the imports it begins with, and
    definitions to put in front of it. ``used`` are the names at home that these need."""

    statements: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


def write(
    draft: Draft,
    around: Surroundings,
    family: Family,
    factory: Factory,
    *,
    cached: bool,
    carried: Carried | None = None,
) -> None:
    """Put the factory into ``draft`` and let everything in its module that used a member call it.

    ``carried`` comes from other modules.
    """
    carried = carried or Carried()
    draft.folds = True
    blank = draft.newline * gap(draft)
    blocks = [*carried.definitions]
    if factory.bundle is not None:
        blocks.append(_bundle_class(draft, around, factory))
    blocks.append(_function(draft, around, family, factory, carried, cached))
    here = {use.node.id for use in family.module_uses}
    if family.importers:
        rename_public(draft, around, dict.fromkeys(family.members), factory)
    else:
        here |= _public(around, family)
    if here:
        blocks.append(draft.lines(_local(draft, factory, here), ""))
    inside = [s for s in family.lifted if s not in around.tree.body]
    guards = remove_inside(draft, inside, Bodies(around.tree))
    whole = [p.statement for p in family.parts if p.whole and p.statement not in family.lifted]
    for part in family.parts:
        if not part.whole:
            strip_decorators(draft, part.statement, part.decorators)
    line = _place(draft, around, family, carried.used, early=bool(here))
    take_out(draft, [*whole, *guards], blank.join(blocks), line, gap(draft))
    inner = set(ast.walk(around.tree))
    for function, names in family.users.items():
        if function in inner:
            assert isinstance(function, FunctionDef)
            draft.insert_first(function, _local(draft, factory, names))
    for guard in around.guards:
        used = {use.node.id for use in family.guard_uses if use.statement is guard} - here
        if used:
            draft.insert_first(guard, _local(draft, factory, used))


def _public(around: Surroundings, family: Family) -> set[str]:
    """Members that must stay at module level because ``__all__`` names them."""
    listed = set()
    for node in around.names.bindings.get("__all__", ()):
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value in family.members:
                listed.add(str(part.value))
    return listed & family.exported


def strip_decorators(draft: Draft, statement: ast.stmt, decorators: tuple[ast.expr, ...]) -> None:
    """Remove the outermost ``decorators`` of a function."""
    first = draft.first_line(statement)
    last = (decorators[-1].end_lineno or 0) - 1
    draft.change(draft.line_start(first), draft.line_start(last + 1), "")


def _place(
    draft: Draft, around: Surroundings, family: Family, used: set[str], *, early: bool
) -> int:
    """The line the factory goes in front of: behind the last statement that moves into it, and
    behind all it needs if it is called before the module is complete."""
    top = [p.statement for p in family.parts if p.statement in around.tree.body]
    if not top:
        return min(lines_of(draft, guard).first for guard in around.guards)
    last = max(draft.last_line(statement) for statement in top)
    needed = last
    names = set(used)
    for part in family.parts:
        names |= around.names.globals_in(part.statement)
    for name in names - family.members:
        for binding in around.names.bindings.get(name, ()):
            if binding not in top:
                needed = max(needed, draft.last_line(binding))
    if needed == last:
        return last + 1
    called_early = early or any(
        call.where.root.is_module
        and not call.where.guard
        and any(frame.node in family.users for _, frame in call.where.stack)
        for call in around.model.calls
    )
    if not called_early:
        return last + 1
    first_use = min(
        (draft.first_line(use.statement) for use in family.module_uses), default=needed + 1
    )
    if first_use <= needed:
        raise CannotFix("the agent is used before all it needs is defined")
    return needed + 1


# -- the factory ---------------------------------------------------------------------------


def _function(
    draft: Draft,
    around: Surroundings,
    family: Family,
    factory: Factory,
    carried: Carried,
    cached: bool,
) -> str:
    unit, end = draft.indent_unit, draft.newline
    rows = [f"@{_cache(draft)}{end}"] if cached else []
    rows.append(f"def {factory.name}(){_annotation(draft, around, factory)}:{end}")
    rows += [f"{unit}{line}{end}" for line in carried.imports]
    rows += [end] if carried.imports else []
    previous: Part | None = None
    for part in family.parts:
        if previous is not None and _apart(draft, previous, part):
            rows.append(end)
        rows.append(_part(draft, part))
        previous = part
    rows += carried.statements
    given = ", ".join(factory.results)
    given = f"{factory.bundle}({given})" if factory.bundle else given
    rows.append(f"{unit}return {given}{end}")
    return "".join(rows)


def _cache(draft: Draft) -> str:
    for node in draft.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "functools":
            for alias in node.names:
                if alias.name == "cache":
                    return alias.asname or "cache"
    return f"{draft.module_name('functools')}.cache"


def _apart(draft: Draft, first: Part, second: Part) -> bool:
    """Whether a blank line goes between two statements in the factory."""
    if any(isinstance(p.statement, FunctionDef) and p.whole for p in (first, second)):
        return True
    between = range(draft.last_line(first.statement) + 1, draft.first_line(second.statement))
    lines = [draft.source.line(number).strip() for number in between]
    if not first.whole or not second.whole or draft.indent_of(second.statement):
        return False
    return any(not line for line in lines)


def _part(draft: Draft, part: Part) -> str:
    unit = draft.indent_unit
    if part.whole:
        lines = lines_of(draft, part.statement)
        return moved_text(draft, lines, draft.indent_of(part.statement), unit)
    assert isinstance(part.statement, FunctionDef)
    texts = [_reindented(draft, decorator) for decorator in part.decorators]
    return decorated(draft, part.statement.name, part.decorators, texts)


def decorated(
    draft: Draft, function: str, decorators: tuple[ast.expr, ...], texts: list[str]
) -> str:
    """Decorators, written as ``texts``, as calls by hand, the innermost first as Python applies
    them."""
    rows = []
    subject = function
    chained = len(decorators) > 1 and any(map(_names_tool, decorators))
    for number, text in enumerate(reversed(texts)):
        call = f"{text}({subject})"
        if chained and number < len(decorators) - 1:
            # The next decorator takes the tool's name from what this one gives back.
            subject = draft.free_name(f"{function}_tool")
            call = f"{subject} = {call}"
        rows.append(f"{draft.indent_unit}{call}{draft.newline}")
    return "".join(rows)


def _names_tool(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and (
        bool(decorator.args) or any(k.arg in ("name", None) for k in decorator.keywords)
    )


def _reindented(draft: Draft, decorator: ast.expr) -> str:
    """The text of a top-level decorator, its further lines one level deeper."""
    rows = re.split(r"(?<=\n)|(?<=\r)(?!\n)", draft.text(decorator))
    first = decorator.lineno - 1
    return "".join(
        draft.indent_unit + row
        if number and first + number not in draft.lines_in_strings and row.strip()
        else row
        for number, row in enumerate(rows)
    )


# -- types ---------------------------------------------------------------------------------


def _annotation(draft: Draft, around: Surroundings, factory: Factory) -> str:
    """`` -> AssistantAgent`` where the file annotates its functions and the type is known."""
    annotated = any(
        isinstance(node, FunctionDef) and node.returns is not None for node in ast.walk(draft.tree)
    )
    if not annotated:
        return ""
    if factory.bundle is not None:
        return f" -> {factory.bundle}"
    types = [_type(draft, around, name) for name in factory.results]
    if None in types:
        return ""
    return f" -> {types[0]}" if len(types) == 1 else f" -> tuple[{types[0]}, {types[1]}]"


def _type(draft: Draft, around: Surroundings, name: str) -> str | None:
    """The class of a member, as the source names it."""
    value = around.value(name)
    if isinstance(value, Sequence):
        return "list" if value.kind == "list" else None
    if not isinstance(value, Instance) or value.call is None:
        return None
    node = value.call.node
    if around.model.source_of(node).path != around.path:
        return None
    if isinstance(node, ast.Call) and isinstance(value.type, External | UserClass):
        root = node.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in around.names.bindings:
            return draft.text(node.func)
    return None


def _bundle_class(draft: Draft, around: Surroundings, factory: Factory) -> str:
    base = draft.imported_name("typing", "NamedTuple")
    rows = []
    for name in factory.results:
        if name.startswith("_"):
            raise CannotFix("a named tuple has no private fields")
        rows.append(f"{draft.indent_unit}{name}: {_field_type(draft, around, name)}")
    return draft.lines("\n".join([f"class {factory.bundle}({base}):", *rows]), "")


def _field_type(draft: Draft, around: Surroundings, name: str) -> str:
    known = _type(draft, around, name)
    return known if known is not None else draft.imported_name("typing", "Any")


# -- where members were used ---------------------------------------------------------------


def _local(draft: Draft, factory: Factory, names: set[str]) -> str:
    """Statements that bind ``names`` to members of a family of their own."""
    return binding(draft, factory, {name: name for name in names})


def binding(draft: Draft, factory: Factory, names: Mapping[str, str], module: str = "") -> str:
    """Statements that bind members, each to the name in ``names``, to what a call of the factory
    gives; ``module`` is what to write in front of its name."""
    call = f"{module}{factory.name}()"
    wanted = [member for member in factory.results if member in names]
    if factory.bundle is not None:
        if len(wanted) == 1:
            return f"{names[wanted[0]]} = {call}.{wanted[0]}"
        held = draft.free_name("agents", "built")
        fields = ", ".join(f"{held}.{member}" for member in wanted)
        return f"{held} = {call}\n{', '.join(names[member] for member in wanted)} = {fields}"
    if len(wanted) == len(factory.results):
        return f"{', '.join(names[member] for member in wanted)} = {call}"
    return f"{names[wanted[0]]} = {call}[{factory.results.index(wanted[0])}]"


def rename_public(
    draft: Draft, around: Surroundings, names: Collection[str], factory: Factory
) -> None:
    """Let ``__all__`` list the factory where it lists ``names``."""
    listed: list[ast.expr] = []
    for statement in around.names.bindings.get("__all__", ()):
        for node in ast.walk(statement):
            listed += node.elts if isinstance(node, ast.List | ast.Tuple) else []
    ours = [item for item in listed if isinstance(item, ast.Constant) and item.value in names]
    if len(ours) > 1:
        raise CannotFix("__all__ lists several members")
    for item in ours:
        quote = draft.text(item)[0]
        draft.replace(item, f"{quote}{factory.name}{quote}")
