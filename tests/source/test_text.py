"""Positions and their conversions; reading files as Python does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscope.source import Position, PositionEncoding, SourceText, UnreadableSource, read_source

ENCODINGS: tuple[PositionEncoding, ...] = ("utf-8", "utf-16", "utf-32")


def text(content: str) -> SourceText:
    return SourceText(Path("x.py"), content)


def test_utf16_counts_an_emoji_twice() -> None:
    source = text('x = "😀"; y')
    assert source.to_client(Position(0, 8), "utf-16") == 9
    assert source.to_client(Position(0, 8), "utf-8") == 11
    assert source.to_client(Position(0, 8), "utf-32") == 8


@given(st.text(alphabet="aé😀\t中", max_size=12), st.integers(0, 14), st.sampled_from(ENCODINGS))
def test_conversions_are_each_others_inverse(
    line: str, column: int, encoding: PositionEncoding
) -> None:
    source = text(line)
    place = Position(0, min(column, len(line)))
    there = source.to_client(place, encoding)
    assert source.from_client(0, there, encoding) == place


@given(st.text(alphabet="ab\r\n\x0c\u2028é", max_size=30))
def test_lines_are_cut_where_python_cuts_them(content: str) -> None:
    source = text(content)
    assert "".join(source.line(n) for n in range(source.line_count)) == content.replace(
        "\r", ""
    ).replace("\n", "")
    for number in range(source.line_count):
        at = source.offset(Position(number, 0))
        assert content[at : at + len(source.line(number))] == source.line(number)


def test_ast_columns_are_bytes() -> None:
    source = text('name = "é😀"; call(x)\n')
    call = ast.parse(source.text).body[1]
    span = source.range_of(call)
    assert source.slice(span) == "call(x)"


def test_form_feeds_do_not_move_lines() -> None:
    source = text("a = 1\n\x0cb = 2\nc = 3\n")
    last = ast.parse(source.text).body[2]
    assert source.slice(source.range_of(last)) == "c = 3"


def test_positions_past_the_end_are_pulled_back() -> None:
    source = text("ab\ncd")
    assert source.offset(Position(9, 9)) == 5
    assert source.from_client(0, 99, "utf-16") == Position(0, 2)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"\0\1\2", "binary"),
        ("x = 'é'".encode("latin-1"), "not valid utf-8"),
        (b"# coding: no-such-codec\n", "decoded"),
    ],
)
def test_what_is_not_text_is_named(tmp_path: Path, raw: bytes, complaint: str) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(raw)
    with pytest.raises(UnreadableSource, match=complaint):
        read_source(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no such file"):
        read_source(tmp_path / "none.py")
    with pytest.raises(UnreadableSource, match="directory"):
        read_source(tmp_path)


def test_declared_encodings_and_marks_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"))
    read = read_source(path)
    assert (read.encoding, read.bom) == ("iso-8859-1", False)
    assert "é" in read.text
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    read = read_source(path)
    assert read.bom
    assert read.newline == "\r\n"


def _edits(typed: str, most_gone: int) -> st.SearchStrategy[list[tuple[int, int, str]]]:
    place = st.integers(0, 12)
    one = st.tuples(place, st.integers(0, most_gone), st.text(alphabet=typed, max_size=4))
    return st.lists(one.map(lambda edit: (edit[0], edit[0] + edit[1], edit[2])))


@given(
    st.text(alphabet="ab\n\r\f é") | st.text(alphabet="ab\n"),
    _edits("x\n\r", 12) | _edits("x\n", 2) | _edits("x", 1),
)
def test_lines_are_the_same_after_edits(content: str, edits: list[tuple[int, int, str]]) -> None:
    source = SourceText(Path("app.py"), content)
    for one, other, text in edits:
        start, end = sorted((min(one, len(source.text)), min(other, len(source.text))))
        expected = source.text[:start] + text + source.text[end:]
        source = source.edited(start, end, text)
        assert source == SourceText(Path("app.py"), expected)
        fresh = SourceText(Path("app.py"), expected)
        lines = range(fresh.line_count)
        assert source.line_count == fresh.line_count
        assert [source.line(number) for number in lines] == [fresh.line(number) for number in lines]
        assert source.end == fresh.end
