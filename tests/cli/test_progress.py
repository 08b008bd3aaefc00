"""The bar on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from callscope.cli import progress as module
from callscope.cli.progress import Progress
from tests.cli.conftest import Run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "_QUIET_FOR", -1.0)
    monkeypatch.setattr(module, "_EVERY", 0.0)


def screen(text: str) -> list[str]:
    """The lines as they stand in the end."""
    return [line.rpartition("\r\x1b[K")[2] for line in text.split("\n")]


def test_a_bar_that_grows() -> None:
    terminal = Terminal()
    bar = Progress(terminal)
    bar.show(1, 4)
    assert screen(terminal.getvalue()) == ["[######..................] 1 of 4 files"]
    bar.show(3, 4)
    assert screen(terminal.getvalue()) == ["[##################......] 3 of 4 files"]
    bar.show(4, 4)
    bar.clear()
    assert screen(terminal.getvalue()) == [""]


def test_lines_are_written_where_the_bar_was() -> None:
    terminal = Terminal()
    bar = Progress(terminal)

    def work() -> list[str]:
        bar.show(1, 3)
        return ["one", "two"]

    for item in bar.behind(work()):
        terminal.write(f"{item}\n")
    assert screen(terminal.getvalue()) == ["one", "two", ""]


def test_the_bar_is_gone_after_an_interrupt() -> None:
    terminal = Terminal()
    bar = Progress(terminal)

    def items() -> list[int]:
        bar.show(1, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(bar.behind(number for number in items()))
    bar.clear()
    assert screen(terminal.getvalue()) == [""]


@pytest.mark.parametrize("case", ["no terminal", "dumb", "not wanted"])
def test_no_bar(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO() if case == "no terminal" else Terminal()
    if case == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    Progress(stream, wanted=case != "not wanted").show(1, 2)
    assert stream.getvalue() == ""


def test_quick_checks_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_QUIET_FOR", 1000.0)
    terminal = Terminal()
    Progress(terminal).show(1, 2)
    assert terminal.getvalue() == ""


def test_nothing_is_kept_if_so_asked(
    run: Run,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(cache))
    monkeypatch.setenv("CALLSCOPE_NO_CACHE", "0")
    (folder / "one.py").write_text("import autogen\n")
    assert run("check", "--no-cache", str(folder)).code == 0
    assert not list(cache.iterdir())
