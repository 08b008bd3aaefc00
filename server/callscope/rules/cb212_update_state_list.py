"""CB212: ``update_agent_state_before_reply`` is given a function, not a list of them."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import UPDATE_STATE_ARGUMENT
from callscope.model import Model
from callscope.model.callables import as_callable
from callscope.model.values import Sequence, Value
from callscope.rules.base import Finding, Rule, Severity

_NAME = "update_agent_state_before_reply"


class UpdateStateList(Rule):
    """`update_agent_state_before_reply` wants a list, even for one function.

    ## What it does
    Checks what is passed as `update_agent_state_before_reply` to AG2's agents.

    ## Why it matters
    The annotation allows a single function, but the constructor raises
    `ValueError: functions must be a list of callables`. A tuple is refused as well.

    ## Example
    ```python
    from autogen import ConversableAgent


    def update(agent, messages):
        print("FIRED")


    assistant = ConversableAgent(
        "assistant",
        llm_config=False,
        human_input_mode="NEVER",
        update_agent_state_before_reply=update,
    )
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## Fixed
    ```python
    from autogen import ConversableAgent


    def update(agent, messages):
        print("FIRED")


    assistant = ConversableAgent(
        "assistant",
        llm_config=False,
        human_input_mode="NEVER",
        update_agent_state_before_reply=[update],
    )
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## When it stays silent
    When the value is not known, and for a single `UpdateSystemMessage`, which is accepted.

    ## Fix safety
    Putting the function into a list is safe.
    """

    code = "CB212"
    name = "update-state-list"
    default_severity = Severity.ERROR

    speaks = (
        # a lambda
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False,
                             update_agent_state_before_reply=lambda agent, messages: None)
""",
        # a method
        """
from autogen import ConversableAgent
class Service:
    def __init__(self):
        self.bot = ConversableAgent("bot", llm_config=False,
                                    update_agent_state_before_reply=self.update)
    def update(self, agent, messages):
        pass
""",
        # a tuple
        """
from autogen import ConversableAgent
def update(agent, messages):
    pass
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=(update,))
""",
        # a subclass that passes it on
        """
from autogen import ConversableAgent
def update(agent, messages):
    pass
class Bot(ConversableAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False, update_agent_state_before_reply=update)
bot = Bot("bot")
""",
        # a factory's parameter
        """
from autogen import ConversableAgent
def build(name, on_state):
    return ConversableAgent(name, llm_config=False, update_agent_state_before_reply=on_state)
def update(agent, messages):
    pass
bot = build("bot", update)
""",
        # a partial
        """
from functools import partial
from autogen import ConversableAgent
def update(log, agent, messages):
    pass
bot = ConversableAgent("bot", llm_config=False,
                       update_agent_state_before_reply=partial(update, []))
""",
    )

    silent = (
        # a list
        """
from autogen import ConversableAgent
def update(agent, messages):
    pass
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[update])
""",
        # a single UpdateSystemMessage
        """
from autogen import ConversableAgent, UpdateSystemMessage
bot = ConversableAgent("bot", llm_config=False,
                       update_agent_state_before_reply=UpdateSystemMessage("{role}"))
""",
        # None
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=None)
""",
        # not known
        """
from autogen import ConversableAgent
from state import updates
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=updates)
""",
        # a parameter of a function nobody calls here
        """
from autogen import ConversableAgent
def build(name, update):
    return ConversableAgent(name, llm_config=False, update_agent_state_before_reply=update)
""",
        # a class of its own
        """
from agents import ConversableAgent
import autogen
bot = ConversableAgent("bot", update_agent_state_before_reply=lambda agent, messages: None)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        if model.release not in UPDATE_STATE_ARGUMENT:
            return
        for agent in model.agents:
            init = agent.instance.init
            value = init.get(None, _NAME) if init is not None else None
            if init is None or value is None or not _is_refused(value):
                continue
            node = init.node(None, _NAME) or agent.node
            if node is not None:
                yield self.finding(
                    model,
                    model.range(node),
                    f"`{_NAME}` of `{agent.label}` has to be a list: ValueError",
                )


def _is_refused(value: Value) -> bool:
    if isinstance(value, Sequence):
        return value.kind == "tuple"
    return as_callable(value) is not None
