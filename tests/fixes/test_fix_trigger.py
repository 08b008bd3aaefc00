from __future__ import annotations

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import fixed, offers

REPLY = """
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
"""


def chat(trigger: str, imports: str = "AssistantAgent, UserProxyAgent", more: str = "") -> str:
    """A program in which ``user``, a UserProxyAgent, talks to ``bot``."""
    return (
        f"from autogen import {imports}\n"
        'bot = AssistantAgent("bot", llm_config=False)\n'
        'user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)\n'
        f"{REPLY}{more}"
        f"bot.register_reply({trigger}, audit)  # watch\n"
        'user.initiate_chat(bot, message="hi", max_turns=1)\n'
    )


def test_every_sender_with_an_import() -> None:
    fixed(
        chat("[AssistantAgent]"),
        chat("[Agent, None]", "Agent, AssistantAgent, UserProxyAgent"),
        "CB401",
        title="every sender",
        safety=Safety.UNSAFE,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UserProxyAgent, AssistantAgent", "UserProxyAgent, AssistantAgent, Agent"),
        ("AssistantAgent, UserProxyAgent as P", "Agent, AssistantAgent, UserProxyAgent as P"),
        (
            "(\n    AssistantAgent,  # answers\n    UserProxyAgent,\n)",
            "(\n    Agent,\n    AssistantAgent,  # answers\n    UserProxyAgent,\n)",
        ),
        ("Agent as A, AssistantAgent, UserProxyAgent", None),
    ],
)
def test_import_in_the_order_of_the_others(before: str, after: str | None) -> None:
    name = "Agent" if after else "A"
    more = "P = UserProxyAgent\n" if "as P" not in before else "UserProxyAgent = P\n"
    made = chat("[AssistantAgent]", before).replace("bot =", f"{more}bot =")
    wanted = chat(f"[{name}, None]", after or before).replace("bot =", f"{more}bot =")
    fixed(made, wanted, "CB401", title="every sender")


@pytest.mark.parametrize(
    "module", ["import autogen", "import autogen as ag", "from autogen import agentchat"]
)
def test_module_named_as_the_file_does(module: str) -> None:
    name = module.split()[-1]
    text = (
        f"{module}\n"
        f'bot = {name}.AssistantAgent("bot", llm_config=False)\n'
        f'peer = {name}.ConversableAgent("peer", llm_config=False)\n{REPLY}'
        "bot.register_reply({}, audit)\npeer.initiate_chat(bot, message='hi', max_turns=1)\n"
    )
    fixed(
        text.replace("{}", f"{name}.AssistantAgent"),
        text.replace("{}", f"[{name}.Agent, None]"),
        "CB401",
        title="every sender",
    )
    fixed(
        text.replace("{}", f"{name}.AssistantAgent"),
        text.replace("{}", f"[{name}.ConversableAgent]"),
        "CB401",
        title="the sender it gets",
    )


def test_import_inside_the_function() -> None:
    text = """
        def run():
            from autogen import {}AssistantAgent, UserProxyAgent
            bot = AssistantAgent("bot", llm_config=False)
            user = UserProxyAgent("user", code_execution_config=False)
            def audit(recipient, messages=None, sender=None, config=None):
                return False, None
            bot.register_reply({}, audit)
            user.initiate_chat(bot, message="hi", max_turns=1)
        run()
    """
    fixed(
        text.format("", "AssistantAgent"),
        text.format("Agent, ", "[Agent, None]"),
        "CB401",
        title="every sender",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [('"User"', '"user"'), ("'usr'", "'user'"), ('["bob", "User"]', '["bob", "user"]')],
)
def test_right_name(before: str, after: str) -> None:
    fixed(chat(before), chat(after), "CB401", title="as it is called", safety=Safety.UNSAFE)


def test_no_name_far_from_it() -> None:
    assert not [title for title in offers(chat('"manager"'), "CB401") if "called" in title]


def test_manager_in_a_group() -> None:
    text = """
        from autogen import AssistantAgent, GroupChat{}
        from autogen.agentchat import GroupChatManager as Chair
        amy = AssistantAgent("amy", llm_config=False)
        bob = AssistantAgent("bob", llm_config=False)
        chair = Chair(GroupChat([amy, bob], messages=[], max_round=3), llm_config=False)
        def audit(recipient, messages=None, sender=None, config=None):
            return False, None
        bob.register_reply({}, audit)
        amy.initiate_chat(chair, message="hi")
    """
    fixed(text.format("", "[amy]"), text.format("", "[Chair]"), "CB401", title="Match the manager")
    fixed(
        text.format("", "[amy]"),
        text.format("", 'lambda sender: getattr(sender, "last_speaker", None) is amy'),
        "CB401",
        title="what `amy` said",
        safety=Safety.SAFE,
    )
    # A class says nothing of who spoke.
    assert not [
        title
        for title in offers(text.format("", "[AssistantAgent]"), "CB401")
        if "passed on" in title
    ]


NESTED = """
from autogen import AssistantAgent, ConversableAgent, UserProxyAgent
writer = AssistantAgent("writer", llm_config=False)
critic = ConversableAgent("critic", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
writer.register_nested_chats(
    [{{"recipient": critic, "message": "review", "max_turns": 1}}],
    trigger={},  # whose messages
)
user.initiate_chat(writer, message="write", max_turns=2)
"""


def test_nested_chats_start_for_the_sender() -> None:
    fix = fixed(NESTED.format("writer"), NESTED.format("user"), "CB401", safety=Safety.UNSAFE)
    assert fix.title == "Start the nested chats for the sender: `trigger=user`"


def test_nested_chats_of_agents_on_self() -> None:
    text = """
        from autogen import ConversableAgent
        class Desk:
            def __init__(self):
                self.clerk = ConversableAgent("clerk", human_input_mode="NEVER")
                self.user = ConversableAgent("user", human_input_mode="NEVER")
                self.help = ConversableAgent("help", human_input_mode="NEVER")
                queue = [{{"recipient": self.help, "message": "q", "max_turns": 1}}]
                self.clerk.register_nested_chats(queue, trigger={})
            def ask(self):
                self.user.initiate_chat(self.clerk, message="hi", max_turns=2)
        Desk().ask()
    """
    fixed(text.format("self.clerk"), text.format("self.user"), "CB401")


NOTHING = {
    "by keyword from a dict": (
        'options = {"trigger": AssistantAgent, "reply_func": audit}\nbot.register_reply(**options)'
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_offered(name: str) -> None:
    text = chat("X").replace("bot.register_reply(X, audit)  # watch", NOTHING[name])
    assert offers(text, "CB401") == []


def test_a_name_that_is_taken() -> None:
    titles = offers(chat("[AssistantAgent]", more="class Agent: ...\n"), "CB401")
    assert titles == ["Match the sender it gets: `[UserProxyAgent]`"]


def test_the_class_of_a_sender_of_this_file_is_not_guessed() -> None:
    text = chat("[AssistantAgent]", more="class Me(UserProxyAgent): ...\n")
    text = text.replace("user = UserProxyAgent", "user = Me").replace(
        "bot = ", "class Me(UserProxyAgent): ...\nbot = ", 1
    )
    assert offers(text, "CB401") == ["Let the trigger match every sender: `[Agent, None]`"]


# -- CB402: no sender ----------------------------------------------------------------------


def asked(trigger: str) -> str:
    return (
        'from autogen import Agent, AssistantAgent\nbot = AssistantAgent("bot", llm_config=False)\n'
        f"{REPLY}bot.register_reply({trigger}, audit)\n"
        'bot.generate_reply(messages=[{"role": "user", "content": "hi"}])\n'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Agent", "[Agent, None]"),
        ("[Agent]", "[Agent, None]"),
        ("[Agent, bot]", "[Agent, bot, None]"),
        ("[\n    Agent,  # all\n]", "[\n    Agent, None,  # all\n]"),
        ("[Agent,]", "[Agent, None,]"),
        ("[]", "[None]"),
        ("trigger=bot", "trigger=[bot, None]"),
        ('"user"', '[None, "user"]'),
        ('["user", None]', '[None, "user"]'),
        ('["user", Agent]', '[None, "user", Agent]'),
        ("lambda s: s.name == 'x'", "[None, lambda s: s.name == 'x']"),
    ],
)
def test_none_is_added(before: str, after: str) -> None:
    if before.startswith("trigger"):
        made, wanted = (asked(t).replace(", audit", ", reply_func=audit") for t in (before, after))
    else:
        made, wanted = asked(before), asked(after)
    if before == "[]":
        # An empty list is another rule's.
        return
    fixed(made, wanted, "CB402", safety=Safety.SAFE, title="no sender too")


def test_a_list_made_elsewhere_is_left_alone() -> None:
    text = asked("SENDERS").replace("bot =", "SENDERS = [Agent]\nbot =")
    assert offers(text, "CB402") == []


# -- CB208: refused triggers ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("None", "[None]"),
        ("(Agent, None)", "[Agent, None]"),
        ("(Agent,)", "[Agent]"),
        ("(\n    Agent,  # all\n    None,\n)", "[\n    Agent,  # all\n    None,\n]"),
        ("{Agent, None}", "[Agent, None]"),
        ("SENDERS", "list(SENDERS)"),
    ],
)
def test_list_instead(before: str, after: str) -> None:
    made, wanted = (
        asked(trigger)
        .replace("bot =", "SENDERS = (Agent, None)\nbot =")
        .partition("bot.generate")[0]
        for trigger in (before, after)
    )
    fixed(made, wanted, "CB208", safety=Safety.SAFE)


@pytest.mark.parametrize("trigger", ["True", "[1]", "7"])
def test_no_trigger_at_all(trigger: str) -> None:
    assert offers(asked(trigger), "CB208") == []
