from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import clean, fixed, offers

HEAD = """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
{}def audit({}):
    return {}
"""


def hook(name: str, parameters: str = "content", prefix: str = "", more: str = "") -> str:
    result = "message" if "message" in parameters.split(", ") else parameters.split(", ")[0]
    head = HEAD.format(prefix, parameters, result)
    return f"{head}{more}bot.register_hook({name}, audit)  # listen\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"process_last_recieved_message"', '"process_last_received_message"'),
        ("'process_last_message'", "'process_last_received_message'"),
        ("bot.process_last_received_message", '"process_last_received_message"'),
    ],
)
def test_right_name(before: str, after: str) -> None:
    fixed(hook(before), hook(after), "CB203", safety=Safety.SAFE)


def test_async_twin() -> None:
    fix = fixed(
        hook('"a_process_last_received_message"', prefix="async "),
        hook('"process_last_received_message"'),
        "CB203",
        safety=Safety.UNSAFE,
    )
    assert "make `audit` a plain function" in fix.title
    fixed(
        hook('"a_process_last_received_message"'),
        hook('"process_last_received_message"'),
        "CB203",
        safety=Safety.SAFE,
    )


def test_name_by_what_it_takes() -> None:
    parameters = "sender, message, recipient, silent"
    fixed(
        hook('"before_send"', parameters),
        hook('"process_message_before_send"', parameters),
        "CB203",
        safety=Safety.UNSAFE,
    )


def test_constant() -> None:
    constant = 'NAME = "process_last_recieved_message"  # the hook\n'
    fixed(
        hook("NAME", more=constant),
        hook("NAME", more=constant.replace("recieved", "received")),
        "CB203",
    )


@pytest.mark.parametrize(
    ("name", "parameters", "more"),
    [
        ('"on_anything"', "event", ""),
        ("NAME", "content", 'NAME = "process_last_recieved_message"\nprint(NAME)\n'),
        ('"process_last_" "recieved_message"', "content", ""),
        ('"process_last_recieved\\x5fmessage"', "content", ""),
    ],
)
def test_nothing_is_offered(name: str, parameters: str, more: str) -> None:
    assert offers(hook(name, parameters, more=more), "CB203") == []


def test_async_hook_that_awaits() -> None:
    text = hook('"a_process_last_received_message"', prefix="async ")
    assert offers(text.replace("return content", "return await x(content)"), "CB203") == []


# -- CB210 ---------------------------------------------------------------------------------

TWICE = hook('"process_last_received_message"')
SECOND = 'bot.register_hook(hookable_method="process_last_received_message", hook=audit)\n'


def test_second_registration_goes() -> None:
    fixed(TWICE + SECOND + "# done\n", TWICE + "# done\n", "CB210", safety=Safety.SAFE)


@pytest.mark.parametrize(
    "text",
    [
        TWICE + SECOND.rstrip("\n") + "  # for good\n",
        TWICE + f"if True:\n    {SECOND}",
        TWICE + f"x = {SECOND}",
        TWICE + SECOND.rstrip("\n") + "; print(1)\n",
        TWICE.replace("bot.register_hook", "for _ in (1, 2):\n    bot.register_hook"),
    ],
)
def test_second_registration_stays(text: str) -> None:
    if not clean(text, "CB210"):
        assert offers(text, "CB210") == []
