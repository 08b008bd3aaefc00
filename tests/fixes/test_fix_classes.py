from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

# -- CB408, CB409: overridden and replaced built-ins ---------------------------------------

OFFLINE = """
    from autogen import ConversableAgent
    class Offline(ConversableAgent):
    {}    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
            return True, "an answer"
"""
INIT = """    def __init__(self):
            super().__init__("offline", human_input_mode="NEVER")  # first{}

    """
REPLACE = "self.replace_reply_func(ConversableAgent.generate_oai_reply, Offline.generate_oai_reply)"


def test_override_is_registered_where_the_object_is_made() -> None:
    fixed(
        OFFLINE.format(INIT.format("")),
        OFFLINE.format(INIT.format(f"\n            {REPLACE}")),
        "CB408",
        safety=Safety.UNSAFE,
    )


def test_override_of_a_class_without_an_init() -> None:
    made = (
        "    def __init__(self, *args, **kwargs):\n"
        "            super().__init__(*args, **kwargs)\n"
        f"            {REPLACE}\n\n    "
    )
    fixed(OFFLINE.format(""), OFFLINE.format(made), "CB408")


def test_override_of_an_init_that_is_not_understood() -> None:
    made = INIT.format("").replace("super().__init__", "ConversableAgent.__init__")
    made = made.replace('("offline"', '(self, "offline"')
    assert offers(OFFLINE.format(made), "CB408") == []


def test_human_input_of_async_chats() -> None:
    text = """
        import asyncio
        from autogen import AssistantAgent, UserProxyAgent
        class Web(UserProxyAgent):
            {}get_human_input(self, prompt, **kwargs):
                return "exit"
        bot = AssistantAgent("bot", llm_config=False)
        web = Web("web", human_input_mode="ALWAYS", code_execution_config=False)
        asyncio.run(bot.a_initiate_chat(web, message="hi", max_turns=1))
    """
    fixed(text.format("def "), text.format("async def a_"), "CB408", safety=Safety.UNSAFE)


@pytest.mark.parametrize(
    ("imports", "old", "after", "new"),
    [
        (
            "from autogen import AssistantAgent",
            "bot.generate_oai_reply",
            "from autogen import AssistantAgent, ConversableAgent",
            "ConversableAgent.generate_oai_reply",
        ),
        (
            "import autogen\nfrom autogen import AssistantAgent",
            "bot.generate_oai_reply",
            "import autogen\nfrom autogen import AssistantAgent",
            "autogen.ConversableAgent.generate_oai_reply",
        ),
    ],
)
def test_function_instead_of_a_bound_method(imports: str, old: str, after: str, new: str) -> None:
    text = (
        '{}\nbot = AssistantAgent("bot", llm_config=False)\n'
        "def answer(recipient, messages=None, sender=None, config=None):\n    return True, 'x'\n"
        "bot.replace_reply_func({}, answer)  # instead\n"
    )
    fixed(text.format(imports, old), text.format(after, new), "CB409", safety=Safety.UNSAFE)


# -- CB410: names ---------------------------------------------------------------------------

NAMELESS = """
    import asyncio, functools
    from autogen import Agent, AssistantAgent, UserProxyAgent
    def audit(log, recipient, messages=None, sender=None, config=None):
        return False, None
    log = []
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    bot.register_reply([Agent, None], {})
    asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
"""


def test_lambda_for_a_partial_of_names() -> None:
    fixed(
        NAMELESS.format("functools.partial(audit, log)"),
        NAMELESS.format("lambda *args, **kwargs: audit(log, *args, **kwargs)"),
        "CB410",
        title="a lambda",
        safety=Safety.SAFE,
    )


def test_what_would_be_made_anew_at_each_call() -> None:
    assert offers(NAMELESS.format("functools.partial(audit, [])"), "CB410") == [
        "Hand over its `__call__`, which has a name"
    ]


# -- CB411, CB412: streams and runs ---------------------------------------------------------

STREAM = """
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.io import IOStream
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    def main(stream):
        {}
"""
TALK = 'user.initiate_chat(bot, message="""one\n        two""", max_turns=1)'


def test_stream_for_what_follows() -> None:
    fixed(
        STREAM.format(f"IOStream.set_default(stream)  # all of it\n        # talk\n        {TALK}"),
        STREAM.format(
            "with IOStream.set_default(stream):  # all of it\n"
            f"            # talk\n            {TALK}"
        ),
        "CB411",
        title="for what follows",
        safety=Safety.UNSAFE,
    )


def test_stream_for_all() -> None:
    fixed(
        STREAM.format("IOStream.set_default(stream)"),
        STREAM.format("IOStream.set_global_default(stream)"),
        "CB411",
        safety=Safety.UNSAFE,
    )


RUN = """
    from autogen import AssistantAgent, UserProxyAgent
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    {}def main():
        {}
"""
CALL = '(bot, message="hi", max_turns=1)'


@pytest.mark.parametrize(
    ("prefix", "before", "after"),
    [
        (
            "",
            f"user.run_iter{CALL}  # now",
            f"for _ in user.run_iter{CALL}:  # now\n            pass",
        ),
        (
            "async ",
            f"await user.a_run{CALL}",
            f"response = await user.a_run{CALL}\n        await response.process()",
        ),
        (
            "async ",
            f"done = await user.a_run{CALL}",
            f"done = await user.a_run{CALL}\n        await done.process()",
        ),
        (
            "async ",
            f"events = await user.a_run_iter{CALL}",
            f"events = user.a_run_iter{CALL}\n        async for _ in events:\n            pass",
        ),
    ],
)
def test_driven(prefix: str, before: str, after: str) -> None:
    fixed(RUN.format(prefix, before), RUN.format(prefix, after), "CB412", safety=Safety.UNSAFE)
