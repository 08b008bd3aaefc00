"""Programs of several files that are scaled out: what is lost, shared or repeated, and what is not.

Each file of ``scaling/`` holds the programs of one family of engines: a line `### name`, then for
each of its files `--- path` and the text. `#< CB102 error` at the end of a line is what is to be
found there; nothing else of the family CB1 may be found at warning level or above.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Project, Workspace

FOLDER = Path(__file__).parent / "scaling"
MARK = "  #< "

Files = dict[str, list[str]]


def programs() -> Iterator[tuple[str, Files]]:
    for family in sorted(FOLDER.glob("*.txt")):
        for block in family.read_text("utf-8").split("### ")[1:]:
            name, *lines = block.rstrip("\n").split("\n")
            files: Files = {}
            current: list[str] = []
            for line in lines:
                if line.startswith("--- "):
                    current = files[line.removeprefix("--- ")] = []
                else:
                    current.append(line)
            yield f"{family.stem}-{name}", files


PROGRAMS = dict(programs())


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(tmp_path: Path, name: str) -> None:
    expected = set()
    for path, lines in PROGRAMS[name].items():
        plain = [line.partition(MARK)[0] for line in lines]
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("\n".join([*plain, ""]), encoding="utf-8")
        for number, line in enumerate(lines, 1):
            marks = line.partition(MARK)[2]
            expected |= {f"{path}:{number} {mark}" for mark in marks.split(", ") if mark}
    assert set(found(tmp_path)) == expected


def found(folder: Path) -> Iterator[str]:
    workspace, project = Workspace(folder), Project.at(folder, settings={"target": "autogen"})
    for path in sorted(folder.rglob("*.py")):
        source = workspace.sources.text(path)
        assert source is not None
        report = check(project, source, workspace)
        assert not report.crashes
        for finding in report.findings:
            if finding.code.startswith("CB1") and finding.severity.value != "information":
                place = f"{path.relative_to(folder).as_posix()}:{finding.range.start.line + 1}"
                yield f"{place} {finding.code} {finding.severity.value}"


def test_there_are_as_many_silent_programs_as_others() -> None:
    speaking = [
        name
        for name, files in PROGRAMS.items()
        if any(MARK in t for f in files.values() for t in f)
    ]
    assert len(PROGRAMS) > 150
    assert len(speaking) <= 1.5 * (len(PROGRAMS) - len(speaking))
