"""A sample of what ``npm run fuzz`` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from callscope.contracts import Target
from callscope.project import Config, Project
from callscope.rules import all_rules
from callscope.source import SourceText
from tests.fuzz.examine import TooLongError, examine, time_limit
from tests.fuzz.files import LIMIT, check_file, installed_libraries, python_files
from tests.fuzz.mutations import mutated
from tests.metamorphic.programs import programs
from tests.runtime.releases import TARGETS

TEXTS = [program.text for program in programs()]
_FILES = 40


@pytest.mark.parametrize("target", TARGETS)
def test_changed_programs(target: str) -> None:
    project = Project(Config(target=Target.parse(target)))

    @settings(
        max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(mutated(TEXTS))
    def once(text: str) -> None:
        with time_limit(LIMIT):
            examine(SourceText(Path("program.py"), text), project)

    once()


def test_files_of_libraries() -> None:
    files = list(python_files(installed_libraries()[:1]))
    for path in files[:: max(1, len(files) // _FILES)]:
        # Enough for a slow machine; how long a file may take is for the long run to say.
        assert not check_file(path, 6 * LIMIT).problem, path


def test_a_hang_is_noticed() -> None:
    def hang() -> None:
        while True:
            pass

    with pytest.raises(TooLongError), time_limit(0.05):
        hang()


def test_a_crash_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.py"
    path.write_text("x = 1\n", encoding="utf-8")
    assert check_file(path).problem == ""
    rule = all_rules()[0]
    monkeypatch.setattr(type(rule), "check", lambda *_: [1 / 0])
    assert f"{rule.code} failed" in check_file(path).problem
