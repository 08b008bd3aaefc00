"""Tools that are no functions, lack annotations, a model or a name of their own."""

from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

AGENTS = """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
"""

# -- CB504 -----------------------------------------------------------------------------------

KIT = (
    AGENTS
    + """
class Kit:
    def search(self, query: str) -> str:
        return query
kit = Kit()
"""
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "user.register_for_execution()(kit.search)  # web\n",
            'user.register_function({"search": kit.search})  # web\n',
        ),
        (
            'user.register_for_execution(name="web")(Kit().search)\n',
            'user.register_function({"web": Kit().search})\n',
        ),
    ],
)
def test_a_method_in_the_function_map(before: str, after: str) -> None:
    title = "Put it in the function map, which takes whatever can be called"
    fixed(KIT + before, KIT + after, "CB504", title=title, safety=Safety.UNSAFE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "register_function(kit.search, caller=bot, executor=user, description='d')  # web\n",
            "def search(query: str) -> str:\n    return kit.search(query)\n\n\n"
            "register_function(search, caller=bot, executor=user, description='d')  # web\n",
        ),
        (
            'user.register_for_execution(name="web")(Kit().search)\n',
            "kit_1 = Kit()\n\n\ndef search(query: str) -> str:\n    return kit_1.search(query)\n\n\n"
            'user.register_for_execution(name="web")(search)\n',
        ),
    ],
)
def test_a_function_around_a_method(before: str, after: str) -> None:
    fix = fixed(KIT + before, KIT + after, "CB504", safety=Safety.SAFE)
    assert fix.title == "Wrap it in a function `search`"


def test_a_function_inside_a_method() -> None:
    text = """
class Desk:
    def __init__(self):
        {}register_function(
            {}, caller=bot, executor=user, description="d"
        )
    async def look_up(self, query: str, limit: int = 3, unit="km"):
        return query
Desk()
"""
    around = """async def look_up(query: str, limit: int = 3, unit="km"):
            return await self.look_up(query, limit, unit)

        """
    fixed(
        AGENTS + text.format("", "self.look_up"), AGENTS + text.format(around, "look_up"), "CB504"
    )


@pytest.mark.parametrize(
    "rest",
    [
        # the name is taken, and the model needs a schema
        "search = 1\nregister_function(kit.search, caller=bot, executor=user, description='d')\n",
        # the name is taken, and the result is used
        "search = user.register_for_execution()(kit.search)\n",
        # one after the other
        "for tool in (kit.search, Kit().search):\n    user.register_for_execution()(tool)\n",
    ],
)
def test_a_method_stays(rest: str) -> None:
    assert offers(KIT + rest, "CB504") == []


# -- CB505 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "docstring",
    [
        '"""Search.\n\n    Args:\n        query (str): what to look for\n        limit (int): how many\n'
        '    """',
        '"""Search.\n\n    :param str query: what to look for\n    :param limit: how many\n'
        '    :type limit: int\n    """',
        '"""Search.\n\n    Parameters\n    ----------\n    query : str\n        What to look for.\n'
        '    limit : int\n    """',
    ],
)
def test_documented_types(docstring: str) -> None:
    text = "def search({}) -> str:\n    {}\n    return query\n"
    text += "register_function(search, caller=bot, executor=user, description='d')\n"
    fix = fixed(
        AGENTS + text.format("query, limit", docstring),
        AGENTS + text.format("query: str, limit: int", docstring),
        "CB505",
        safety=Safety.SAFE,
    )
    assert fix.title == "Annotate with `query: str, limit: int`"


def test_types_of_what_is_passed() -> None:
    text = """
def search({}, unit="km", *, many{}) -> str:
    return query
register_function(search, caller=bot, executor=user, description="d")
print(search("tea", many=True), search("milk", many=False))
"""
    fix = fixed(
        AGENTS + text.format("query", ""),
        AGENTS + text.format("query: str", ": bool"),
        "CB505",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Annotate with `query: str, many: bool`"


@pytest.mark.parametrize("calls", ["", 'search("tea")\nsearch(3)\n', "search(bot)\n"])
def test_any_type(calls: str) -> None:
    text = """
@bot.register_for_llm(description="d")
def search({}) -> List[str]:
    '''Search (query): with `query (Query): it`.'''
    return [query]
"""
    fix = fixed(
        "from typing import List" + AGENTS + text.format("query") + calls,
        "from typing import Any, List" + AGENTS + text.format("query: Any") + calls,
        "CB505",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Annotate with `query: Any`; `Any` tells the model no type"


@pytest.mark.parametrize(
    "rest",
    [
        "def search(query, *more):\n    return query\nbot.register_for_llm(description='d')(search)\n",
        "register_function(lambda a: a, caller=bot, executor=user, name='a', description='d')\n",
        "class Kit:\n    def search(self, query: str) -> str:\n        return query\n"
        "bot.register_for_llm(description='d')(Kit.search)\n",
    ],
)
def test_no_annotation(rest: str) -> None:
    assert offers(AGENTS + rest, "CB505") == []


# -- CB508 -----------------------------------------------------------------------------------


def test_an_agent_that_replies() -> None:
    text = """
    from autogen import AssistantAgent, UserProxyAgent, register_function
    bot = AssistantAgent("bot", llm_config={{"config_list": []}})
    user = UserProxyAgent(
        "user",
        {}code_execution_config=False,
    )
    def add(a: int, b: int) -> int:
        return a + b
    register_function(add, caller=bot, executor=user, description="d")
    user.initiate_chat(bot, message="1 + 2?")
    """
    fix = fixed(
        text.format("max_consecutive_auto_reply=0,\n        "),
        text.format(""),
        "CB508",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Let `user` reply: without `max_consecutive_auto_reply=0`"


def test_tool_calls_pass() -> None:
    text = """
    from autogen import Agent, AssistantAgent, UserProxyAgent, register_function
    bot = AssistantAgent("bot", llm_config={{"config_list": []}})
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    def add(a: int, b: int) -> int:
        return a + b
    def answer(recipient, history, sender, config):
        '''Answer.'''
        {}return True, "thanks"
    register_function(add, caller=bot, executor=user, description="d")
    user.register_reply([Agent, None], answer)
    user.initiate_chat(bot, message="1 + 2?")
    """
    lines = """if history[-1].get("tool_calls") or history[-1].get("function_call"):
            return False, None
        """
    fix = fixed(text.format(""), text.format(lines), "CB508", safety=Safety.UNSAFE)
    assert fix.title == "Let tool calls pass in `answer`"


# -- CB510 -----------------------------------------------------------------------------------

MODEL = """
from autogen import AssistantAgent, UserProxyAgent
{}
bot = AssistantAgent("bot"{})
@bot.register_for_llm(description="d")
def f(a: int) -> int:
    return a
"""


@pytest.mark.parametrize(
    "config", ['CONFIG = {"config_list": []}', "CONFIG = dict(config_list=[], cache_seed=None)"]
)
def test_the_only_configuration(config: str) -> None:
    fix = fixed(
        MODEL.format(config, ""),
        MODEL.format(config, ", llm_config=CONFIG"),
        "CB510",
        safety=Safety.UNSAFE,
    )
    assert fix.title == "Give `bot` the model of `CONFIG`"


@pytest.mark.parametrize(
    ("config", "more"),
    [
        # it is said to have none
        ('CONFIG = {"config_list": []}', ", llm_config=False"),
        # either may be meant
        ('ONE = {"config_list": []}\nTWO = {"config_list": []}', ""),
        # there is none
        ("", ""),
    ],
)
def test_no_configuration(config: str, more: str) -> None:
    assert offers(MODEL.format(config, more), "CB510") == []


def test_a_configuration_further_down() -> None:
    text = MODEL.format("", "") + 'CONFIG = {"config_list": []}\n'
    assert offers(text, "CB510") == []


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (
            '@user.register_for_llm(description="d")  # a tool\n',
            '@bot.register_for_llm(description="d")  # a tool\n',
            "Propose it on `bot`, which has a model",
        ),
        (
            '@bot.register_for_execution()\n@user.register_for_llm(description="d")\n',
            '@user.register_for_execution()\n@bot.register_for_llm(description="d")\n',
            "Propose it on `bot`, which has a model, and execute it on `user`",
        ),
    ],
)
def test_the_only_agent_with_a_model(before: str, after: str, title: str) -> None:
    tool = "def f(a: int) -> int:\n    return a\n"
    fix = fixed(AGENTS + before + tool, AGENTS + after + tool, "CB510", safety=Safety.UNSAFE)
    assert fix.title == title


# -- CB513 -----------------------------------------------------------------------------------

SCHEMA = """
from autogen import AssistantAgent, UserProxyAgent
SCHEMA = {{"name": "search", "description": "d", "parameters": {{
    "type": "object", "properties": {{"query": {{}}, "limit": {{}}}}, "required": ["query"]}}}}
{}
bot = AssistantAgent("bot", llm_config={{"config_list": [], "functions": [SCHEMA]}})
user = UserProxyAgent("user", function_map={{"search": search}})
user.initiate_chat(bot, message="go")
"""


def test_the_name_that_is_passed() -> None:
    before = "def search(text: str, limit=3):\n    return [text for _ in range(limit)], text  # it"
    after = (
        "def search(query: str, limit=3):\n    return [query for _ in range(limit)], query  # it"
    )
    fix = fixed(SCHEMA.format(before), SCHEMA.format(after), "CB513", safety=Safety.UNSAFE)
    assert fix.title == "Rename the parameter `text` to `query`, as it is passed"


@pytest.mark.parametrize(
    "function",
    [
        # which is which
        "def search(text, many):\n    return text",
        # passed by its name elsewhere
        "def search(text, limit=3):\n    return text\nsearch(text='a')",
        # the name means something else
        "query = 1\ndef search(text, limit=3):\n    return text, query",
        "def search(text, limit=3):\n    query = text\n    return query",
    ],
)
def test_the_parameter_stays(function: str) -> None:
    assert offers(SCHEMA.format(function), "CB513") == []


# -- CB514 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [("two", "look_up", "Register `look_up`"), ("one", "search_web", "Register `search_web`")],
)
def test_a_name_of_its_own(old: str, new: str, title: str) -> None:
    before = (
        AGENTS
        + """
@user.register_for_execution(name="search")  # one
@bot.register_for_llm(name="search", description="d")  # one
def search_web(query: str) -> str:
    return query
@user.register_for_execution("search")  # two
@bot.register_for_llm(name="search", description="d")  # two
def look_up(query: str) -> str:
    return query
"""
    )
    lines = [
        line.replace('"search"', f'"{new}"') if line.endswith(f"# {old}") else line
        for line in before.split("\n")
    ]
    fixed(before, "\n".join(lines), "CB514", title=title, safety=Safety.UNSAFE)


def test_a_function_map_and_a_call() -> None:
    before = (
        AGENTS
        + """
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
user.register_function({'f': one})
register_function(two, caller=bot, executor=user, name="f", description="d")
"""
    )
    fixed(before, before.replace('"f"', '"two"'), "CB514", title="`two`")
    fixed(before, before.replace("'f'", "'one'"), "CB514", title="`one`")


def test_both_have_the_same_name() -> None:
    text = (
        AGENTS
        + """
@user.register_for_execution()
def search(query: str) -> str:
    return query
@user.register_for_execution()
def search(query: str, limit: int = 3) -> str:
    return query
"""
    )
    assert offers(text, "CB514") == []
