"""A file that is remembered is found to be what a fresh look finds."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from callscope import incremental
from callscope import programs as programs_module
from callscope.check import check, fixes_for
from callscope.incremental import Recall
from callscope.model import Model
from callscope.project import Project
from callscope.rules import rule
from callscope.source import SourceText
from tests.fuzz import editing
from tests.fuzz.offices import in_an_office
from tests.metamorphic.programs import programs

_BLOCK = """

def on_reply_{0}(recipient, messages):
    return True, "no"


bot_{0} = autogen.ConversableAgent("bot_{0}", llm_config=False)
bot_{0}.register_reply([autogen.Agent, None], on_reply_{0})
"""
_TEXT = "import autogen\n" + "".join(_BLOCK.format(number) for number in range(6))


def _source(text: str) -> SourceText:
    return SourceText(Path("program.py"), text)


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[Model]:
    """The models that were made."""
    made: list[Model] = []
    run_rules = programs_module.run_rules

    def counted(*args: object, **kwargs: object) -> object:
        program = run_rules(*args, **kwargs)  # type: ignore[arg-type]
        made.append(program.model)
        return program

    monkeypatch.setattr(incremental, "run_rules", counted)
    return made


@pytest.mark.parametrize("start", [1, 2, 3])
def test_edits(start: int) -> None:
    texts = [program.text for program in programs()]
    begin = editing.at_a_desk(texts)
    for desk, problem in islice(editing.sessions(begin, start=start * 10_000, steps=30), 5):
        assert problem is None, desk.text


@pytest.mark.parametrize("start", [1, 2])
def test_edits_in_programs_of_several_files(start: int) -> None:
    begin = in_an_office()
    for office, problem in islice(editing.sessions(begin, start=start * 10_000, steps=25), 6):
        assert problem is None, office.text


def test_only_what_an_edit_touches_is_looked_at(walks: list[Model]) -> None:
    project, recall = Project(), Recall()
    before = check(project, _source(_TEXT), recall=recall)
    assert [finding.code for finding in before.findings] == ["CB201"] * 6
    assert len(walks) == 6
    text = _TEXT.replace("def on_reply_3(recipient, messages)", "def on_reply_3(recipient)")
    after = check(project, _source(text), recall=recall)
    assert len(walks) == 7
    assert after.findings != before.findings
    assert after.findings == check(project, _source(text)).findings


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace('"no"', '"no"  # why'), id="comments"),
        pytest.param(lambda text: "\n\n" + text, id="lines above"),
        pytest.param(lambda text: text.replace("\n\ndef", "\n\n\n\ndef"), id="lines between"),
        pytest.param(lambda text: text + "\n\ndef foo(\n", id="something begun"),
    ],
)
def test_what_means_the_same_is_not_looked_at(edit: object, walks: list[Model]) -> None:
    project, recall = Project(), Recall()
    check(project, _source(_TEXT), recall=recall)
    del walks[:]
    text = edit(_TEXT)  # type: ignore[operator]
    after = check(project, _source(text), recall=recall)
    assert not walks
    assert after.findings == check(project, _source(text)).findings


def test_what_is_asked_of_the_rest_is_asked_again() -> None:
    text = (
        "import autogen\n"
        'bot = autogen.ConversableAgent("bot", llm_config=False)\n'
        'bot.register_hook("no_such_hook", print)\n'
    )
    project, recall = Project(), Recall()
    assert check(project, _source(text), recall=recall).findings
    more = text + "def far(agent):\n    agent.hook_lists['no_such_hook'] = []\n"
    assert not check(project, _source(more), recall=recall).findings
    assert check(project, _source(text), recall=recall).findings


def test_who_asks_about_places_waits_once_for_each_island() -> None:
    report = check(Project(), _source(_TEXT), recall=Recall())
    lines = [n for n, line in enumerate(_TEXT.splitlines()) if line.startswith("bot_")]
    models = [report.model_at(line) for line in lines[:4]]
    assert None not in models
    assert models[0] is models[1], "the same island"
    assert models[2] is models[3]
    assert models[0] is not models[2]
    assert report.model_at(lines[0]) is models[0]
    for line in lines:
        report.model_at(line)
    assert report.model_at(lines[0]) is not models[0], "not all of them are kept"


def test_models_are_kept_for_as_long_as_their_islands_stay_what_and_where_they_are() -> None:
    project, recall = Project(), Recall()
    line = _TEXT.splitlines().index('bot_3 = autogen.ConversableAgent("bot_3", llm_config=False)')

    def model(text: str, at: int = line) -> Model | None:
        return check(project, _source(text), recall=recall).model_at(at)

    first = model(_TEXT)
    elsewhere = _TEXT.replace('"no"', '"not"', 1)
    assert model(elsewhere) is first is not None
    assert model(elsewhere + "# more below\n") is first
    here = elsewhere.replace('"bot_3"', '"bot_33"')
    changed = model(here)
    assert changed is not first
    below = model("\n" + here, line + 1)
    assert below is not changed
    assert below is not None
    assert below.registrations[0].node.lineno == line + 3
    assert model("\n" + here, line + 1) is below


def test_a_model_that_asked_for_the_rest_of_the_file_is_not_kept() -> None:
    asking = rule("CB408")
    assert asking is not None
    text = asking.docs.broken + "\n\ndef helper():\n    return 1\n"
    project, recall = Project(), Recall()
    report = check(project, _source(text), recall=recall)
    line = report.findings[0].range.start.line
    first = report.model_at(line)
    again = check(project, _source(text.replace("return 1", "return 2")), recall=recall)
    assert again.model_at(line) is not first


def test_fixes_after_edits() -> None:
    project, recall = Project(), Recall()
    check(project, _source(_TEXT), recall=recall)
    report = check(project, _source("\n\n" + _TEXT), recall=recall)
    fixes = fixes_for(report, report.findings[4])
    assert fixes
    left = check(project, _source(fixes[0].new_text)).findings
    assert [finding.message for finding in report.findings if finding not in left] == [
        report.findings[4].message
    ]
