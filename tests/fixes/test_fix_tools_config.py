"""Functions among the schemas of a model's tools."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

TEXT = """
from autogen import AssistantAgent, UserProxyAgent{}
def add(a: int, b: int) -> int:
    '''Add two "numbers".

    Quickly.
    '''
    return a + b
def halve(a: int) -> float:
    '''Halve it.'''
    return a / 2
{}
bot = AssistantAgent("bot", llm_config={})  # clever
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)  # last
{}user.initiate_chat(bot, message="1 + 2?")
"""
ADD = 'register_function(add, caller=bot, executor=user, description="Add two \\"numbers\\".")\n'
HALVE = 'register_function(halve, caller=bot, executor=user, description="Halve it.")\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{'config_list': [], 'tools': [add, halve]}", "{'config_list': []}"),
        ("{'functions': [add, halve], 'config_list': []}", "{'config_list': []}"),
        ("dict(tools=[add, halve], config_list=[])", "dict(config_list=[])"),
        (
            "{\n    'config_list': [],  # none\n    'tools': [add, halve],\n}",
            "{\n    'config_list': [],  # none\n}",
        ),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_registered_for_both(before: str, after: str, *, named: bool) -> None:
    def text(config: str, imported: str, more: str) -> str:
        if named:
            return TEXT.format(imported, f"CONFIG = {config}", "CONFIG", more)
        return TEXT.format(imported, "", config, more)

    fix = fixed(
        text(before, "", ""),
        text(after, ", register_function", ADD + HALVE),
        "CB506",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Register it: proposed by `bot`, executed by `user`"


@pytest.mark.parametrize(
    "change",
    [
        # nothing says what it does
        ("    '''Halve it.'''\n", ""),
        # a lambda
        ("[add, halve]", "[add, lambda a: a]"),
        # nobody in view gets the calls
        ("user.initiate_chat(", "print("),
        # another agent has the same configuration
        ("user = ", 'two = AssistantAgent("two", llm_config=CONFIG)\nuser = '),
        # made in different places
        ("user = ", "if True:\n    user = "),
    ],
)
def test_the_list_stays(change: tuple[str, str]) -> None:
    config = "CONFIG = {'config_list': [], 'tools': [add, halve]}"
    assert offers(TEXT.format("", config, "CONFIG", "").replace(*change), "CB506") == []
