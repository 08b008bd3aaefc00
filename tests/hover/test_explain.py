"""The pages about findings and contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check
from callscope.contracts import Target
from callscope.explain import Page, contract_at, explain_finding, explain_rule, rule_text
from callscope.project import Config, Project
from callscope.rules import all_rules
from callscope.source import Position, SourceText

PROGRAM = """\
from autogen import Agent, AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", code_execution_config=False)
def first(recipient, messages=None, sender=None):
    return False, None
def mask(content):
    return content
assistant.register_reply([Agent, None], first)
assistant.register_hook("process_last_received_message", mask)
user.initiate_chat(assistant, message="hello", max_turns=1)
print("done")
"""


def explained(text: str, target: str = "autogen==0.14.1") -> Page:
    project = Project(Config(target=Target.parse(target)))
    report = check(project, SourceText(Path("/desk/program.py"), text))
    page = explain_finding(report, report.findings[0])
    assert page is not None
    return page


def contract(needle: str) -> Page | None:
    report = check(Project(), SourceText(Path("/desk/program.py"), PROGRAM))
    before = PROGRAM[: PROGRAM.index(needle)]
    return contract_at(report, Position(before.count("\n"), len(before.rpartition("\n")[2])))


def test_a_finding_is_explained_with_what_it_rests_on() -> None:
    page = explained(PROGRAM)
    assert page.title == "CB201 reply-signature"
    assert "program.py, line 8" in page.markdown
    assert "1. In line 4: `first` is defined here" in page.markdown
    assert "What AG2 0.14.1 promises" in page.markdown
    assert "first(recipient, messages=..., sender=..., config=...)" in page.markdown
    assert "## When it stays silent" in page.markdown, "the rule in full"
    assert "fails like this on AutoGen 0.2.40 and on AG2 0.14.1" in page.markdown


def test_the_release_is_the_one_that_the_file_is_checked_against() -> None:
    page = explained(PROGRAM, "autogen-agentchat==0.2.40")
    assert "Checked against AutoGen 0.2.40" in page.markdown
    assert "What AutoGen 0.2.40 promises" in page.markdown


def test_a_suppression_that_is_not_used_is_explained_too() -> None:
    page = explained("import autogen\nx = 1  # callscope: ignore[CB201] -- once\n")
    assert page.title == "CB902 unused-suppression"
    assert "Remove the comment" in page.markdown
    assert "promises" not in page.markdown


@pytest.mark.parametrize("code", [each.code for each in all_rules()] + ["CB902"])
def test_each_rule_has_a_page_without_a_finding(code: str) -> None:
    text = rule_text(code)
    assert text is not None
    assert rule_text(text.name) == text
    page = explain_rule(code, Project())
    assert page is not None
    assert text.text in page.markdown
    assert "Checked against AG2 0.14.1" in page.markdown


def test_what_is_no_rule_has_none() -> None:
    assert explain_rule("CB999", Project()) is None


@pytest.mark.parametrize(
    ("needle", "title", "says"),
    [
        ("assistant.register_reply", "Contract of first", "1. **`first` (line 8"),
        ("first(recipient", "Contract of first", "`(False, None)` lets the next"),
        ("return content", "Contract of mask", "AutoGen >=0.2.20 and AG2"),
        ("assistant = ", "Contract of assistant", "`process_last_received_message` hook: `mask`"),
        ("user.initiate_chat", "Contract of initiate_chat", "`assistant` answers `user`"),
    ],
)
def test_a_contract_is_told_in_full(needle: str, title: str, says: str) -> None:
    page = contract(needle)
    assert page is not None
    assert page.title == title
    assert says in page.markdown


@pytest.mark.parametrize("needle", ["print", "done", "from autogen", "Agent,"])
def test_there_is_none_of_other_things(needle: str) -> None:
    assert contract(needle) is None


def test_earlier_rows_of_a_contract_are_told_with_their_releases() -> None:
    text = """\
from autogen import AFTER_WORK, SwarmAgent, initiate_swarm_chat
def after(last_speaker, messages, groupchat):
    return None
a = SwarmAgent("a", llm_config=False)
initiate_swarm_chat(initial_agent=a, agents=[a], messages="x", after_work=AFTER_WORK(after))
"""
    project = Project(Config(target=Target.parse("ag2==0.8.7")))
    report = check(project, SourceText(Path("/desk/program.py"), text))
    page = contract_at(report, Position(1, 5))
    assert page is not None
    assert "`callback(last_speaker, messages, groupchat, context_variables)`" in page.markdown
