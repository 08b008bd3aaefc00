"""Writes a factory whose agents are used, or set up, in several files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from callscope.fixes._carrying import Carrier, take_away, would_be_circular
from callscope.fixes._cst import Draft
from callscope.fixes._factory import (
    Carried,
    Factory,
    binding,
    decorated,
    plan,
    rename_public,
    strip_decorators,
    write,
)
from callscope.fixes._family import Family, ForeignPart
from callscope.fixes._importers import Importer, Mention
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings
from callscope.fixes.base import CannotFix, Files
from callscope.project import Workspace
from callscope.source import SourceText


def texts_with_factory(
    home: Surroundings, family: Family, files: Files, *, cached: bool
) -> Iterator[tuple[SourceText, str]]:
    """The new texts of the module ``home``, which gets the factory, and of those that use it."""
    draft, workspace = home.draft(), files.workspace
    factory = plan(draft, family)
    if workspace is None:
        write(draft, home, family, factory, cached=cached)
        yield home.source, draft.finish()
        return
    carriers = _carriers(home, family, workspace, draft)
    carried = Carried()
    texts: dict[ast.stmt, str] = {}
    for carrier in carriers:
        parts = [part for part in family.foreign if part.around is carrier.away]
        statements = [part.statement for part in parts if not part.decorators]
        found = carrier.carry(statements, draft.indent_unit)
        carried.definitions += found[: len(carrier.brought)]
        texts.update(zip(statements, found[len(carrier.brought) :], strict=True))
        texts.update({p.statement: _tool(carrier, p) for p in parts if p.decorators})
        carried.used |= carrier.used
    carried.statements = [texts[part.statement] for part in family.foreign]
    others = [_rewritten(each, carriers, family, factory, files) for each in family.importers]
    edited = workspace.having(
        *(replace(source, text=text, _line_cache={}) for source, text in others)
    )
    for carrier in carriers:
        _import(carrier, edited, carried)
    if carried.imports and family.at_import(home):
        raise CannotFix("the modules would import each other")
    write(draft, home, family, factory, cached=cached, carried=carried)
    yield home.source, draft.finish()
    yield from others


def _tool(carrier: Carrier, part: ForeignPart) -> str:
    """The decorators of a function of another module, called by hand."""
    assert isinstance(part.statement, FunctionDef)
    name = carrier.from_file(carrier.away.path, part.statement.name)
    texts = [carrier.expression(decorator) for decorator in part.decorators]
    return decorated(carrier.draft, name, part.decorators, texts)


def _carriers(
    home: Surroundings, family: Family, workspace: Workspace, draft: Draft
) -> list[Carrier]:
    places = list(dict.fromkeys(part.around for part in family.foreign))
    known = [importer.around for importer in family.importers]
    if any(place not in known for place in places):
        raise CannotFix("set up by a file that does not import it")
    return [Carrier(home, place, workspace, draft) for place in places]


def _import(carrier: Carrier, edited: Workspace, carried: Carried) -> None:
    """Import what the carried statements need: in the factory, where the two modules would import
    each other."""
    inside: dict[str, list[str]] = {}
    for file, name in carrier.needed:
        module = carrier.module_text(file)
        if would_be_circular(edited, file, carrier.home.path):
            inside.setdefault(module, []).append(name)
        else:
            carrier.import_at_top(file, name)
    for module, names in inside.items():
        carried.imports.append(f"from {module} import {', '.join(sorted(names))}")


# -- importers -----------------------------------------------------------------------------


def _rewritten(
    importer: Importer,
    carriers: list[Carrier],
    family: Family,
    factory: Factory,
    files: Files,
) -> tuple[SourceText, str]:
    """The text of a file that uses members, with the factory in their place."""
    around = importer.around
    draft = around.draft()
    parts = [part for part in family.foreign if part.around is around]
    statements = [part.statement for part in parts if not part.decorators]
    stripped = [part for part in parts if part.decorators]
    for part in stripped:
        strip_decorators(draft, part.statement, part.decorators)
    for carrier in carriers:
        statements += carrier.brought if carrier.away is around else []
    imported = {carrier.home.path for carrier in carriers}
    imported.update(file for carrier in carriers for file, _ in carrier.needed)
    renamed = importer.renamed(factory.name)
    going = [node for part in stripped for node in part.nodes()]
    take_away(draft, around, statements, renamed, importer.kept, imported, going)
    if around.path not in files.keepers:
        rename_public(draft, around, importer.exports, factory)
    gone = set(family.gone())
    left = [mention for mention in importer.mentions if mention.node not in gone]
    for place in dict.fromkeys(map(_place, left)):
        _bind(draft, factory, [mention for mention in left if _place(mention) == place])
    return around.source, draft.finish()


def _place(mention: Mention) -> tuple[object, ...]:
    """What mentions have in common that one call of the factory serves."""
    body = mention.function or (mention.statement if mention.in_guard else None)
    return body, mention.module is not None, mention.binding


def _bind(draft: Draft, factory: Factory, mentions: list[Mention]) -> None:
    """Let one call of the factory serve ``mentions``."""
    first = mentions[0]
    names: dict[str, str] = {}
    for mention in mentions:
        name = names.get(mention.member)
        if mention.module is None:
            name = draft.text(mention.node)
        elif name is None:
            name = draft.free_name(mention.member, f"{mention.member}_agent")
        if names.setdefault(mention.member, name) != name:
            raise CannotFix("it goes by two names")
        if mention.module is not None:
            draft.replace(mention.node, name)
    module = f"{draft.text(first.module)}." if first.module is not None else ""
    code = binding(draft, factory, names, module)
    if first.binding is not None:
        draft.insert_after(first.binding, code)
    elif first.function is not None:
        draft.insert_first(first.function, code)
    elif first.in_guard:
        draft.insert_first(guard_of(first), code)
    else:
        draft.insert_before(first.statement, code)


def guard_of(mention: Mention) -> ast.If:
    """The main guard that a mention stands under."""
    assert isinstance(mention.statement, ast.If)
    return mention.statement
