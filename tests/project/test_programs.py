"""Programs of several files: what is defined in one and used in another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from callscope.check import Report, check
from callscope.project import Project, Workspace
from callscope.source import SourceText, read_source

AGENTS = """\
from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def on_reply(recipient, messages=None, sender=None, config=None):
    return False, None
"""

TASKS = """\
from celery import Celery

from desk.agents import assistant, user

app = Celery("desk")


@app.task
def answer(text):
    return user.initiate_chat(assistant, message=text, max_turns=1).summary
"""

REGISTERS = "assistant.register_reply([Agent, None], on_reply)\n"


def project(folder: Path, files: Mapping[str, str]) -> Workspace:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Workspace(folder)


def report(workspace: Workspace, name: str) -> Report:
    source = workspace.sources.text(workspace.root / name)
    assert source is not None
    found = check(Project(), source, workspace)
    assert not found.crashes
    return found


def codes(workspace: Workspace, name: str) -> list[tuple[str, int]]:
    findings = report(workspace, name).findings
    return [(finding.code, finding.range.start.line + 1) for finding in findings]


def test_a_callback_of_another_module(tmp_path: Path) -> None:
    """It need not mention AutoGen itself."""
    workspace = project(
        tmp_path,
        {
            "callbacks.py": "def on_reply(message):\n    return True, message\n",
            "main.py": "from autogen import Agent, AssistantAgent\n"
            "from callbacks import on_reply\n"
            'bot = AssistantAgent("bot", llm_config=False)\n'
            "bot.register_reply([Agent, None], on_reply)\n",
        },
    )
    (finding,) = report(workspace, "main.py").findings
    assert (finding.code, finding.range.path) == ("CB201", "")
    assert {Path(link.range.path).name for link in finding.evidence} >= {"callbacks.py"}
    assert codes(workspace, "callbacks.py") == []


WAYS = {
    "name": "from desk.agents import assistant, on_reply",
    "alias": "from desk.agents import assistant as assistant, on_reply as on_reply",
    "module": "import desk.agents\nassistant, on_reply = desk.agents.assistant, desk.agents.on_reply",
    "module alias": "import desk.agents as a\nassistant, on_reply = a.assistant, a.on_reply",
    "submodule": "from desk import agents\nassistant, on_reply = agents.assistant, agents.on_reply",
    "re-export": "from desk import assistant, on_reply",
    "star": "from desk.agents import *",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("guarded", [True, False], ids=["guard", "module level"])
def test_registered_in_the_producer(tmp_path: Path, way: str, guarded: bool) -> None:
    """The worker imports the tasks, and what they import; the producer is not among it."""
    begin = 'if __name__ == "__main__":\n    ' if guarded else ""
    workspace = project(
        tmp_path,
        {
            "desk/__init__.py": "from .agents import assistant, on_reply\n",
            "desk/agents.py": AGENTS,
            "desk/tasks.py": TASKS,
            "produce.py": f"from autogen import Agent\n{WAYS[way]}\n"
            f"from desk.tasks import answer\n{begin}{REGISTERS}answer.delay('hello')\n",
        },
    )
    assert [code for code, _ in codes(workspace, "produce.py")] == ["CB102"]


@pytest.mark.parametrize(
    "files",
    [
        # beside the agent
        {"desk/agents.py": AGENTS + REGISTERS},
        # in a module that the tasks import
        {
            "desk/hooks.py": f"from desk.agents import *\n{REGISTERS}",
            "desk/tasks.py": "import desk.hooks\n" + TASKS,
        },
        # in the package that is imported on the way
        {"desk/__init__.py": f"from .agents import *\n{REGISTERS}"},
        # in a module that the worker is told to include
        {
            "desk/hooks.py": f"from desk.agents import *\n{REGISTERS}",
            "desk/tasks.py": TASKS.replace('"desk"', '"desk", include=["desk.hooks"]'),
            "produce.py": "import desk.hooks\nfrom desk.tasks import answer\nanswer.delay('hello')\n",
        },
        # in the worker's start-up hook
        {
            "desk/tasks.py": TASKS
            + "from celery.signals import worker_process_init\n"
            + "from desk.agents import Agent, on_reply\n"
            + f"@worker_process_init.connect\ndef begin(**_):\n    {REGISTERS}"
        },
    ],
)
def test_registered_where_the_worker_comes_past(tmp_path: Path, files: Mapping[str, str]) -> None:
    everything = {
        "desk/__init__.py": "",
        "desk/agents.py": AGENTS,
        "desk/tasks.py": TASKS,
        "produce.py": "from desk.tasks import answer\nanswer.delay('hello')\n",
        **files,
    }
    workspace = project(tmp_path, everything)
    assert {name: found for name in everything if (found := codes(workspace, name))} == {}


def test_found_in_a_file_by_the_program_that_imports_it(tmp_path: Path) -> None:
    """Only the main module tells who sends to the agent."""
    workspace = project(
        tmp_path,
        {
            "agents.py": AGENTS + "assistant.register_reply([AssistantAgent], on_reply)\n",
            "main.py": "from agents import assistant, user\n"
            "user.initiate_chat(assistant, message='hi', max_turns=2)\n",
        },
    )
    ((code, _),) = codes(workspace, "agents.py")
    assert code == "CB401"
    (finding,) = report(workspace, "agents.py").findings
    assert {Path(link.range.path).name for link in finding.evidence} >= {"main.py"}


def test_programs_that_differ(tmp_path: Path) -> None:
    """What fires in one program is not said never to fire."""
    files = {
        "agents.py": AGENTS + "assistant.register_reply([AssistantAgent], on_reply)\n",
        "main.py": "from agents import assistant, user\n"
        "user.initiate_chat(assistant, message='hi', max_turns=2)\n",
        "other.py": "from autogen import AssistantAgent\nfrom agents import assistant\n"
        "peer = AssistantAgent('peer', llm_config=False)\n"
        "peer.initiate_chat(assistant, message='hi', max_turns=2)\n",
    }
    assert codes(project(tmp_path, files), "agents.py") == []


def test_agents_that_others_import_are_open(tmp_path: Path) -> None:
    """A file that only a test imports is not all there is of the program."""
    files = {
        "agents.py": AGENTS + "assistant.register_reply([AssistantAgent], on_reply)\n"
        "user.initiate_chat(assistant, message='hi', max_turns=2)\n",
        "tests/test_agents.py": "from agents import assistant\n",
    }
    assert codes(project(tmp_path, files), "agents.py") == []
    del files["tests/test_agents.py"]
    alone = project(tmp_path / "alone", files)
    assert [code for code, _ in codes(alone, "agents.py")] == ["CB401"]


def test_an_edit_in_one_file_changes_another(tmp_path: Path) -> None:
    files = {
        "callbacks.py": "def on_reply(message):\n    return True, message\n",
        "main.py": "from autogen import Agent, AssistantAgent\n"
        "from callbacks import on_reply\n"
        'bot = AssistantAgent("bot", llm_config=False)\n'
        "bot.register_reply([Agent, None], on_reply)\n",
    }
    workspace = project(tmp_path, files)
    assert [code for code, _ in codes(workspace, "main.py")] == ["CB201"]
    right = "def on_reply(recipient, messages, sender, config):\n    return True, 'ok'\n"
    edited = workspace.having(SourceText(tmp_path / "callbacks.py", right))
    assert codes(edited, "main.py") == []
    assert [code for code, _ in codes(workspace, "main.py")] == ["CB201"]
    (tmp_path / "callbacks.py").write_text(right)
    assert codes(workspace, "main.py") == []


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    files = {
        "one.py": "import two\nfrom autogen import ConversableAgent\nbot = ConversableAgent('b')\n",
        "two.py": "import one\ndef use():\n    return one.bot.generate_reply(messages=[])\n",
    }
    workspace = project(tmp_path, files)
    assert codes(workspace, "one.py") == codes(workspace, "two.py") == []


def test_a_file_of_the_name_of_a_library(tmp_path: Path) -> None:
    """`celery.py` beside the tasks is not what `import celery` means."""
    files = {
        "desk/__init__.py": "",
        "desk/celery.py": "from celery import Celery\napp = Celery('desk')\n",
        "desk/agents.py": AGENTS,
        "desk/tasks.py": TASKS.replace('app = Celery("desk")', "from .celery import app"),
        "produce.py": "from autogen import Agent\nfrom desk.agents import assistant, on_reply\n"
        f"from desk.tasks import answer\n{REGISTERS}answer.delay('hello')\n",
    }
    assert [code for code, _ in codes(project(tmp_path, files), "produce.py")] == ["CB102"]


def test_broken_and_vanished_modules(tmp_path: Path) -> None:
    files = {
        "broken.py": "from autogen import AssistantAgent\ndef f(:\nbot = AssistantAgent('bot')\n",
        "binary.py": "",
        "main.py": "import autogen\nfrom broken import bot\nimport binary, gone\nfrom gone import x\n"
        "bot.register_hook('no_such_hook', print)\n",
    }
    workspace = project(tmp_path, files)
    (tmp_path / "binary.py").write_bytes(b"\0\1\2")
    assert [code for code, _ in codes(workspace, "main.py")] == ["CB203"]
    (tmp_path / "broken.py").unlink()
    workspace.forget()
    assert codes(workspace, "main.py") == []


@pytest.mark.parametrize("first", ["a", "b", "c"])
def test_modules_that_import_each_other_matter_together(tmp_path: Path, first: str) -> None:
    """Whichever of them is asked for first."""
    workspace = project(
        tmp_path,
        {
            "a.py": "import b\n",
            "b.py": "import c\nimport a\n",
            "c.py": "import a\nimport agents\n",
            "agents.py": "import autogen\n",
            "x.py": "import y\n",
            "y.py": "import x\n",
        },
    )
    asked = [first, "a", "b", "c", "x", "y"]
    answers = [workspace.modules.matters(tmp_path / f"{name}.py") for name in asked]
    assert answers == [True, True, True, True, False, False]


DEEP = "a/b/c/d"


@pytest.mark.parametrize(("marked", "seen"), [(True, True), (False, False)])
def test_how_deep_importers_are_looked_for(tmp_path: Path, marked: bool, seen: bool) -> None:
    """Checking one script in somebody's home must not look through all of it."""
    folder = tmp_path / DEEP
    folder.mkdir(parents=True)
    (folder / "deep.py").write_text("import os\n")
    (tmp_path / "script.py").write_text("import os\n")
    workspace = Workspace(tmp_path, whole=marked)
    assert (folder / "deep.py" in workspace.graph) is seen
    assert tmp_path / "script.py" in workspace.graph


def test_of_several_projects_each_has_its_own_processes(tmp_path: Path) -> None:
    """What another project's application includes is not included by this one's."""
    app = 'from celery import Celery\napp = Celery("x", include=[{}])\n'
    for name, include in (("lost", '"shop.tasks"'), ("kept", '"shop.tasks", "shop.rules"')):
        folder = tmp_path / name / "shop"
        folder.mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").touch()
        (folder / "__init__.py").touch()
        (folder / "app.py").write_text(app.format(include))
        (folder / "desk.py").write_text(
            "from autogen import ConversableAgent\n"
            "desk = ConversableAgent('desk', llm_config=False, human_input_mode='NEVER')\n"
        )
        (folder / "rules.py").write_text(
            "from autogen import Agent\nfrom shop.desk import desk\n"
            "def answer(recipient, messages=None, sender=None, config=None):\n"
            "    return True, 'ok'\n"
            "desk.register_reply([Agent, None], answer)\n"
        )
        (folder / "tasks.py").write_text(
            "from shop.app import app\nfrom shop.desk import desk\n"
            "@app.task\ndef ask(text):\n"
            "    return desk.generate_reply([{'role': 'user', 'content': text}])\n"
        )
        (tmp_path / name / "send.py").write_text(
            "import shop.rules\nfrom shop.tasks import ask\nask.delay('hi')\n"
        )
    workspace = Workspace(tmp_path)

    def found(name: str) -> list[str]:
        source = read_source(tmp_path / name / "shop" / "rules.py")
        return [finding.code for finding in check(Project(), source, workspace).findings]

    assert found("lost") == ["CB102"]
    assert found("kept") == []


def test_a_module_that_nobody_followed_becomes_part_of_a_program(tmp_path: Path) -> None:
    files = {
        "main.py": "from autogen import Agent, ConversableAgent\nfrom middle import note\n"
        'bot = ConversableAgent("bot", llm_config=False)\nbot.register_reply([Agent, None], note)\n',
        "middle.py": "from callbacks import note\n",
        "callbacks.py": "def note(recipient, messages=None, sender=None, config=None):\n"
        '    return "noted"\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    path, buffers = tmp_path / "callbacks.py", dict[Path, SourceText]()
    workspace = Workspace(tmp_path, buffers)
    assert len(workspace.graph.files) == 3
    for name, text in files.items():
        report = check(Project(), SourceText(tmp_path / name, text), workspace)
        assert not report.findings, "two steps from anything that uses AutoGen"
    buffers[path] = SourceText(path, files["callbacks.py"] + "import autogen\n")
    workspace.notice(path)
    report = check(Project(), buffers[path], workspace)
    assert [(f.code, f.program) for f in report.findings] == [("CB202", str(tmp_path / "main.py"))]


def test_what_was_typed_before_anybody_noticed_counts(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("import autogen\n")
    path, buffers = tmp_path / "main.py", dict[Path, SourceText]()
    workspace = Workspace(tmp_path, buffers)
    assert workspace.graph.importers(tmp_path / "helper.py") == {path}
    buffers[path] = SourceText(path, "import os\n")
    workspace.notice(path)
    assert workspace.graph.importers(tmp_path / "helper.py") == set()
