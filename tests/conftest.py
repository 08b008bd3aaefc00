"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

RUNTIME = Path(__file__).parent / "runtime"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs real AutoGen, so that ``-m "not runtime"`` gives the quick tests alone."""
    for item in items:
        if RUNTIME in item.path.parents:
            item.add_marker(pytest.mark.runtime)
