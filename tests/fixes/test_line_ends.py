"""A file keeps each of its line ends; what is added ends as the first line does."""

from __future__ import annotations

from tests.fixes.tools import fixes


def test_mixed_line_ends() -> None:
    before = (
        "from autogen import Agent, AssistantAgent\r\n"
        'bot = AssistantAgent("bot", llm_config=False)\n'
        "def audit(message):\r\n"
        '    print(message["content"])  # told\n'
        "    return False, None\r"
        "bot.register_reply([Agent, None], audit)\n"
    )
    after = before.replace(
        "def audit(message):\r\n",
        "def audit(recipient, messages=None, sender=None, config=None):\r\n"
        "    message = messages[-1]\r\n",
    )
    assert [fix.new_text for fix in fixes(before, "CB201")] == [after]


def test_unfinished_code_elsewhere() -> None:
    before = (
        "from autogen import Agent, AssistantAgent\n"
        'bot = AssistantAgent("bot", llm_config=False)\n'
        "def audit(message):\n    return False, None\n"
        "bot.register_reply([Agent, None], audit)\n\nresult = compute(\n"
    )
    after = before.replace("(message)", "(recipient, messages=None, sender=None, config=None)")
    assert [fix.new_text for fix in fixes(before, "CB201")] == [after]
