"""Notebooks: cells as one module, and all the way back."""

from __future__ import annotations

import ast
import codecs
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callscope.source import NotebookSource, UnreadableSource, decode_source
from callscope.source.json_spans import inside, read
from callscope.source.magics import as_python, uncovered
from tests.notebooks import code, markdown, notebook

PATH = Path("a.ipynb")


def decoded(text: str) -> NotebookSource:
    source = decode_source(PATH, text.encode("utf-8", "surrogatepass"))
    assert isinstance(source, NotebookSource)
    return source


def _with_text(source: NotebookSource, text: str) -> NotebookSource:
    return replace(source, text=text, _line_cache={})


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableSource) as caught:
        decode_source(PATH, content)
    return str(caught.value)


# -- what is Python in a cell ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%pip install ag2\nx = 1", "get_ipython()\nx = 1"),
        ("!ls 'a\nx = 1", "get_ipython()\nx = 1"),
        ("files = !ls\nx = 1", "files = get_ipython()\nx = 1"),
        ("a, b = %sx ls\nx = 1", "a, b = get_ipython()\nx = 1"),
        ("?print\nprint??\nx = 1", "get_ipython()\nget_ipython()\nx = 1"),
        ("if x:\n    !ls\n    y = 1", "if x:\n    get_ipython()\n    y = 1"),
        ("!ls \\\n  -l\nx = 1", "get_ipython()\n\nx = 1"),
        ("%time x = f()", "pass; x = f()"),
        ("%time for x in y: f(x)", "get_ipython()"),
        ("%%time\nx = 1", "\nx = 1"),
        ("\n%%capture out\nx = 1", "\n\nx = 1"),
        ("%%bash\nif x; then y; fi", "\n"),
        ("%%writefile a.py\nimport autogen\n\nx = 1", "\n\n\n"),
        ("%%html\n<p>", "\n"),
        ("pip install ag2\nx = 1", "get_ipython()\nx = 1"),
        ("await x\nasync for y in z: pass", "await x\nasync for y in z: pass"),
        ("a = '''\n!no\n%d\n?no\n'''\n!ls", "a = '''\n!no\n%d\n?no\n'''\nget_ipython()"),
        ("a = (b\n% c\n)\n!ls", "a = (b\n% c\n)\nget_ipython()"),
        ("a = b % c", "a = b % c"),
        ("a != b\na %= b\n!ls", "a != b\na %= b\nget_ipython()"),
    ],
)
def test_magics_are_covered_line_for_line(cell: str, python: str) -> None:
    made, problem = as_python(cell)
    assert problem is None
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(python))
    assert made.count("\n") == cell.count("\n")
    assert uncovered(made) == cell


def test_code_behind_time_stays_in_its_columns() -> None:
    for magic in ("%time ", "%timeit   ", "%prun "):
        cell = f"{magic}reply = agent.ask('é')"
        made, _ = as_python(cell)
        assert made.index("reply") == cell.index("reply")


def test_what_is_broken_costs_only_its_statement() -> None:
    made, problem = as_python("a = 1\nb = (\nc = 3")
    assert problem is not None
    assert "never closed" in problem.message
    assert problem.range.start.line == 1
    assert ast.unparse(ast.parse(made)).startswith("a = 1")


PIECES = st.lists(
    st.sampled_from(
        ["%pip x", "!ls", "%%bash", "%%time", "x = !ls", "?a", "a?", "x = (", ")", "'''", "if x:",
         "    y = 1", "    !ls", "%time f()", "# é", "\\", "@x", "\x0c", "é", "\x1f", "#\x1f",
         "pass  #\x1f", "\x00", "", "def f():", "\ud800"]
    ),
    max_size=7,
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
CELL = st.builds(lambda lines, end: end.join(lines), PIECES, ENDS)


@given(CELL)
def test_what_was_covered_can_be_uncovered(cell: str) -> None:
    made, _ = as_python(cell)
    assert uncovered(made) == cell
    assert as_python(uncovered(made))[0] == made


# -- cells and lines ---------------------------------------------------------------------------


def test_lines_know_their_cells() -> None:
    source = decoded(notebook(markdown("# a\n\nb"), "x = 1\ny = 2", markdown("c"), "", "z = 3\n"))
    assert source.numbers == (2, 4, 5)
    assert source.cells == ["x = 1\ny = 2", "", "z = 3\n"]
    lines = source.text.split("\n")
    assert source.in_cell(lines.index("y = 2")) == (2, 1)
    assert source.in_cell(lines.index("z = 3")) == (5, 0)
    assert source.line_name(lines.index("y = 2")) == "2 of cell 2"


@given(st.lists(CELL, max_size=5))
@example(["a\r", "b"])
def test_there_and_back(cells: list[str]) -> None:
    source = decoded(json.dumps({"cells": [code(c, source=c) for c in cells], "nbformat": 4}))
    assert source.cells == cells
    assert source.can_become(source.text)
    for number, (start, cell) in enumerate(zip(source.starts, cells, strict=True), 1):
        assert source.in_cell(start) == (number, 0)
        last = cell.rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n").count("\n")
        assert source.in_cell(start + last) == (number, last)


def test_a_broken_cell_hides_no_other() -> None:
    source = decoded(notebook("a = 1", "b = '''", "c = 3"))
    names = [n.id for n in ast.walk(ast.parse(source.text)) if isinstance(n, ast.Name)]
    assert names == ["a", "c"]
    problem = source.problem_before
    assert problem is not None
    assert source.in_cell(problem.range.start.line) == (2, 0)


def test_text_that_moves_a_border_or_a_magic_is_refused() -> None:
    source = decoded(notebook("x = 1", "%%time\ny = 2", "!ls"))
    border = next(line for line in source.text.split("\n") if line.startswith("pass"))
    assert source.can_become(source.text.replace("y = 2", "y = 3"))
    assert not source.can_become(source.text.replace(f"{border}\n", "", 1))
    assert not source.can_become(source.text.replace("x = 1", f"x = 1\n{border}"))
    assert not source.can_become(source.text.replace("#\x1f%%time", "import y\n#\x1f%%time"))
    assert not source.can_become(source.text.replace("get_ipython()", "    get_ipython()"))


# -- files -------------------------------------------------------------------------------------


def test_a_notebook_of_another_language_has_no_cells() -> None:
    for metadata in (
        {"language_info": {"name": "julia"}},
        {"kernelspec": {"language": "R", "name": "ir"}},
    ):
        assert decoded(notebook("import autogen", metadata=metadata)).text == ""
    for unsaid in ({}, {"kernelspec": {"name": "python3"}}, {"language_info": {"name": "Python"}}):
        assert decoded(notebook("import autogen", metadata=unsaid)).text == "import autogen"


def test_a_cell_of_another_language_is_none() -> None:
    other = code("SELECT 1", metadata={"vscode": {"languageId": "sql"}})
    raw = {"cell_type": "raw", "metadata": {}, "source": ["import raw"]}
    assert decoded(notebook(other, raw, "x = 1")).numbers == (3,)


def test_what_is_no_notebook_is_refused_in_words() -> None:
    assert "invalid JSON in line 2, column 1" in refused(b"{\n")
    assert refused(b"[]") == "is not a notebook"
    assert refused(b"{}") == "is not a notebook"
    assert "not valid utf-8" in refused(b'{"nbformat": "\xff"}')
    assert "format 3" in refused(b'{"nbformat": 3, "worksheets": []}')
    assert "cell 1 has no source" in refused(b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}')
    assert "nested" in refused(b"[" * 200_000)
    assert decoded('{"nbformat": 4, "cells": []}').text == ""


def test_a_byte_order_mark_and_cr_lf_stay() -> None:
    raw = codecs.BOM_UTF8 + notebook("x = 1").replace("\n", "\r\n").encode()
    source = decode_source(PATH, raw)
    assert source.bom
    assert codecs.BOM_UTF8 + source.file_text.encode() == raw


def test_the_style_of_the_source_is_kept() -> None:
    cell = '"source": ["a = \\u00e9\\n",\t"b = 2\\n",\t"c = 3" ]'
    raw = f'{{"cells": [{{{cell}, "cell_type": "code"}}], "nbformat": 4}}'
    source = decoded(raw)
    changed = _with_text(source, source.text.replace("b = 2", "b = 'ü'\nd = 4"))
    assert changed.file_text == raw.replace('"b = 2\\n"', '"b = \'\\u00fc\'\\n",\t"d = 4\\n"')


# -- nothing but the sources of changed cells is written -----------------------------------------


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def cells_of_notebooks(draw: st.DrawFn) -> dict[str, Any]:
    text = draw(CELL)
    source: object = text
    if draw(st.booleans()):
        source = text.splitlines(keepends=True)
    kind = draw(st.sampled_from(["code", "code", "markdown", "raw"]))
    members = [("cell_type", kind), ("source", source), ("outputs", draw(ANY)), ("é", draw(ANY))]
    return dict(draw(st.permutations(members)))


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    cells = draw(st.lists(cells_of_notebooks(), max_size=4))
    members = [("cells", cells), ("nbformat", 4), ("metadata", {}), ("more", draw(ANY))]
    return json.dumps(
        dict(draw(st.permutations(members))),
        indent=draw(st.sampled_from([None, 0, 1, 2, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    ) + draw(st.sampled_from(["", "\n", "\r\n"]))


def _source_spans(raw: str) -> list[tuple[int, int]]:
    spans = []
    for member in inside(raw, read(raw)):
        for cell in inside(raw, member) if member.key == "cells" else ():
            if cell.value["cell_type"] == "code":
                spans += [(s.start, s.end) for s in inside(raw, cell) if s.key == "source"]
    return spans


@given(notebooks(), st.data())
def test_all_else_stays_byte_for_byte(raw: str, data: st.DataObject) -> None:
    source = decoded(raw)
    assert source.file_text == raw
    if not source.numbers:
        return
    changed = data.draw(st.integers(0, len(source.numbers) - 1))
    texts = list(source.cells)
    texts[changed] = data.draw(CELL)
    pairs = zip(source.numbers, texts, strict=True)
    made = _with_text(source, NotebookSource.of_cells(PATH, pairs).text).file_text

    old, new = _source_spans(raw), _source_spans(made)
    assert decoded(made).cells == texts
    start, end = old[changed]
    assert made[:start] == raw[:start]
    assert made[new[changed][1] :] == raw[end:]
