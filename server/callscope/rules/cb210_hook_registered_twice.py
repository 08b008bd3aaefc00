"""CB210: the same hook is registered twice on one agent."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import hook_names
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Evidence, Finding, Rule, Severity


class HookRegisteredTwice(Rule):
    """The same hook is registered twice under one name on the same agent.

    ## What it does
    Finds a second `register_hook` with the same agent, the same name and the same function, on the
    same way through the program.

    ## Why it matters
    The second call raises AssertionError (`... is already registered as a hook`), and what comes
    after it is not reached.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", audit)
    assistant.register_hook("process_last_received_message", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When one of the two depends on a branch, when it is not certain that both are the same agent or
    the same function, and in a file that edits `hook_lists` itself.

    ## Fix safety
    Deleting the second call is safe.
    """

    code = "CB210"
    name = "hook-registered-twice"
    default_severity = Severity.ERROR

    speaks = (
        # a function that sets up is called twice
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def trim(messages):
    return messages[-5:]
def setup(agent):
    agent.register_hook("process_all_messages_before_reply", trim)
setup(bot)
setup(bot)
""",
        # a bound method
        """
from autogen import AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_hook("process_last_received_message", self.audit)
        self.bot.register_hook("process_last_received_message", self.audit)
    def audit(self, content):
        return content
""",
        # an agent that is in both lists
        """
import autogen
a = autogen.AssistantAgent("a", llm_config=False)
b = autogen.AssistantAgent("b", llm_config=False)
def audit(content):
    return content
for agent in [a, b]:
    agent.register_hook("process_last_received_message", audit)
b.register_hook("process_last_received_message", audit)
""",
        # in the class and after
        """
from autogen import AssistantAgent
def audit(content):
    return content
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("process_last_received_message", audit)
bot = Audited("bot")
bot.register_hook("process_last_received_message", audit)
""",
        # inside a function
        """
from autogen import ConversableAgent
def audit(content):
    return content
def build():
    bot = ConversableAgent("bot", llm_config=False)
    bot.register_hook("process_last_received_message", audit)
    bot.register_hook(hookable_method="process_last_received_message", hook=audit)
    return bot
""",
        # by an alias
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def audit(content):
    return content
check = audit
bot.register_hook("process_last_received_message", audit)
bot.register_hook("process_last_received_message", check)
""",
    )

    silent = (
        # two agents
        """
from autogen import AssistantAgent
def audit(content):
    return content
for agent in [AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)]:
    agent.register_hook("process_last_received_message", audit)
""",
        # two names
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def same(value):
    return value
bot.register_hook("process_last_received_message", same)
bot.register_hook("process_all_messages_before_reply", same)
""",
        # two functions that read alike
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", lambda content: content)
bot.register_hook("process_last_received_message", lambda content: content)
""",
        # one or the other
        """
import sys
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(content):
    return content
if len(sys.argv) > 1:
    bot.register_hook("process_last_received_message", audit)
else:
    bot.register_hook("process_last_received_message", audit)
""",
        # a new agent each time
        """
from autogen import AssistantAgent
def audit(content):
    return content
def build(name):
    bot = AssistantAgent(name, llm_config=False)
    bot.register_hook("process_last_received_message", audit)
    return bot
first, second = build("a"), build("b")
""",
        # two objects of one class
        """
from autogen import AssistantAgent
class Audit:
    def __call__(self, content):
        return content
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", Audit())
bot.register_hook("process_last_received_message", Audit())
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        if model.mentions("hook_lists"):
            return
        names = hook_names(model.release)
        certain = [
            r
            for r in model.registrations
            if r.kind == "hook"
            and r.hook_name in names
            and r.where.certain
            and r.agent is not None
            and not r.agent.instance.many
            and r.function is not None
        ]
        for index, registration in enumerate(certain):
            earlier = next((r for r in certain[:index] if _same(r, registration)), None)
            if earlier is not None and _is_one_loop(earlier, registration):
                # The turns of one loop: CB103 speaks of that.
                continue
            if earlier is None:
                continue
            assert registration.agent is not None
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{registration.callback_name}` is already registered as "
                f"{registration.hook_name!r} hook of `{registration.agent.label}`: "
                "`register_hook` raises AssertionError",
                evidence=(
                    Evidence("It is registered for the first time here", model.range(earlier.node)),
                ),
                # A line that runs twice is wrong only the second time.
                about=registration if earlier.node is not registration.node else None,
            )


def _same(earlier: Registration, later: Registration) -> bool:
    return (
        earlier.agent == later.agent
        and earlier.hook_name == later.hook_name
        and earlier.callback == later.callback
        and earlier.where.course is later.where.course
    )


def _is_one_loop(earlier: Registration, later: Registration) -> bool:
    return earlier.node is later.node and bool(earlier.where.loops)
