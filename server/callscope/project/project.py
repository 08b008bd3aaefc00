"""A project: the configuration and the release that its files are checked against."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from callscope.contracts import NEWEST_CLASSIC, Target
from callscope.project.config import Config, load_config
from callscope.project.environment import Installed, installed_distributions
from callscope.project.locked import Locked, locked_release
from callscope.project.packages import NO_PACKAGES, Packages

OriginKind = Literal["given", "configured", "installed", "locked", "assumed"]


@dataclass(frozen=True, slots=True)
class Origin:
    """How a target was found, and the file or the interpreter that told it, if one did.

    ``given`` is what was said for the whole run or in the editor's settings.
    """

    kind: OriginKind
    place: Path | None = None

    def __str__(self) -> str:
        if self.kind == "installed":
            return f"installed for {self.place}"
        if self.kind == "locked":
            return f"pinned in {self.place}"
        return "assumed, the newest" if self.kind == "assumed" else "configured"


@dataclass(frozen=True)
class Project:
    """What :func:`callscope.check.check` needs to know besides the file.

    ``installed`` is None where no interpreter was given, ``locked`` where the release is known
    without it or nothing is pinned. ``packages`` says what the interpreter's packages make of
    AutoGen's agents.
    """

    config: Config = field(default_factory=Config)
    installed: Installed | None = None
    packages: Packages = field(default=NO_PACKAGES, compare=False)
    locked: Locked | None = None

    @classmethod
    def at(
        cls, start: Path, *, python: Path | None = None, settings: Mapping[str, Any] | None = None
    ) -> Project:
        """The project that ``start`` belongs to; ``settings`` override its configuration file,
        ``python`` names the interpreter whose packages are read; else the configured one, the
        active virtual environment or the project's ``.venv``."""
        config = load_config(start).overridden(settings or {})
        interpreter = python or config.python or _environment(start, config)
        installed = None if interpreter is None else installed_distributions(interpreter)
        known = config.target is not None or (installed is not None and installed.targets)
        locked = None if known else locked_release(start)
        packages = NO_PACKAGES if installed is None else Packages(installed.searched)
        return cls(config, installed, packages, locked)

    @property
    def target(self) -> Target:
        """The release to check against: configured, else installed, else pinned in a lock file,
        else the newest classic."""
        if self.config.target is not None:
            return self.config.target
        if self.installed is not None and self.installed.classic is not None:
            return self.installed.classic
        if self.installed is not None and self.installed.targets:
            # AutoGen of another generation: what imports `autogen` cannot run there (CB901).
            return self.installed.targets[0]
        return NEWEST_CLASSIC if self.locked is None else self.locked.target

    @property
    def origin(self) -> Origin:
        """How :attr:`target` was found."""
        if self.config.target is not None:
            given = self.config.retargeted
            return Origin("given") if given else Origin("configured", self.config.path)
        if self.installed is not None and self.installed.targets:
            return Origin("installed", self.installed.interpreter)
        return Origin("assumed") if self.locked is None else Origin("locked", self.locked.path)

    @property
    def target_origin(self) -> str:
        """:attr:`origin`, for people."""
        return str(self.origin)


def _environment(start: Path, config: Config) -> Path | None:
    """The virtual environment at hand: the active one, else the project's ``.venv``."""
    active = os.environ.get("VIRTUAL_ENV")
    if active:
        return Path(active)
    folder = start if start.is_dir() else start.parent
    for home in (folder, *([config.path.parent] if config.path else [])):
        if (home / ".venv" / "pyvenv.cfg").is_file():
            return home / ".venv"
    return None
