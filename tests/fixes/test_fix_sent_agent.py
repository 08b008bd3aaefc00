from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from autogen import Agent, AssistantAgent


def audit(recipient, messages=None, sender=None, config=None):
    return False, None


def handle({parameters}):
    {local}# answers
    return agent.generate_reply(messages=[{{"role": "user", "content": text}}])


"""
FACTORY = """\
def build_bot():
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot


"""
RUN = """\
if __name__ == "__main__":
{made}    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.{dispatch}
"""
MADE = """\
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
"""
TITLE = (
    "Build `bot` with `build_bot()` in `handle`, no longer sent there (a fresh chat history per "
    "call)"
)


@pytest.mark.parametrize(
    ("parameters", "left", "dispatch", "after"),
    [
        ("agent, text", "text", 'apply(handle, (bot, "hi"))', 'apply(handle, ("hi",))'),
        ("text, agent", "text", 'apply(handle, args=("hi", bot))', 'apply(handle, args=("hi",))'),
        (
            "agent: AssistantAgent, text: str, more: int = 1",
            "text: str, more: int = 1",
            'apply_async(handle, (bot, "hi", 2)).get()',
            'apply_async(handle, ("hi", 2)).get()',
        ),
    ],
    ids=["first", "last, by name", "of three"],
)
def test_a_pool_with_a_tuple(parameters: str, left: str, dispatch: str, after: str) -> None:
    fixed(
        HEAD.format(parameters=parameters, local="") + RUN.format(made=MADE, dispatch=dispatch),
        HEAD.format(parameters=left, local="agent = build_bot()\n    ")
        + FACTORY
        + RUN.format(made="", dispatch=after),
        "CB101",
        title=TITLE,
        safety=Safety.UNSAFE,
    )


def test_an_executor() -> None:
    run = """\
if __name__ == "__main__":
{made}    with ProcessPoolExecutor() as executor:
        print(executor.submit(handle, {sent}"hi").result())
"""
    fixed(
        HEAD.format(parameters="agent, text", local="") + run.format(made=MADE, sent="bot, "),
        HEAD.format(parameters="text", local="agent = build_bot()\n    ")
        + FACTORY
        + run.format(made="", sent=""),
        "CB101",
        title=TITLE,
    )


STAYS = {
    "also called directly": 'apply(handle, (bot, "hi"))\n    handle(bot, "hi")',
    "a list of agents": 'starmap(handle, [(bot, "hi")])',
}


@pytest.mark.parametrize("name", STAYS)
def test_what_is_not_that_simple_stays(name: str) -> None:
    text = HEAD.format(parameters="agent, text", local="") + RUN.format(
        made=MADE, dispatch=STAYS[name]
    )
    assert not any("no longer sent" in title for title in offers(text, "CB101"))


def test_a_factory_in_view_is_called_in_the_worker() -> None:
    main = """\
def build():
    return AssistantAgent("bot", llm_config=False)


def main():
{made}    with multiprocessing.Pool(2) as pool:
        jobs = [pool.apply_async(handle, {sent}) for text in ["a", "b"]]
        print([job.get() for job in jobs])


if __name__ == "__main__":
    main()
"""
    fixed(
        HEAD.format(parameters="agent, text", local="")
        + main.format(made="    bot = build()\n", sent="(bot, text)"),
        HEAD.format(parameters="text", local="agent = build()\n    ")
        + main.format(made="", sent="(text,)"),
        "CB101",
        title="Build the agent with `build()` in `handle`, no longer sent there",
    )
