from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, fixes, offers

HEAD = """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
"""


def reply(function: str, name: str = "audit") -> str:
    """A program that registers ``function`` as a reply function."""
    return f"{HEAD}{function}\nbot.register_reply([Agent, None], {name})\n"


PARAMETERS = {
    "nothing": ("", "recipient, messages=None, sender=None, config=None"),
    "the recipient alone": ("agent", "agent, messages=None, sender=None, config=None"),
    "no recipient": ("messages, sender, config", "recipient, messages, sender, config"),
    "defaults stay": (
        "recipient, messages=None",
        "recipient, messages=None, sender=None, config=None",
    ),
    "no default before one without": (
        "recipient, sender, config",
        "recipient, messages, sender, config",
    ),
    "a keyword renamed": (
        "recipient, msgs=None, sender=None, config=None",
        "recipient, messages=None, sender=None, config=None",
    ),
    "by place": ("a, b, c, d", "a, messages, sender, config"),
    "underscores": (
        "_recipient, _messages, _sender, _config",
        "_recipient, messages, sender, config",
    ),
    "an unused extra one": (
        "recipient, messages, sender, config, log",
        "recipient, messages, sender, config",
    ),
    "an extra one with a default": (
        "recipient, messages, sender, verbose=False",
        "recipient, messages, sender, config=None, verbose=False",
    ),
    "positional-only": (
        "recipient, messages, sender, config, /",
        "recipient, messages, sender, config",
    ),
    "the recipient may be positional-only": (
        "recipient, /, messages, sender",
        "recipient, /, messages, sender, config=None",
    ),
    "keyword-only": ("*, messages, sender, config", "recipient, *, messages, sender, config"),
    "the wrong order": (
        "messages, recipient, sender, config",
        "recipient, messages, sender, config",
    ),
    "the rest by position": ("*args", "*args, messages=None, sender=None, config=None"),
    "the rest by keyword": ("messages, **kwargs", "recipient, messages, **kwargs"),
    "annotations": (
        "messages: list[dict], sender: Agent | None",
        "recipient, messages: list[dict], sender: Agent | None, config=None",
    ),
    "an unused message": ("message", "recipient, messages=None, sender=None, config=None"),
    "a default with commas": (
        "recipient, messages=(1, 2), key=lambda a, b: (a, b)",
        "recipient, messages=(1, 2), sender=None, config=None, key=lambda a, b: (a, b)",
    ),
    "a trailing comma": (
        "recipient, messages, sender,",
        "recipient, messages, sender, config=None,",
    ),
    "spaces": (
        " recipient , messages ,sender ",
        " recipient , messages ,sender, config=None ",
    ),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    before, after = (
        reply(
            f"def audit({p}):\n    return False, None" if p else "def audit():\n    return (0, 0)"
        )
        for p in PARAMETERS[name]
    )
    after = after.replace("return False, None", "return (0, 0)") if name == "nothing" else after
    fix = fixed(before, after, "CB201", safety=Safety.SAFE)
    assert "the parameters AutoGen passes" in fix.title


def test_title_names_function_and_parameters() -> None:
    fix = fixes(reply("def audit(message):\n    return False, None"), "CB201")[0]
    assert fix.title == (
        "Give `audit` the parameters AutoGen passes: (recipient, messages, sender, config)"
    )


def test_renamed_in_the_body_by_scope() -> None:
    fixed(
        reply(
            "def audit(agent, msgs, frm, config):\n"
            '    """Tells of msgs."""\n'
            "    inner = [msgs for msgs in range(3)]  # not these msgs\n"
            "    later = lambda: len(msgs)\n"
            "    def shadow(msgs=msgs):\n"
            "        return msgs\n"
            "    print(f'{msgs!r}', dict(msgs=msgs), frm.name)\n"
            "    return False, None"
        ),
        reply(
            "def audit(agent, messages, sender, config):\n"
            '    """Tells of msgs."""\n'
            "    inner = [msgs for msgs in range(3)]  # not these msgs\n"
            "    later = lambda: len(messages)\n"
            "    def shadow(msgs=messages):\n"
            "        return msgs\n"
            "    print(f'{messages!r}', dict(msgs=messages), sender.name)\n"
            "    return False, None"
        ),
        "CB201",
        safety=Safety.UNSAFE,
    )


@pytest.mark.parametrize(
    ("parameter", "use", "value"),
    [
        ("message", 'message["content"]', "messages[-1]"),
        ("message", "message.get('content')", "messages[-1]"),
        ("message", "message.lower()", 'messages[-1]["content"]'),
        ("message", "'x' in message", 'messages[-1]["content"]'),
        ("message: str", "print(message)", 'messages[-1]["content"]'),
        ("msg: dict", "print(msg)", "messages[-1]"),
        ("content", "print(content)", 'messages[-1]["content"]'),
    ],
)
def test_a_single_message_is_the_last(parameter: str, use: str, value: str) -> None:
    name = parameter.partition(":")[0]
    fix = fixed(
        reply(
            f'def audit({parameter}):\n    """Looks."""\n    print({use})\n    return False, None'
        ),
        reply(
            "def audit(recipient, messages=None, sender=None, config=None):\n"
            f'    """Looks."""\n    {name} = {value}\n    print({use})\n    return False, None'
        ),
        "CB201",
        safety=Safety.UNSAFE,
    )
    assert f"`{name}` becomes `{value}`" in fix.title


def test_one_line_body() -> None:
    fixed(
        reply("def audit(message): return False, message['content'] and None"),
        reply(
            "def audit(recipient, messages=None, sender=None, config=None): "
            "message = messages[-1]; return False, message['content'] and None"
        ),
        "CB201",
    )


def test_lambda() -> None:
    fixed(
        reply("", "lambda: (False, None)"),
        reply("", "lambda recipient, messages=None, sender=None, config=None: (False, None)"),
        "CB201",
        title="Give the lambda the parameters",
        safety=Safety.SAFE,
    )
    fixed(
        reply("", 'lambda msg: (True, msg["content"])'),
        reply(
            "",
            "lambda recipient, messages=None, sender=None, config=None: "
            '(True, messages[-1]["content"])',
        ),
        "CB201",
        safety=Safety.UNSAFE,
    )


def test_many_lines_and_comments() -> None:
    fixed(
        reply(
            "def audit(\n"
            "    agent,  # who answers\n"
            "    msgs: list,  # all of them\n"
            "    config=None,  # as registered\n"
            "):\n"
            "    # nothing to do\n"
            "    return False, None  # next, please"
        ),
        reply(
            "def audit(\n"
            "    agent,  # who answers\n"
            "    messages: list,  # all of them\n"
            "    sender=None,\n"
            "    config=None,  # as registered\n"
            "):\n"
            "    # nothing to do\n"
            "    return False, None  # next, please"
        ),
        "CB201",
    )


def test_one_line_each_without_comments() -> None:
    fixed(
        reply("def audit(\n    agent,\n    messages,\n):\n    return False, None"),
        reply(
            "def audit(\n    agent,\n    messages,\n    sender=None,\n    config=None,\n):\n"
            "    return False, None"
        ),
        "CB201",
    )


SERVICE = """
    from autogen import Agent, AssistantAgent
    class Service:
        def __init__(self):
            self.bot = AssistantAgent("bot", llm_config=False)
            self.bot.register_reply([Agent, None], self.audit)
        {decorator}def audit({parameters}):
            return False, None
"""


def test_bound_method_gets_the_recipient_behind_self() -> None:
    fixed(
        SERVICE.format(decorator="", parameters="self, messages=None, sender=None, config=None"),
        SERVICE.format(
            decorator="", parameters="self, recipient, messages=None, sender=None, config=None"
        ),
        "CB201",
        safety=Safety.SAFE,
    )


def test_static_method() -> None:
    static = "@staticmethod\n        "
    fixed(
        SERVICE.format(decorator=static, parameters="messages, sender, config"),
        SERVICE.format(decorator=static, parameters="recipient, messages, sender, config"),
        "CB201",
    )


def test_callable_object() -> None:
    program = "class Audit:\n    def __call__({}):\n        return False, None"
    fixed(
        reply(program.format("self, messages, sender, config"), "Audit()"),
        reply(program.format("self, recipient, messages, sender, config"), "Audit()"),
        "CB201",
    )


def test_partial_keeps_what_it_fills() -> None:
    program = "import functools\ndef audit({}):\n    log.append(1)\n    return False, None"
    fixed(
        reply(program.format("log, messages, sender, config"), "functools.partial(audit, [])"),
        reply(
            program.format("log, recipient, messages, sender, config"),
            "functools.partial(audit, [])",
        ),
        "CB201",
    )


AUDITOR = """
    import autogen
    class Auditor(autogen.AssistantAgent):
        def __init__(self):
            super().__init__("auditor", llm_config=False)
            self.register_reply([autogen.Agent, None], {}.on_reply)
        def on_reply(self, messages=None, sender=None, config=None):
            return False, None
"""


def test_method_of_the_agent_itself_is_taken_from_the_class() -> None:
    fix = fixed(AUDITOR.format("self"), AUDITOR.format("Auditor"), "CB201", safety=Safety.SAFE)
    assert fix.title.startswith("Register `Auditor.on_reply`")


def test_not_from_the_class_where_a_subclass_overrides_it() -> None:
    more = "\nclass Loud(Auditor):\n    def on_reply(self, messages=None):\n        return 1, 2\n"
    text = AUDITOR.format("self").replace("\n    ", "\n") + more
    assert not any("Auditor.on_reply" in title for title in offers(text, "CB201"))


NOTHING = {
    "called elsewhere": "def audit(message):\n    return False, None\naudit('hi')",
    "registered for something else": (
        "def audit(message):\n    return False, None\n"
        'bot.register_hook("process_last_received_message", audit)'
    ),
    "an extra one that is used": (
        "def audit(recipient, messages, sender, config, log):\n"
        "    log.append(1)\n    return False, None"
    ),
    "a global of that name": (
        "config = {}\ndef audit(recipient, messages, sender):\n"
        "    print(config)\n    return False, None"
    ),
    "a local of that name": (
        "def audit(recipient, msgs, sender, config):\n"
        "    messages = msgs[1:]\n    return False, messages and None"
    ),
    "all that is local": (
        "def audit(recipient, msgs, sender, config):\n"
        "    print(locals())\n    return False, msgs and None"
    ),
    "a nonlocal declaration": (
        "def audit(recipient, msgs, sender, config):\n"
        "    def inner():\n        nonlocal msgs\n        msgs = []\n    inner()\n"
        "    return False, None"
    ),
    "a decorator that keeps its signature": (
        "import functools\n"
        "def twice(f):\n    @functools.wraps(f)\n    def inner(message):\n        return f(message)\n"
        "    return inner\n"
        "@twice\ndef audit(message):\n    return False, None"
    ),
    "a comment that would be lost": (
        "def audit(\n    recipient,\n    messages,\n    sender,\n    config,\n"
        "    log,  # where to\n):\n    return False, None"
    ),
    "two meanings": (
        "def audit(x, y, z, recipient, messages):\n    print(x, y, z)\n    return False, None"
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_offered(name: str) -> None:
    assert offers(reply(NOTHING[name]), "CB201") == []


@pytest.mark.parametrize(
    "more",
    ["handlers = [audit]", "import threading\nthreading.Timer(1, audit)", "other = audit"],
)
def test_unsafe_where_it_is_used_otherwise(more: str) -> None:
    text = reply(f"def audit(messages, sender, config):\n    return False, None\n{more}")
    assert [fix.safety for fix in fixes(text, "CB201")] == [Safety.UNSAFE]


def test_safe_where_it_is_registered_twice_for_the_same() -> None:
    text = reply("def audit(messages, sender, config):\n    return False, None")
    text += "bot.register_reply(Agent, audit)\n"
    assert {fix.safety for fix in fixes(text, "CB201")} == {Safety.SAFE}


# -- hooks and other callbacks -------------------------------------------------------------


def hook(name: str, function: str) -> str:
    return f'{HEAD}{function}\nbot.register_hook("{name}", audit)\n'


HOOKS = {
    "too few": ("process_last_received_message", "", "content"),
    "too many": ("process_all_messages_before_reply", "agent, messages", "messages"),
    "in the place its name says": ("update_agent_state", "messages", "agent, messages"),
    "at the end": ("update_agent_state", "bot_", "bot_, messages"),
    "keywords missing": (
        "process_message_before_send",
        "message, recipient",
        "sender, message, recipient, silent=None",
    ),
    "none of the names": (
        "process_message_before_send",
        "msg, **rest",
        "msg, **rest",
    ),
}


@pytest.mark.parametrize("name", [name for name in HOOKS if name != "none of the names"])
def test_hooks(name: str) -> None:
    kind, before, after = HOOKS[name]
    result = "message" if kind.endswith("send") else "None"
    program = f"def audit({{}}):\n    return {result}"
    if name in ("too few", "too many"):
        program = "def audit({}):\n    print('x')"
    fix = fixed(hook(kind, program.format(before)), hook(kind, program.format(after)), "CB204")
    assert fix.safety is Safety.SAFE


def test_forgotten_self() -> None:
    program = """
        from autogen import AssistantAgent
        class Audited(AssistantAgent):
            def __init__(self, name):
                super().__init__(name, llm_config=False)
                self.register_hook("process_last_received_message", self.audit)
            def audit({}):
                return content
    """
    fixed(program.format("content"), program.format("self, content"), "CB204")


def test_a_hook_that_uses_more_than_it_gets() -> None:
    text = hook(
        "process_last_received_message",
        "def audit(sender, recipient):\n    print(sender, recipient)\n    return ''",
    )
    assert offers(text, "CB204") == []


def test_speaker_selector() -> None:
    program = """
        from autogen import AssistantAgent, GroupChat
        a = AssistantAgent("a", llm_config=False)
        def select({}):
            return a
        chat = GroupChat([a], messages=[], speaker_selection_method=select)
    """
    fixed(program.format("groupchat"), program.format("last_speaker, groupchat"), "CB205")


def test_overridden_human_input_takes_what_is_passed_besides() -> None:
    program = """
        from autogen import UserProxyAgent
        class Queued(UserProxyAgent):
            def get_human_input({}):
                return "exit"
            def again(self):
                return self.get_human_input("more?")
    """
    fixed(
        program.format("self, prompt"),
        program.format("self, prompt, iostream=None"),
        "CB205",
        safety=Safety.SAFE,
    )


def test_two_names_for_the_same() -> None:
    program = """
        from autogen import AssistantAgent
        class Report:
            def before_send(self, {0}, {1}, {2}, silent=None):
                print({0}.name, {2}.name)
                return {1}
        bot = AssistantAgent("bot", llm_config=False)
        bot.register_hook("process_message_before_send", Report().before_send)
    """
    fixed(
        program.format("agent", "content", "to"),
        program.format("sender", "message", "recipient"),
        "CB204",
        safety=Safety.UNSAFE,
    )
