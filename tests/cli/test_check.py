"""What ``callscope check`` says, and what it ends with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.programs import BROKEN, CLEAN, PLACE, UNRELATED


def test_a_finding_in_full(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    outcome = run("check", "app.py")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0].startswith("app.py:11:49: error[CB201] ")
    code = next(line for line in lines if "assistant.register_reply([" in line)
    marks = lines[lines.index(code) + 1]
    assert code.startswith(" 11 │ ")
    assert code[marks.index("^") : marks.rindex("^") + 1] == "on_reply"
    assert any("│ def on_reply(message):" in line for line in lines), "the evidence is shown"
    assert any(re.search(r"├─ app\.py:7:\d+: ", line) for line in lines), "with its place"
    assert any("╰─ fix: " in line for line in lines)
    assert "Found 1 error; 1 fixable with --fix" in lines
    assert lines[-1].startswith("Checked 1 file against AG2 0.14.1")
    assert outcome.err == ""


def test_nothing_found(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    outcome = run("check", "app.py")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("No findings\n")


def test_files_that_never_mention_autogen_are_said_to(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(UNRELATED)
    assert "does not mention AutoGen" in run("check").out


def test_no_files(run: Run) -> None:
    outcome = run("check")
    assert (outcome.code, outcome.out.strip()) == (0, "No Python files found")


def test_concise(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    outcome = run("check", "--output-format", "concise")
    assert outcome.code == 1
    (line,) = outcome.out.splitlines()
    assert line.startswith("app.py:11:49: error[CB201] ")
    assert outcome.err.strip() == "Found 1 error"
    assert run("check", "--output-format", "concise", "--quiet").err == ""


def test_json_has_all_that_was_promised(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    outcome = run("check", "--output-format", "json", "app.py")
    (found,) = outcome.findings
    assert set(found) == {
        "code", "name", "severity", "message", "path", "cell", "line", "column", "end_line",
        "end_column", "evidence", "fix", "url",
    }  # fmt: skip
    assert (found["code"], found["name"], found["severity"]) == (
        "CB201",
        "reply-signature",
        "error",
    )
    assert (found["path"], found["url"].rsplit("/", 1)[-1]) == ("app.py", "CB201")
    place = (found["line"], found["column"], found["end_line"], found["end_column"])
    assert place == PLACE
    assert found["evidence"]
    assert set(found["evidence"][0]) == {"message", "path", "cell", "line", "column"}
    assert found["cell"] is None
    assert found["evidence"][0]["line"] == 7
    assert set(found["fix"]) == {"title", "safety", "edits", "other_files"}
    assert found["fix"]["safety"] == "safe"
    assert _apply(BROKEN, found["fix"]["edits"]) != BROKEN
    (folder / "app.py").write_text(_apply(BROKEN, found["fix"]["edits"]))
    assert run("check", "--output-format", "json", "app.py").findings == []


def _apply(text: str, edits: list[dict[str, dict[str, int]]]) -> str:
    lines = text.splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        return sum(map(len, lines[: place["line"] - 1])) + place["column"] - 1

    for edit in sorted(edits, key=lambda edit: -offset(edit["start"])):
        text = text[: offset(edit["start"])] + str(edit["content"]) + text[offset(edit["end"]) :]
    return text


def test_json_of_nothing_is_an_empty_array(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    outcome = run("check", "--output-format", "json", ".")
    assert (outcome.code, outcome.findings, outcome.err) == (0, [], "")


def test_columns_are_code_points_and_marks_are_cells(run: Run, folder: Path) -> None:
    text = BROKEN.replace("\nassistant.reg", '\n_ = "漢字🎉é"; assistant.reg')
    (folder / "app.py").write_text(text, encoding="utf-8")
    (found,) = run("check", "--output-format", "json").findings
    assert found["column"] == PLACE[1] + len('_ = "漢字🎉é"; ')
    lines = run("check").out.splitlines()
    row = next(number for number, line in enumerate(lines) if "漢字" in line)
    # Two Chinese characters and the emoji take two cells each.
    assert lines[row + 1].index("^") == lines[row].index("on_reply") + 3


def test_a_tab_is_as_wide_in_the_code_as_above_the_marks(run: Run, folder: Path) -> None:
    text = BROKEN.replace("\nassistant.reg", "\nif user:\n\tassistant.reg")
    (folder / "app.py").write_text(text)
    lines = run("check").out.splitlines()
    row = next(number for number, line in enumerate(lines) if "assistant.register" in line)
    assert "\t" not in lines[row]
    assert lines[row][lines[row + 1].index("^") :].startswith("on_reply")


def test_a_long_line_is_cut_around_the_finding(run: Run, folder: Path) -> None:
    text = BROKEN.replace("\nassistant.reg", f"\n_ = '{'x' * 3000}'; assistant.reg")
    (folder / "app.py").write_text(text.replace(", on_reply)", f", on_reply); _ = '{'y' * 3000}'"))
    lines = run("check").out.splitlines()
    row = next(number for number, line in enumerate(lines) if "assistant.register" in line)
    assert len(lines[row]) < 200
    assert lines[row].count("…") == 2
    assert lines[row][lines[row + 1].index("^") :].startswith("on_reply")


def test_text_cannot_write_to_the_terminal(run: Run, folder: Path) -> None:
    text = BROKEN.replace("\nassistant.reg", "\n_ = '\x1b[2J\u202e'; assistant.reg")
    (folder / "app.py").write_text(text, encoding="utf-8")
    outcome = run("check")
    assert outcome.code == 1
    assert "\x1b" not in outcome.out
    assert "\u202e" not in outcome.out


@pytest.mark.parametrize(
    ("option", "environment", "colored"),
    [
        ("auto", {}, False),
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_color(
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    environment: dict[str, str],
    colored: bool,
) -> None:
    (folder / "app.py").write_text(BROKEN)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run("check", "--color", option).out) is colored


def test_statistics(run: Run, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text(BROKEN)
    outcome = run("check", "--statistics")
    assert outcome.code == 1
    assert outcome.out.splitlines()[0] == "2  CB201  reply-signature  2 with a fix"
    (row,) = run("check", "--statistics", "--output-format", "json").findings
    assert row == {"code": "CB201", "name": "reply-signature", "count": 2, "fixable": 2}


def test_exit_zero(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    assert run("check", "--exit-zero").code == 0
    assert run("check", "--exit-zero", "nowhere.py").code == 2


def test_select_and_ignore(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    assert run("check", "--select", "CB201").code == 1
    assert run("check", "--select", "CB2").code == 1
    assert run("check", "--select", "reply-signature").code == 1
    assert run("check", "--select", "CB902").code == 0
    assert run("check", "--ignore", "CB902,CB201").code == 0


def test_a_note_alone_is_no_failure(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    (folder / "callscope.toml").write_text('[severity]\nCB201 = "information"\n')
    outcome = run("check")
    assert outcome.code == 0
    assert "information[CB201]" in outcome.out


def test_the_target_is_named(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    out = run("check", "--target", "autogen-agentchat==0.2.40").out
    assert "against AutoGen 0.2.40 (configured)" in out


def test_the_target_is_read_from_an_interpreter(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    site = folder / "env" / "lib" / "python3.11" / "site-packages"
    (site / "ag2-0.9.10.dist-info").mkdir(parents=True)
    (folder / "env" / "pyvenv.cfg").write_text("")
    assert "against AG2 0.9.10" in run("check", "--python", "env").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--select", "CB999"], "no such rule"),
        (["check", "--select", "reply-signatur"], "did you mean reply-signature?"),
        (["check", "--target", "nonsense"], "is not NAME==VERSION"),
        (["check", "--target", "ag2==x.y"], "not a version"),
        (["check", "--python", "/no/such/python"], "no such file or folder"),
        (["check", "--output-format", "xml"], "invalid choice"),
        (["check", "-", "app.py"], "cannot be combined"),
        (["check", "--stdin-filename", "x.py", "."], "needs -"),
        (["check", ""], "empty"),
        (["rule", "CB000"], "no rule 'CB000'"),
        (["server", "--tcp", "--port", "70000"], "not a port"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_bad_usage_is_explained(run: Run, arguments: list[str], message: str) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    outcome = run()
    assert outcome.code == 2
    assert "check" in outcome.out


def test_version(run: Run) -> None:
    outcome = run("--version")
    assert outcome.code == 0
    assert re.fullmatch(r"callscope \d+\.\d+\.\d+\n", outcome.out)


def test_the_exit_codes_are_in_the_help(run: Run) -> None:
    assert "nothing above information level" in run("check", "--help").out


def test_a_configuration_that_cannot_be_obeyed(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(BROKEN)
    (folder / "pyproject.toml").write_text("[tool.callscope]\nselekt = []\n")
    outcome = run("check", "--output-format", "concise")
    assert outcome.code == 2
    assert "error[CB201]" in outcome.out, "what can be checked is"
    assert outcome.err.count("unknown key 'selekt'") == 1


def test_a_configured_rule_that_does_not_exist_is_told(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(CLEAN)
    (folder / "callscope.toml").write_text('ignore = ["CB2", "reply-signatur", "CB999"]\n')
    outcome = run("check", "--output-format", "json")
    assert outcome.code == 0, "it may be written for a newer version"
    assert "there is no rule 'reply-signatur'; did you mean reply-signature?" in outcome.err
    assert "'CB999'" in outcome.err
    assert "'CB2'" not in outcome.err


def test_rule_prints_the_documentation(run: Run) -> None:
    outcome = run("rule", "cb201")
    assert outcome.code == 0
    assert outcome.out.startswith("CB201 reply-signature (error)\n")
    assert "## What it does" in outcome.out
    assert run("rule", "reply-signature").out == outcome.out
    assert outcome.out.strip() in run("rule", "all").out
    assert run("rule", "CB902").out.startswith("CB902 unused-suppression (information)\n")


def test_rule_alone_lists_all(run: Run) -> None:
    lines = run("rule").out.splitlines()
    assert any(line.startswith("CB201  reply-signature") for line in lines)
    assert lines == sorted(lines)
