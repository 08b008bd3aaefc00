"""What is said in more than one place of the repository is said alike."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
from pathlib import Path

from packaging.requirements import Requirement

import callscope

ROOT = Path(__file__).resolve().parents[1]


def requirements(path: Path) -> list[Requirement]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


def test_one_version() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert manifest["version"] == lock["version"]
    assert manifest["version"] == callscope.__version__
    assert manifest["version"] == importlib.metadata.version("callscope")


def test_no_part_of_the_manifest_hides_another() -> None:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"twice among {names}"
        return dict(pairs)

    json.loads((ROOT / "package.json").read_text(encoding="utf-8"), object_pairs_hook=unique)


def test_the_readme_names_each_setting() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    settings = list(manifest["contributes"]["configuration"]["properties"])
    assert settings
    assert [name for name in settings if f"`{name}`" not in readme] == []


def test_locks_name_exact_versions() -> None:
    locks = [*(ROOT / "server").glob("requirements*.txt")]
    locks += (ROOT / "tests" / "runtime").glob("requirements*.txt")
    assert len(locks) == 6
    for lock in locks:
        for requirement in requirements(lock):
            assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), (lock, requirement)


def test_the_lock_holds_what_the_package_asks_for() -> None:
    locked = {r.name.lower(): r for r in requirements(ROOT / "server" / "requirements.txt")}
    for line in importlib.metadata.requires("callscope") or []:
        asked = Requirement(line)
        version = str(locked[asked.name.lower()].specifier).removeprefix("==")
        assert asked.specifier.contains(version), line


def test_nothing_of_one_machine_is_in_the_repository() -> None:
    """Absolute paths of a clone or its surroundings would be wrong everywhere else."""
    command = ["git", "grep", "-nIE", r"(/root/|/work/(main|shared))", "--", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    ours = [line for line in done.stdout.splitlines() if "tests/test_repository.py" not in line]
    assert not ours, "\n".join(ours)
