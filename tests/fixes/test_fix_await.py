from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, fixes, offers, program

HEAD = """from autogen import Agent, ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
"""
CHAT = 'a.a_initiate_chat(b, message="hi", max_turns=1)'

IN_ASYNC = {
    "thrown away": (f"    {CHAT}", f"    await {CHAT}"),
    "kept": (f"    result = {CHAT}  # the result", f"    result = await {CHAT}  # the result"),
    "under an if": (f"    if b:\n        {CHAT}", f"    if b:\n        await {CHAT}"),
    "over several lines": (
        '    a.a_initiate_chat(\n        b,  # the other\n        message="hi",\n    )',
        '    await a.a_initiate_chat(\n        b,  # the other\n        message="hi",\n    )',
    ),
}


@pytest.mark.parametrize("name", IN_ASYNC)
def test_in_an_async_function(name: str) -> None:
    before, after = (
        f"import asyncio\n{HEAD}async def main():\n{body}\nasyncio.run(main())\n"
        for body in IN_ASYNC[name]
    )
    fixed(before, after, "CB301", safety=Safety.SAFE, title="Await `a.a_initiate_chat(...)`")


def test_module_level_with_an_import() -> None:
    fixed(
        f"{HEAD}{CHAT}\n",
        f"import asyncio\n\n{HEAD}asyncio.run({CHAT})\n",
        "CB301",
        safety=Safety.SAFE,
        title="`asyncio.run(a.a_initiate_chat(...))`",
    )


def test_module_level_with_an_alias() -> None:
    fixed(
        f"import asyncio as aio\n{HEAD}{CHAT}\n",
        f"import asyncio as aio\n{HEAD}aio.run({CHAT})\n",
        "CB301",
    )


def test_import_behind_docstring_and_future() -> None:
    top = '"""Chats."""\nfrom __future__ import annotations\n\nimport json\n\n'
    after = '"""Chats."""\nfrom __future__ import annotations\n\nimport asyncio\nimport json\n\n'
    fixed(f"{top}{HEAD}{CHAT}\n", f"{after}{HEAD}asyncio.run({CHAT})\n", "CB301")


def test_callers_become_async_too() -> None:
    text = (
        "import asyncio\n"
        + HEAD
        + (
            "{a}def chat():  # talks\n    {w}" + CHAT + "\n"
            "{a}def twice():\n    {w}chat()\n    {w}chat()\n"
            "async def main():\n    {w}twice()\nasyncio.run(main())\n"
        )
    )
    fix = fixed(
        text.format(a="", w=""),
        text.format(a="async ", w="await "),
        "CB301",
        safety=Safety.UNSAFE,
    )
    assert "make `chat` and `twice` async" in fix.title


def test_method_and_result_of_a_caller() -> None:
    text = HEAD + (
        "class Desk:\n"
        "    {a}def ask(self):\n        {w}" + CHAT + "\n        return [1]\n"
        "async def main(desk: Desk):\n    print({o}desk.ask(){c}[0])\n"
    )
    fixed(
        text.format(a="", w="", o="", c=""),
        text.format(a="async ", w="await ", o="(await ", c=")"),
        "CB301",
    )


def test_run_from_the_module_level() -> None:
    text = HEAD + "{a}def chat():\n    {w}" + CHAT + "\n{o}chat(){c}\n"
    fixed(
        text.format(a="", w="", o="", c=""),
        "import asyncio\n\n" + text.format(a="async ", w="await ", o="asyncio.run(", c=")"),
        "CB301",
        title="make `chat` async",
    )


def test_other_ways_in_a_sync_function() -> None:
    text = HEAD + "def chat():\n    " + CHAT + "\n"
    assert offers(text, "CB301") == [
        "Run it to its end: `asyncio.run(a.a_initiate_chat(...))`",
        "Call the sync `initiate_chat` instead",
    ]
    fixed(
        text,
        text.replace("a_initiate", "initiate"),
        "CB301",
        title="Call the sync",
        safety=Safety.UNSAFE,
    )


NOT_ASYNC = {
    "handed over": "def chat():\n    {}\nhandlers = [chat]\nchat()",
    "a generator": "def chat():\n    {}\n    yield 1\nfor _ in chat(): pass",
    "a special method": "class C:\n    def __init__(self):\n        {}\nC()",
    "decorated": "import tool\n@tool.wrap\ndef chat():\n    {}\nchat()",
    "called in a lambda": "def chat():\n    {}\nlater = lambda: chat()\nlater()",
    "a method of an unknown class": (
        "from base import Base\nclass C(Base):\n    def chat(self):\n        {}\nC().chat()"
    ),
    "a method of the framework": (
        "class C(ConversableAgent):\n    def send(self, message, recipient):\n        {}\n"
        "C('c').send('hi', a)"
    ),
    "a method of the same name is called on something unknown": (
        "class C:\n    def chat(self):\n        {}\nC().chat()\ndef other(thing):\n    thing.chat()"
    ),
}


@pytest.mark.parametrize("name", NOT_ASYNC)
def test_not_made_async(name: str) -> None:
    text = HEAD + NOT_ASYNC[name].format(CHAT) + "\n"
    assert not [title for title in offers(text, "CB301") if " async" in title]


def test_no_asyncio_run_inside_a_loop() -> None:
    text = HEAD + f"def chat():\n    {CHAT}\nasync def main():\n    chat()\n"
    assert not [title for title in offers(text, "CB301") if "asyncio.run" in title]


def test_a_name_that_is_taken() -> None:
    text = HEAD + f"asyncio = None\n{CHAT}\n"
    assert offers(text, "CB301") == ["Call the sync `initiate_chat` instead"]


# -- CB302: async replies in sync chats ----------------------------------------------------

AUDIT = "{}def audit(recipient, messages=None, sender=None, config=None):\n    {}\n"
REGISTER = "b.register_reply([Agent, None], audit)\n"
START = 'a.{}initiate_chat(b, message="hi", max_turns=1)'


def test_reply_that_awaits_nothing_becomes_plain() -> None:
    text = HEAD + AUDIT + REGISTER + START.format("") + "\n"
    fixed(
        text.format("async ", "return False, None"),
        text.format("", "return False, None"),
        "CB302",
        title="Make `audit` a plain function",
        safety=Safety.SAFE,
    )


def test_chat_becomes_async() -> None:
    body = AUDIT.format("async ", "await log()\n    return False, None")
    head = HEAD + "async def log(): ...\n" + body + REGISTER
    fix = fixed(
        f"{head}{START.format('')}\n",
        f"import asyncio\n\n{head}asyncio.run({START.format('a_')})\n",
        "CB302",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Make the chat async: `asyncio.run(a_initiate_chat(...))`"


@pytest.mark.parametrize(
    "body",
    [
        "await log()\n    return False, None",
        "async with log():\n        return False, None",
        "async for _ in log():\n        pass\n    return False, None",
        "x = [y async for y in log()]\n    return False, None",
    ],
)
def test_reply_that_awaits_stays_async(body: str) -> None:
    text = HEAD + "from somewhere import log\n" + AUDIT.format("async ", body) + REGISTER
    titles = offers(text + START.format("") + "\n", "CB302")
    assert titles == ["Make the chat async: `asyncio.run(a_initiate_chat(...))`"]


def test_reply_that_is_awaited_elsewhere_stays_async() -> None:
    text = HEAD + AUDIT.format("async ", "return False, None") + REGISTER
    text += START.format("") + "\nasync def other():\n    await audit(b)\n"
    assert not [title for title in offers(text, "CB302") if "plain" in title]


def test_chats_in_a_queue_need_more_than_a_name() -> None:
    text = HEAD + AUDIT.format("async ", "await x()\n    return False, None") + REGISTER
    text += 'a.initiate_chats([{"recipient": b, "message": "hi", "max_turns": 1}])\n'
    assert offers(text, "CB302") == []


# -- CB303: sync chats in coroutines -------------------------------------------------------


def test_await_the_twin() -> None:
    text = HEAD + "async def ask():\n    return {}.summary\n"
    fixed(
        text.format(START.format("")),
        text.format(f"(await {START.format('a_')})"),
        "CB303",
        title="Await `a_initiate_chat(...)`",
        safety=Safety.UNSAFE,
    )


def test_in_a_thread() -> None:
    text = HEAD + "async def ask():\n    return {}\n"
    fixed(
        text.format(START.format("")),
        "import asyncio\n\n"
        + text.format('await asyncio.to_thread(a.initiate_chat, b, message="hi", max_turns=1)'),
        "CB303",
        title="in a thread",
    )


def test_helper_of_a_coroutine() -> None:
    text = HEAD + "{a}def ask():\n    {w}{c}\nasync def main():\n    {w}ask()\n"
    fixed(
        text.format(a="", w="", c=START.format("")),
        text.format(a="async ", w="await ", c=START.format("a_")),
        "CB303",
    )


def test_not_in_a_generator_expression() -> None:
    text = HEAD + f"async def ask(names):\n    return list({START.format('')} for n in names)\n"
    assert offers(text, "CB303") == []


# -- CB304: callbacks that nobody awaits ---------------------------------------------------

HOOK = (
    HEAD
    + "{}def audit(content):\n    {}\nb.register_hook('process_last_received_message', audit)\n"
)


def test_hook_becomes_plain() -> None:
    fixed(
        HOOK.format("async ", "return content"),
        HOOK.format("", "return content"),
        "CB304",
        safety=Safety.SAFE,
    )


def test_comment_between_async_and_def_is_not_possible_but_spaces_are() -> None:
    fixed(HOOK.format("async   ", "return content"), HOOK.format("", "return content"), "CB304")


def test_hook_that_awaits() -> None:
    assert offers(HOOK.format("async ", "return await log(content)"), "CB304") == []


def test_override() -> None:
    text = """
        from autogen import UserProxyAgent
        class Queued(UserProxyAgent):
            {}def {}get_human_input(self, prompt, **kwargs):
                return {}
    """
    fixed(
        text.format("async ", "", '"exit"'),
        text.format("", "", '"exit"'),
        "CB304",
        title="plain function",
    )
    fixed(
        text.format("async ", "", "await ask()"),
        text.format("async ", "a_", "await ask()"),
        "CB304",
        title="Name it `a_get_human_input`",
        safety=Safety.UNSAFE,
    )


def test_text_that_changed_meanwhile_is_left_alone() -> None:
    text = program(HEAD + f"async def main():\n    {CHAT}\n")
    assert fixes(text, "CB301")


ASYNC_TOOL = """
import asyncio
from autogen import UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@user.register_for_execution()
async def add(a: int, b: int) -> int:
    return a + b
{}
"""


def test_an_async_tool_is_awaited() -> None:
    call = 'user.{}execute_function({{"name": "add", "arguments": "{{}}"}})'
    fix = fixed(
        ASYNC_TOOL.format(f"print({call.format('')})  # run"),
        ASYNC_TOOL.format(f"print(asyncio.run({call.format('a_')}))  # run"),
        "CB507",
        safety=Safety.UNSAFE,
        target="autogen-agentchat==0.2.40",
    )
    assert fix.title == "Run it to its end: `asyncio.run(a_execute_function(...))`"
    within = "async def main():\n    return {}{}\nasyncio.run(main())"
    fixed(
        ASYNC_TOOL.format(within.format("", call.format(""))),
        ASYNC_TOOL.format(within.format("await ", call.format("a_"))),
        "CB507",
        target="autogen-agentchat==0.2.40",
    )


def test_an_async_tool_in_a_lambda_is_not() -> None:
    text = ASYNC_TOOL.format(
        'run = lambda: user.execute_function({"name": "add", "arguments": "{}"})\nprint(run())'
    )
    assert offers(text, "CB507", "autogen-agentchat==0.2.40") == []


def test_a_tool_that_nobody_awaits_is_made_plain() -> None:
    text = """
    from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent
    {}def add(a: int, b: int) -> int:
        {}
    bot = GPTAssistantAgent("bot", llm_config={{"config_list": []}})
    bot.register_function({{"add": add}})
    """
    target = "autogen-agentchat==0.2.40"
    plain = "return a + b"
    fixed(
        text.format("async ", plain),
        text.format("", plain),
        "CB507",
        safety=Safety.SAFE,
        target=target,
    )
    assert offers(text.format("async ", "return await load(a, b)"), "CB507", target) == []
