from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

HEAD = """
from autogen import Agent, AssistantAgent, ConversableAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
"""

# -- CB209: arguments ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        (
            "bot.register_reply([Agent, None], reply_function=audit)  # on",
            "bot.register_reply([Agent, None], reply_func=audit)  # on",
            Safety.SAFE,
        ),
        (
            "bot.register_reply(\n    [Agent, None], audit, 0, None, None,\n    True,  # skip\n)",
            "bot.register_reply(\n    [Agent, None], audit, 0, None, None,\n"
            "    ignore_async_in_sync_chat=True,  # skip\n)",
            Safety.SAFE,
        ),
        (
            '@bot.register_for_llm("adds up")\ndef add(a: int) -> int:\n    return a',
            '@bot.register_for_llm(description="adds up")\ndef add(a: int) -> int:\n    return a',
            Safety.UNSAFE,
        ),
    ],
)
def test_named(before: str, after: str, safety: Safety) -> None:
    fixed(f"{HEAD}{before}\n", f"{HEAD}{after}\n", "CB209", safety=safety)


def test_no_name_close_to_it() -> None:
    assert offers(HEAD + "bot.register_reply([Agent, None], audit, zzz=1)\n", "CB209") == []


# -- CB211, CB212: updates of an agent -----------------------------------------------------

UPDATE = """
{}from autogen import ConversableAgent, UpdateSystemMessage
def update({}){}:  # who it is
    return "x"
bot = ConversableAgent(
    "bot", llm_config=False, update_agent_state_before_reply=[UpdateSystemMessage(update)]
)
"""


@pytest.mark.parametrize(
    ("parameters", "before"),
    [("agent, messages", ""), ("agent, messages", ' -> "str"'), ("agent, messages=(1, [2])", "")],
)
def test_annotated(parameters: str, before: str) -> None:
    fixed(
        UPDATE.format("", parameters, before),
        UPDATE.format("", parameters, " -> str"),
        "CB211",
        safety=Safety.SAFE,
    )


def test_not_where_annotations_are_text() -> None:
    text = UPDATE.format("from __future__ import annotations\n", "agent, messages", " -> str")
    assert offers(text, "CB211") == []


LAMBDA = """
from autogen import UpdateSystemMessage
def make(role):
{}    hook = UpdateSystemMessage({})  # who it is
    return hook
make("clerk")
"""


def test_a_function_for_a_lambda() -> None:
    fixed(
        LAMBDA.format("", 'lambda agent, messages=None: f"A {role}."'),
        LAMBDA.format(
            "    def update_system_message(agent, messages=None) -> str:\n"
            '        return f"A {role}."\n',
            "update_system_message",
        ),
        "CB211",
        safety=Safety.SAFE,
    )


@pytest.mark.parametrize(
    "text",
    [
        # the lambda sees names of its own place
        LAMBDA.format("", "lambda agent, messages: x")
        .replace("Hook", "")
        .replace(
            "UpdateSystemMessage(lambda agent, messages: x)",
            "[UpdateSystemMessage(lambda agent, messages: x) for x in 'ab']",
        ),
        # a function there would be a method
        "from autogen import UpdateSystemMessage\nclass A:\n    hook = UpdateSystemMessage(lambda agent, messages: 'x')\nA()\n",
        # a comment would be lost
        LAMBDA.format("", "lambda agent, messages:  # say\n    'x'"),
    ],
)
def test_no_function_for_a_lambda(text: str) -> None:
    assert offers(text, "CB211") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("update", "[update]"),
        ("lambda agent, messages: None", "[lambda agent, messages: None]"),
        ("(update,)", "[update]"),
    ],
)
def test_list(before: str, after: str) -> None:
    text = """
        from autogen import ConversableAgent
        def update(agent, messages):
            print(messages)
        bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply={})
    """
    fixed(text.format(before), text.format(after), "CB212", safety=Safety.SAFE)


# -- CB215, CB216, CB217: order in which an agent is set up --------------------------------


def test_behind_the_base_class() -> None:
    text = """
        from autogen import Agent, AssistantAgent
        class Audited(AssistantAgent):
            def __init__(self, name):
                {}
                {}
            def answer(self, messages=None, sender=None, config=None):
                return False, None
    """
    lines = (
        "self.register_reply([Agent, None], Audited.answer)  # early",
        "super().__init__(name, llm_config=False)",
    )
    fixed(text.format(*lines), text.format(*lines[::-1]), "CB215", safety=Safety.SAFE)


def test_what_registers_goes_behind_the_base_class() -> None:
    text = """
        from autogen import Agent, AssistantAgent
        class Audited(AssistantAgent):
            def __init__(self, name):
                {}
                {}
            def set_up(self):
                self.register_reply([Agent, None], Audited.answer)
            def answer(self, messages=None, sender=None, config=None):
                return False, None
        Audited("a")
    """
    lines = ("self.set_up()  # early", "super().__init__(name, llm_config=False)")
    fixed(text.format(*lines), text.format(*lines[::-1]), "CB215", safety=Safety.UNSAFE)


CLIENT = """
from autogen import AssistantAgent
from clients import Mine
bot = AssistantAgent("bot", llm_config={"config_list": [{"model_client_cls": "Mine"}]})
"""
TOOL = '@bot.register_for_llm(description="d")\ndef add(a: int) -> int:\n    return a\n'
ASK = 'bot.generate_reply(messages=[{"role": "user", "content": "hi"}])\n'
REGISTER = "bot.register_model_client(Mine)\n"


@pytest.mark.parametrize("before", [CLIENT + REGISTER + TOOL, CLIENT + TOOL])
def test_model_client_behind_the_last_tool(before: str) -> None:
    fixed(before + ASK, CLIENT + TOOL + REGISTER + ASK, "CB216", safety=Safety.SAFE)


def test_model_client_that_is_nowhere() -> None:
    text = CLIENT.replace("from clients import Mine\n", "")
    assert offers(text + ASK, "CB216") == []


def test_model_client_by_its_name() -> None:
    text = CLIENT + REGISTER
    fixed(text.replace('"Mine"', '"mine"'), text, "CB217", safety=Safety.SAFE)


def test_model_client_of_no_name() -> None:
    text = CLIENT.replace('{"model_client_cls": "Mine"}', '{"model": "m"{}}') + REGISTER
    fixed(text.replace("{}", ""), text.replace("{}", ', "model_client_cls": "Mine"'), "CB217")


@pytest.mark.parametrize("entries", ["{}", '{"model": "m"}, {"model": "n"}'])
def test_model_client_of_no_place(entries: str) -> None:
    text = CLIENT.replace('{"model_client_cls": "Mine"}', entries) + REGISTER
    assert offers(text, "CB217") == []


# -- CB218, CB219: termination checks ------------------------------------------------------

CHECK = """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: {})
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('m.endswith("x")', '(m.get("content") or "").endswith("x")'),
        ('m == "bye"', '(m.get("content") or "") == "bye"'),
        ('"bye" in m', '"bye" in (m.get("content") or "")'),
    ],
)
def test_text_of_the_message(before: str, after: str) -> None:
    fixed(CHECK.format(before), CHECK.format(after), "CB218", safety=Safety.SAFE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('m["content"].endswith("x")', '(m["content"] or "").endswith("x")'),
        ('"bye" in m.get("content", "")', '"bye" in (m.get("content", "") or "")'),
    ],
)
def test_no_text(before: str, after: str) -> None:
    text = """
        from autogen import UserProxyAgent
        user = UserProxyAgent(
            "user",
            code_execution_config=False,
            function_map={{"add": sum}},
            is_termination_msg=lambda m: {},  # over
        )
    """
    fixed(text.format(before), text.format(after), "CB219", safety=Safety.SAFE)


# -- CB220, CB306, CB417: flags and capabilities -------------------------------------------

TRANSFORM = """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()]{})
"""


@pytest.mark.parametrize("given", ["", ", verbose=True"])
def test_without_logs(given: str) -> None:
    fixed(
        TRANSFORM.format(given),
        TRANSFORM.format(", verbose=False"),
        "CB220",
        safety=Safety.SAFE,
    )


def test_transform_that_lacks_more() -> None:
    text = TRANSFORM.format("").replace("apply_transform", "transform")
    assert offers(text, "CB220") == []


def test_sync_nested_chats() -> None:
    text = """
        from autogen import ConversableAgent
        a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
        c = ConversableAgent("c", llm_config=False)
        a.register_nested_chats([{{"chat_id": 1, "recipient": c}}], trigger=b, use_async={})
        a.initiate_chat(b, message="hi", max_turns=2)
    """
    fixed(text.format("True"), text.format("False"), "CB306", safety=Safety.SAFE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("TransformMessages(transforms=[])", "TransformMessages(transforms=[]).add_to_agent(bot)"),
        (
            "limit = TransformMessages(transforms=[])  # off",
            "limit = TransformMessages(transforms=[])  # off\nlimit.add_to_agent(bot)",
        ),
    ],
)
def test_capability_for_an_agent(before: str, after: str) -> None:
    text = (
        "from autogen import AssistantAgent, UserProxyAgent\n"
        "from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages\n"
        'bot = AssistantAgent("bot", llm_config=False)\n'
        'user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)\n'
        '{}\nuser.initiate_chat(bot, message="hi", max_turns=1)\n'
    )
    fixed(text.format(before), text.format(after), "CB417", title="`bot`", safety=Safety.UNSAFE)
