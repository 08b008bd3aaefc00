"""What holds for all tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import matrix
from tests.runtime.releases import NEWEST, TARGETS

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("callscope", deadline=None)
hypothesis.settings.load_profile("callscope")

NEED_AUTOGEN = [Path(__file__).parent / folder for folder in ("contracts", "runtime")]


@pytest.fixture(scope="session", autouse=True)
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves anything in the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs real AutoGen, so that ``-m "not runtime"`` gives the quick tests alone."""
    for item in items:
        matrix.enter(item)
        if any(folder in item.path.parents for folder in NEED_AUTOGEN):
            item.add_marker(pytest.mark.runtime)


def pytest_collection_finish() -> None:
    """Look for garbage as seldom as the programs do: all that was collected stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the table of all releases, where others than the newest were asked for."""
    if TARGETS != NEWEST:
        told = terminalreporter.stats
        outcomes = ("passed", "failed", "error", "skipped")
        terminalreporter.section("releases")
        for line in matrix.table(report for each in outcomes for report in told.get(each, ())):
            terminalreporter.write_line(line)
