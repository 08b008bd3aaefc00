"""A project of 200 modules, a few of which use agents across files."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Config, Project, Workspace
from callscope.source import SourceText, read_source
from tests.metamorphic.files import over_files
from tests.metamorphic.test_over_files import SEVERAL, places

MODULES = 200
#: One program of each rule that finds something in one, until there are 20.
CHOSEN = list(
    {
        program.name[:5]: program for program, _ in SEVERAL if program.name.endswith("broken")
    }.values()
)[:20]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("large")
    write_project(made)
    return made


def write_project(made: Path) -> None:
    """The programs, each in three modules, among modules that import each other and no AutoGen."""
    (made / "pyproject.toml").touch()
    for number, program in enumerate(CHOSEN):
        parts = over_files(program.text, f"_{number}")
        assert parts is not None
        for name, text in parts.items():
            (made / name).write_text(text)
    library = made / "library"
    library.mkdir()
    (library / "__init__.py").touch()
    others = MODULES - len(list(made.rglob("*.py")))
    for number in range(others):
        below = f"from library import part_{number // 2}\n" if number else ""
        (library / f"part_{number}.py").write_text(f"import os\n{below}\nVALUE = {number}\n")


def test_there_are_so_many(root: Path) -> None:
    assert len(CHOSEN) == 20
    assert len(Workspace(root).graph.files) == MODULES


@pytest.mark.parametrize("number", range(20))
def test_what_one_file_would_give(root: Path, number: int) -> None:
    program = CHOSEN[number]
    assert program.places()
    names = [f"{part}_{number}.py" for part in ("main", "agents", "callbacks")]
    assert places(root, names, program) == program.places()


def test_an_edit_refreshes_its_own_program_only(root: Path) -> None:
    project = Project(Config())
    buffers: dict[Path, SourceText] = {}
    workspace = Workspace(root, buffers)

    def found(number: int) -> set[str]:
        report = check(project, read_source(root / f"main_{number}.py"), workspace)
        return {finding.code for finding in report.findings}

    before = [found(number) for number in range(20)]
    number = next(n for n, program in enumerate(CHOSEN) if program.name.startswith("CB201"))
    callbacks = root / f"callbacks_{number}.py"
    buffers[callbacks] = SourceText(callbacks, "def on_reply(*args, **kwargs): return True, 'x'\n")
    workspace.notice(callbacks)
    assert [found(n) for n in range(20) if n != number] == before[:number] + before[number + 1 :]
    assert "CB201" in before[number]
    assert "CB201" not in found(number)
