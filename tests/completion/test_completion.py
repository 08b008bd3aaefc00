"""What is offered where an argument is being typed; ``|`` is the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check
from callscope.completion import Item, completions
from callscope.contracts import Target
from callscope.contracts.classic.callbacks import hook_names
from callscope.fixes import Edit, apply_edits
from callscope.incremental import Recall
from callscope.project import Config, Project
from callscope.source import Position, Range, SourceText, parse

HEAD = """\
from autogen import Agent, AssistantAgent, GroupChat, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("human", code_execution_config=False)
def fits(recipient, messages, sender, config):
    return False, None
def mask(content):
    return content
async def later(content):
    return content
"""
TAIL = '\nuser.initiate_chat(bot, message="hi", max_turns=1)\n'
NEWEST, OLDEST = "autogen==0.14.1", "autogen-agentchat==0.2.40"


def offered(typed: str, target: str = NEWEST, head: str = HEAD) -> tuple[SourceText, list[Item]]:
    text = head + typed + TAIL
    at = text.index("|")
    source = SourceText(Path("program.py"), text.replace("|", "", 1))
    line = text[:at].count("\n")
    position = Position(line, at - (text.rfind("\n", 0, at) + 1))
    report = check(Project(Config(target=Target.parse(target))), source, recall=Recall())
    return source, completions(report, position)


def labels(typed: str, target: str = NEWEST, head: str = HEAD) -> list[str]:
    return [item.label for item in offered(typed, target, head)[1]]


def accepted(typed: str, label: str) -> str:
    """The text after the completion, from the statement on."""
    source, items = offered(typed)
    item = next(item for item in items if item.label == label)
    edits = (Edit(item.range, item.text), *item.additions)
    return apply_edits(source, edits)


@pytest.mark.parametrize(
    "typed",
    [
        'bot.register_hook("|',
        'bot.register_hook("|")',
        'bot.register_hook("proc|", mask)',
        "bot.register_hook('|')",
        "bot.register_hook(|)",
        "bot.register_hook(\n    '|'\n)",
        'bot.register_hook(hookable_method="|',
        "bot.register_hook(hook=mask, hookable_method=|",
        "if bot:\n    for each in [1]:\n        bot.register_hook('|",
        'class Mine(AssistantAgent):\n    def f(self):\n        self.register_hook("|',
        'def f(some: AssistantAgent):\n    some.register_hook("|',
    ],
)
@pytest.mark.parametrize("target", [NEWEST, OLDEST])
def test_hooks(typed: str, target: str) -> None:
    assert labels(typed, target) == list(hook_names(Target.parse(target).release))


def test_quotes_are_kept() -> None:
    name = "process_last_received_message"
    for typed, expected in (
        ('bot.register_hook("pro|cess", mask)', f'bot.register_hook("{name}", mask)'),
        ("bot.register_hook('|')", f"bot.register_hook('{name}')"),
        ("bot.register_hook(pro|)", f'bot.register_hook("{name}")'),
    ):
        assert f"\n{expected}\n" in accepted(typed, name)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bot.register_reply(|", ["user", "UserProxyAgent", "[None]", "[Agent, None]"]),
        ("bot.register_reply(us|, fits)", ["user", "UserProxyAgent", "[None]", "[Agent, None]"]),
        ("bot.register_reply(trigger=[|])", ["user", "UserProxyAgent", "None"]),
        ("bot.register_reply([Agent, |])", ["user", "UserProxyAgent", "None"]),
        ('bot.register_reply("|', ["human"]),
        # with one turn, nobody sends to the one who starts
        ("user.register_reply(|", ["[None]", "[Agent, None]"]),
    ],
)
def test_triggers(typed: str, expected: list[str]) -> None:
    assert labels(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bot.register_reply(user, |", ["fits", "on_reply"]),
        ("bot.register_reply(user, f|)", ["fits", "on_reply"]),
        ("bot.register_reply(user, reply_func=|", ["fits", "on_reply"]),
        ('bot.register_hook("process_last_received_message", |)', ["mask", "process_last_message"]),
        ("AssistantAgent('x', is_termination_msg=|)", ["mask", "is_finished"]),
        ("GroupChat([bot], [], speaker_selection_method=|)", ["select_speaker"]),
    ],
)
def test_callbacks(typed: str, expected: list[str]) -> None:
    _, items = offered(typed)
    assert [item.label for item in items if item.kind != "lambda"] == expected
    assert [item.kind for item in items][-2:] == ["new", "lambda"]


def test_a_new_function_is_written_above() -> None:
    text = accepted("bot.register_reply(user, |)", "on_reply")
    assert "\n\n\ndef on_reply(recipient, messages, sender, config) -> " in text
    assert text.index("def on_reply") < text.index("bot.register_reply(user, on_reply)")
    assert parse(SourceText(Path("x.py"), text)).problem is None
    # its name is not taken
    head = f"{HEAD}on_reply = 1\n"
    assert "on_reply_2" in labels("bot.register_reply(user, |)", head=head)


def test_a_lambda_fits() -> None:
    _, items = offered("bot.register_reply(user, |)")
    (item,) = [item for item in items if item.kind == "lambda"]
    assert item.text == "lambda recipient, messages, sender, config: (False, None)"
    assert item.text.endswith(item.stop)


@pytest.mark.parametrize(
    "typed",
    [
        "print(|",
        "bot.send(|",
        "# bot.register_hook('|",
        'text = "bot.register_hook(|"',
        "bot.register_hook('update_agent_state', 'x|",
        "bot.register_hook('process_last_received_message').x(|",
        "import signal\nsignal.register_hook('|",
        "class Own:\n    def register_hook(self, name): ...\nOwn().register_hook('|",
        "bot.register_reply(user.|",
        "bot.register_reply(1 + |",
        "bot.register_reply(user, fits, |",
        "unknown.register_hook('|",
    ],
)
def test_where_others_know_better_nothing_is_said(typed: str) -> None:
    assert labels(typed) == []


def test_another_file() -> None:
    assert labels("bot.register_hook('|", head="bot = 1\n") == []


def test_the_word_is_replaced_wherever_it_stands() -> None:
    source, items = offered("'🙂'; bot.register_hook('pro|cess')")
    line = source.line_count - 3
    assert items[0].range == Range(Position(line, 24), Position(line, 31))
