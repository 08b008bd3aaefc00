"""Fixtures for programs that run on real AutoGen."""

from __future__ import annotations

import pytest

from tests.runtime.harness import Environment, environment
from tests.runtime.install import UnavailableError
from tests.runtime.releases import TARGETS


@pytest.fixture(scope="session", params=TARGETS)
def autogen_env(request: pytest.FixtureRequest) -> Environment:
    """Each AutoGen in turn; a test that takes it runs once on each."""
    return installed(request.param)


def installed(target: str) -> Environment:
    """The environment of ``target``; skips the test, saying why, where there can be none."""
    try:
        return environment(target)
    except UnavailableError as reason:
        pytest.skip(str(reason))
