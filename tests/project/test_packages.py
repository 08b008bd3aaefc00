"""Agents that installed packages bring along, found in their files."""

from __future__ import annotations

import json
import pickle
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Config, Project, Workspace, installed_distributions
from callscope.project import resolver as resolving
from callscope.project.packages import Packages
from callscope.project.resolver import Resolver
from callscope.source import SourceText
from tests.project.environments import environment, install


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="module")
def shared() -> Iterator[Resolver]:
    """One process for many questions."""
    made = Resolver()
    yield made
    made.close()


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCOPE_CACHE_DIR", str(tmp_path / "cache"))


def packages(root: Path, resolver: Resolver, *, waits: bool = True) -> Packages:
    return Packages(installed_distributions(root).searched, waits=waits, resolver=resolver)


def told(found: Packages, path: str) -> str | None:
    agent = found.agent_at(path)
    return None if agent is None else f"{agent.path}{'' if agent.opaque else ' itself'}"


class NobodyToAsk(Resolver):
    def ask(self, path: str, search: tuple[Path, ...], patience: float) -> None:
        raise AssertionError(f"{path} is asked for")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Helper", "autogen.AssistantAgent itself"),
        ("AssistantAgent", "autogen.AssistantAgent itself"),
        ("SupportAgent", "autogen.AssistantAgent"),
        ("NightAgent", "autogen.AssistantAgent"),
        ("agents.NightAgent", "autogen.AssistantAgent"),
        ("Proxy", "autogen.UserProxyAgent"),
        ("Persona", "autogen.ConversableAgent"),
        ("Remote", "autogen.GPTAssistantAgent"),
        ("Chatty", "autogen.ConversableAgent"),
        ("build", "autogen.AssistantAgent"),
        ("build_night", "autogen.AssistantAgent"),
    ],
)
def test_agents_of_a_package(acme: Path, shared: Resolver, name: str, expected: str) -> None:
    assert told(packages(acme, shared), f"acme_agents.{name}") == expected


@pytest.mark.parametrize(
    "name",
    """
    OneOfTwo Board Adapting Patched Mixed Threaded Once Made Wrapped Strange Rebound Either Ring
    Audited
    the_one known lazily passed of_class of_desk perhaps either mixed one_of_two each later cached round_about
    agents threading nothing agents.nothing SupportAgent.ask
    """.split(),
)
def test_nothing_is_said_of_what_may_be_otherwise(acme: Path, shared: Resolver, name: str) -> None:
    found = packages(acme, shared)
    assert told(found, f"acme_agents.{name}") is None
    # It is not for want of an answer.
    assert shared.ask(f"acme_agents.{name}", found.folders, 10) is not None


@pytest.mark.parametrize(
    "text",
    [
        "class SupportAgent(AssistantAgent:",
        "import acme_tools._native\nfrom acme_tools._native import SupportAgent",
        "from .elsewhere import SupportAgent",
        "from acme_tools import SupportAgent",
        "\0",
    ],
)
def test_packages_that_cannot_be_read(tmp_path: Path, shared: Resolver, text: str) -> None:
    site = install(tmp_path, "acme_tools", {"acme_tools/__init__.py": text}, ["autogen"])
    (site / "acme_tools" / "_native.cpython-311-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    (site / "acme_tools" / "_native.abi3.so").write_bytes(b"\x7fELF")
    assert told(packages(tmp_path, shared), "acme_tools.SupportAgent") is None


def test_nothing_of_a_package_is_executed(tmp_path: Path, resolver: Resolver) -> None:
    trace = tmp_path / "executed"
    loud = f"open({str(trace)!r}, 'w').close()\n"
    files = {
        "acme_tools/__init__.py": f"{loud}from .agents import SupportAgent\n",
        "acme_tools/agents.py": f"{loud}import autogen\nclass SupportAgent(autogen.AssistantAgent):\n    {loud}",
        "sitecustomize.py": loud,
        "jedi.py": loud,
        "gi/__init__.py": loud,
    }
    install(tmp_path, "acme_tools", files, ["autogen"])
    assert told(packages(tmp_path, resolver), "acme_tools.SupportAgent") == "autogen.AssistantAgent"
    assert told(packages(tmp_path, resolver), "gi.anything") is None
    assert not trace.exists()


def test_only_packages_that_depend_on_autogen_are_looked_into(tmp_path: Path) -> None:
    text = "import autogen\nclass SupportAgent(autogen.AssistantAgent): ...\n"
    install(tmp_path, "ag2", {"autogen/__init__.py": ""}, version="0.9.10")
    install(tmp_path, "acme_tools", {"acme_tools/__init__.py": text}, ["ag2tools", "requests"])
    install(tmp_path, "acme_single", {"acme_single.py": text}, ['PyAutoGen ; extra == "bots"'])
    install(tmp_path, "acme_all", {"acme_all/__init__.py": ""}, ['acme_single; extra == "all"'])
    install(tmp_path, "acme_top", {"acme_top/__init__.py": ""}, ["acme-single"])
    found = packages(tmp_path, NobodyToAsk())
    assert found.names == {"acme_single", "acme_top"}
    for path in ("acme_tools.SupportAgent", "acme_all.x", "autogen.AssistantAgent", "acme_single"):
        assert found.agent_at(path) is None


def test_what_was_found_out_is_kept_until_something_is_installed(
    tmp_path: Path, resolver: Resolver
) -> None:
    root = environment(tmp_path / "env")
    names = ("SupportAgent", "Helper", "Board")
    first = packages(root, resolver)
    known = [told(first, f"acme_agents.{name}") for name in names]
    again = packages(root, NobodyToAsk())
    assert [told(again, f"acme_agents.{name}") for name in names] == known
    time.sleep(0.01)
    install(root, "acme_more", {"acme_more.py": "from acme_agents import *"}, ["acme_agents"])
    assert not first.is_current
    renewed = packages(root, resolver)
    assert told(renewed, "acme_more.SupportAgent") == "autogen.AssistantAgent"


def test_a_spoilt_cache_is_as_good_as_none(tmp_path: Path, acme: Path, shared: Resolver) -> None:
    told(packages(acme, shared), "acme_agents.SupportAgent")
    (file,) = (tmp_path / "cache").glob("packages-*.json")
    kept = json.loads(file.read_bytes())
    for text in (
        "",
        "[]",
        "{}",
        json.dumps({**kept, "names": 1}),
        json.dumps({**kept, "answers": [1]}),
    ):
        file.write_text(text)
        assert told(packages(acme, shared), "acme_agents.Proxy") == "autogen.UserProxyAgent"


def test_a_package_that_is_being_edited(tmp_path: Path, resolver: Resolver) -> None:
    root, place = tmp_path / "env", tmp_path / "desk" / "src"
    text = "import autogen\nclass {name}(autogen.AssistantAgent): ...\n"
    files = {"desk/__init__.py": text.format(name="Day")}
    install(root, "desk", files, ["ag2"], edited_in=place)
    found = packages(root, resolver)
    assert told(found, "desk.Day") == "autogen.AssistantAgent"
    assert told(found, "desk.Night") is None
    # Nobody tells when it is edited: the next run looks again.
    (place / "desk" / "__init__.py").write_text(text.format(name="Night"))
    resolver.close()
    later = packages(root, Resolver())
    assert told(later, "desk.Night") == "autogen.AssistantAgent"
    assert told(later, "desk.Day") is None


def test_who_does_not_wait_asks_later(acme: Path, shared: Resolver) -> None:
    found = packages(acme, shared, waits=False)
    assert told(found, "acme_agents.SupportAgent") is None
    assert told(found, "acme_agents.Board") is None
    assert found.wanted == {"acme_agents.SupportAgent", "acme_agents.Board"}
    assert found.find_out()
    assert not found.wanted
    assert told(found, "acme_agents.SupportAgent") == "autogen.AssistantAgent"
    assert told(found, "acme_agents.Board") is None
    assert not found.find_out()
    told(found, "acme_agents.the_one")
    assert not found.find_out()


def test_another_process_asks_for_itself(acme: Path) -> None:
    found = packages(acme, NobodyToAsk())
    copies = [pickle.loads(pickle.dumps(Project(packages=found))).packages for _ in range(2)]
    assert copies[0] is copies[1]
    assert copies[0].names == found.names


_STUBBORN = """
import json, sys, time
print('"ready"', flush=True)
for line in sys.stdin:
    path = json.loads(line)["path"]
    with open({log!r}, "a") as log:
        log.write(path + "\\n")
    if path.endswith("hangs"):
        time.sleep(600)
    if path.endswith("dies"):
        sys.exit(1)
    print("nonsense" if path.endswith("babbles") else '{{"name": "AssistantAgent", "same": true}}', flush=True)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The questions that reach a process which does not always answer."""
    log, program = tmp_path / "log", tmp_path / "stubborn.py"
    program.write_text(_STUBBORN.format(log=str(log)))
    monkeypatch.setattr(resolving, "_WORKER", program)
    return log


@pytest.mark.parametrize("way", ["hangs", "dies", "babbles"])
def test_a_process_that_fails_is_replaced_a_few_times(
    acme: Path, resolver: Resolver, log: Path, way: str
) -> None:
    begun = time.monotonic()
    paths = [f"acme_agents.{name}" for name in ("a", way, "b", f"x_{way}", f"y_{way}", "c")]
    folders = installed_distributions(acme).searched
    answers = [resolver.ask(path, folders, 0.2) is not None for path in paths]
    assert answers == [True, False, True, False, False, False]
    assert log.read_text().split() == paths[:-1]
    assert time.monotonic() - begun < 60


def test_what_was_not_answered_is_asked_again_in_the_next_run(
    acme: Path, resolver: Resolver, log: Path
) -> None:
    assert told(packages(acme, resolver), "acme_agents.dies") is None
    found = packages(acme, resolver)
    assert told(found, "acme_agents.dies") is None
    assert told(found, "acme_agents.dies") is None
    assert log.read_text().split() == ["acme_agents.dies"] * 2


def test_a_package_that_takes_too_long(tmp_path: Path, resolver: Resolver) -> None:
    long = "import autogen\n" + "def f():\n    return [1, {2: 3}]\n\n" * 2_000
    text = f"{long}class SupportAgent(autogen.AssistantAgent): ...\n"
    install(tmp_path, "acme_slow", {"acme_slow.py": text}, ["ag2"])
    folders = installed_distributions(tmp_path).searched
    assert resolver.ask("acme_slow.SupportAgent", folders, 0.05) is None
    assert resolver.ask("acme_slow.SupportAgent", folders, 60.0) is not None


def test_it_can_be_ended_while_somebody_waits(acme: Path, resolver: Resolver, log: Path) -> None:
    answers: list[object] = []
    folders = installed_distributions(acme).searched
    waiting = threading.Thread(
        target=lambda: answers.append(resolver.ask("acme_agents.hangs", folders, 600))
    )
    waiting.start()
    while not log.exists() or not log.read_text():
        time.sleep(0.01)
    resolver.close()
    waiting.join(20)
    assert answers == [None]


ON_REPLY = "def on_reply(message):\n    return False, None\n"


def codes(project: Project, text: str, workspace: Workspace | None = None) -> list[str]:
    root = workspace.root if workspace is not None else Path("nowhere")
    report = check(project, SourceText(root / "app.py", text), workspace)
    assert not report.crashes
    return [finding.code for finding in report.findings]


def project(root: Path, resolver: Resolver, config: Config | None = None) -> Project:
    installed = installed_distributions(root)
    return Project(config or Config(), installed, packages(root, resolver))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "from autogen import Agent\nfrom acme_agents import SupportAgent\n"
            "SupportAgent('x').register_reply([Agent, None], on_reply)",
            ["CB201"],
        ),
        (
            "import acme_agents as acme\nacme.agents.build('x').register_reply([None], on_reply)",
            ["CB201"],
        ),
        (
            "from acme_agents import NightAgent\nclass Own(NightAgent): ...\n"
            "Own().register_hook('process_all_message_before_reply', on_reply)",
            ["CB203"],
        ),
        ("from acme_agents import Board\nBoard().register_reply([None], on_reply)", []),
        ("from acme_agents import Adapting\nAdapting('x').register_reply([None], on_reply)", []),
        ("from acme_agents import known\nknown('x').register_reply([None], on_reply)", []),
        (
            "from acme_other import SupportAgent\nSupportAgent().register_reply([None], on_reply)",
            [],
        ),
        # Its own constructor decides what becomes of the arguments.
        ("from acme_agents import SupportAgent\nSupportAgent(desk=1).initiate_chat(None)", []),
        # Of a class that is AutoGen's own everything is known.
        (
            "from acme_agents import Helper\nimport autogen\n"
            "Helper('a').register_hook('nonsense', lambda m: m)",
            ["CB203"],
        ),
    ],
)
def test_findings(acme: Path, shared: Resolver, text: str, expected: list[str]) -> None:
    assert codes(project(acme, shared), f"{ON_REPLY}{text}\n") == expected


def test_without_the_environment_nothing_is_found(tmp_path: Path, shared: Resolver) -> None:
    text = f"{ON_REPLY}import autogen\nfrom acme_agents import build\nbuild(1).register_reply([None], on_reply)\n"
    assert codes(Project(), text) == []
    install(tmp_path, "ag2", {"autogen/__init__.py": ""}, version="0.9.10")
    assert codes(project(tmp_path, shared), text) == []


def test_an_own_declaration_comes_first(tmp_path: Path, acme: Path, shared: Resolver) -> None:
    (tmp_path / "callscope.toml").write_text('[agents]\n"acme_agents.Board" = "AssistantAgent"\n')
    config = Project.at(tmp_path).config
    text = f"{ON_REPLY}from acme_agents import Board\nBoard().register_reply([None], on_reply)\n"
    assert codes(project(acme, shared, config), text) == ["CB201"]


def test_modules_of_the_project_come_first(tmp_path: Path, acme: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "acme_agents.py").write_text("class SupportAgent: ...\n")
    text = f"{ON_REPLY}import autogen\nfrom acme_agents import SupportAgent\nSupportAgent().register_reply([None], on_reply)\n"
    (tmp_path / "app.py").write_text(text)
    assert codes(project(acme, NobodyToAsk()), text, Workspace(tmp_path)) == []


def test_agents_of_a_package_in_another_file(tmp_path: Path, acme: Path, shared: Resolver) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "team.py").write_text("from acme_agents import build\nbot = build('x')\n")
    text = f"from team import bot\n{ON_REPLY}bot.register_reply([None], on_reply)\n"
    (tmp_path / "app.py").write_text(text)
    assert codes(project(acme, shared), text, Workspace(tmp_path)) == ["CB201"]
    assert codes(Project(), text, Workspace(tmp_path)) == []
