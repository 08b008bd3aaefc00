"""Events, variables and loggers that are waited for in vain."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

RUN = """
from autogen import AssistantAgent
from autogen.events.agent_events import RunCompletionEvent, TextEvent, ToolCallEvent
bot = AssistantAgent("bot", llm_config=False)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[TextEvent]", "[TextEvent, ToolCallEvent]"),
        (
            "[\n    TextEvent,  # what is said\n]",
            "[\n    TextEvent,  # what is said\n    ToolCallEvent,\n]",
        ),
    ],
)
@pytest.mark.parametrize("kept", [True, False])
def test_ask_for_the_event(before: str, after: str, *, kept: bool) -> None:
    loop = RUN + (
        "WANTED = {}\nfor event in bot.run_iter(message='hi', yield_on=WANTED):\n"
        if kept
        else "for event in bot.run_iter(message='hi', yield_on={}):\n"
    )
    loop += "    if isinstance(event, ToolCallEvent):\n        print(event)\n"
    fix = fixed(loop.format(before), loop.format(after), "CB418", safety=Safety.UNSAFE)
    assert fix.title == "Ask for `ToolCallEvent` as well, in `yield_on`"


@pytest.mark.parametrize(
    ("wanted", "tested"),
    [
        # no filter lets it through
        ("[TextEvent]", "RunCompletionEvent"),
        # nowhere else is it known what it would do
        ("(TextEvent,)", "ToolCallEvent"),
    ],
)
def test_no_other_filter(wanted: str, tested: str) -> None:
    loop = f"""
for event in bot.run_iter(message="hi", yield_on={wanted}):
    if isinstance(event, {tested}):
        print(event)
"""
    assert offers(RUN + loop, "CB418") == []


def test_a_filter_that_another_run_shares() -> None:
    loop = """
WANTED = [TextEvent]
for event in bot.run_iter(message="hi", yield_on=WANTED):
    if isinstance(event, ToolCallEvent):
        print(event)
for event in bot.run_iter(message="hi", yield_on=WANTED):
    print(event)
"""
    assert offers(RUN + loop, "CB418") == []


GROUP = """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (AgentTarget, ContextExpression, ContextVariables,
    ExpressionContextCondition, OnContextCondition, StringContextCondition)
from autogen.agentchat.group.patterns import AutoPattern
def log_in(name: str, context_variables: ContextVariables) -> str:
    context_variables["logged_in"] = True
    return name
desk = ConversableAgent("desk", human_input_mode="NEVER", functions=[log_in])
expert = ConversableAgent("expert", human_input_mode="NEVER")
{}
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=when))
state = ContextVariables(data={{"urgent": False}})
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert],
                                context_variables=state), messages="hi")
"""


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (
            "when = StringContextCondition(variable_name='urgnt')",
            "when = StringContextCondition(variable_name='urgent')",
            "urgent",
        ),
        (
            'when = ExpressionContextCondition(ContextExpression("${loggedin}"))',
            'when = ExpressionContextCondition(ContextExpression("${logged_in}"))',
            "logged_in",
        ),
    ],
)
def test_a_variable_that_is_set(before: str, after: str, name: str) -> None:
    fix = fixed(GROUP.format(before), GROUP.format(after), "CB419", safety=Safety.UNSAFE)
    assert fix.title == f"Look at the variable {name!r}"


def test_no_variable_is_close() -> None:
    text = GROUP.format('when = StringContextCondition(variable_name="vip")')
    assert offers(text, "CB419") == []


LOGGER = """
from autogen import ConversableAgent, runtime_logging
class Log:
    def log_new_agent(self, agent, init_args):
        print(agent.name)
"""


def test_start_the_logger_first() -> None:
    before = (
        LOGGER
        + """
def build(name):
    return ConversableAgent(name, llm_config=False)
user = build("user")  # first
bot = build("bot")
log = Log()  # all of them
runtime_logging.start(logger=log)  # from here
user.initiate_chat(bot, message="hi", max_turns=1)
"""
    )
    start = "log = Log()  # all of them\nruntime_logging.start(logger=log)  # from here\n"
    after = before.replace(start, "").replace("user = build", start + "user = build")
    fix = fixed(before, after, "CB420", safety=Safety.UNSAFE)
    assert fix.title == "Start the logger before the agents are made"


@pytest.mark.parametrize(
    "rest",
    [
        # in a function, where the agents are the module's
        """
bot = ConversableAgent("bot", llm_config=False)
def main():
    runtime_logging.start(logger=Log())
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
main()
""",
        # only if it is wanted
        """
bot = ConversableAgent("bot", llm_config=False)
if bot.name:
    runtime_logging.start(logger=Log())
""",
        # made of the agent
        """
class Own(Log):
    def __init__(self, agent):
        self.agent = agent
bot = ConversableAgent("bot", llm_config=False)
class Late(Log):
    def log_new_agent(self, agent, init_args):
        print(agent, bot)
runtime_logging.start(logger=Late())
""",
    ],
)
def test_the_logger_stays(rest: str) -> None:
    assert offers(LOGGER + rest, "CB420") == []
