"""The benchmarks measure what they say."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from callscope.check import check
from callscope.contracts import Target
from callscope.project import Config, Project
from callscope.source import SourceText
from tests.bench import instructions, measure
from tests.bench.edits import BODY, PLAIN, SHARED, SIGNATURE, UNFINISHED, VALID, document, keys
from tests.bench.hot_path import type_keys
from tests.bench.measure import Effort, summary
from tests.bench.modules import module, project
from tests.bench.report import machine, page, printed
from tests.bench.servers import CHECKERS, OURS, ROOT, SERVERS, Server
from tests.test_repository import requirements

PROJECT = Project(Config(target=Target.parse("autogen==0.14.1")))


def _codes(text: str) -> list[str]:
    return [each.code for each in check(PROJECT, SourceText(Path("app.py"), text)).findings]


@pytest.mark.parametrize("lines", [60, 100, 500, 2_000, 5_000])
def test_modules_are_as_long_as_they_should_be(lines: int) -> None:
    text = module(lines)
    assert text.count("\n") == lines
    assert text == module(lines)
    ast.parse(text)


def test_modules_have_something_to_find() -> None:
    assert _codes(module(1_000)) == ["CB202", "CB201"] * 5


@pytest.mark.parametrize("lines", [100, 2_000])
def test_edits_do_what_they_are_named_for(lines: int) -> None:
    here = document(lines, VALID)
    before = _codes(here.text)
    for edit in here.edits.values():
        ast.parse(edit.applied(here.text))
    for name in (PLAIN, BODY):
        assert _codes(here.edits[name].applied(here.text)) == before
    assert set(_codes(here.edits[SIGNATURE].applied(here.text))) - set(before) or (
        len(_codes(here.edits[SIGNATURE].applied(here.text))) > len(before)
    )
    ending = here.edits[SHARED].applied(here.text).splitlines()[here.edits[SHARED].line]
    assert ending == "coordinators = ConversableAgent("
    typed = keys(here.text, here.edits[PLAIN])
    first, second = next(typed), next(typed)
    assert first == (0, "x", here.edits[PLAIN].applied(here.text))
    assert second == (1, "", here.text)


def test_half_typed_is_half_typed() -> None:
    here = document(500, UNFINISHED)
    with pytest.raises(SyntaxError):
        ast.parse(here.text)
    assert here.edits.keys() == document(500, VALID).edits.keys()


def test_projects_import_each_other(tmp_path: Path) -> None:
    project(tmp_path, 50)
    files = sorted(tmp_path.rglob("module_*.py"))
    assert len(files) == 50
    texts = [file.read_text() for file in files]
    assert sum("autogen" in text for text in texts) == 13
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shop"):
                folder = tmp_path.joinpath(*(node.module or "").split("."))
                assert (folder / f"{node.names[0].name}.py").exists()


def test_summaries() -> None:
    found = summary([number / 1000 for number in range(1, 21)])
    assert found == {"median": 10.5, "p95": 19.0, "samples": 20}
    assert summary([0.5]) == {"median": 500.0, "p95": 500.0, "samples": 1}


_POSIX = pytest.mark.skipif(os.name == "nt", reason="the stop-watch waits as POSIX can")


@_POSIX
def test_the_clock_runs_from_a_key_to_diagnostics() -> None:
    rows = list(measure.latency(SERVERS[:1], [100], Effort(2, 5)))
    assert [(row["state"], row["edit"]) for row in rows] == [
        (state, edit) for state in (VALID, UNFINISHED) for edit in (PLAIN, BODY, SIGNATURE, SHARED)
    ]
    assert all(row["server"] == OURS and 0 < row["median"] <= row["p95"] for row in rows)
    plain, signature = rows[0], rows[2]
    assert signature["diagnostics"] > plain["diagnostics"]


@_POSIX
def test_memory_is_that_of_a_server_with_files_open(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"app{number}.py").write_text("import autogen\n" * (number + 1))
    (tmp_path / "other.py").write_text("import os\n" * 99)
    rows = list(measure.memory(SERVERS[:1], Effort(1, 0.1), 4, tmp_path))
    assert [row["what"] for row in rows] == [
        "one module", "4 files, 10 open", f"{tmp_path.name}, 10 open"
    ]  # fmt: skip
    assert all(20 < row["megabytes"] < 1_000 for row in rows)


@_POSIX
def test_a_server_that_does_not_answer_is_told_of(tmp_path: Path) -> None:
    mute = tmp_path / "mute.py"
    mute.write_text("import sys\nsys.stdin.read(1)\n")
    server = Server(OURS, OURS, (str(mute),))
    rows = list(measure.answers([server], Effort(1, 1, timeout=5)))
    assert [row["failed"] for row in rows] == ["the server has ended"] * 2


RESULTS = {
    "machine": machine(),
    "versions": {OURS: "1", "ruff": "2"},
    "latency": [
        {"server": OURS, "lines": 100, "state": VALID, "edit": PLAIN, **summary([0.002])},
        {"server": "ruff", "lines": 100, "state": VALID, "edit": PLAIN, **summary([0.001])},
        {"server": "ty", "lines": 100, "state": VALID, "edit": "all", "failed": "no"},
    ],
    "memory": [
        {"server": OURS, "what": "one module", "megabytes": 60.5},
        {"server": "ty", "what": "one module", "failed": "no"},
    ],
    "tree": {"name": "shop", "modules": 20, "notebooks": 1},
    "trees": [
        {"checker": OURS, "cache": "empty", "seconds": 4.0, "processor": 5.0},
        {"checker": "ruff", "cache": "empty", "seconds": 2.0, "processor": 3.0},
    ],
}


def test_tables_and_page() -> None:
    lines = [line.split() for line in printed(RESULTS).splitlines()]
    assert ["callscope", "2.0", "/", "2.0"] in lines
    assert ["ruff", "1.0", "/", "1.0", "(0.50x)"] in lines
    text = page(RESULTS, "images")
    assert "| callscope | empty | 4.00 (2.0x) | 5.00 |" in text
    assert "| ty | - |" in text
    assert "| callscope | 60.5 |" in text
    assert "shop: 20 modules and 1 notebooks. " in text
    assert "![From a key to diagnostics" in text


def test_the_page_says_what_was_measured() -> None:
    results = ROOT / "docs" / "benchmarks.json"
    if results.exists():
        written = (ROOT / "docs" / "benchmarks.md").read_text()
        assert written == page(json.loads(results.read_text()), "images")
        for kind in ("svg", "png"):
            assert (ROOT / "docs" / "images" / f"latency.{kind}").exists()


def test_what_is_compared_is_pinned() -> None:
    pinned = {
        each.name: str(each.specifier)
        for each in requirements(Path(__file__).with_name("requirements.txt"))
    }
    assert all(each.startswith("==") for each in pinned.values())
    assert {*CHECKERS, *(server.distribution for server in SERVERS[1:])} <= pinned.keys()


async def test_the_hot_path_is_gone_through(tmp_path: Path) -> None:
    await type_keys(tmp_path, counted=False)


def test_counts_are_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(instructions, "_RECORD", tmp_path / "record.json")
    for counted, arguments, code in (
        (1000, [], 0), (1000, ["--record"], 0), (1400, [], 0), (1600, [], 1), (900, [], 0)
    ):  # fmt: skip
        monkeypatch.setattr(instructions, "for_a_key", lambda counted=counted: counted)
        assert instructions.main(arguments) == code
