"""CB204: a hook cannot take the arguments AutoGen calls it with."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import COROUTINE_HOOK_SKIPPED
from callscope.model import Model
from callscope.rules._shared import defined_here, is_certain, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity


class HookSignature(Rule):
    """A hook has a signature that AutoGen's call does not fit.

    ## What it does
    Compares each hook with the call that AutoGen makes for its name. Most hooks get one positional
    argument; `process_message_before_send` gets `sender`, `message`, `recipient` and `silent` by
    keyword, so their names count; `update_agent_state` gets the agent and the messages.

    ## Why it matters
    `register_hook` does not look at the signature. The first message raises TypeError in the middle
    of the chat; nothing skips a hook that does not fit.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(message, sender, recipient):
        print("FIRED")
        return message


    user.register_hook("process_message_before_send", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(sender, message, recipient, silent):
        print("FIRED")
        return message


    user.register_hook("process_message_before_send", audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the hook is not defined in this file, takes `*args` or `**kwargs` that absorb the rest, is
    wrapped by a decorator that is not known to keep its signature, or when the target release does
    not have that hook.

    ## Fix safety
    Safe when the missing parameters can be added without touching the body; unsafe when a
    parameter has to be renamed.
    """

    code = "CB204"
    name = "hook-signature"
    default_severity = Severity.ERROR

    speaks = (
        # a reply function's shape
        """
from autogen import ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def audit(recipient, messages, sender, config):
    return messages
bot.register_hook("process_all_messages_before_reply", audit)
""",
        # the agent is not passed
        """
import autogen
bot = autogen.ConversableAgent("bot", llm_config=False)
bot.register_hook("process_all_messages_before_reply", lambda agent, messages: messages)
""",
        # a renamed keyword, a method
        """
from autogen import AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_hook(hookable_method="process_message_before_send", hook=self.send)
    def send(self, sender, msg, recipient, silent):
        return msg
""",
        # no parameters
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def ping():
    print("ping")
bot.register_hook("process_last_received_message", ping)
""",
        # update_agent_state takes two
        """
from autogen import ConversableAgent
def update(agent):
    agent.update_system_message("x")
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[update])
""",
        # self was forgotten
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("process_last_received_message", self.audit)
    def audit(content):
        return content
""",
        # one too many, filled by nobody
        """
import functools
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(log, agent, content):
    return content
bot.register_hook("process_last_received_message", functools.partial(audit, []))
""",
    )

    silent = (
        # each as it is called
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", lambda text: text)
bot.register_hook("process_all_messages_before_reply", lambda history: history)
def send(*, sender, message, recipient, silent):
    return message
bot.register_hook("process_message_before_send", send)
bot.register_hook("update_agent_state", lambda agent, history: None)
""",
        # the rest absorbed
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def send(message, **rest):
    return message
bot.register_hook("process_message_before_send", send)
bot.register_hook("process_last_received_message", lambda *args: args[0])
""",
        # an extra parameter with a default
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(content, log=print):
    log(content)
    return content
bot.register_hook("process_last_received_message", audit)
""",
        # a partial that fills the first
        """
from functools import partial
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(log, content):
    return content
bot.register_hook("process_last_received_message", partial(audit, []))
""",
        # a name not known is another rule's
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("no_such_hook", lambda: None)
""",
        # wrapped by something not in view
        """
from autogen import AssistantAgent
from telemetry import traced
bot = AssistantAgent("bot", llm_config=False)
@traced
def audit():
    return None
bot.register_hook("process_last_received_message", audit)
""",
        # not an agent
        """
import autogen
class Tensor:
    def register_hook(self, name, hook): ...
Tensor().register_hook("process_last_received_message", lambda: None)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind != "hook" or known is None or contract is None:
                continue
            if model.release not in contract.versions or not is_certain(registration):
                continue
            skipped = contract.coroutine == "never" and model.release in COROUTINE_HOOK_SKIPPED
            if skipped and known.is_async:
                continue
            misfit = known.misfit(contract.shape)
            if misfit is None:
                continue
            culprit, problem = misfit
            evidence = (
                *defined_here(model, registration, culprit),
                *registered_here(model, registration),
            )
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{owned(registration)} {problem}: AutoGen calls it as "
                f"`{contract.shape.render(known.name)}`",
                evidence=evidence,
                about=registration,
            )
