"""Keys and values of a configuration file, offered where they may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.contracts.versions import KNOWN_TARGETS
from callscope.project.options import LEVELS, names
from callscope.source import SourceText
from callscope.toml_completion import items_in


def offered(text: str, name: str = "callscope.toml") -> list[str]:
    """The labels at the mark ``|``."""
    before, _, after = text.partition("|")
    source = SourceText(Path(name), before + after)
    return [item.label for item in items_in(source, source.position_at(len(before)))]


def taken(text: str, label: str, name: str = "callscope.toml") -> str:
    """The text once ``label`` was taken at the mark."""
    before, _, after = text.partition("|")
    source = SourceText(Path(name), before + after)
    items = items_in(source, source.position_at(len(before)))
    (item,) = [each for each in items if each.label == label]
    start, end = source.offset(item.range.start), source.offset(item.range.end)
    return source.text[:start] + item.text + source.text[end:]


@pytest.mark.parametrize("text", ["|", "# how\n|", "sel|", 'ignore = ["CB1"]\n|', "se|lect = []\n"])
def test_keys(text: str) -> None:
    assert tuple(offered(text)) == names()


def test_a_key_says_what_it_means() -> None:
    source = SourceText(Path("callscope.toml"), "")
    (item,) = [each for each in items_in(source, source.end) if each.label == "exclude"]
    assert "Globs of files and folders" in item.documentation


@pytest.mark.parametrize(
    "text",
    [
        'select = ["|"]',
        'select = [\n  "CB1", # scope\n  "|',
        'ignore = ["CB303", |]',
        "[severity]\n|",
        "severity = { |",
        'severity = { CB1 = "off", CB|',
        "severity.|",
    ],
)
def test_rules(text: str) -> None:
    found = offered(text)
    assert {"CB201", "reply-signature", "CB2", "CB902", "ALL"} <= set(found)
    assert len(found) == len(set(found))


def test_a_rule_is_told_by_its_code_and_by_its_name() -> None:
    source = SourceText(Path("callscope.toml"), 'select = ["')
    details = {item.label: item.detail for item in items_in(source, source.end)}
    assert details["CB201"] == "reply-signature"
    assert details["reply-signature"] == "CB201"


@pytest.mark.parametrize(
    "text",
    [
        "[severity]\nCB3 = |",
        '[severity]\nCB3 = "|"',
        'severity = { CB1 = "|',
        'severity.CB1 = "e|"',
    ],
)
def test_levels(text: str) -> None:
    assert tuple(offered(text)) == LEVELS


def test_other_values() -> None:
    assert offered('target = "|"') == [str(target) for target in KNOWN_TARGETS]
    assert "AssistantAgent" in offered('[agents]\n"desk.Helper" = "|"')
    assert "registers" in offered('[wrappers]\n"desk.on" = { agent = 0, |')
    assert "termination" in offered('[wrappers]\n"desk.on" = { registers = "|')
    assert offered('[wrappers."desk.on"]\ndecorator = |') == ["true", "false"]


@pytest.mark.parametrize(
    "text",
    [
        'python = "|"',
        'exclude = ["|"]',
        "# sel|",
        'target = "ag2==0.9.10" |',
        'target = "ag2==0.9.10" # |',
        "[agents]\n|",
        "[unknown]\n|",
        'select = ["CB1" |',
    ],
)
def test_nothing(text: str) -> None:
    assert offered(text) == []


def test_what_is_written() -> None:
    assert taken("sel|", "select") == "select = "
    assert taken("se|l = []", "select") == "select = []"
    assert taken('ignore = ["C|"]', "CB303") == 'ignore = ["CB303"]'
    assert taken("ignore = ['CB|", "CB303") == "ignore = ['CB303'"
    assert taken("ignore = [|]", "CB303") == 'ignore = ["CB303"]'
    assert taken('target = "ag2==|0.9"', "ag2==0.9.10") == 'target = "ag2==0.9.10"'
    assert taken("[sev|]", "severity") == "[severity]"
    assert taken("[wrappers.x]\ndecorator = |", "true") == "[wrappers.x]\ndecorator = true"


def test_in_a_shared_file_only_under_its_own_table() -> None:
    name = "pyproject.toml"
    ruff = '[tool.ruff]\nselect = ["E"]\n'
    assert tuple(offered(f"{ruff}\n[tool.callscope]\n|", name)) == names()
    assert set(LEVELS) == set(offered(f'{ruff}[tool.callscope.severity]\nCB1 = "|"', name))
    assert offered('[tool.ruff]\nselect = ["|"]', name) == []
    assert offered("[tool.callscope]\n[project]\n|", name) == []
    assert offered("|", name) == []
    assert taken("[tool.|", "callscope", name) == "[tool.callscope]"
    assert taken("[tool.call|]", "callscope.severity", name) == "[tool.callscope.severity]"
