"""What is kept of a project from one run to the next."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callscope.project import Workspace
from callscope.project.facts import facts_of
from callscope.project.store import Kept, Store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "pyproject.toml").touch()
    (made / "main.py").write_text("import agents\n")
    (made / "agents.py").write_text("import autogen\n")
    return made


@pytest.fixture
def store(root: Path, tmp_path: Path) -> Store:
    return Store(root, tmp_path / "cache")


def looked_through(root: Path, store: Store | None) -> dict[str, list[str]]:
    """Who is imported by whom, as a new process would find it."""
    graph = Workspace(root, store=store).graph
    return {
        file.name: sorted(other.name for other in graph.importers(file)) for file in graph.files
    }


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise AssertionError(f"{path} was read again")

    original = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda p: original(p) if p.suffix == ".json" else refuse(p)
    )


def test_nothing_is_read_twice(root: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = looked_through(root, store)
    assert first == {"agents.py": ["main.py"], "main.py": []}
    forbid_reading(monkeypatch)
    assert looked_through(root, store) == first


def test_an_edit_is_seen(root: Path, store: Store) -> None:
    looked_through(root, store)
    (root / "main.py").write_text("import other\n")
    (root / "other.py").write_text("import agents\n")
    assert looked_through(root, store) == looked_through(root, None)


def test_a_file_that_was_only_touched_keeps_its_facts(root: Path, store: Store) -> None:
    looked_through(root, store)
    os.utime(root / "main.py", (1, 1))
    looked_through(root, store)
    kept = store.load()[str(root / "main.py")]
    assert kept.changed == (root / "main.py").stat().st_ctime_ns
    assert kept.facts == facts_of("import agents\n")


def test_a_file_that_is_gone_is_forgotten(root: Path, store: Store) -> None:
    looked_through(root, store)
    (root / "main.py").unlink()
    assert looked_through(root, store) == {"agents.py": []}
    assert list(store.load()) == [str(root / "agents.py")]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\x00", b"[]", b"null", b'{"schema": 1}', b'{"schema": "x", "files": {}}'],
)
def test_a_damaged_index_is_made_anew(root: Path, store: Store, content: bytes) -> None:
    expected = looked_through(root, store)
    good = store.file.read_bytes()
    store.file.write_bytes(content)
    assert looked_through(root, store) == expected
    assert store.file.read_bytes() == good


@pytest.mark.parametrize("row", [[], [1, 2], [1, 2, "3", [[], True]], {"a": 1}, None])
def test_damaged_rows_are_made_anew(root: Path, store: Store, row: object) -> None:
    expected = looked_through(root, store)
    document = json.loads(store.file.read_bytes())
    document["files"][str(root / "main.py")] = row
    store.file.write_text(json.dumps(document))
    assert looked_through(root, store) == expected


def test_an_index_of_another_version_is_not_used(root: Path, store: Store) -> None:
    looked_through(root, store)
    document = json.loads(store.file.read_bytes())
    document["schema"] = "another"
    document["files"][str(root / "main.py")][3][0] = ["nonsense"]
    store.file.write_text(json.dumps(document))
    assert looked_through(root, store)["agents.py"] == ["main.py"]


def test_where_nothing_can_be_written_all_is_found_out_again(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = Store(root, tmp_path / "cache")
    assert looked_through(root, store) == looked_through(root, None)


def test_writers_do_not_get_in_each_others_way(store: Store) -> None:
    rows = {
        str(number): {f"{number}-{n}": Kept(n, n, "d", facts_of("import os")) for n in range(200)}
        for number in range(8)
    }
    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(store.save, each) for each in rows.values() for _ in range(10)]
        seen = [store.load() for _ in range(60)]
        for writer in writers:
            writer.result()
    assert all(each in ({}, *rows.values()) for each in seen)
    assert store.load() in list(rows.values())
    assert [file.name for file in store.file.parent.iterdir()] == [store.file.name]


def test_projects_nobody_checks_any_more_are_removed(store: Store) -> None:
    store.save({})
    old = store.file.with_name("index-old.json")
    old.touch()
    os.utime(old, (1, 1))
    foreign = store.file.with_name("precious.json")
    foreign.touch()
    os.utime(foreign, (1, 1))
    store.save({})
    assert (store.file.exists(), old.exists(), foreign.exists()) == (True, False, True)


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path / "mine"))
    made = Store.of(tmp_path)
    assert made is not None
    assert made.file.parent == tmp_path / "mine"
    other = Store.of(tmp_path / "other")
    assert other is not None
    assert other.file != made.file
    monkeypatch.setenv("CALLSCOPE_NO_CACHE", "1")
    assert Store.of(tmp_path) is None
