"""A team's own agent classes, factories and wrappers, as the configuration declares them."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check
from callscope.project import Project
from callscope.source import read_source

CONFIG = """
[agents]
"desk.agents.AuditedAssistant" = "AssistantAgent"
"desk.agents.build_helper" = "ConversableAgent"

[wrappers]
"desk.hooks.register_on" = { agent = 0, callback = 1 }
"desk.hooks.Hub.add" = { agent = [0, "agent"], callback = [1, "callback"] }
"desk.hooks.replies_on" = { agent = [0, "agent"], decorator = true }
"desk.hooks.ends" = { agent = 0, callback = 1, registers = "termination" }
"desk.hooks.before_reply" = { agent = "on", callback = "hook", registers = "process_last_received_message" }
"""


def codes(folder: Path, text: str, config: str = CONFIG, name: str = "app.py") -> list[str]:
    (folder / "callscope.toml").write_text(config, encoding="utf-8")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    project = Project.at(path)
    assert not project.config.problems
    return [finding.code for finding in check(project, read_source(path)).findings]


USES = """
import autogen
{imports}
def on_reply(message):
    return False, None
{body}
"""


@pytest.mark.parametrize(
    ("imports", "body"),
    [
        (
            "from desk.agents import AuditedAssistant",
            "bot = AuditedAssistant(7)\nbot.register_reply([autogen.Agent, None], on_reply)",
        ),
        (
            "import desk.agents as team",
            "team.build_helper().register_reply([autogen.Agent, None], on_reply)",
        ),
        (
            "from desk.agents import AuditedAssistant",
            "class Own(AuditedAssistant): ...\nOwn().register_reply([autogen.Agent, None], on_reply)",
        ),
        (
            "from desk.hooks import register_on",
            "register_on(autogen.AssistantAgent('a', llm_config=False), on_reply)",
        ),
        (
            "from desk.hooks import Hub",
            "hub = Hub()\nhub.add(autogen.AssistantAgent('a', llm_config=False), on_reply)",
        ),
        (
            "from desk import hooks",
            "hooks.Hub('x').add(callback=on_reply, agent=autogen.AssistantAgent('a'))",
        ),
        (
            "from desk.hooks import replies_on",
            "replies_on(autogen.AssistantAgent('a', llm_config=False))(on_reply)",
        ),
        (
            "from desk.hooks import replies_on",
            "bot = autogen.AssistantAgent('a', llm_config=False)\n"
            "@replies_on(agent=bot)\ndef second(message):\n    return False, None",
        ),
    ],
)
def test_declared_names_are_seen_through(tmp_path: Path, imports: str, body: str) -> None:
    assert codes(tmp_path, USES.format(imports=imports, body=body)) == ["CB201"]


def test_a_wrapper_for_a_hook(tmp_path: Path) -> None:
    text = """
from autogen import AssistantAgent
from desk.hooks import before_reply
def mask(agent, content):
    return content
before_reply(hook=mask, on=AssistantAgent("a", llm_config=False))
"""
    assert codes(tmp_path, text) == ["CB204"]


def test_a_wrapper_for_a_termination_check(tmp_path: Path) -> None:
    text = """
from autogen import AssistantAgent
from desk.hooks import ends
ends(AssistantAgent("a", llm_config=False), lambda message, sender: True)
"""
    assert codes(tmp_path, text) == ["CB205"]


def test_a_relative_import_of_a_declared_name(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "__init__.py").touch()
    text = USES.format(
        imports="from .agents import AuditedAssistant",
        body="AuditedAssistant().register_reply([autogen.Agent, None], on_reply)",
    )
    assert codes(tmp_path, text, name="desk/app.py") == ["CB201"]


@pytest.mark.parametrize(
    "body",
    [
        # nothing is declared of this one
        "from desk.agents import Other\nOther().register_reply([autogen.Agent, None], on_reply)",
        "from desk.hooks import something\nsomething(autogen.AssistantAgent('a'), on_reply)",
        # a decorator that takes the callback at once is another one
        "from desk.hooks import replies_on\nreplies_on(on_reply)",
        "from desk.hooks import Hub\nHub.other(autogen.AssistantAgent('a'), on_reply)",
        # a function of the same name that is another one
        "def register_on(agent, callback): ...\nregister_on(autogen.AssistantAgent('a'), on_reply)",
    ],
)
def test_other_names_stay_unknown(tmp_path: Path, body: str) -> None:
    assert codes(tmp_path, USES.format(imports="", body=body)) == []


def test_nothing_is_claimed_of_an_order_a_declared_class_may_change(tmp_path: Path) -> None:
    text = """
from autogen import Agent, ConversableAgent
from desk.agents import build_helper
bot = build_helper()
def on_reply(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], on_reply, position=20)
ConversableAgent("user", llm_config=False).initiate_chat(bot, message="hi", max_turns=1)
"""
    assert codes(tmp_path, text) == []


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ('[agents]\n"a.B" = "Robot"\n', "no agent class"),
        ('[wrappers]\n"a.b" = 3\n', "is a table"),
        ('[wrappers]\n"a.b" = { agent = 0 }\n', "callback of a wrapper"),
        ('[wrappers]\n"a.b" = { agent = [0, 1, 2], callback = 1 }\n', "agent of a wrapper"),
        ('[wrappers]\n"a.b" = { agent = true, callback = 1 }\n', "agent of a wrapper"),
        ('[wrappers]\n"a.b" = { agent = 0, callback = 1, decorator = true }\n', "in place of"),
        ('[wrappers]\n"a.b" = { agent = 0, decorator = "yes" }\n', "in place of"),
        ('[wrappers]\n"a.b" = { agent = 0, callback = 1, registers = "x" }\n', "hook's name"),
        ('[wrappers]\n"a.b" = { agent = 0, callback = 1, when = 2 }\n', "unknown key"),
        ("agents = 3\n", "must be a table"),
    ],
)
def test_what_cannot_be_understood_is_told(tmp_path: Path, config: str, complaint: str) -> None:
    (tmp_path / "callscope.toml").write_text(config, encoding="utf-8")
    problems = Project.at(tmp_path).config.problems
    assert [complaint in problem.message for problem in problems] == [True]
