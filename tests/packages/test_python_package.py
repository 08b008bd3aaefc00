"""The wheel and the sdist of `callscope` install where nothing else is, and work there."""

from __future__ import annotations

import email
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.cli.programs import BROKEN
from tests.lsp.conftest import Start
from tests.packages.conftest import DIST, ROOT, VERSION, pythons

WHEEL = DIST / f"callscope-{VERSION}-py3-none-any.whl"
SDIST = DIST / f"callscope-{VERSION}.tar.gz"


def _ours() -> set[str]:
    server = ROOT / "server"
    files = (path for path in (server / "callscope").rglob("*") if path.is_file())
    return {str(path.relative_to(server)) for path in files if path.suffix != ".pyc"}


def test_the_wheel_holds_the_package() -> None:
    with zipfile.ZipFile(WHEEL) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        told = email.message_from_bytes(archive.read(f"callscope-{VERSION}.dist-info/METADATA"))
        scripts = archive.read(f"callscope-{VERSION}.dist-info/entry_points.txt").decode()
    assert names == _ours()
    assert "callscope/py.typed" in names
    assert (told["Name"], told["Version"]) == ("callscope", VERSION)
    assert told["Requires-Python"] == ">=3.10"
    assert told["Description-Content-Type"] == "text/markdown"
    assert "callscope check" in str(told.get_payload())
    assert "callscope = callscope.cli:main" in scripts


def test_the_sdist_gives_the_same_wheel(tmp_path: Path) -> None:
    with tarfile.open(SDIST) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    # With what is installed here, so that nothing is asked of the network.
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(tmp_path / "made"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (again,) = (tmp_path / "made").iterdir()
    with zipfile.ZipFile(WHEEL) as one, zipfile.ZipFile(again) as other:
        assert set(one.namelist()) == set(other.namelist())


def _oldest_allowed() -> str:
    """Constraints to the oldest release that each requirement allows."""
    with zipfile.ZipFile(WHEEL) as archive:
        told = email.message_from_bytes(archive.read(f"callscope-{VERSION}.dist-info/METADATA"))
    lines = []
    for line in told.get_all("Requires-Dist") or []:
        requirement = Requirement(line)
        least = next(each.version for each in requirement.specifier if each.operator == ">=")
        lines.append(f"{requirement.name}=={least}")
    return "\n".join(lines)


@pytest.fixture(scope="module", params=["newest", "oldest"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel and what it asks for: the newest releases on the
    newest Python that is here, or the oldest that are allowed, on the oldest."""
    known = list(pythons().values())
    python = known[-1] if request.param == "newest" else known[0]
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    own = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    constraints = folder / "constraints.txt"
    constraints.write_text(_oldest_allowed() if request.param == "oldest" else "")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(own / "python"),
    ]
    install = [*pip, "install", "--quiet", "--no-compile", "-c", str(constraints), str(WHEEL)]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return own


def test_the_command_line(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BROKEN)
    command = [str(installed / "callscope"), "check", "--output-format", "json"]
    outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert [found["code"] for found in json.loads(outcome.stdout)] == ["CB201"], outcome.stderr
    assert outcome.returncode == 1
    fixing = [str(installed / "callscope"), "check", "--fix"]
    assert subprocess.run(fixing, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    assert "def on_reply(recipient" in (tmp_path / "app.py").read_text()


async def test_the_server(start: Start, installed: Path) -> None:
    async with start(command=[str(installed / "callscope"), "server"]) as session:
        uri = session.open(BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
