"""The releases of classic AutoGen that the tests run on.

Every test runs on the newest of each line. ``CALLSCOPE_TARGETS`` asks for others: ``all``, or some
of :data:`ALL` separated by spaces:

    CALLSCOPE_TARGETS="pyautogen==0.2.20 ag2==0.9.10" .venv/bin/pytest tests/contracts
"""

from __future__ import annotations

import os

from packaging.version import Version

from callscope.contracts import Target

NEWEST = ("autogen-agentchat==0.2.40", "autogen==0.14.1")
"""The newest release of each line, each installed with the engines that its programs scale out
with, as ``requirements-<release>.txt`` pins them."""

ENGINES_ON = NEWEST[-1]
"""The release that every engine is tried with. What a worker meets of its parent is the engine's
doing, and the same for all releases."""

OLDER: dict[str, tuple[str, ...]] = {
    "pyautogen==0.2.20": (),
    "pyautogen==0.2.28": (),
    "pyautogen==0.2.35": (),
    "autogen-agentchat==0.2.36": (),
    "autogen-agentchat==0.2.37": (),
    "autogen-agentchat==0.2.38": (),
    "autogen-agentchat==0.2.39": (),
    "pyautogen==0.3.2": (),
    "ag2==0.4.1": (),
    "pyautogen==0.5.3": (),
    "pyautogen==0.6.1": (),
    "pyautogen==0.7.6": ("fast-depends==2.4.12",),
    "pyautogen==0.8.7": (),
    "pyautogen==0.9.0": (),
    "ag2==0.9.10": (),
    "ag2==0.10.5": (),
    "ag2==0.11.5": (),
    "ag2==0.12.3": (),
    "ag2==0.13.4": (),
    "ag2==0.14.0": (),
}
"""Older releases that contracts are stated for, and what one needs in another version than
``requirements-older.txt`` pins for all of them. Those before 0.2.20 have other contracts, which are not stated."""


def _age(target: str) -> tuple[bool, Version]:
    release = Target.parse(target).release
    return release.line == "ag2", release.version


ALL = tuple(sorted((*OLDER, *NEWEST), key=_age))
"""Every release, Microsoft's first, in the order of their numbers."""


def _asked_for() -> tuple[str, ...]:
    asked = os.environ.get("CALLSCOPE_TARGETS", "")
    return ALL if asked == "all" else tuple(asked.split()) or NEWEST


TARGETS = _asked_for()
"""The releases of this run."""
