"""Which AutoGen distributions an interpreter has, read from its files and never by running it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from callscope.contracts.versions import KNOWN_DISTRIBUTIONS, Target


@dataclass(frozen=True)
class Installed:
    """The known distributions found for an interpreter, and where they were looked for."""

    interpreter: Path
    targets: tuple[Target, ...]
    searched: tuple[Path, ...]

    @property
    def looked_at(self) -> tuple[Path, ...]:
        """The files and folders that would be others if something else were found."""
        roots = list(_roots(self.interpreter))
        inside = [root / name for root in roots for name in ("lib", "lib64", "Lib", "pyvenv.cfg")]
        above = [folder.parent for folder in self.searched]
        return (self.interpreter, *roots, *inside, *above, *self.searched)

    @property
    def classic(self) -> Target | None:
        """The one that provides ``import autogen``; None if none does."""
        providers = [target for target in self.targets if target.classic is not None]
        # Aliases (``autogen`` 0.9.10 -> ``ag2``) carry the same number as the code they stand for.
        return max(providers, key=lambda target: target.version, default=None)


def installed_distributions(interpreter: Path) -> Installed:
    """Look through the site-packages folders that belong to ``interpreter``.

    ``interpreter`` is a python executable or the root of a virtual environment.
    """
    folders = tuple(dict.fromkeys(_site_packages(interpreter)))
    targets = {
        target
        for folder in folders
        for info in folder.glob("*.dist-info")
        if (target := _target(info.name)) is not None
    }
    ordered = tuple(sorted(targets, key=lambda target: (target.distribution, target.version)))
    return Installed(interpreter, ordered, folders)


def _target(folder: str) -> Target | None:
    name, _, version = folder.removesuffix(".dist-info").rpartition("-")
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name not in KNOWN_DISTRIBUTIONS:
        return None
    try:
        return Target(name, Version(version))
    except InvalidVersion:
        return None


def _site_packages(interpreter: Path) -> Iterator[Path]:
    for root in _roots(interpreter):
        yield from sorted(root.glob("lib/python3*/site-packages"))
        yield from sorted(root.glob("lib/python3*/dist-packages"))
        yield from sorted(root.glob("lib64/python3*/site-packages"))
        windows = root / "Lib" / "site-packages"
        if windows.is_dir():
            yield windows


def _roots(interpreter: Path) -> Iterator[Path]:
    if interpreter.is_dir():
        yield interpreter
        return
    folder = interpreter.parent
    prefix = folder.parent if folder.name in ("bin", "Scripts") else folder
    yield prefix
    config = prefix / "pyvenv.cfg"
    if not config.is_file():
        # Not a virtual environment: the executable may be a link into the real prefix.
        real = interpreter.resolve().parent
        yield real.parent if real.name == "bin" else real
    elif "include-system-site-packages = true" in config.read_text(errors="replace").lower():
        home = re.search(r"^home\s*=\s*(.+)$", config.read_text(errors="replace"), re.MULTILINE)
        if home:
            yield Path(home[1].strip()).parent
