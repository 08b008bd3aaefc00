"""The answer that is kept: the same as a fresh one, and never an old one."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from callscope import cache
from callscope.cli import analyse as analysis
from callscope.cli import kept as module
from callscope.cli.job import Job
from callscope.cli.pool import inspect_all
from callscope.cli.result import FileResult
from tests.cli.conftest import Outcome, Run
from tests.cli.programs import BROKEN, CLEAN

AGENTS = """\
import autogen

bot = autogen.ConversableAgent("bot", llm_config=False)
user = autogen.UserProxyAgent("user", code_execution_config=False)
"""

TASKS = """\
from celery import Celery
from agents import bot, user
import setup_bot

app = Celery("tasks")


@app.task
def answer(text):
    return user.initiate_chat(bot, message=text)
"""

SETUP = """\
from agents import bot


def on_reply(recipient, messages, sender, config):
    return True, "yes"


bot.register_reply([None], on_reply)
"""

OPTIONS = (
    (),
    ("--output-format", "json"),
    ("--output-format", "concise"),
    ("--output-format", "concise", "--quiet"),
    ("--color", "always"),
    ("--statistics",),
    ("--statistics", "--output-format", "json"),
    ("--exit-zero",),
)


@pytest.fixture
def project(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with all that can be told of one, in a folder below the cache's own."""
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path / ".cache"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    made = folder / "project"
    made.mkdir()
    texts = {
        "agents.py": AGENTS,
        "tasks.py": TASKS,
        "setup_bot.py": SETUP,
        "broken.py": BROKEN.replace("\nassistant.reg", '\n_ = "漢\\t🎉"; assistant.reg'),
        "half.py": BROKEN + "\n\ndef f(:\n    pass\n",
        "plain.py": "import os\n",
        "callscope.toml": 'ignore = ["CB999"]\nexclude = ["deploy"]\n',
        "sub/module.py": TASKS,
        "sub/deploy/readme": "",
        "notes.txt": "nothing\n",
    }
    for name, text in texts.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text, encoding="utf-8")
    (made / ".venv" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets longer with each analysis."""
    seen: list[int] = []
    original = analysis.analyse

    def analyse(*arguments: object, **options: object) -> object:
        seen.append(len(seen))
        return original(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(analysis, "analyse", analyse)
    return seen


def settle() -> None:
    """Let what was just written be older than the next run."""
    time.sleep(0.05)


def fresh(run: Run, *arguments: str) -> Outcome:
    try:
        return run("check", "--no-cache", *arguments)
    finally:
        # It is said to worker processes in this way.
        del os.environ["CALLSCOPE_NO_CACHE"]


def warm(run: Run, *arguments: str) -> Outcome:
    settle()
    return run("check", *arguments)


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_it_is_byte_for_byte_the_fresh_one(
    run: Run, project: Path, analysed: list[int], options: tuple[str, ...]
) -> None:
    expected = fresh(run, *options)
    assert warm(run, *options) == expected
    assert len(analysed) == 2
    assert warm(run, *options) == expected
    assert len(analysed) == 2, "it was not kept"


def test_all_formats_share_one_answer(run: Run, project: Path, analysed: list[int]) -> None:
    expected = [fresh(run, *options) for options in OPTIONS]
    assert any("other_files" in each.out for each in expected)
    warm(run)
    del analysed[:]
    assert [warm(run, *options) for options in OPTIONS] == expected
    assert not analysed


def test_an_answer_without_fixes_does_for_nobody_who_wants_them(
    run: Run, project: Path, analysed: list[int]
) -> None:
    expected = fresh(run)
    warm(run, "--output-format", "concise")
    assert warm(run) == expected


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        text = (project / name).read_text(encoding="utf-8")
        assert old in text
        (project / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def _write(name: str, text: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)

    return change


def _secretly(project: Path) -> None:
    """An edit that leaves size and time of the file as they were."""
    file = project / "broken.py"
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace("on_reply", "no_reply"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def _exchange(project: Path) -> None:
    """Two files that change their names."""
    (project / "half.py").rename(project / "other.py")
    (project / "broken.py").rename(project / "half.py")
    (project / "other.py").rename(project / "broken.py")


CHANGES: dict[str, Callable[[Path], object]] = {
    "an edit": _replace("broken.py", "def on_reply(message)", "def on_reply(*arguments)"),
    "an edit that cannot be seen": _secretly,
    "an edit of a file that matters to others": _replace("setup_bot.py", "bot.register", "0 and bot.register"),
    "an irrelevant file that becomes relevant": _replace("plain.py", "import os", "import agents"),
    "a new file": _write("more.py", BROKEN),
    "a new file that an import now means": _write("celery.py", "class Celery: ...\n"),
    "a new folder that an import now means": _write("celery/__init__.py", "class Celery: ...\n"),
    "a new folder": _write("below/more.py", BROKEN),
    "a deleted file": lambda project: (project / "setup_bot.py").unlink(),
    "a renamed file": lambda project: (project / "broken.py").replace(project / "b.py"),
    "exchanged files": _exchange,
    "an edit of the configuration": _write("callscope.toml", 'ignore = ["CB201"]\n'),
    "a configuration gone": lambda project: (project / "callscope.toml").unlink(),
    "another configuration": _write("below/callscope.toml", "exclude = []\n"),
    "a setting of the packaging": _write("pyproject.toml", "[project]\nrequires-python = '>=3.14'\n"),
    "a Procfile": _write("Procfile", "worker: celery -A tasks worker --pool=threads\n"),
    "a service": _write("deploy/app.service", "ExecStart=celery -A tasks worker --pool=solo\n"),
    "a service of a folder left out": _write("sub/deploy/app.service", "ExecStart=celery -A tasks\n"),
    "an environment": _write(".venv/pyvenv.cfg", ""),
    "a folder that becomes an environment": _write("pyvenv.cfg", ""),
    "a link": lambda project: (project / "linked.py").symlink_to(project / "broken.py"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_noticed(
    run: Run, project: Path, analysed: list[int], change: Callable[[Path], object]
) -> None:
    warm(run)
    del analysed[:]
    change(project)
    outcome = warm(run)
    assert analysed == [0]
    assert outcome == fresh(run)


def test_a_configuration_above_is_noticed(run: Run, project: Path, analysed: list[int]) -> None:
    (project / "callscope.toml").unlink()
    before = warm(run)
    (project.parent / "pyproject.toml").write_text('[tool.callscope]\nignore = ["CB"]\n')
    assert warm(run).out != before.out


def test_what_is_installed_is_noticed(
    run: Run, project: Path, analysed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(project / ".venv"))
    before = warm(run)
    site = project / ".venv" / "lib" / "python3.11" / "site-packages"
    (site / "ag2-0.9.10.dist-info").mkdir()
    after = warm(run)
    assert "against AG2 0.9.10" in after.out
    assert "against AG2 0.9.10" not in before.out
    monkeypatch.delenv("VIRTUAL_ENV")
    assert warm(run) == before


def test_other_questions_have_other_answers(
    run: Run, project: Path, analysed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (
        ("--target", "ag2==0.9.10"),
        ("--select", "CB2"),
        ("--ignore", "CB2"),
        ("--python", ".venv"),
        ("broken.py",),
        ("broken.py", "half.py"),
        (str(project),),
    )
    answers = [warm(run, *arguments) for arguments in ((), *asked)]
    assert len(analysed) == len(answers)
    assert [warm(run, *arguments) for arguments in ((), *asked)] == answers
    assert len(analysed) == len(answers)
    monkeypatch.setattr(module, "__version__", "0")
    warm(run)
    assert len(analysed) == len(answers) + 1, "another version may say something else"


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were looked at."""
    seen: list[str] = []

    def note(steps: list[Job | FileResult], on_progress: Callable[[int, int], None]) -> object:
        seen.extend(step.shown for step in steps if isinstance(step, Job))
        return inspect_all(steps, on_progress)

    monkeypatch.setattr(analysis, "inspect_all", note)
    return seen


def test_an_edit_costs_what_is_connected_with_it(
    run: Run, project: Path, inspected: list[str]
) -> None:
    warm(run)
    assert len(inspected) == 6
    for name, again in (("broken", {"broken"}), ("half", {"half"}), ("plain", set())):
        del inspected[:]
        with (project / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write("\n# something else\n")
        outcome = warm(run)
        assert {Path(each).stem for each in inspected} == again
        assert outcome == fresh(run)


def test_an_edit_of_what_is_imported_is_felt(run: Run, project: Path, inspected: list[str]) -> None:
    chat = "user.initiate_chat(bot, message='hi', max_turns=1)\n"
    (project / "tasks.py").write_text("import setup_bot\nfrom agents import bot, user\n" + chat)
    (project / "sub" / "module.py").unlink()
    warm(run)
    del inspected[:]
    _replace("setup_bot.py", "(recipient, messages, sender, config)", "(message)")(project)
    outcome = warm(run)
    assert set(inspected) == {"agents.py", "setup_bot.py", "tasks.py"}
    assert outcome == fresh(run)


def test_an_import_that_cannot_be_seen_at_a_glance_is_felt(
    run: Run, project: Path, inspected: list[str]
) -> None:
    (project / "callbacks.py").write_text(
        "def on_reply(recipient, messages, sender, config): ...\n"
    )
    text = BROKEN.replace("import autogen\n", "import autogen; from callbacks import on_reply\n")
    (project / "hidden.py").write_text(text.replace("def on_reply", "def on_replies"))
    before = warm(run)
    assert "hidden.py" not in before.out
    del inspected[:]
    (project / "callbacks.py").write_text("def on_reply(message): ...\n")
    outcome = warm(run)
    assert "hidden.py" in inspected
    assert "hidden.py" in outcome.out
    assert outcome == fresh(run)


def test_what_a_worker_begins_with_is_felt_everywhere(
    run: Run, project: Path, inspected: list[str]
) -> None:
    warm(run)
    del inspected[:]
    _replace("tasks.py", "text)", "words)")(project)
    assert warm(run) == fresh(run)
    assert len(set(inspected)) == 6


EDITS: tuple[tuple[str, str], ...] = (
    ("def on_reply(message)", "def on_reply(*arguments)"),
    ("def on_reply(*arguments)", "def on_reply(message)"),
    ("from agents import bot", "from agents import bot, user"),
    ("bot.register_reply", "user.register_reply"),
    ("import os", "import agents, os"),
    ("import agents, os", "import os"),
    ("import setup_bot\n", ""),
    ("def f(:", "def f():"),
    ("def f():", "def f(:"),
    ("import autogen", "import autogen  # callscope: ignore"),
    ("  # callscope: ignore", ""),
    ("\n\n", "\n\n\n"),
)


def test_edit_after_edit(run: Run, project: Path) -> None:
    order = random.Random(5)
    for _ in range(25):
        file = order.choice(sorted(project.rglob("*.py")))
        text = file.read_text("utf-8")
        for old, new in order.sample(EDITS, 6):
            text = text.replace(old, new, 1)
        file.write_text(text, "utf-8")
        assert warm(run) == fresh(run)


@pytest.mark.parametrize(
    "touch",
    [
        lambda project: os.utime(project / "broken.py", (1, 1)),
        lambda project: (project / "callscope.toml").write_text(
            'ignore = ["CB999"]\nexclude = ["deploy"]\n'
        ),
    ],
)
def test_a_file_that_was_only_touched_costs_no_analysis(
    run: Run, project: Path, analysed: list[int], touch: Callable[[Path], object]
) -> None:
    before = warm(run)
    touch(project)
    assert warm(run) == before
    assert warm(run) == before
    assert len(analysed) == 1


@pytest.mark.parametrize("name", ["notes.txt", "out.json", ".git/index", "__pycache__/a.pyc"])
def test_other_files_do_not_count(run: Run, project: Path, analysed: list[int], name: str) -> None:
    (project / ".git").mkdir()
    before = warm(run)
    _write(name, "something else")(project)
    assert warm(run) == before
    assert len(analysed) == 1


def _damaged(content: bytes) -> list[bytes]:
    half = len(content) // 2
    return [
        b"",
        b"{}",
        b"\xff\xfe\n{}",
        content[:half],
        content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :],
        content.partition(b"\n")[2],
    ]


def test_a_damaged_answer_is_worked_out_anew(run: Run, project: Path, analysed: list[int]) -> None:
    before = warm(run)
    (file,) = (project.parent / ".cache").glob("answer-*.json")
    content = file.read_bytes()
    for number, damage in enumerate(_damaged(content), start=2):
        file.write_bytes(damage)
        assert warm(run) == before
        assert len(analysed) == number
        assert file.read_bytes() == content


def test_an_answer_of_another_form_is_worked_out_anew(
    run: Run, project: Path, analysed: list[int]
) -> None:
    before = warm(run)
    (file,) = (project.parent / ".cache").glob("answer-*.json")
    for number, rest in enumerate(
        (b"[]", b"{}", b"null", b'{"offers":true,"depends":{}}'), start=2
    ):
        file.write_bytes(module._digest(rest).encode() + b"\n" + rest)
        assert warm(run) == before
        assert len(analysed) == number


def test_many_at_once_do_not_get_in_each_others_way(run: Run, project: Path) -> None:
    expected = fresh(run, "--output-format", "json")
    settle()
    command = [sys.executable, "-m", "callscope", "check", "--output-format", "json"]
    for _ in range(2):
        all_ = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
        assert {process.communicate()[0].decode() for process in all_} == {expected.out}
    assert len(list((project.parent / ".cache").glob("answer-*"))) == 1


def test_a_disk_that_takes_nothing_is_no_failure(
    run: Run, project: Path, analysed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "replace_file", refuse)
    assert warm(run) == warm(run) == fresh(run)
    assert len(analysed) == 3


def test_a_cache_that_cannot_be_opened_is_no_failure(
    run: Run, project: Path, analysed: list[int]
) -> None:
    (project.parent / ".cache").write_text("a file where the folder should be")
    assert warm(run) == warm(run) == fresh(run)


def test_no_cache_means_none(
    run: Run, project: Path, analysed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(run)
    assert not (project.parent / ".cache").exists()
    warm(run)
    monkeypatch.setenv("CALLSCOPE_NO_CACHE", "1")
    warm(run)
    monkeypatch.delenv("CALLSCOPE_NO_CACHE")
    fresh(run)
    assert len(analysed) == 4


def test_fixing_works_on_what_there_is(run: Run, project: Path, analysed: list[int]) -> None:
    warm(run)
    assert warm(run, "--diff").out
    before = (project / "broken.py").read_text("utf-8")
    warm(run, "--fix")
    assert (project / "broken.py").read_text("utf-8") != before
    assert "broken.py" not in warm(run).out
    assert len(analysed) == 4


def test_a_failure_is_not_kept(run: Run, project: Path, analysed: list[int]) -> None:
    (project / "binary.py").write_bytes(b"import autogen\0")
    assert warm(run).code == warm(run).code == 2
    (project / "binary.py").unlink()
    (project / "callscope.toml").write_text("selekt = []\n")
    assert warm(run).code == warm(run).code == 2
    assert len(analysed) == 4


def test_what_changes_during_the_run_is_not_kept(
    run: Run, project: Path, analysed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit_and_inspect(*arguments: object) -> object:
        _replace("broken.py", "def on_reply(message)", "def on_reply(*arguments)")(project)
        return inspect_all(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(analysis, "inspect_all", edit_and_inspect)
        warm(run)
    assert warm(run) == fresh(run)
    assert len(analysed) == 3


def test_what_was_written_just_before_is_not_trusted(
    run: Run, project: Path, analysed: list[int]
) -> None:
    # Another edit at the same moment of the disk's clock would not show.
    (project / "broken.py").write_text(CLEAN)
    run("check")
    run("check")
    assert len(analysed) == 2


def test_a_file_outside_of_any_project(run: Run, project: Path, analysed: list[int]) -> None:
    loose = project.parent / "loose"
    loose.mkdir()
    (loose / "app.py").write_text(BROKEN)
    assert warm(run, str(loose / "app.py")) == warm(run, str(loose / "app.py"))
    assert len(analysed) == 2, "there is no saying what counts"


def test_nothing_is_loaded_to_give_it_again(project: Path) -> None:
    settle()
    code = (
        "import sys; from callscope.cli import main; main(['check']);"
        "print([m for m in sys.modules if m.startswith('callscope.') and '.cli' not in m])"
    )
    outs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    *first, loaded_fresh = outs[0].stdout.splitlines()
    *second, loaded = outs[1].stdout.splitlines()
    assert first == second
    assert "callscope.model" in loaded_fresh
    assert loaded == "['callscope.cache']"


def test_there_is_an_end_to_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 2_500)
    for number in range(5):
        file = tmp_path / f"answer-{number}.json"
        cache.replace_file(file, bytes(1_000))
        os.utime(file, (time.time() + number - 10,) * 2)
    cache.replace_file(tmp_path / "index-0.json", bytes(1_000))
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "answer-3.json",
        "answer-4.json",
        "index-0.json",
    ]
