from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers, program

HEAD = """
import multiprocessing
from autogen import Agent, AssistantAgent


def audit(recipient, messages=None, sender=None, config=None):
    return False, None
"""
WORK = """

def work(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
"""
RUN = """\
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(work, ["a"])
"""
BOT = 'bot = AssistantAgent("bot", llm_config=False)\n'
GUARD = '\n\nif __name__ == "__main__":\n'
REGISTER = "bot.register_reply([Agent, None], audit)\n"


def test_beside_the_agent() -> None:
    fixed(
        f"{HEAD}\n\n# talks\n{BOT}{WORK}{GUARD}    # all is heard\n    {REGISTER}{RUN}",
        f"{HEAD}\n\n# talks\n{BOT}# all is heard\n{REGISTER}{WORK}{GUARD}{RUN}",
        "CB102",
        title="Move the registration of `audit` beside `bot`",
        safety=Safety.SAFE,
    )


def test_behind_the_callback_if_that_comes_later() -> None:
    imports, callback = HEAD.split("\n\n\n")
    fixed(
        f"{imports}\n\n{BOT}\n\n{callback}{WORK}{GUARD}    {REGISTER}{RUN}",
        f"{imports}\n\n{BOT}\n\n{callback}\n\n{REGISTER}{WORK}{GUARD}{RUN}",
        "CB102",
        title="Move the registration of `audit` on `bot` to module level",
    )


def test_behind_what_is_registered_already() -> None:
    other = 'bot.register_hook("process_last_received_message", str)\n'
    fixed(
        f"{HEAD}\n\n{BOT}{other}{WORK}{GUARD}    {REGISTER}{RUN}",
        f"{HEAD}\n\n{BOT}{other}{REGISTER}{WORK}{GUARD}{RUN}",
        "CB102",
    )


def test_out_of_main() -> None:
    main = '\n\nif __name__ == "__main__":\n    main()\n'
    fixed(
        f'{HEAD}\n\n{BOT}{WORK}\n\ndef main():\n    """Run."""\n    {REGISTER}\n{RUN}{main}',
        f'{HEAD}\n\n{BOT}{REGISTER}{WORK}\n\ndef main():\n    """Run."""\n\n{RUN}{main}',
        "CB102",
    )


def test_the_call_of_a_set_up_function() -> None:
    setup = f'\n\ndef install():\n    """Be heard."""\n    {REGISTER}'
    fixed(
        f"{HEAD}\n\n{BOT}{setup}{WORK}{GUARD}    install()\n{RUN}",
        f"{HEAD}\n\n{BOT}{setup}\n\ninstall()\n{WORK}{GUARD}{RUN}",
        "CB102",
    )


def test_a_guard_that_is_left_empty_goes() -> None:
    head = HEAD.replace("import multiprocessing", "from celery import shared_task")
    task = WORK.replace("def work", "@shared_task\ndef work")
    fixed(
        f"{head}\n\n{BOT}{task}{GUARD}    {REGISTER}\n",
        f"{head}\n\n{BOT}{REGISTER}{task}",
        "CB102",
    )


def test_a_function_under_the_guard_comes_along() -> None:
    local = "    # shouts\n    def loud(content):\n        return content.upper()\n\n"
    hook = 'bot.register_hook("process_last_received_message", loud)\n'
    fixed(
        f"{HEAD}\n\n{BOT}{WORK}{GUARD}{local}    {hook}{RUN}",
        f"{HEAD}\n\n{BOT}\n\n"
        f"# shouts\ndef loud(content):\n    return content.upper()\n\n\n{hook}{WORK}{GUARD}{RUN}",
        "CB102",
    )


def test_a_tool_under_the_guard() -> None:
    tool = "@bot.register_for_execution()\n    def add(a: int) -> int:\n        return a\n\n"
    text = f"{HEAD}\n\n{BOT}{WORK}{GUARD}    {tool}{RUN}"
    assert offers(text, "CB102")[0] == "Move the registration of `add` beside `bot`"


FASTAPI = """
from fastapi import FastAPI
from autogen import AssistantAgent

app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)


def mask(content):
    return content


{hook}@app.post("/ask")
def ask(text: str):
{registration}    return bot.generate_reply(messages=[{{"role": "user", "content": text}}])
"""
HOOK = 'bot.register_hook("process_last_received_message", mask)\n'


def test_out_of_a_handler() -> None:
    fixed(
        FASTAPI.format(hook="", registration=f"    {HOOK}"),
        FASTAPI.format(hook=f"{HOOK}\n\n", registration=""),
        "CB103",
        title="Move the registration of `mask` on `bot` to module level",
        safety=Safety.SAFE,
    )


STAYS = {
    "a closure": (
        FASTAPI.format(
            hook="",
            registration='    bot.register_hook("process_last_received_message", lambda c: text)\n',
        ),
        "CB103",
    ),
    "a value of the guard": (
        f"{HEAD}\n\n{BOT}{WORK}{GUARD}    seen = []\n"
        f"    bot.register_reply([Agent, None], audit, config=seen)\n    print(seen)\n{RUN}",
        "CB102",
    ),
    "a condition": (
        f"{HEAD}\n\n{BOT}{WORK}{GUARD}    if multiprocessing:\n        {REGISTER}{RUN}",
        "CB102",
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_what_needs_its_place_stays(name: str) -> None:
    text, code = STAYS[name]
    assert not any("Move the registration" in title for title in offers(program(text), code))
