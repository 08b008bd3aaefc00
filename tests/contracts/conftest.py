"""Fixtures for the tests that hold the contract tables against real AutoGen."""

from __future__ import annotations

import pytest

from tests.contracts.facts import Surface, surface
from tests.runtime.conftest import installed
from tests.runtime.releases import TARGETS


@pytest.fixture(scope="session", params=TARGETS)
def real(request: pytest.FixtureRequest) -> Surface:
    """Each release in turn."""
    return surface(installed(request.param))
