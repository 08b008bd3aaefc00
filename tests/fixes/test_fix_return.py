from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, fixes, offers, program

HEAD = """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
log = []
"""
REPLY = HEAD + "{}\nbot.register_reply([Agent, None], audit)\n"
DEF = "def audit(recipient, messages=None, sender=None, config=None):"


def reply(body: str) -> str:
    lines = "\n".join("    " + line for line in body.split("\n"))
    return REPLY.format(f"{DEF}\n{lines}")


NOTHING_RETURNED = {
    "the end": ("print(messages)", "print(messages)\nreturn False, None"),
    "a comment behind": (
        "print(messages)  # all\n# that is it",
        "print(messages)  # all\nreturn False, None\n# that is it",
    ),
    "after a block": (
        "if messages:\n    return True, 'hi'",
        "if messages:\n    return True, 'hi'\nreturn False, None",
    ),
    "a bare return and the end": (
        "if not messages:\n    return  # nothing\nprint(messages)",
        "if not messages:\n    return False, None  # nothing\nprint(messages)\nreturn False, None",
    ),
    "None": ("return None", "return False, None"),
    "None in parentheses": ("return (None)", "return (False, None)"),
    "one of two": (
        "return (True, 'hi') if messages else None",
        "return (True, 'hi') if messages else (False, None)",
    ),
    "what a call gives": (
        "return log.append(messages)",
        "return log.append(messages) or (False, None)",
    ),
    "only a docstring and a call": (
        '"""Logs."""\nlog.append(1)',
        '"""Logs."""\nlog.append(1)\nreturn False, None',
    ),
}


@pytest.mark.parametrize("name", NOTHING_RETURNED)
def test_nothing_returned(name: str) -> None:
    before, after = NOTHING_RETURNED[name]
    fix = fixed(reply(before), reply(after), "CB202", safety=Safety.SAFE)
    assert fix.title == "Return `(False, None)` where nothing is returned"


OTHERWISE = {
    "text": ("return 'hello'", "return True, 'hello'"),
    "f-string": ("return f'{sender}'", "return True, f'{sender}'"),
    "text in parentheses": (
        "return (\n    'a'  # one\n    'b'\n)",
        "return (\n    True, 'a'  # one\n    'b'\n)",
    ),
    "dict": ("return {'content': 'hi'}", "return True, {'content': 'hi'}"),
    "one of two": (
        "return 'hello' if messages else (False, None)",
        "return (True, 'hello') if messages else (False, None)",
    ),
    "swapped": ("return 'hello', True", "return True, 'hello'"),
    "swapped, with a call": ("return str(messages), True", "return True, str(messages)"),
    "three": ("return True, 'hello', {}", "return True, 'hello'"),
    "not sent": ("return False, 'hello'", "return True, 'hello'"),
    "False": ("return False", "return False, None"),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_otherwise(name: str) -> None:
    before, after = OTHERWISE[name]
    fixed(reply(before), reply(after), "CB202", safety=Safety.UNSAFE)


def test_one_line() -> None:
    fixed(
        REPLY.format(f"{DEF} print(messages)"),
        REPLY.format(f"{DEF} print(messages); return False, None"),
        "CB202",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("None", "(False, None)"),
        ("log.append(messages)", "log.append(messages) or (False, None)"),
        ('"ok"', '(True, "ok")'),
    ],
)
def test_lambda(before: str, after: str) -> None:
    text = HEAD + "bot.register_reply([Agent, None], lambda r, messages, sender, config: {})\n"
    fixed(text.format(before), text.format(after), "CB202")


@pytest.mark.parametrize(
    "body",
    [
        "return True",
        "return 7",
        "return 'deny' in messages[-1]['content']",
        "return True, 'hello', send(messages)",
        "return 1, 2, 3",
    ],
)
def test_nothing_is_offered_where_only_its_author_knows(body: str) -> None:
    assert offers(reply(body), "CB202") == []


def test_every_place_at_once() -> None:
    body = "if not messages:\n    return\nfor m in messages:\n    if not m:\n        return None"
    found = fixes(program(reply(body)), "CB202")
    assert {fix.new_text.count("return False, None") for fix in found} == {3}


# -- hooks ---------------------------------------------------------------------------------

HOOK = HEAD + '{}\nbot.register_hook("{}", audit)\n'

HOOKS = {
    "the parameter": (
        "process_last_received_message",
        "def audit(text):\n    print(text)",
        "def audit(text):\n    print(text)\n    return text",
        Safety.SAFE,
    ),
    "the parameter, changed": (
        "process_last_received_message",
        "def audit(text):\n    text = text.strip()",
        "def audit(text):\n    text = text.strip()\n    return text",
        Safety.SAFE,
    ),
    "what was made last": (
        "process_all_messages_before_reply",
        "def audit(messages):\n    short = messages[-5:]",
        "def audit(messages):\n    short = messages[-5:]\n    return short",
        Safety.UNSAFE,
    ),
    "the message": (
        "process_message_before_send",
        "def audit(sender, message, recipient, silent):\n    print(sender.name)",
        "def audit(sender, message, recipient, silent):\n    print(sender.name)\n    return message",
        Safety.SAFE,
    ),
    "a bare return": (
        "process_last_received_message",
        "def audit(text):\n    if not text:\n        return\n    return text",
        "def audit(text):\n    if not text:\n        return text\n    return text",
        Safety.SAFE,
    ),
}


@pytest.mark.parametrize("name", HOOKS)
def test_hooks(name: str) -> None:
    hook, before, after, safety = HOOKS[name]
    fixed(HOOK.format(before, hook), HOOK.format(after, hook), "CB206", safety=safety)


def test_what_was_made_last_or_the_parameter() -> None:
    text = HOOK.format(
        "def audit(messages):\n    short = messages[-5:]", "process_all_messages_before_reply"
    )
    assert offers(text, "CB206") == [
        "Return `short` where nothing is returned",
        "Return `messages` where nothing is returned",
    ]


def test_method() -> None:
    text = """
        from autogen import AssistantAgent
        class Service:
            def __init__(self):
                self.bot = AssistantAgent("bot", llm_config=False)
                self.bot.register_hook("process_last_received_message", self.audit)
            def audit(self, text):
                print(text){}
    """
    fixed(text.format(""), text.format("\n                return text"), "CB206")


def test_no_parameter_to_return() -> None:
    text = HOOK.format("def audit(**rest):\n    print(rest)", "process_message_before_send")
    assert offers(text, "CB206") == []


def test_a_bool_from_a_hook() -> None:
    text = HOOK.format(
        "def audit(sender, message, recipient, silent):\n    return 'x' in message",
        "process_message_before_send",
    )
    assert offers(text, "CB206") == []


# -- triggers, selectors, termination checks -----------------------------------------------

TRIGGER = (
    HEAD + "{}\nbot.register_reply(is_user, lambda r, messages, sender, config: (False, None))\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "def is_user(s):\n    return s and s.name",
            "def is_user(s):\n    return bool(s and s.name)",
        ),
        (
            "def is_user(s):\n    if s is None:\n        return True",
            "def is_user(s):\n    if s is None:\n        return True\n    return False",
        ),
        ("is_user = lambda s: s.name", "is_user = lambda s: bool(s.name)"),
    ],
)
def test_trigger(before: str, after: str) -> None:
    fixed(TRIGGER.format(before), TRIGGER.format(after), "CB207", safety=Safety.SAFE)


SELECTOR = """
from autogen import AssistantAgent, GroupChat
amy = AssistantAgent("writer", llm_config=False)
bob = AssistantAgent("editor", llm_config=False)
def select(last_speaker, groupchat):
    {}
chat = GroupChat([amy, bob], messages=[], speaker_selection_method=select)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('return "editor"', "return bob"),
        ("return amy.name", "return amy"),
        (
            'return "editor" if last_speaker is amy else amy',
            "return bob if last_speaker is amy else amy",
        ),
    ],
)
def test_selector(before: str, after: str) -> None:
    fixed(SELECTOR.format(before), SELECTOR.format(after), "CB207", safety=Safety.SAFE)


@pytest.mark.parametrize("body", ['return "nobody"', 'amy = 1; return "writer"', "return 7"])
def test_no_agent_for_the_name(body: str) -> None:
    assert offers(SELECTOR.format(body), "CB207") == []


def test_forgotten_return() -> None:
    text = """
        from autogen import AssistantAgent
        def is_done(message):
            {}"bye" in message["content"]  # said
        bot = AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
    """
    fixed(text.format(""), text.format("return "), "CB207", safety=Safety.UNSAFE)
