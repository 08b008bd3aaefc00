"""What `npm run package` has left in dist/, and the Pythons of this machine to try it with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.lsp.conftest import start

__all__ = ["start"]

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
VERSION = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"]
MINORS = ("3.10", "3.11", "3.12", "3.13")
"""The releases of CPython that what runs here is tried with."""


def built() -> dict[str, Path]:
    """The .vsix files there are, by platform."""
    ending = f"-{VERSION}.vsix"
    found = DIST.glob(f"callscope-*{ending}")
    return {path.name.removeprefix("callscope-").removesuffix(ending): path for path in found}


def pythons() -> dict[str, str]:
    """The interpreters by minor release: of the PATH, of pyenv, and the one that runs this."""
    found = {f"3.{sys.version_info[1]}": sys.executable}
    for minor in MINORS:
        for candidate in (_of_pyenv(minor), shutil.which(f"python{minor}")):
            if minor not in found and candidate is not None and _works(candidate, minor):
                found[minor] = candidate
    return {minor: found[minor] for minor in MINORS if minor in found}


def _of_pyenv(minor: str) -> str | None:
    root = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    installed = sorted((Path(root) / "versions").glob(f"{minor}.*/bin/python"))
    return str(installed[-1]) if installed else None


def _works(python: str, minor: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    told = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    return told.stdout.strip() == minor


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "platform" in metafunc.fixturenames:
        metafunc.parametrize("platform", sorted(built()), scope="session")
    if "python" in metafunc.fixturenames:
        known = pythons()
        metafunc.parametrize("python", known.values(), ids=known.keys(), scope="session")


@pytest.fixture(scope="session")
def unpacked(platform: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an extension, as it lies on a user's disk."""
    folder = tmp_path_factory.mktemp(platform)
    with zipfile.ZipFile(built()[platform]) as archive:
        archive.extractall(folder)
    return folder / "extension"
