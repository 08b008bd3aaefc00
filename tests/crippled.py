"""Packages of libcst that do not work, to be put before the real one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

KINDS = ("absent", "for another Python", "for another platform")


def environment(folder: Path, kind: str) -> Mapping[str, str]:
    """The environment of a process that finds libcst only in ``folder``, where it is as ``kind``
    says."""
    package = folder / "libcst"
    package.mkdir(parents=True)
    text = "raise ModuleNotFoundError(\"No module named 'libcst'\")\n" if kind == "absent" else ""
    (package / "__init__.py").write_text(text)
    if kind == "for another Python":
        (package / "native.cpython-27-somewhere.so").write_bytes(b"\x7fELF")
    if kind == "for another platform":
        (package / f"native{EXTENSION_SUFFIXES[0]}").write_bytes(b"\x7fELF not for here")
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
