"""CB414: a ``reset_config`` that no chat calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.involvement import calls_with
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ResetConfigNeverCalled(Rule):
    """A `reset_config` function is passed, but nothing resets the agent.

    ## What it does
    Looks for `register_reply(..., reset_config=...)` on agents all of whose chats are in view, in a
    file that never calls a `reset()`.

    ## Why it matters
    `reset_config` is called by `agent.reset()` only. A new `initiate_chat` clears the messages, but
    not the reply functions' config: counters and caches go on from the last chat.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        return False, None


    def start_over(config):
        print("FIRED")


    assistant.register_reply([Agent, None], on_reply, config={}, reset_config=start_over)
    for question in ("one", "two"):
        user.initiate_chat(assistant, message=question, max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        return False, None


    def start_over(config):
        print("FIRED")


    assistant.register_reply([Agent, None], on_reply, config={}, reset_config=start_over)
    for question in ("one", "two"):
        assistant.reset()
        user.initiate_chat(assistant, message=question, max_turns=1)
    ```

    ## When it stays silent
    When anything in the file is reset, or the agent is handed to code that is not in view.

    ## Fix safety
    Unsafe: `agent.reset()` also clears its messages and counters. Nothing is offered where a chat
    goes on with the messages of the last one.
    """

    code = "CB414"
    name = "reset-config-never-called"
    default_severity = Severity.ERROR

    speaks = tuple(
        f"""
{imports}
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
def start_over(config):
    config.clear()
{program}
"""
        for imports, program in (
            (
                "from autogen import Agent, AssistantAgent, UserProxyAgent",
                """
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], answer, 0, {}, start_over)
user.initiate_chat(bot, message="hi", clear_history=True, max_turns=1)
""",
            ),
            (
                "import autogen",
                """
class Service:
    def __init__(self):
        self.bot = autogen.AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([autogen.Agent, None], answer, config={}, reset_config=start_over)
    def ask(self, text):
        return self.bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
            ),
            (
                "from autogen import Agent, ConversableAgent",
                """
def main():
    bot = ConversableAgent("bot", human_input_mode="NEVER")
    peer = ConversableAgent("peer", human_input_mode="NEVER")
    bot.register_reply([Agent, None], answer, config={}, reset_config=lambda config: None)
    peer.initiate_chat(bot, message="hi", max_turns=2)
main()
""",
            ),
            (
                "import asyncio\nfrom autogen import Agent, ConversableAgent",
                """
bot = ConversableAgent("bot", human_input_mode="NEVER")
peer = ConversableAgent("peer", human_input_mode="NEVER")
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
asyncio.run(peer.a_initiate_chat(bot, message="hi", max_turns=2))
""",
            ),
            (
                "from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager",
                """
alice = AssistantAgent("alice", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
alice.register_reply([Agent, None], answer, config={}, reset_config=start_over)
manager = GroupChatManager(GroupChat([alice, bob], messages=[], max_round=3), llm_config=False)
bob.initiate_chat(manager, message="hi")
""",
            ),
            (
                "from autogen import Agent, ConversableAgent",
                """
class Counter:
    def start_over(self, config):
        config["n"] = 0
bot = ConversableAgent("bot", human_input_mode="NEVER")
peer = ConversableAgent("peer", human_input_mode="NEVER")
bot.register_reply([Agent, None], answer, config={"n": 0}, reset_config=Counter().start_over)
peer.initiate_chats([{"recipient": bot, "message": "hi", "max_turns": 1}])
""",
            ),
        )
    )

    silent = tuple(
        f"""
from autogen import Agent, AssistantAgent, UserProxyAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
def start_over(config):
    config.clear()
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
{program}
"""
        for program in (
            # reset by hand
            """
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
user.initiate_chat(bot, message="hi", max_turns=1)
bot.reset()
""",
            # everything is reset in a loop
            """
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
for agent in (bot, user):
    agent.reset()
user.initiate_chat(bot, message="hi", max_turns=1)
""",
            # no chat in view
            """
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
""",
            # handed on
            """
import sessions
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
user.initiate_chat(bot, message="hi", max_turns=1)
sessions.keep(bot)
""",
            # none is given
            """
bot.register_reply([Agent, None], answer, config={}, reset_config=None)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
            # an unknown reset
            """
import tools
bot.register_reply([Agent, None], answer, config={}, reset_config=start_over)
user.initiate_chat(bot, message="hi", max_turns=1)
for item in tools.everything():
    item.reset()
""",
        )
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a function that waits for a reset."""
        if _resets_something(model):
            return
        for registration in model.registrations:
            agent = registration.agent
            if registration.kind != "reset-config" or agent is None or not model.is_closed(agent):
                continue
            calls = calls_with(model, agent)
            if not calls:
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{registration.callback_name}` is never called: only `{agent.label}.reset()` "
                "calls it, a new chat does not",
                evidence=tuple(
                    Evidence("This chat does not reset the agent", model.range(call.node))
                    for call in calls
                ),
                about=registration,
            )


def _resets_something(model: Model) -> bool:
    """Whether the file calls, or hands on, anything's ``reset`` besides the function waiting."""
    if not model.mentions("reset"):
        return False
    waiting = {id(r.callback_node) for r in model.registrations if r.kind == "reset-config"}
    return any(
        node.attr == "reset" and id(node) not in waiting for node in model.everything(ast.Attribute)
    )
