"""Distributions, versions, and the two lines of releases that classic AutoGen split into.

The same import package ``autogen`` was published under five distribution names. What decides a
contract is not the name on the box but the code inside: Microsoft's line ended with 0.2.40, AG2's
goes on under its own numbers. A :class:`Release` names the line and the number within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

Line = Literal["microsoft", "ag2"]

KNOWN_DISTRIBUTIONS = frozenset(
    {"autogen", "ag2", "pyautogen", "autogen-agentchat", "autogen-core"}
)


class UnknownTarget(ValueError):
    """A ``--target`` that names no distribution and version known; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release of classic AutoGen: its line, and its version in that line."""

    line: Line
    version: Version


@dataclass(frozen=True, slots=True)
class Target:
    """A distribution and version the user's program runs on."""

    distribution: str
    version: Version

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``autogen==0.14.1``; raises :class:`UnknownTarget`."""
        name, equals, number = text.replace(" ", "").partition("==")
        name = name.lower().replace("_", "-")
        if not equals or name not in KNOWN_DISTRIBUTIONS:
            known = ", ".join(sorted(KNOWN_DISTRIBUTIONS))
            raise UnknownTarget(f"target {text!r} is not NAME==VERSION with NAME one of {known}")
        try:
            return cls(name, Version(number))
        except InvalidVersion:
            raise UnknownTarget(f"target {text!r}: {number!r} is not a version") from None

    @property
    def classic(self) -> Release | None:
        """The classic release inside this distribution; None where there is no ``autogen`` API."""
        version = self.version
        if self.distribution == "pyautogen":
            if version < Version("0.3"):
                return Release("microsoft", version)
            # From 0.3 to 0.9 this name carried AG2's code under AG2's number.
            return Release("ag2", version) if version < Version("0.10") else None
        if self.distribution == "autogen-agentchat":
            return Release("microsoft", version) if version < Version("0.4") else None
        if self.distribution == "ag2":
            return Release("ag2", version) if version < Version("1") else None
        if self.distribution == "autogen":
            return Release("ag2", version)
        return None

    @property
    def release(self) -> Release:
        """The classic release whose contracts hold.

        A target without any ``autogen`` is itself a finding; the code that imports it is read as
        what it was written for, the newest classic.
        """
        return self.classic or Release("ag2", Version("0.14.1"))

    def __str__(self) -> str:
        return f"{self.distribution}=={self.version}"

    @property
    def title(self) -> str:
        """The name people use: ``AG2 0.14.1``, ``AutoGen 0.2.40``."""
        release = self.classic
        if release is None:
            return f"{self.distribution} {self.version}"
        return f"{'AG2' if release.line == 'ag2' else 'AutoGen'} {self.version}"


NEWEST_CLASSIC = Target("autogen", Version("0.14.1"))
"""What is assumed where no installed distribution says otherwise."""

KNOWN_TARGETS = tuple(
    Target.parse(text)
    for text in (
        "autogen==0.14.1",
        "ag2==0.14.0",
        "ag2==0.13.4",
        "ag2==0.12.3",
        "ag2==0.11.5",
        "ag2==0.10.5",
        "ag2==0.9.10",
        "pyautogen==0.9.0",
        "pyautogen==0.8.7",
        "pyautogen==0.7.6",
        "pyautogen==0.6.1",
        "pyautogen==0.5.3",
        "ag2==0.4.1",
        "pyautogen==0.3.2",
        "autogen-agentchat==0.2.40",
        "autogen-agentchat==0.2.39",
        "autogen-agentchat==0.2.38",
        "autogen-agentchat==0.2.37",
        "autogen-agentchat==0.2.36",
        "pyautogen==0.2.35",
        "pyautogen==0.2.28",
        "pyautogen==0.2.20",
    )
)
"""The releases that all contracts were tried on, of each line the newest first."""

NEWEST_OF_EACH_LINE = (Target("autogen-agentchat", Version("0.2.40")), NEWEST_CLASSIC)
"""The newest classic release of Microsoft's line, and of AG2's."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The releases a contract row holds for: a version range in each line, or None of that line."""

    microsoft: str | None
    ag2: str | None

    def __contains__(self, release: Release) -> bool:
        wanted = self.microsoft if release.line == "microsoft" else self.ag2
        return wanted is not None and _is_in(release.version, wanted)

    def __str__(self) -> str:
        """In words: ``AutoGen >=0.2.36,<0.3 and AG2 >=0.9.10``."""
        lines = (("AutoGen", self.microsoft), ("AG2", self.ag2))
        named = [f"{line} {wanted}".strip() for line, wanted in lines if wanted is not None]
        return " and ".join(named) or "no release"


@cache
def _is_in(version: Version, wanted: str) -> bool:
    return SpecifierSet(wanted).contains(version, prereleases=True)


ALL = Versions("", "")
AG2_ONLY = Versions(None, "")

DISTRIBUTION_NOTES: dict[str, str] = {
    "ag2": "From 1.0 on, `ag2` is a new framework with `import ag2`. Classic AutoGen lives on as "
    "`autogen` 0.14.1 (`pip install 'autogen<1'`) and as `ag2<1`.",
    "pyautogen": "`pyautogen` 0.10 only pulls in Microsoft's `autogen-agentchat`; its own module "
    "is empty. Classic AutoGen is `autogen` 0.14.1, or `autogen-agentchat==0.2.40`.",
    "autogen-agentchat": "From 0.4 on it provides `autogen_agentchat`, another framework. Classic "
    "AutoGen is `autogen-agentchat==0.2.40`, or AG2's `autogen` 0.14.1.",
    "autogen-core": "It provides `autogen_core`, another framework. Classic AutoGen is `autogen` "
    "0.14.1, or `autogen-agentchat==0.2.40`.",
}
"""Why a distribution has no ``autogen``, and what to install instead."""
