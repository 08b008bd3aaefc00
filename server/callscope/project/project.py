"""A project: the configuration and the release that its files are checked against."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callscope.contracts import NEWEST_CLASSIC, Target
from callscope.project.config import Config, load_config
from callscope.project.environment import Installed, installed_distributions
from callscope.project.packages import NO_PACKAGES, Packages


@dataclass(frozen=True)
class Project:
    """What :func:`callscope.check.check` needs to know besides the file.

    ``installed`` is None where no interpreter was given. ``packages`` says what its packages make
    of AutoGen's agents.
    """

    config: Config = field(default_factory=Config)
    installed: Installed | None = None
    packages: Packages = field(default=NO_PACKAGES, compare=False)

    @classmethod
    def at(
        cls, start: Path, *, python: Path | None = None, settings: Mapping[str, Any] | None = None
    ) -> Project:
        """The project that ``start`` belongs to; ``settings`` override its configuration file,
        ``python`` names the interpreter whose packages are read; else the configured one, the
        active virtual environment or the project's ``.venv``."""
        config = load_config(start).overridden(settings or {})
        interpreter = python or config.python or _environment(start, config)
        if interpreter is None:
            return cls(config)
        installed = installed_distributions(interpreter)
        return cls(config, installed, Packages(installed.searched))

    @property
    def target(self) -> Target:
        """The release to check against: configured, else installed, else the newest classic."""
        if self.config.target is not None:
            return self.config.target
        if self.installed is not None and self.installed.classic is not None:
            return self.installed.classic
        if self.installed is not None and self.installed.targets:
            # AutoGen of another generation: what imports `autogen` cannot run there (CB901).
            return self.installed.targets[0]
        return NEWEST_CLASSIC

    @property
    def target_origin(self) -> str:
        """How :attr:`target` was found, for people: configured, installed, assumed."""
        if self.config.target is not None:
            return "configured"
        if self.installed is not None and self.installed.targets:
            return f"installed for {self.installed.interpreter}"
        return "assumed, the newest"


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
