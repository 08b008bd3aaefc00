"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

NEED_AUTOGEN = [Path(__file__).parent / folder for folder in ("contracts", "runtime")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs real AutoGen, so that ``-m "not runtime"`` gives the quick tests alone."""
    for item in items:
        if any(folder in item.path.parents for folder in NEED_AUTOGEN):
            item.add_marker(pytest.mark.runtime)
