"""State that callbacks change in another process."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

TEXT = """
{imports}
from autogen import Agent, AssistantAgent
log = []
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
def build():
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot
{shared}
def ask(text):
    return {bot}.generate_reply(messages=[{{"role": "user", "content": text}}])
def main():
    with {pool} as pool:
        {send}
    print("all", len(log))
if __name__ == "__main__":
    main()
"""


def text(imports: str, pool: str, send: str, shared: str = "", bot: str = "build()") -> str:
    return TEXT.format(imports=imports, pool=pool, send=send, shared=shared, bot=bot)


FUTURES = "from concurrent.futures import ProcessPoolExecutor"
SUBMIT = 'pool.submit(ask, "a").result()'


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (
            text(FUTURES, "ProcessPoolExecutor(max_workers=2)", SUBMIT),
            text(FUTURES + ", ThreadPoolExecutor", "ThreadPoolExecutor(max_workers=2)", SUBMIT),
            "ThreadPoolExecutor",
        ),
        (
            text("import multiprocessing", "multiprocessing.Pool(2)", 'pool.map(ask, ["a"])'),
            text(
                "import multiprocessing\nfrom multiprocessing.pool import ThreadPool",
                "ThreadPool(2)",
                'pool.map(ask, ["a"])',
            ),
            "ThreadPool",
        ),
    ],
)
def test_threads(before: str, after: str, name: str) -> None:
    fix = fixed(before, after, "CB104", safety=Safety.UNSAFE)
    assert fix.title == (
        f"Run the chats in threads, which share what the callback changes: `{name}`"
    )


@pytest.mark.parametrize(
    "before",
    [
        # threads would share the agent
        text(FUTURES, "ProcessPoolExecutor()", SUBMIT, "shared = build()", "shared"),
        # only processes are thrown away
        text(FUTURES, "ProcessPoolExecutor(max_tasks_per_child=1)", SUBMIT),
        text(
            "import multiprocessing", "multiprocessing.Pool(1, None, (), 1)", "pool.map(ask, 'a')"
        ),
    ],
)
def test_processes(before: str) -> None:
    assert offers(before, "CB104") == []
