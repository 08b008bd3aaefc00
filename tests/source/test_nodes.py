"""Going through a tree: as ``ast.walk`` does, but for what says nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import callscope
from callscope.source import names_in, nodes_of, walk
from callscope.source.nodes import move

SILENT = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
FILES = [file for top in callscope.__path__ for file in Path(top).rglob("*.py")]

ALL_KINDS = """\
async def f[*Ts](a, /, b: int = 1, *c, d=lambda: 0, **e) -> str:
    global g
    async with a as (b, c), d: ...
    async for x, in await y: continue
    else: break
    try: raise E from None
    except* (A, B) as e: del e.x[1:2, ...]
    finally: assert not a, f"{b!r:>{c}}"
    match a:
        case {"k": [1, *_, str(x=y)], **rest} | None if b <= c is d: nonlocal h
    return {**a, 1: {*b}} | {i: (yield from j) for i in k if l async for m in n} @ -o or p and q
class C(metaclass=D): x: int; y += (z := 1) if w else [u]
"""


def all_kinds(line: int = 0) -> ast.Module:
    """A tree with nodes of all kinds that this Python has, from a 0-based line on."""
    text = "\n" * line + ALL_KINDS
    try:
        return ast.parse(text)
    except SyntaxError:
        # Before Python 3.12.
        return ast.parse(text.replace("[*Ts]", "").replace("except*", "except"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_nodes_are_met_in_the_same_order(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, SILENT)]


def test_nodes_of_every_kind_are_met() -> None:
    tree = all_kinds()
    expected = [node for node in ast.walk(tree) if not isinstance(node, SILENT)]
    assert walk(tree) == expected
    in_turn = [tree, *(node for statement in tree.body for node in walk(statement))]
    assert set(in_turn) == set(expected)
    for kind in {type(node) for node in expected}:
        same = [node for node in in_turn if type(node) is kind]
        assert list(nodes_of(tree, kind)) == same == list(nodes_of(tree, kind))


def test_a_tree_is_moved_as_a_whole() -> None:
    tree, lower = all_kinds(), all_kinds(line=3)
    move(tree, 3)
    assert ast.dump(tree, include_attributes=True) == ast.dump(lower, include_attributes=True)
    move(tree, -3)
    assert ast.dump(tree, include_attributes=True) != ast.dump(lower, include_attributes=True)


def test_names_and_attributes() -> None:
    tree = ast.parse("def f(a, b=c.d): return a[e].g(h=1, **i)")
    assert names_in(tree) == names_in(tree) == {"a", "c", "d", "e", "g", "i"}
