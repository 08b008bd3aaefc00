"""CB214: a registering method is called on the class instead of an agent."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.classes import agent_class
from callscope.contracts.classic.methods import METHODS
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.callables import as_callable
from callscope.model.events import Call
from callscope.model.values import Constant, External, Sequence, UserClass
from callscope.rules.base import Finding, Rule, Severity


class RegisteredOnClass(Rule):
    """A callback is registered on an agent class instead of an agent.

    ## What it does
    Finds `AssistantAgent.register_reply(...)` and its like, called on the class without an agent
    as the first argument.

    ## Why it matters
    Registrations belong to one agent. On the class the first argument is taken for `self`: Python
    raises TypeError, and nothing is registered for anybody.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    AssistantAgent.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When an agent, or something not known, is passed as the first argument.

    ## Fix safety
    Putting the only agent of the class in its place is unsafe: others may be meant. With several
    agents of the class, or none, nothing is offered.
    """

    code = "CB214"
    name = "registered-on-class"
    default_severity = Severity.ERROR

    speaks = (
        # a hook
        """
from autogen import ConversableAgent
ConversableAgent.register_hook("process_last_received_message", lambda content: content)
""",
        # a class of this file
        """
from autogen import Agent, AssistantAgent
class Bot(AssistantAgent):
    pass
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
Bot.register_reply(trigger=[Agent, None], reply_func=answer)
""",
        # as a decorator
        """
import autogen
@autogen.UserProxyAgent.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
""",
        # nested chats
        """
from autogen import ConversableAgent
expert = ConversableAgent("expert", llm_config=False)
ConversableAgent.register_nested_chats([{"recipient": expert}], trigger=expert)
""",
        # in a loop over classes
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
for agent in (AssistantAgent, UserProxyAgent):
    agent.register_reply([Agent, None], answer)
""",
        # in a function
        """
from autogen import Agent, AssistantAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
def setup():
    AssistantAgent.register_reply(Agent, answer)
setup()
""",
    )

    silent = (
        # with the agent as self
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
ConversableAgent.register_reply(bot, [Agent, None], answer)
""",
        # with self
        """
from autogen import Agent, ConversableAgent
class Bot(ConversableAgent):
    def register_reply(self, trigger, reply_func, **rest):
        ConversableAgent.register_reply(self, trigger, reply_func, **rest)
""",
        # with something not known
        """
from autogen import Agent, ConversableAgent
def attach(agent, answer):
    ConversableAgent.register_reply(agent, [Agent, None], answer)
""",
        # a class method of its own
        """
from autogen import ConversableAgent
class Bot(ConversableAgent):
    @classmethod
    def register_hook(cls, name, hook):
        cls.hooks = {name: hook}
Bot.register_hook("process_last_received_message", print)
""",
        # not an agent class
        """
import autogen
from bus import Bus
Bus.register_reply("topic", print)
""",
        # on an agent
        """
from autogen import Agent, AssistantAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
AssistantAgent("bot", llm_config=False).register_reply([Agent, None], answer)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            owner, _, method = (call.path or "").rpartition(".")
            if not method.startswith("register_") or method not in METHODS:
                continue
            row = agent_class(owner)
            if row is None or not isinstance(call.callee, External) or not _lacks_agent(call):
                continue
            yield self.finding(
                model,
                model.range(call.node),
                f"`{method}` is called on the class {row.name}, not on an agent: TypeError, and "
                "nothing is registered",
            )


def _lacks_agent(call: Call) -> bool:
    """Whether what is passed as ``self`` is certainly no agent."""
    arguments = call.arguments
    first = arguments.get(0, "self")
    if first is None:
        return True
    if as_agent(first) is not None:
        return False
    return (
        isinstance(first, Constant | Sequence | UserClass | External)
        or as_callable(first) is not None
    )
