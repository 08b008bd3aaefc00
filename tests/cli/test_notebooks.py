"""Notebooks on the command line."""

from __future__ import annotations

import codecs
import json
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from callscope.cli.inspect_file import workspace_at
from tests.cli.conftest import Run
from tests.notebooks import BROKEN, CALLBACK, MENDED, REGISTERED, SETUP, code, markdown, notebook

CONCISE = ("check", "--output-format", "concise", "--quiet")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    workspace_at.cache_clear()


def test_a_finding_says_its_cell_and_the_line_in_it(run: Run, folder: Path) -> None:
    (folder / "a.ipynb").write_text(notebook(*BROKEN))
    outcome = run(*CONCISE, "a.ipynb")
    assert outcome.code == 1
    assert outcome.out.startswith("a.ipynb:cell 4:1:35: error[CB201] Reply function `on_reply`")

    (found,) = run("check", "--output-format", "json", ".").findings
    assert (found["cell"], found["line"], found["end_line"]) == (4, 1, 1)
    assert (found["evidence"][0]["cell"], found["evidence"][0]["line"]) == (3, 1)
    (edit,) = found["fix"]["edits"]
    assert (edit["cell"], edit["start"], edit["content"]) == (
        3, {"line": 1, "column": 1}, MENDED.splitlines(keepends=True)[0]
    )  # fmt: skip

    shown = run("check", "a.ipynb").out
    assert "a.ipynb:cell 3:1:5: `on_reply` is defined here" in shown
    assert "\n 1 │ bot.register_reply(" in shown or "\n 1 | bot.register_reply(" in shown


def test_lines_in_messages_are_those_of_cells(run: Run, folder: Path) -> None:
    chat = "user.initiate_chat(bot, message='hi', max_turns=1)"
    late = f"{chat}\nbot.register_reply([Agent, None], lambda *args, **more: (False, None))"
    (folder / "a.ipynb").write_text(notebook(SETUP, markdown("# now"), late))
    assert "on line 1 of cell 3, is over" in run(*CONCISE, "a.ipynb").out


def test_a_fix_writes_nothing_but_the_source_of_its_cell(run: Run, folder: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["é\u2028<\\/b>\n"]}
    cells = (markdown("# é"), SETUP, code(CALLBACK, outputs=[output]), REGISTERED)
    before = codecs.BOM_UTF8 + notebook(*cells).replace("\n", "\r\n").encode()
    file = folder / "a.ipynb"
    file.write_bytes(before)
    assert run("check", "--fix", "a.ipynb").code == 0
    old, new = CALLBACK.splitlines()[0].encode(), MENDED.splitlines()[0].encode()
    assert file.read_bytes() == before.replace(old, new)
    assert run("check", "--fix", "a.ipynb").code == 0
    assert file.read_bytes() == before.replace(old, new)


def test_a_diff_is_given_cell_by_cell(run: Run, folder: Path) -> None:
    (folder / "a.ipynb").write_text(notebook(*BROKEN))
    outcome = run("check", "--diff", "a.ipynb")
    assert outcome.code == 1
    assert outcome.out.startswith("--- a/a.ipynb:cell 3\n+++ b/a.ipynb:cell 3\n@@ -1,2 +1,2 @@\n")
    assert outcome.out.count("---") == 1


def test_a_fix_keeps_magics_and_awaits_in_place(run: Run, folder: Path) -> None:
    chat = "%%time\n!date\ntalk = user.a_initiate_chat(bot, message='hi', max_turns=1)"
    (folder / "a.ipynb").write_text(notebook("%pip install ag2", SETUP, chat))
    assert run("check", "--fix", "a.ipynb").code == 0
    cells = json.loads((folder / "a.ipynb").read_text())["cells"]
    assert "".join(cells[2]["source"]) == chat.replace("user.", "await user.")
    assert "".join(cells[0]["source"]) == "%pip install ag2"


def test_a_broken_cell_is_told_of_and_hides_no_other(run: Run, folder: Path) -> None:
    (folder / "a.ipynb").write_text(notebook(*BROKEN, "x = ("))
    outcome = run("check", "--output-format", "concise", "a.ipynb")
    assert "a.ipynb:cell 4:1:35: error[CB201]" in outcome.out
    assert "a.ipynb:cell 5:1:5: syntax error: '(' was never closed" in outcome.err
    assert run("check", "--fix", "a.ipynb").code == 0


def test_comments_count_in_their_cell_or_for_all(run: Run, folder: Path) -> None:
    file = folder / "a.ipynb"
    file.write_text(notebook(SETUP, CALLBACK, f"{REGISTERED}  # callscope: ignore[CB201]"))
    assert run(*CONCISE, "a.ipynb").out == ""
    file.write_text(notebook("# callscope: ignore-file", *BROKEN))
    assert run(*CONCISE, "a.ipynb").out == ""
    file.write_text(notebook(*BROKEN, "# callscope: ignore[CB201]"))
    assert "cell 5:1:1: information[CB902]" in run(*CONCISE, "a.ipynb").out


def test_folders_are_looked_through_for_notebooks_as_well(run: Run, folder: Path) -> None:
    for name in ("a.ipynb", "sub/b.ipynb", "left_out/c.ipynb", ".ipynb_checkpoints/a.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(notebook(*BROKEN))
    (folder / "callscope.toml").write_text('exclude = ["left_out"]\n')
    (folder / "other.ipynb").write_text(notebook("x = 1"))
    lines = run(*CONCISE).out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.ipynb", str(Path("sub/b.ipynb"))]
    assert "Checked 3 files" in run("check").out


def test_a_notebook_may_use_modules_of_the_project(run: Run, folder: Path) -> None:
    (folder / "pyproject.toml").touch()
    (folder / "agents.py").write_text(SETUP)
    (folder / "a.ipynb").write_text(
        notebook("from agents import bot\nfrom autogen import Agent", CALLBACK, REGISTERED)
    )
    assert "a.ipynb:cell 3:1:35: error[CB201]" in run(*CONCISE).out


def test_what_the_notebook_shows_in_a_module_points_to_its_cells(run: Run, folder: Path) -> None:
    (folder / "pyproject.toml").touch()
    (folder / "team.py").write_text(
        f"{SETUP}\n\ndef add(callback):\n    bot.register_reply([Agent, None], callback)\n"
    )
    (folder / "a.ipynb").write_text(notebook("import team", CALLBACK, "team.add(on_reply)"))
    outcome = run("check", "--output-format", "json")
    (found,) = outcome.findings
    assert (found["path"], found["cell"]) == ("team.py", None)
    assert {(each["path"], each["cell"]) for each in found["evidence"]} == {("a.ipynb", 2)}
    assert "a.ipynb:cell 2:1:5" in run("check").out


def test_the_answer_that_is_kept_is_that_of_the_notebook_as_it_is(
    run: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.delenv("CALLSCOPE_NO_CACHE", raising=False)
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    file = folder / "a.ipynb"
    file.write_text(notebook(*BROKEN))
    first = run(*CONCISE)
    assert "cell 4" in first.out
    assert run(*CONCISE) == first
    file.write_text(notebook(markdown("more"), *BROKEN))
    workspace_at.cache_clear()
    assert "cell 5" in run(*CONCISE).out
    (folder / "b.ipynb").write_text(notebook(*BROKEN))
    workspace_at.cache_clear()
    assert len(run(*CONCISE).out.splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"autogen": ', "is not a notebook: invalid JSON in line 1, column 13"),
        ('{"nbformat": 3, "worksheets": ["autogen"]}', "is a notebook in format 3"),
        ("", "is not a notebook: invalid JSON in line 1, column 1"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(
    run: Run, folder: Path, content: str, words: str
) -> None:
    (folder / "a.ipynb").write_text(content)
    outcome = run("check", "a.ipynb")
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: a.ipynb: {words}")


def test_notebooks_of_other_languages_are_passed_over(run: Run, folder: Path) -> None:
    other = {"language_info": {"name": "R"}}
    (folder / "a.ipynb").write_text(notebook("library(autogen)", metadata=other))
    (folder / "b.ipynb").write_text(notebook())
    outcome = run("check")
    assert (outcome.code, outcome.err) == (0, "")


def test_a_notebook_through_stdin(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(text.encode())))

    give(notebook(*BROKEN))
    outcome = run(*CONCISE, "-", "--stdin-filename", "a.ipynb")
    assert outcome.out.startswith("a.ipynb:cell 4:1:35:")
    give(notebook(*BROKEN))
    outcome = run("check", "--fix", "-", "--stdin-filename", "a.ipynb")
    assert outcome.out == notebook(*BROKEN[:2], MENDED, REGISTERED)


def test_many_notebooks_in_many_processes(run: Run, folder: Path) -> None:
    for number in range(45):
        (folder / f"n{number:02}.ipynb").write_text(notebook(*BROKEN))
    lines = run(*CONCISE).out.splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        [f"n{number:02}.ipynb", "cell 4"] for number in range(45)
    ]


def test_what_cells_do_later_is_not_foreseen(run: Run, folder: Path) -> None:
    """A cell can be run again after those below it, and a better agent takes another's place."""
    chat = "user.initiate_chat(bot, message='hi', max_turns=1)"
    late = "bot.register_reply([Agent, None], lambda *args, **more: (False, None))"
    (folder / "a.ipynb").write_text(notebook(SETUP, chat, late))
    assert run(*CONCISE, "a.ipynb").out == ""
    (folder / "a.ipynb").write_text(notebook(SETUP, late, SETUP, chat))
    assert run(*CONCISE, "a.ipynb").out == ""
    (folder / "a.ipynb").write_text(notebook(f"{SETUP}{late}\n{SETUP}", chat))
    assert "CB406" in run(*CONCISE, "a.ipynb").out
