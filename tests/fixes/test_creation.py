"""Creating the callback that a registration names: where it goes, how it is written, and when not."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import check, creations_at
from callscope.contracts import Target
from callscope.fixes import Fix
from callscope.incremental import Recall
from callscope.project import Config, Project
from callscope.source import Position, Range, SourceText

HEAD = 'from autogen import Agent, AssistantAgent\nbot = AssistantAgent("bot", llm_config=False)\n'
REPLY = "bot.register_reply([Agent, None], made)\n"
WRITTEN = (
    "def made(recipient, messages, sender, config) -> tuple[bool, str | dict | None]:\n"
    "    return False, None\n"
)


def offered(text: str, name: str = "made", target: str = "autogen==0.14.1") -> list[Fix]:
    """What is offered where ``name`` stands for the last time."""
    source = SourceText(Path("program.py"), text)
    report = check(Project(Config(target=Target.parse(target))), source, recall=Recall())
    before = text[: text.rindex(name)].replace("\r\n", "\n")
    place = Position(before.count("\n"), len(before.rpartition("\n")[2]))
    return creations_at(report, Range(place, place))


def created(text: str, name: str = "made", target: str = "autogen==0.14.1") -> str:
    (fix,) = offered(text, name, target)
    return fix.new_text


def test_before_the_statement() -> None:
    assert created(HEAD + REPLY) == f"{HEAD}\n\n{WRITTEN}\n\n{REPLY}"


def test_what_is_there_of_blank_lines_is_used() -> None:
    for blank in ("", "\n", "\n\n"):
        assert created(HEAD + blank + REPLY) == f"{HEAD}\n\n{WRITTEN}\n\n{REPLY}"
    assert created(f"{HEAD}\n\n\n{REPLY}") == f"{HEAD}\n\n\n{WRITTEN}\n\n{REPLY}"


def test_comments_stay_with_the_statement() -> None:
    text = f"{HEAD}# this one\n# or that\n{REPLY}"
    assert created(text) == f"{HEAD}\n\n{WRITTEN}\n\n# this one\n# or that\n{REPLY}"
    cell = f"{HEAD}# %% the cell\n{REPLY}"
    assert created(cell) == f"{HEAD}# %% the cell\n\n\n{WRITTEN}\n\n{REPLY}"


def test_before_the_outermost_statement() -> None:
    text = f"{HEAD}\n\n@staticmethod\ndef main():\n    if True:\n        {REPLY}"
    assert created(text) == text.replace("@static", f"{WRITTEN}\n\n@static")


def test_two_statements_on_a_line() -> None:
    text = f"{HEAD}print(); {REPLY}"
    assert created(text) == f"{HEAD}\n\n{WRITTEN}\n\nprint(); {REPLY}"


def test_the_file_is_written_as_it_is_written() -> None:
    text = f"{HEAD}def main():\n\t{REPLY}".replace("\n", "\r\n")
    found = created(text)
    assert "\r\ndef made(" in found
    assert "\r\n\treturn False, None\r\n\r\n\r\ndef main" in found
    assert found.replace("\r\n", "").count("\n") == 0
    assert "\n  return False" in created(f"{HEAD}def main():\n  {REPLY}")


def test_releases_differ() -> None:
    found = created(HEAD + REPLY, target="autogen-agentchat==0.2.40")
    assert "config) -> tuple:\n" in found
    hook = HEAD + 'bot.register_hook("a_process_last_received_message", made)\n'
    assert "async def made(content):" in created(hook, target="autogen-agentchat==0.2.40")
    assert offered(hook) == []


def test_imports_that_are_needed() -> None:
    head = (
        "from autogen import ConversableAgent\nfrom autogen.agentchat.group import FunctionTarget\n"
    )
    text = f"{head}\nprint()\nFunctionTarget(made)\n"
    new = "from autogen.agentchat.group import FunctionTargetResult, StayTarget\n"
    assert created(text).startswith(f"{head}{new}\nprint()\n\n\ndef made(")
    known = text.replace("import FunctionTarget\n", "import FunctionTarget, StayTarget\n")
    assert "import FunctionTargetResult\n" in created(known)


@pytest.mark.parametrize(
    ("statement", "title"),
    [
        (REPLY, "Create reply function `made`"),
        ("bot.replace_reply_func(bot.generate_oai_reply, new_reply_func=made)\n", "reply function"),
        ("bot.register_hook(hook=made, hookable_method='update_agent_state')\n", "hook `made`"),
        ("bot.register_for_execution()(made)\n", "Create tool `made`"),
        ("bot.register_function({'made': made})\n", "Create tool `made`"),
        ("AssistantAgent('x', is_termination_msg=made)\n", "Create termination check `made`"),
        ("AssistantAgent('x', functions=[made])\n", "Create tool `made`"),
        ("import autogen\nautogen.GroupChat([bot], [], 5, 'a', True, made)\n", "speaker selector"),
        ("import autogen\nautogen.register_function(made, caller=bot, executor=bot)\n", "tool"),
        (
            "class B(AssistantAgent):\n  def f(self):\n    self.register_reply(Agent, made)\n",
            "reply",
        ),
        ("bot.register_nested_chats([{'message': made}], bot)\n", "nested-chat message function"),
    ],
)
def test_every_kind_of_registration(statement: str, title: str) -> None:
    (fix,) = offered(HEAD + statement)
    assert title in fix.title
    assert "def made(" in fix.new_text


@pytest.mark.parametrize(
    "text",
    [
        # bound somewhere, if only later or under a condition
        f"{HEAD}{REPLY}def made(*args): ...\n{REPLY}",
        f"{HEAD}if bot:\n    made = print\n{REPLY}",
        f"{HEAD}from others import made\n{REPLY}",
        f"{HEAD}def main(made):\n    {REPLY}",
        f"{HEAD}import others as made\n{REPLY}",
        # anything may come from a star, or from what is not Python yet
        f"from others import *\n{HEAD}{REPLY}",
        f"{HEAD}def made(recipient,\n{REPLY}",
        # a builtin
        f"{HEAD}{REPLY}".replace("made", "print"),
        # not AutoGen's
        f"{HEAD}import signal\nsignal.register_reply(Agent, made)\n",
        f"{HEAD}class Bot:\n    def register_reply(self, *args): ...\nBot().{REPLY[4:]}",
        # not a callback's place
        f"{HEAD}bot.register_reply(made, print)\n",
        f"{HEAD}print(made)\n",
        # a hook that is not known
        f"{HEAD}bot.register_hook('on_message', made)\n",
        # with deferred annotations AutoGen refuses what is annotated
        "from __future__ import annotations\nfrom autogen import UpdateSystemMessage\n"
        "UpdateSystemMessage(made)\n",
    ],
)
def test_nothing_is_offered(text: str) -> None:
    assert offered(text, "print" if "None], print" in text else "made") == []


def test_what_is_created_is_not_created_again() -> None:
    text = created(HEAD + REPLY)
    assert offered(text) == []
