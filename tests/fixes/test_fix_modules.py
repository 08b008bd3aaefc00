"""What stands in another module of the program is not changed in this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check, fixes_for
from callscope.contracts import Target
from callscope.project import Config, Project
from callscope.project.workspace import Workspace
from callscope.source import SourceText

HELPERS = """
def pad(text):
    return text


def audit(content):
    return content


async def a_answer(recipient, messages=None, sender=None, config=None):
    return False, None
"""
HOOK = """
import asyncio
from autogen import ConversableAgent
from helpers import audit
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", audit)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
"""
TWIN = """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
from helpers import a_answer
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], answer)
bot.register_reply([Agent, None], a_answer, ignore_async_in_sync_chat=True)
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
"""


@pytest.mark.parametrize(
    ("text", "code", "target"),
    [(HOOK, "CB305", "autogen-agentchat==0.2.40"), (TWIN, "CB415", "autogen==0.14.1")],
)
def test_a_function_of_another_module(tmp_path: Path, text: str, code: str, target: str) -> None:
    (tmp_path / "helpers.py").write_text(HELPERS, encoding="utf-8")
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    report = check(
        Project(Config(target=Target.parse(target))), SourceText(path, text), Workspace(tmp_path)
    )
    found = [finding for finding in report.findings if finding.code == code]
    assert found, report.findings
    for finding in found:
        assert fixes_for(report, finding, verify=False) == []
