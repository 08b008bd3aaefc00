from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """from autogen import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
"""
ADD = "def add(a: int, b: int) -> int:\n    return a + b  # the sum\n"
START = 'user.initiate_chat(assistant, message="1 + 2?")\n'
PROPOSE = '@assistant.register_for_llm(description="d")\n'


def test_decorator_is_added() -> None:
    fix = fixed(
        f"{HEAD}{PROPOSE}{ADD}{START}",
        f"{HEAD}@user.register_for_execution()\n{PROPOSE}{ADD}{START}",
        "CB501",
        safety=Safety.SAFE,
    )
    assert fix.title == "Register `add` for execution on `user`, which gets the call"


def test_decorator_moves() -> None:
    text = f"{HEAD}# both\n@{{}}.register_for_execution()  # runs it\n{PROPOSE}{ADD}{START}"
    text = text.replace('{"config_list": []}', "{{'config_list': []}}")
    fixed(text.format("assistant"), text.format("user"), "CB501", safety=Safety.SAFE)


def test_register_function_executor() -> None:
    call = 'register_function(add, caller=assistant, executor={}, description="d")\n'
    fixed(
        HEAD + ADD + call.format("assistant") + START,
        HEAD + ADD + call.format("user") + START,
        "CB501",
    )


@pytest.mark.parametrize(("given", "name"), [("", ""), ('name="sum_up", ', 'name="sum_up"')])
def test_call_is_added(given: str, name: str) -> None:
    call = f'assistant.register_for_llm({given}description="d")(add)  # offered\n'
    fixed(
        HEAD + ADD + call + START,
        HEAD + ADD + call + f"user.register_for_execution({name})(add)\n" + START,
        "CB501",
    )


def test_functions_of_the_constructor() -> None:
    text = (
        "from autogen import ConversableAgent\n"
        f"{ADD}"
        'assistant = ConversableAgent("assistant", llm_config={"config_list": []}, functions=[add])\n'
        'user = ConversableAgent("user", llm_config=False)  # runs them\n'
    )
    fixed(text + START, text + "user.register_for_execution()(add)\n" + START, "CB501")


def test_on_self() -> None:
    text = """
        from autogen import AssistantAgent, UserProxyAgent
        class Team:
            def __init__(self):
                self.writer = AssistantAgent("writer", llm_config={"config_list": []})
                self.user = UserProxyAgent("user", code_execution_config=False)
                @self.writer.register_for_llm(description="d")
                def search(query: str) -> str:
                    return query
            def ask(self, question):
                self.user.initiate_chat(self.writer, message=question)
        Team().ask("?")
    """
    line = '                @self.writer.register_for_llm(description="d")'
    more = "                @self.user.register_for_execution()\n"
    fixed(text, text.replace(line, more + line), "CB501")


def test_group_takes_the_one_without_a_model_and_is_unsafe() -> None:
    text = """
        from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
        config = {"config_list": []}
        alice = AssistantAgent("alice", llm_config=config)
        bob = AssistantAgent("bob", llm_config=config)
        user = UserProxyAgent("user", code_execution_config=False)
        @alice.register_for_llm(description="d")
        def search(query: str) -> str:
            return query
        manager = GroupChatManager(GroupChat([user, alice, bob], messages=[]), llm_config=config)
        user.initiate_chat(manager, message="go")
    """
    line = '        @alice.register_for_llm(description="d")'
    wanted = text.replace(line, f"        @user.register_for_execution()\n{line}")
    fixed(text, wanted, "CB501", safety=Safety.UNSAFE)


NOBODY = {
    "a schema": (
        'schema = {"name": "f", "parameters": {}}\n'
        'assistant = AssistantAgent("a", llm_config={"config_list": [], "functions": [schema]})\n'
    ),
    "the executor is made below": (
        f"{PROPOSE}{ADD}user = UserProxyAgent('later', code_execution_config=False)\n"
    ),
}


@pytest.mark.parametrize("name", NOBODY)
def test_nothing_is_offered(name: str) -> None:
    head = HEAD.replace('user = UserProxyAgent("user", code_execution_config=False)\n', "")
    if name == "a schema":
        head = HEAD
    assert offers(head + NOBODY[name] + START, "CB501") == []


# -- CB502 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        'register_function(add, caller={}, executor={}, description="d")',
        "register_function(\n    add,\n    caller={},  # asks\n    executor={},  # runs\n"
        '    description="d",\n)',
    ],
)
def test_swap(call: str) -> None:
    fixed(
        f"{HEAD}{ADD}{call.format('user', 'assistant')}\n",
        f"{HEAD}{ADD}{call.format('assistant', 'user')}\n",
        "CB502",
        title="Swap them: `caller=assistant, executor=user`",
        safety=Safety.SAFE,
    )


def test_no_swap_of_what_is_not_written() -> None:
    text = HEAD + ADD + 'both = {"caller": user, "executor": assistant}\n'
    text += 'register_function(add, description="d", **both)\n'
    assert offers(text, "CB502") == []


# -- CB503 ---------------------------------------------------------------------------------

NAMES = {
    "added": (
        '@user.register_for_execution({})\n@assistant.register_for_llm(name="sum_up", description="d")\n',
        'name="total"',
        'name="sum_up"',
    ),
    "of an inner decorator": (
        '@assistant.register_for_llm(name="sum_up", description="d")\n@user.register_for_execution({})\n',
        "",
        'name="sum_up"',
    ),
    "by position": (
        '@user.register_for_execution({})\n@assistant.register_for_llm(name="sum_up", description="d")\n',
        "'total'",
        "'sum_up'",
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_name_of_the_decorator(case: str) -> None:
    decorators, before, after = NAMES[case]
    fixed(
        HEAD + decorators.replace("{}", before) + ADD + START,
        HEAD + decorators.replace("{}", after) + ADD + START,
        "CB503",
        safety=Safety.SAFE,
    )


def test_key_of_the_function_map() -> None:
    propose = f'assistant.register_for_llm(name="sum_up", description="d")(add)\n{START}'
    text = HEAD + ADD + "user.register_function({{'{}': add}})\n"
    text = text.replace('{"config_list": []}', "{{'config_list': []}}")
    fixed(text.format("total") + propose, text.format("sum_up") + propose, "CB503")


def test_name_that_is_no_literal() -> None:
    text = HEAD + ADD + 'NAME = "total"\nuser.register_for_execution(name=NAME)(add)\n'
    text += f'assistant.register_for_llm(name="sum_up", description="d")(add)\n{START}'
    assert offers(text, "CB503") == []


DESCRIBED = """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={{"config_list": [{{"model": "m"}}]}})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def add(a: int, b: int) -> int:
    {}
    return a + b
register_function(add, caller=bot, executor=user{})  # offer
"""


def test_described_by_its_docstring() -> None:
    text = "Add two\n    numbers.\n\n    Whole ones."
    fix = fixed(
        DESCRIBED.format(f'"""{text}"""', ""),
        DESCRIBED.format(f'"""{text}"""', ', description="Add two numbers."'),
        "CB511",
        safety=Safety.UNSAFE,
    )
    assert fix.title == 'Describe it as its docstring does: "Add two numbers."'


@pytest.mark.parametrize("body", ["pass", '"""   """', "'''Say \"hi\".'''", r'r"""Add \\n."""'])
def test_not_described_without_plain_words(body: str) -> None:
    assert offers(DESCRIBED.format(body, ""), "CB511") == []
