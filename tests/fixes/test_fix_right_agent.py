"""Registrations on a class, on an agent that was thrown away, on one that is not asked."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

ON_CLASS = """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
{more}user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
{on}.register_reply([Agent, None], answer)  # for all
"""


def test_the_only_agent_of_the_class() -> None:
    fix = fixed(
        ON_CLASS.format(on="AssistantAgent", more=""),
        ON_CLASS.format(on="bot", more=""),
        "CB214",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Register it on `bot`"


def test_an_agent_on_self() -> None:
    text = """
    from autogen import AssistantAgent
    class Bot(AssistantAgent):
        pass
    class Service:
        def __init__(self):
            self.bot = Bot("bot", llm_config=False)
            {}.register_hook("process_last_received_message", self.audit)
            self.bot.initiate_chat(self.bot, message="hi")
        def audit(self, content):
            return content
    """
    fixed(text.format("Bot"), text.format("self.bot"), "CB214")


@pytest.mark.parametrize(
    "text",
    [
        # either may be meant
        ON_CLASS.format(
            on="AssistantAgent", more='two = AssistantAgent("two", llm_config=False)\n'
        ),
        ON_CLASS.format(on="ConversableAgent", more="").replace(
            "import Agent", "import ConversableAgent, Agent"
        ),
        # made in a loop
        ON_CLASS.format(on="AssistantAgent", more="").replace(
            "bot = ", "for _ in range(3): bot = "
        ),
        # there is none
        ON_CLASS.format(on="AssistantAgent", more="").replace(
            "bot = AssistantAgent", "bot = UserProxyAgent"
        ),
        # made further down
        """
        from autogen import AssistantAgent
        AssistantAgent.register_hook("process_last_received_message", lambda content: content)
        bot = AssistantAgent("bot", llm_config=False)
        """,
        # two classes in turn
        ON_CLASS.format(on="kind", more="").replace(
            "kind.reg", "for kind in (AssistantAgent, UserProxyAgent): kind.reg"
        ),
    ],
)
def test_nobody_or_anybody(text: str) -> None:
    assert offers(text, "CB214") == []


REPLACED = """
from autogen import Agent, AssistantAgent, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot = AssistantAgent("bot", llm_config=False)
{}
user.initiate_chat(bot, message="hi", max_turns=1)
"""
AGAIN = 'bot = AssistantAgent("bot", llm_config=False)  # anew'
REGISTERED = "bot.register_reply([Agent, None], answer)  # audit"


def test_behind_the_second_making() -> None:
    fix = fixed(
        REPLACED.format(f"{REGISTERED}\nprint(1)\n{AGAIN}"),
        REPLACED.format(f"print(1)\n{AGAIN}\n{REGISTERED}"),
        "CB406",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Move the registration down, behind line 8"


def test_a_tool_moves_with_its_decorator() -> None:
    tool = "@bot.register_for_execution()\ndef add(a: int, b: int) -> int:\n    return a + b"
    fixed(REPLACED.format(f"{tool}\n{AGAIN}"), REPLACED.format(f"{AGAIN}\n{tool}"), "CB406")


@pytest.mark.parametrize(
    "middle",
    [
        # what it registers is another thing further down
        f"{REGISTERED}\nanswer = print\n{AGAIN}",
        # in another block
        f"if True:\n    {REGISTERED}\n{AGAIN}",
        # the tool is needed before
        f"@bot.register_for_execution()\ndef add(a: int, b: int) -> int:\n    return a + b\nprint(add(1, 2))\n{AGAIN}",
        # and is kept for something else
        f"wrap = lambda f: f\n@wrap\n@bot.register_for_execution()\ndef add(a: int, b: int) -> int:\n    return a + b\n{AGAIN}",
    ],
)
def test_it_cannot_move(middle: str) -> None:
    assert offers(REPLACED.format(middle), "CB406") == []


SAFEGUARD = """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={{"config_list": []}})
user = UserProxyAgent("user")
{more}def add(a: int, b: int) -> int:
    return a + b
def guard(call):
    return call
register_function(add, caller=bot, executor=user, description="d")
{hooks}
user.initiate_chat(bot, message="1 + 2?")
"""
ON_BOT = 'bot.register_hook("safeguard_tool_inputs", guard)'
ON_USER = ON_BOT.replace("bot", "user")


def test_the_agent_that_runs_the_tools() -> None:
    fix = fixed(
        SAFEGUARD.format(hooks=f"{ON_BOT}  # look", more=""),
        SAFEGUARD.format(hooks=f"{ON_USER}  # look", more=""),
        "CB509",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Register it on `user`"


def test_it_has_the_safeguard_already() -> None:
    fix = fixed(
        SAFEGUARD.format(hooks=f"{ON_USER}\n{ON_BOT}", more=""),
        SAFEGUARD.format(hooks=ON_USER, more=""),
        "CB509",
        safety=Safety.SAFE,
    )
    assert fix.title.startswith("Delete it")


def test_a_line_for_several_agents_stays() -> None:
    hook = ON_BOT.replace("bot", "agent")
    other = 'other = AssistantAgent("other", llm_config={"config_list": []})\n'
    loop = f"for agent in (bot, other):\n    {hook}\nuser.initiate_chat(other, message='x')"
    assert offers(SAFEGUARD.format(hooks=loop, more=other), "CB509") == []


def test_the_only_statement_of_a_block_stays() -> None:
    hooks = f"{ON_USER}\nif True:\n    {ON_BOT}"
    assert offers(SAFEGUARD.format(hooks=hooks, more=""), "CB509") == []
