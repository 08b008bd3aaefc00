"""Each .vsix holds what its platform needs and nothing else, and runs on each Python that is here."""

from __future__ import annotations

import json
import os
import platform as machine
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import pytest

from tests.cli.programs import BROKEN
from tests.lsp.conftest import Start
from tests.lsp.places import range_of
from tests.packages.conftest import MINORS, ROOT, built, pythons

UNIVERSAL = "universal"
ABIS = ("310", "311", "312", "313", "314")

# What the native file of an ABI is called, and which machine its header names.
NATIVE = {
    "linux-x64": ("native.cpython-{}-x86_64-linux-gnu.so", "ELF 62"),
    "linux-arm64": ("native.cpython-{}-aarch64-linux-gnu.so", "ELF 183"),
    "alpine-x64": ("native.cpython-{}-x86_64-linux-musl.so", "ELF 62"),
    "alpine-arm64": ("native.cpython-{}-aarch64-linux-musl.so", "ELF 183"),
    "darwin-x64": ("native.cpython-{}-darwin.so", "Mach-O 0x1000007"),
    "darwin-arm64": ("native.cpython-{}-darwin.so", "Mach-O 0x100000c"),
    "win32-x64": ("native.cp{}-win_amd64.pyd", "PE 0x8664"),
    "win32-arm64": ("native.cp{}-win_arm64.pyd", "PE 0xaa64"),
}
LIBRARIES = (".so", ".pyd", ".dll", ".dylib", ".node", ".exe")
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_[A-Za-z0-9]{30}|\bnpm_[A-Za-z0-9]{30}|\bAKIA[A-Z0-9]{16}\b"
)
LARGEST = 16_000_000


def _this_platform() -> str:
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}[sys.platform]
    if system == "linux" and machine.libc_ver()[0] != "glibc":
        system = "alpine"
    arch = "arm64" if machine.machine().lower() in ("arm64", "aarch64") else "x64"
    return f"{system}-{arch}"


def _header(file: Path) -> str:
    """What kind of library ``file`` is, and for which machine."""
    raw = file.read_bytes()[:4096]
    if raw.startswith(b"\x7fELF"):
        return f"ELF {struct.unpack_from('<H', raw, 18)[0]}"
    if raw.startswith(b"\xcf\xfa\xed\xfe"):
        return f"Mach-O {struct.unpack_from('<I', raw, 4)[0]:#x}"
    if raw.startswith(b"MZ"):
        start = struct.unpack_from("<I", raw, 0x3C)[0]
        return f"PE {struct.unpack_from('<H', raw, start + 4)[0]:#x}"
    return "unknown"


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_there_is_something_to_test() -> None:
    assert {UNIVERSAL, _this_platform()} <= built().keys()
    missing = sorted({*NATIVE, UNIVERSAL} - built().keys())
    print(f"not built, and so not looked at: {', '.join(missing) or 'none'}")
    absent = [minor for minor in MINORS if minor not in pythons()]
    print(f"not here, and so not tried: CPython {', '.join(absent) or '(none)'}")


def test_the_readme_makes_sense_by_itself(unpacked: Path) -> None:
    """Its page in VS Code shows no picture of the package and opens no file of it."""
    text = (unpacked / "readme.md").read_text(encoding="utf-8")
    assert re.findall(r"!\[|\]\((?!https:)[^)]*\)|npm run package", text) == []
    assert "## In the editor" in text
    assert "AutoGen need not be installed" in text


def test_native_parts_are_those_of_the_platform(platform: str, unpacked: Path) -> None:
    libraries = [file for file in _files(unpacked) if file.suffix in LIBRARIES]
    if platform == UNIVERSAL:
        assert libraries == []
        assert not (unpacked / "bundled" / "libcst").exists()
        return
    name, header = NATIVE[platform]
    expected = {name.format(abi) for abi in ABIS}
    # Up to 3.10, CPython's own files were named so with musl as well.
    expected = {each.replace("musl", "gnu") if "-310-" in each else each for each in expected}
    assert {file.name for file in libraries} == expected
    for library in libraries:
        assert library.parent == unpacked / "bundled" / "libcst"
        assert _header(library) == header, library.name


def test_it_holds_what_it_should(platform: str, unpacked: Path) -> None:
    top = {file.name.lower() for file in unpacked.iterdir()}
    expected = "package.json package.nls.json readme.md changelog.md third-party-notices.txt"
    assert {*expected.split(), "client", "dist", "bundled"} <= top
    ours = {
        str(f.relative_to(ROOT / "server")) for f in (ROOT / "server" / "callscope").rglob("*.py")
    }
    theirs = {
        str(f.relative_to(unpacked / "bundled"))
        for f in (unpacked / "bundled" / "callscope").rglob("*.py")
    }
    assert theirs == ours
    manifest = json.loads((unpacked / "package.json").read_text(encoding="utf-8"))
    assert not {"scripts", "devDependencies", "private"} & manifest.keys()
    assert (unpacked / manifest["main"]).is_file()
    assert (unpacked / manifest["icon"]).is_file()


def test_it_holds_nothing_else(platform: str) -> None:
    with zipfile.ZipFile(built()[platform]) as archive:
        for name in archive.namelist():
            file = PurePosixPath(name)
            unwanted = {"tests", "__pycache__", "node_modules", ".git", ".cache"} & set(file.parts)
            assert not unwanted, name
            assert file.suffix not in (".pyc", ".map", ".ts", ".tmp", ".log"), name
            assert file.name not in ("RECORD", "WHEEL", ".env", ".npmrc", ".pypirc"), name
            raw = archive.read(name)
            assert not SECRETS.search(raw), name
            own_path = str(ROOT).encode() in raw
            assert not own_path, f"{name} names a path of the machine it was built on"


def test_size_and_platform(platform: str) -> None:
    path = built()[platform]
    assert path.stat().st_size < LARGEST
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        identity = ElementTree.fromstring(archive.read("extension.vsixmanifest")).find(
            ".//{*}Identity"
        )
    assert identity is not None
    assert identity.get("TargetPlatform") == (None if platform == UNIVERSAL else platform)
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def test_notices_name_what_ships(platform: str, unpacked: Path) -> None:
    text = (unpacked / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    listed = set(re.findall(r"^- (\S+) \S+ \(", text, re.M))
    folders = (unpacked / "bundled").glob("*.dist-info")
    shipped = {re.split(r"-\d", folder.name)[0].lower().replace("_", "-") for folder in folders}
    assert shipped <= {name.lower().replace("_", "-") for name in listed}
    assert ("libcst" in listed) == (platform != UNIVERSAL)
    assert "vscode-languageclient" in listed
    for package in (unpacked / "bundled").iterdir():
        is_package = package.is_dir() and (package / "__init__.py").exists()
        if is_package and package.name != "callscope":
            assert package.name in shipped | {"attr", "cattr"}, (
                f"{package.name} ships without a notice"
            )
    assert "No licence text comes with" not in text
    assert "see below" not in text


def _run(
    python: str, bundled: Path, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    command = [python, "-S", "-B", "-m", "callscope", *arguments]
    return subprocess.run(
        command,
        env=_environment(bundled),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _environment(bundled: Path) -> dict[str, str]:
    """As the extension starts the server, with nothing that is installed in reach."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**env, "PYTHONPATH": str(bundled), "PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"}


def _runs_here(platform: str, python: str) -> None:
    if platform not in (UNIVERSAL, _this_platform()):
        pytest.skip(
            f"{platform} does not run on {_this_platform()}: only its contents are looked at"
        )


def test_the_command_line_of_a_package(
    platform: str, unpacked: Path, python: str, tmp_path: Path
) -> None:
    _runs_here(platform, python)
    (tmp_path / "app.py").write_text(BROKEN)
    outcome = _run(
        python, unpacked / "bundled", tmp_path, "check", "app.py", "--output-format", "json"
    )
    assert [found["code"] for found in json.loads(outcome.stdout)] == ["CB201"], outcome.stderr
    fixing = _run(python, unpacked / "bundled", tmp_path, "check", "--fix", "app.py")
    if platform == UNIVERSAL:
        assert fixing.returncode == 2
        assert "fixes need libcst" in fixing.stderr
    else:
        assert fixing.returncode == 0, fixing.stderr
        assert "def on_reply(recipient" in (tmp_path / "app.py").read_text()


async def test_the_server_of_a_package(
    start: Start, platform: str, unpacked: Path, python: str
) -> None:
    _runs_here(platform, python)
    command = [python, "-S", "-B", "-m", "callscope", "server"]
    async with start(command=command, environment=_environment(unpacked / "bundled")) as session:
        uri = session.open(BROKEN)
        assert [found.code for found in await session.diagnostics(uri)] == ["CB201"]
        place = range_of(session.source(), "on_reply", session.encoding)
        assert await session.hover(uri, place.start) is not None
        action = (await session.actions(uri, place))[0]
        if platform == UNIVERSAL:
            assert action.title == "No fixes: libcst is missing. Show why"
        else:
            text = session.apply(uri, (await session.resolve(action)).edit)
            assert "def on_reply(recipient" in text


def test_its_jedi_knows_types(platform: str, unpacked: Path, python: str) -> None:
    """Not all of jedi ships; what does is enough to look into packages."""
    _runs_here(platform, python)
    code = (
        "import jedi\n"
        "text = 'import collections\\nclass Mine(collections.OrderedDict): ...\\nx = Mine()\\nx'\n"
        "(found,) = jedi.Script(text).infer(4, 1)\n"
        "print(found.name, 'OrderedDict' in str(jedi.Script(text).infer(2, 30)))\n"
    )
    told = subprocess.run(
        [python, "-S", "-B", "-c", code], env=_environment(unpacked / "bundled"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout == "Mine True\n", told.stderr


def test_a_package_on_another_platform_still_checks(
    platform: str, unpacked: Path, tmp_path: Path
) -> None:
    if platform in (UNIVERSAL, _this_platform()):
        pytest.skip("it is made for here")
    (tmp_path / "app.py").write_text(BROKEN)
    outcome = _run(sys.executable, unpacked / "bundled", tmp_path, "check", "app.py")
    assert outcome.returncode == 1, outcome.stderr
    assert "error[CB201]" in outcome.stdout
    assert "no fixes are offered: fixes need libcst" in outcome.stderr
