"""Reading the configuration: what is wrong is said, and where it stands."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from callscope.check import check
from callscope.configuration import mistakes_in
from callscope.project import Project
from callscope.project.config import read_config
from callscope.project.options import OPTIONS, names
from callscope.project.places import places
from callscope.source import SourceText

ROOT = Path(__file__).resolve().parents[2]


def _slices(text: str) -> dict[tuple[str | int, ...], tuple[str, str]]:
    source = SourceText(Path("x.toml"), text)
    return {
        way: (source.slice(place.key), source.slice(place.value))
        for way, place in places(text).items()
    }


def test_each_key_and_value_has_its_place() -> None:
    found = _slices(
        'a = 1 # one\n"b c".\'d\' = "x # y"\n[t.u]\nl = [\n  "é", # two\n  { k = \'v\', n = [1, 2] },\n]\n'
        '[[many]]\nz = """\n" " """\n[[many]]\nz = 1979-05-27 07:32:00  \n[many.inner]\nq = true\n'
    )
    assert found[("a",)] == ("a", "1")
    assert found[("b c", "d")] == ("'d'", '"x # y"')
    assert found[("t", "u")] == ("u", "[t.u]")
    assert found[("t", "u", "l", 0)] == ('"é"', '"é"')
    assert found[("t", "u", "l", 1, "k")] == ("k", "'v'")
    assert found[("t", "u", "l", 1, "n", 1)] == ("2", "2")
    assert found[("many", 0, "z")][1] == '"""\n" " """'
    assert found[("many", 1, "z")][1] == "1979-05-27 07:32:00"
    assert found[("many", 1, "inner", "q")] == ("q", "true")


@pytest.mark.parametrize(
    "text", ["a = ", "[a", "a = [1, ", "a = {b = ", '"a', "= 1", "a b = 1", "\\"]
)
def test_what_is_half_typed_has_the_places_before_it(text: str) -> None:
    assert _slices(f"x = 1\n{text}")[("x",)] == ("x", "1")


def _mistakes(text: str, name: str = "callscope.toml") -> list[tuple[str, int, str]]:
    """The text underlined, its line from 1, and what is said of it."""
    source = SourceText(Path(name), text)
    return [
        (source.slice(each.range), each.range.start.line + 1, each.message)
        for each in mistakes_in(source)
    ]


@pytest.mark.parametrize(
    ("text", "underlined", "says"),
    [
        ("selekt = []", "selekt", "unknown key 'selekt'; did you mean select?"),
        ('select = "CB2"', '"CB2"', "select must be a list of strings"),
        ("ignore = ['CB2', 7]", "7", "ignore must be a list of strings"),
        ("target = 3", "3", "target must be a string"),
        ('target = "ag2"', '"ag2"', "target 'ag2' is not NAME==VERSION"),
        ("python = 3", "3", "python must be a string"),
        ("exclude = {}", "{}", "exclude must be a list of strings"),
        ('severity = "error"', '"error"', "severity must be a table"),
        ("[severity]\nCB2 = 'eror'", "'eror'", "did you mean error?"),
        ("[severity]\nCB999 = 'error'", "CB999", "there is no rule 'CB999'"),
        ("ignore = ['reply-signatur']", "'reply-signatur'", "did you mean reply-signature?"),
        ("[agents]\n'a.B' = 'Agant'", "'Agant'", "agents: a.B: 'Agant' is no agent class"),
        ("[wrappers]\n'a.b' = { agent = 0 }", "{ agent = 0 }", "wrappers: a.b: callback of"),
    ],
)
def test_a_mistake_is_underlined_and_told(text: str, underlined: str, says: str) -> None:
    ((found, _, message),) = _mistakes(f"\n{text}\n")
    assert found == underlined
    assert says in message
    if not text.startswith("["):
        ((found, line, again),) = _mistakes(
            f'[project]\nname = "x"\n\n[tool.callscope]\n{text}\n', "pyproject.toml"
        )
        assert (found, line, again) == (underlined, 5, message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'target = "ag2==0.9.10"\nselect = ["CB2", "reply-signature", "ALL"]\nignore = ["CB902"]\n',
        "exclude = ['build/*']\n[severity]\nCB1 = 'off'\n",
        "[agents]\n'a.B' = 'AssistantAgent'\n[wrappers]\n'a.b' = { agent = 0, callback = 1 }\n",
    ],
)
def test_of_what_is_right_nothing_is_said(text: str) -> None:
    assert _mistakes(text) == []


def test_of_files_that_are_no_configuration_nothing_is_said() -> None:
    assert _mistakes("[tool.other]\nselekt = 1\n", "pyproject.toml") == []
    assert _mistakes("[project\n", "pyproject.toml") == []
    assert _mistakes("[tool.callscope]\n[project\n", "pyproject.toml") != []


def test_broken_toml_is_told_where_it_breaks() -> None:
    ((_, line, message),) = _mistakes("ignore = []\nselect = = 1\n")
    assert line == 2
    assert "cannot be read" in message
    ((_, line, _),) = _mistakes("ignore = []\nselect = [")
    assert line == 2


def test_what_is_wrong_is_left_out_and_the_rest_obeyed() -> None:
    config = read_config(
        Path("callscope.toml"), 'select = 1\nignore = ["CB2"]\nseverity = {CB3 = "x"}'
    )
    assert config is not None
    assert (config.select, config.ignore, config.severity) == ((), ("CB2",), {})
    assert [problem.range is not None for problem in config.problems] == [True, True]


def test_the_schema_is_the_one_of_the_declaration() -> None:
    schema = runpy.run_path(str(ROOT / "scripts" / "schema.py"))
    for path, text in schema["files"]():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run python scripts/schema.py"
    (_, own), (_, shared) = schema["files"]()
    assert tuple(json.loads(own)["properties"]) == names() == tuple(each.name for each in OPTIONS)
    inner = json.loads(shared)["properties"]["tool"]["properties"]["callscope"]
    assert set(inner["properties"]) == set(names())


def test_a_suppression_of_a_rule_that_does_not_exist_is_told() -> None:
    text = "import autogen\nx = 1  # callscope: ignore[CB999] -- why\n"
    (finding,) = check(Project(), SourceText(Path("x.py"), text)).findings
    assert finding.code == "CB902"
    assert finding.message.endswith("there is no rule CB999")
