from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

TOP = """
from functools import cache
from autogen import Agent, AssistantAgent


def audit(recipient, messages=None, sender=None, config=None):
    return False, None


"""
ASK = 'bot.generate_reply(messages=[{"role": "user", "content": text}])'
REGISTER = "bot.register_reply([Agent, None], audit)"
OUT = "Move the registration of `audit` out of the loop"


def test_out_of_a_loop_of_a_function() -> None:
    head = f'{TOP}def work(texts):\n    bot = AssistantAgent("bot", llm_config=False)\n    # each\n'
    fixed(
        f"{head}    for text in texts:\n        # heard\n        {REGISTER}\n        {ASK}\n",
        head.replace("    # each\n", f"    # heard\n    {REGISTER}\n    # each\n")
        + f"    for text in texts:\n        {ASK}\n",
        "CB103",
        title=OUT,
        safety=Safety.SAFE,
    )


def test_out_of_a_loop_of_the_module() -> None:
    head = f'{TOP}bot = AssistantAgent("bot", llm_config=False)\n'
    fixed(
        f'{head}for text in ["a", "b"]:\n    {REGISTER}\n    {ASK}\n',
        f'{head}{REGISTER}\nfor text in ["a", "b"]:\n    {ASK}\n',
        "CB103",
        title=OUT,
    )


@pytest.mark.parametrize(
    "body",
    [
        f"bot.register_reply([Agent, None], lambda r, messages, sender, config: text)\n    {ASK}",
        f"{ASK}\n    {REGISTER}",
    ],
    ids=["it needs the turn", "the first turn chats before"],
)
def test_not_out_of_a_loop(body: str) -> None:
    text = f"""{TOP}bot = AssistantAgent("bot", llm_config=False)
def work(texts):
  for text in texts:
    {body}
"""
    assert not any("out of the loop" in title for title in offers(text, "CB103"))


ACTOR = """{top}import ray


@ray.remote
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)  # talks
{there}
    def ask(self, text):
{here}        return self.{ask}
"""


def test_into_the_init_of_an_actor() -> None:
    line = f"        self.{REGISTER}\n"
    fixed(
        ACTOR.format(top=TOP, there="", here=line, ask=ASK),
        ACTOR.format(top=TOP, there=line, here="", ask=ASK),
        "CB103",
        title="Move the registration of `audit` to `__init__`, where the agent is made",
        safety=Safety.UNSAFE,
    )


CACHED = """{top}import fastapi

app = fastapi.FastAPI()


@cache
def get_bot():
{there}

@app.post("/ask")
def ask(text: str):
    bot = get_bot()
{here}    return {ask}
"""


def test_into_the_cached_function_that_makes_the_agent() -> None:
    made = 'AssistantAgent("bot", llm_config=False)'
    fixed(
        CACHED.format(top=TOP, there=f"    return {made}\n", here=f"    {REGISTER}\n", ask=ASK),
        CACHED.format(
            top=TOP, there=f"    bot = {made}\n    {REGISTER}\n    return bot\n", here="", ask=ASK
        ),
        "CB103",
        title="Move the registration of `audit` to `get_bot()`, where the agent is made",
    )
    fixed(
        CACHED.format(
            top=TOP,
            there=f"    made = {made}\n    return made\n",
            here=f"    {REGISTER}\n",
            ask=ASK,
        ),
        CACHED.format(
            top=TOP,
            there=f"    made = {made}\n    {REGISTER.replace('bot', 'made')}\n    return made\n",
            here="",
            ask=ASK,
        ),
        "CB103",
    )
