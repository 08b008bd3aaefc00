from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import comments, fixed, fixes, offers, program, report

FRESH = "(fresh chat history per call)"
CACHED = "one agent per process"


def test_a_task_gets_its_own_agent() -> None:
    fixed(
        '''
        """Answers tickets."""

        from __future__ import annotations

        import autogen
        from celery import Celery

        app = Celery("tasks")

        # The first line of support.
        triage = autogen.ConversableAgent(
            "triage",
            system_message="""
            Be kind.
              Be quick.
        """,
            llm_config=False,
        )  # no model


        def audit(recipient, messages=None, sender=None, config=None):
            return False, None


        @app.task
        def answer(ticket: str) -> str:
            """Answer one."""
            # the ticket is the message
            return str(triage.generate_reply(messages=[{"role": "user", "content": ticket}]))


        if __name__ == "__main__":
            # everything is audited
            triage.register_reply([autogen.Agent, None], audit)
            answer.delay("hi")
        ''',
        '''
        """Answers tickets."""

        from __future__ import annotations

        import autogen
        from celery import Celery

        app = Celery("tasks")


        def build_triage() -> autogen.ConversableAgent:
            # The first line of support.
            triage = autogen.ConversableAgent(
                "triage",
                system_message="""
            Be kind.
              Be quick.
        """,
                llm_config=False,
            )  # no model
            # everything is audited
            triage.register_reply([autogen.Agent, None], audit)
            return triage


        def audit(recipient, messages=None, sender=None, config=None):
            return False, None


        @app.task
        def answer(ticket: str) -> str:
            """Answer one."""
            triage = build_triage()
            # the ticket is the message
            return str(triage.generate_reply(messages=[{"role": "user", "content": ticket}]))


        if __name__ == "__main__":
            answer.delay("hi")
        ''',
        "CB102",
        title="Move `triage` and its registration into `build_triage()` (fresh chat history per call)",
        safety=Safety.UNSAFE,
    )


POOL = """
import multiprocessing
from autogen import Agent, AssistantAgent

bot = AssistantAgent("bot", llm_config=False)


def audit(recipient, messages=None, sender=None, config=None):
    return False, None


{work}


if __name__ == "__main__":
    bot.register_reply([Agent, None], audit)
    {hook}with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(work, ["a"])
"""
ASK = 'bot.generate_reply(messages=[{"role": "user", "content": text}])'


def pool(work: str, hook: str = "") -> str:
    return POOL.format(work=program(work).strip().replace("ASK", ASK), hook=hook)


def fresh(text: str, code: str = "CB102") -> str:
    """``text`` with the factory that is called anew; it must be offered."""
    for fix in fixes(text, code):
        if FRESH in fix.title:
            assert not comments(text) - comments(fix.new_text)
            assert all(f.code != code for f in report(fix.new_text).findings)
            return fix.new_text
    raise AssertionError(f"no factory is offered for\n{text}")


def no_factory(text: str, code: str = "CB102") -> bool:
    return not any("build_" in title for title in offers(text, code))


def test_one_per_process() -> None:
    fixed(
        pool("def work(text):\n    return ASK"),
        """
        import functools
        import multiprocessing
        from autogen import Agent, AssistantAgent


        @functools.cache
        def build_bot():
            bot = AssistantAgent("bot", llm_config=False)
            bot.register_reply([Agent, None], audit)
            return bot


        def audit(recipient, messages=None, sender=None, config=None):
            return False, None


        def work(text):
            bot = build_bot()
            return bot.generate_reply(messages=[{"role": "user", "content": text}])


        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(work, ["a"])
        """,
        "CB102",
        title="Move `bot` and its registration into a cached `build_bot()`: one agent per process, "
        "chat history kept",
        safety=Safety.UNSAFE,
    )


def test_cache_is_used_as_imported() -> None:
    text = "from functools import cache\n" + pool("def work(text):\n    return ASK")
    (new,) = [fix.new_text for fix in fixes(text, "CB102") if CACHED in fix.title]
    assert "@cache\ndef build_bot" in new
    assert "import functools" not in new


def test_a_body_on_the_line_of_its_header() -> None:
    new = fresh(pool("def work(text): return ASK"))
    assert f"def work(text):\n    bot = build_bot()\n    return {ASK}\n" in new


def test_a_nested_function_sees_the_local() -> None:
    new = fresh(pool("def work(text):\n    def inner():\n        return ASK\n    return inner()"))
    assert "def work(text):\n    bot = build_bot()\n\n    def inner():\n" in new
    assert new.count("build_bot()") == 2


def test_methods() -> None:
    new = fresh(pool("class Desk:\n    def ask(self, text):\n        return ASK\n"
                     "def work(text):\n    return Desk().ask(text)"))  # fmt: skip
    assert "    def ask(self, text):\n        bot = build_bot()\n" in new
    assert "def work(text):\n    return" in new


def test_several_functions_each_get_one() -> None:
    new = fresh(pool("def work(text):\n    return ASK\n\n\ndef other(text):\n    return ASK\n\n\n"
                     "def unrelated(bot):\n    return bot"))  # fmt: skip
    assert new.count("    bot = build_bot()\n") == 2
    assert "def unrelated(bot):\n    return bot\n" in new


def test_a_taken_name_is_left_alone() -> None:
    new = fresh(pool("def build_bot():\n    return 1\n\n\ndef work(text):\n    return ASK"))
    assert "bot = build_bot_1()" in new


def test_the_guard_gets_its_own_where_it_uses_it() -> None:
    text = pool("def work(text):\n    return ASK", "print(bot.name)\n    ")
    new = fresh(text)
    assert 'if __name__ == "__main__":\n    bot = build_bot()\n    print(bot.name)\n' in new


def test_the_module_keeps_what_it_makes_public() -> None:
    text = pool("def work(text):\n    return ASK").replace(
        "bot = Ass", '__all__ = ["bot", "work"]\nbot = Ass'
    )
    new = fresh(text)
    assert "    return bot\n\n\n" in new
    assert "\n\n\nbot = build_bot()\n" in new
    # It is made while the module is imported, so what it needs stands above it.
    assert new.index("def audit") < new.index("bot = build_bot()")


def test_a_registration_that_main_makes() -> None:
    text = pool("def work(text):\n    return ASK").replace(
        'if __name__ == "__main__":', "def main():"
    ) + 'if __name__ == "__main__":\n    main()\n'  # fmt: skip
    assert "def main():\n    with multi" in fresh(text)


def test_a_helper_that_registers() -> None:
    text = pool("def work(text):\n    return ASK").replace(
        "    bot.register_reply([Agent, None], audit)\n", "    install(bot)\n"
    )
    text = text.replace(
        "def work",
        "def install(agent):\n    agent.register_reply([Agent, None], audit)\n\n\ndef work",
    )
    new = fresh(text)
    assert "    install(bot)\n    return bot\n" in new


def test_a_callback_under_the_guard_comes_along() -> None:
    text = pool("def work(text):\n    return ASK").replace(
        "    bot.register_reply([Agent, None], audit)\n",
        "    # loud\n    def loud(content):\n        return content.upper()\n\n"
        '    bot.register_hook("process_last_received_message", loud)\n',
    )
    new = fresh(text)
    assert (
        "    # loud\n    def loud(content):\n        return content.upper()\n\n    bot.reg" in new
    )
    assert '\nif __name__ == "__main__":\n    with' in new


GROUP = '''
from typing import Annotated

import autogen
from fastapi import FastAPI

app = FastAPI()
llm_config = {"config_list": [{"model": "m", "api_key": "k"}]}
writer = autogen.ConversableAgent("writer", llm_config=llm_config)
critic = autogen.ConversableAgent("critic", llm_config=False)
user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def pick(last, groupchat):
    """Take turns."""
    return critic if last is writer else writer


chat = autogen.GroupChat([user, writer, critic], [], speaker_selection_method=pick)
manager = autogen.GroupChatManager(chat, llm_config=False)


@user.register_for_execution()
@writer.register_for_llm(
    description="Look up a fact.",
)
def look_up(subject: Annotated[str, "what"]) -> str:
    # no network here
    return subject


# both are heard
for agent in (writer, critic):
    agent.register_reply([autogen.Agent, None], lambda r, messages, sender, config: (False, None))


@app.post("/article")
def article(subject: str) -> str:
    user.initiate_chat(manager, message=subject)
    return chat.messages[-1]["content"]
'''


def test_a_group_moves_as_one() -> None:
    fixed(
        GROUP,
        '''
from typing import Annotated, NamedTuple

import autogen
from fastapi import FastAPI

app = FastAPI()
llm_config = {"config_list": [{"model": "m", "api_key": "k"}]}


def look_up(subject: Annotated[str, "what"]) -> str:
    # no network here
    return subject


class Agents(NamedTuple):
    user: autogen.UserProxyAgent
    chat: autogen.GroupChat
    manager: autogen.GroupChatManager


def build_agents() -> Agents:
    writer = autogen.ConversableAgent("writer", llm_config=llm_config)
    critic = autogen.ConversableAgent("critic", llm_config=False)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    def pick(last, groupchat):
        """Take turns."""
        return critic if last is writer else writer

    chat = autogen.GroupChat([user, writer, critic], [], speaker_selection_method=pick)
    manager = autogen.GroupChatManager(chat, llm_config=False)
    writer.register_for_llm(
        description="Look up a fact.",
    )(look_up)
    user.register_for_execution()(look_up)
    # both are heard
    for agent in (writer, critic):
        agent.register_reply(
            [autogen.Agent, None], lambda r, messages, sender, config: (False, None)
        )
    return Agents(user, chat, manager)


@app.post("/article")
def article(subject: str) -> str:
    agents = build_agents()
    user, chat, manager = agents.user, agents.chat, agents.manager
    user.initiate_chat(manager, message=subject)
    return chat.messages[-1]["content"]
''',
        "CB101",
        title="Move `user`, `chat`, 3 more agents and chats and their 3 registrations into "
        "`build_agents()` (fresh chat history per call)",
    )


def test_a_pair_comes_back_as_a_tuple() -> None:
    text = program(
        """
        from fastapi import FastAPI
        from autogen import AssistantAgent, UserProxyAgent

        app = FastAPI()
        bot = AssistantAgent("bot", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


        @app.post("/ask")
        async def ask(text: str):
            return (await user.a_initiate_chat(bot, message=text, max_turns=1)).summary


        @app.get("/name")
        def name():
            return bot.name
        """
    )
    new = fresh(text, "CB101")
    assert "    return bot, user\n" in new
    assert "async def ask(text: str):\n    bot, user = build_agents()\n    return (await" in new
    assert "def name():\n    bot = build_agents()[0]\n" in new


def test_tools_keep_the_name_a_decorator_gives() -> None:
    text = program(
        """
        from fastapi import FastAPI
        from autogen import AssistantAgent, UserProxyAgent

        app = FastAPI()
        bot = AssistantAgent("bot", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


        @user.register_for_execution()
        @bot.register_for_llm(name="add", description="Adds.")
        def plus(a: int, b: int) -> int:
            return a + b


        @app.post("/ask")
        def ask(text: str):
            return user.initiate_chat(bot, message=text, max_turns=1).summary
        """
    )
    new = fresh(text, "CB101")
    assert '    plus_tool = bot.register_for_llm(name="add", description="Adds.")(plus)\n' in new
    assert "    user.register_for_execution()(plus_tool)\n" in new


def test_a_closure_stays_in_its_handler() -> None:
    fixed(
        """
        from fastapi import FastAPI
        from autogen import Agent, AssistantAgent

        app = FastAPI()
        bot = AssistantAgent("bot", llm_config=False)


        @app.post("/ask")
        def ask(text: str):
            def audit(recipient, messages=None, sender=None, config=None):
                print(text)
                return False, None

            bot.register_reply([Agent, None], audit)
            return bot.generate_reply(messages=[{"role": "user", "content": text}])
        """,
        """
        from fastapi import FastAPI
        from autogen import Agent, AssistantAgent

        app = FastAPI()


        def build_bot():
            bot = AssistantAgent("bot", llm_config=False)
            return bot


        @app.post("/ask")
        def ask(text: str):
            bot = build_bot()

            def audit(recipient, messages=None, sender=None, config=None):
                print(text)
                return False, None

            bot.register_reply([Agent, None], audit)
            return bot.generate_reply(messages=[{"role": "user", "content": text}])
        """,
        "CB103",
        title=FRESH,
    )


WORK = "def work(text):\n    return ASK"

NOT_UNDERSTOOD = {
    "assigned twice": pool(WORK).replace("\n\ndef audit", "bot = bot\n\n\ndef audit"),
    "global": pool("def work(text):\n    global bot\n    bot = bot\n    return ASK"),
    "in a try": pool(WORK).replace(
        'bot = AssistantAgent("bot", llm_config=False)',
        'try:\n    bot = AssistantAgent("bot", llm_config=False)\nexcept OSError:\n    raise',
    ),
    "in an if": pool(WORK).replace(
        'bot = AssistantAgent("bot", llm_config=False)',
        'if multiprocessing:\n    bot = AssistantAgent("bot", llm_config=False)',
    ),
    "in a class body": pool("class Holder:\n    held = bot\n\n\n" + WORK),
    "as a default": pool("def work(text, agent=bot):\n    return ASK"),
    "deleted": pool(WORK) + "    del bot\n",
    "handed to code not in view": pool("print = multiprocessing.foo(bot)\n\n\n" + WORK),
    "looked up by name": pool("def work(text):\n    return globals()['bot'] and ASK"),
    "what it needs is made under the guard": pool(WORK).replace(
        "    bot.register_reply([Agent, None], audit)\n",
        "    limit = [3]\n    bot.register_reply([Agent, None], audit, config=limit)\n",
    ),
    "on a condition": pool(WORK).replace(
        "    bot.register_reply([Agent, None], audit)\n",
        "    if multiprocessing:\n        bot.register_reply([Agent, None], audit)\n",
    ),
    "a setting is bound again": pool(WORK).replace(
        'bot = AssistantAgent("bot", llm_config=False)',
        'config = False\nbot = AssistantAgent("bot", llm_config=config)\nconfig = None',
    ),
}


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_left_alone(name: str) -> None:
    text = NOT_UNDERSTOOD[name]
    compile(text, name, "exec")
    assert not any(
        "build_" in fix.title
        for finding in report(text).findings
        if finding.code == "CB102"
        for fix in fixes(text, "CB102")
    )


def test_functions_that_share_a_chat_share_the_agent() -> None:
    text = pool("def last():\n    return bot.last_message()\n\n\n"
                "def work(text):\n    ASK\n    return last()")  # fmt: skip
    titles = offers(text, "CB102")
    assert not any(FRESH in title for title in titles)
    assert any(CACHED in title for title in titles)


def test_a_callback_that_asks_its_agent_shares_it() -> None:
    text = program(
        """
        from fastapi import FastAPI
        from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

        app = FastAPI()
        bot = AssistantAgent("bot", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


        def pick(last, groupchat):
            return bot if last is user else user


        @app.post("/ask")
        def ask(text: str):
            chat = GroupChat([user, bot], [], speaker_selection_method=pick)
            manager = GroupChatManager(chat, llm_config=False)
            user.initiate_chat(bot, message=text, max_turns=1)
            return user.initiate_chat(manager, message=text, max_turns=1)
        """
    )
    assert not any(FRESH in title for title in offers(text, "CB101"))


def test_an_agent_made_under_the_guard() -> None:
    fixed(
        """
        import multiprocessing
        from autogen import Agent, AssistantAgent


        def audit(recipient, messages=None, sender=None, config=None):
            return False, None


        def work(text):
            return bot.generate_reply(messages=[{"role": "user", "content": text}])


        # run it
        if __name__ == "__main__":
            print("starts")
            # talks
            bot = AssistantAgent("bot", llm_config=False)
            bot.register_reply([Agent, None], audit)
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(work, ["a"])
        """,
        """
        import multiprocessing
        from autogen import Agent, AssistantAgent


        def audit(recipient, messages=None, sender=None, config=None):
            return False, None


        def work(text):
            bot = build_bot()
            return bot.generate_reply(messages=[{"role": "user", "content": text}])


        def build_bot():
            # talks
            bot = AssistantAgent("bot", llm_config=False)
            bot.register_reply([Agent, None], audit)
            return bot


        # run it
        if __name__ == "__main__":
            print("starts")
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(work, ["a"])
        """,
        "CB101",
        title="Move `bot` and its registration into `build_bot()` (fresh chat history per call)",
    )


def test_no_cached_function_for_what_is_sent_as_a_copy() -> None:
    text = """
    import ray
    from autogen import Agent, AssistantAgent

    bot = AssistantAgent("bot", llm_config=False)


    def audit(recipient, messages=None, sender=None, config=None):
        return False, None


    @ray.remote
    def work(text):
        bot.register_reply([Agent, None], audit)
        return bot.generate_reply(messages=[{"role": "user", "content": text}])
    """
    titles = offers(text, "CB103")
    assert any(FRESH in title for title in titles)
    assert not any(CACHED in title for title in titles)


def test_an_object_that_keeps_the_agent_shares_it() -> None:
    text = pool(
        "class Desk:\n    def __init__(self):\n        self.bot = bot\n"
        "    def ask(self, text):\n        return ASK\n"
        "def work(text):\n    return Desk().ask(text)"
    )
    titles = offers(text, "CB102")
    assert not any(FRESH in title for title in titles)
    assert any(CACHED in title for title in titles)
