"""Trees are kept as long as there is room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callscope.project import sources as module
from callscope.project.sources import Sources

NAMES = ("a.py", "b.py", "c.py")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name in NAMES:
        (tmp_path / name).write_text("x = 1\n" * 10)
    return [tmp_path / name for name in NAMES]


def test_a_file_is_parsed_once(files: list[Path]) -> None:
    sources = Sources()
    trees = [sources.parsed(file) for file in files]
    assert all(sources.parsed(file) is tree for file, tree in zip(files, trees, strict=True))


def test_the_one_that_was_not_asked_for_longest_makes_room(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PARSED", 150)
    sources = Sources()
    a, b, c = files
    tree_of_a, tree_of_b = sources.parsed(a), sources.parsed(b)
    assert sources.parsed(a) is tree_of_a
    tree_of_c = sources.parsed(c)
    assert sources.parsed(a) is tree_of_a
    assert sources.parsed(c) is tree_of_c
    again = sources.parsed(b)
    assert again is not tree_of_b
    assert again is not None
    assert again.source is sources.text(b)


def test_one_that_is_too_large_is_kept_alone(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PARSED", 10)
    sources = Sources()
    tree = sources.parsed(files[0])
    assert sources.parsed(files[0]) is tree
    sources.parsed(files[1])
    assert sources.parsed(files[0]) is not tree


def test_an_edit_takes_the_place_of_the_file(files: list[Path]) -> None:
    sources = Sources()
    old = sources.parsed(files[0])
    files[0].write_text("y = 2\n")
    new = sources.parsed(files[0])
    assert new is not old
    assert new is not None
    assert new.source.text == "y = 2\n"
    assert sources.parsed(files[0]) is new


def test_threads_do_not_get_in_each_others_way(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_PARSED", 100)
    sources = Sources()
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(sources.parsed, files * 100))
    assert all(
        tree is not None and tree.source.path == file
        for tree, file in zip(found, files * 100, strict=True)
    )
