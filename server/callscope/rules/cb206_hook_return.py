"""CB206: a hook returns nothing where AutoGen takes what it returns."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS, Hook
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.results import Result, results
from callscope.rules._shared import defined_here, is_certain, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity


class HookReturn(Rule):
    """A hook returns nothing, or something that cannot take the value's place.

    ## What it does
    Looks at every `return` of a hook, and at its end. What a hook returns takes the place of what
    it was given: the content, the list of messages, the message to send, the tool call.

    ## Why it matters
    A hook that only looks must still return its argument. None from `process_message_before_send`
    raises TypeError, from a safeguard ValueError; from `process_last_received_message` it erases
    the content, in the stored history too; from `process_all_messages_before_reply` it makes the
    reply functions fall back to the unprocessed messages, so a redaction is lost.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def log_message(sender, message, recipient, silent):
        print(message)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    user.register_hook("process_message_before_send", log_message)
    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def log_message(sender, message, recipient, silent):
        print(message)
        return message


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    user.register_hook("process_message_before_send", log_message)
    assistant.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the returned value is not known, for `update_agent_state`, whose result is not used, and
    for a `safeguard_llm_inputs` that returns None only in some cases, which is how it blocks.

    ## Fix safety
    Returning the argument as it came is safe: it is what the program does without the hook.
    """

    code = "CB206"
    name = "hook-return"
    default_severity = Severity.ERROR

    speaks = (
        # a log that forgets the content
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def log(content):
    print(content)
bot.register_hook("process_last_received_message", log)
""",
        # changed in place and not returned
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False)
class Redact:
    def __call__(self, messages):
        for message in messages:
            message["content"] = "***"
bot.register_hook("process_all_messages_before_reply", Redact())
""",
        # one way without a return
        """
from autogen import AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_hook("process_message_before_send", self.shorten)
    def shorten(self, sender, message, recipient, silent):
        if len(message) > 100:
            return message[:100]
""",
        # append gives None
        """
from autogen import AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", lambda content: log.append(content))
""",
        # a safeguard
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def check(tool_input):
    if "rm" in str(tool_input):
        raise PermissionError("no")
bot.register_hook("safeguard_tool_inputs", check)
""",
        # a verdict instead of the message
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def allowed(sender, message, recipient, silent):
    return "secret" not in message
bot.register_hook("process_message_before_send", allowed)
""",
        # every call of the model is blocked
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
def log(messages):
    print(len(messages))
bot.register_hook("safeguard_llm_inputs", log)
""",
    )

    silent = (
        # what came is returned
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def log(content):
    print(content)
    return content
bot.register_hook("process_last_received_message", log)
""",
        # nothing is wanted
        """
from autogen import ConversableAgent
def update(agent, messages):
    agent.update_system_message(str(len(messages)))
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[update])
bot.register_hook("update_agent_state", lambda agent, messages: None)
""",
        # blocks some
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
def block(messages):
    if "secret" in str(messages):
        return None
    return messages
bot.register_hook("safeguard_llm_inputs", block)
""",
        # refuses by raising
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def refuse(tool_input):
    raise PermissionError("no tools here")
bot.register_hook("safeguard_tool_inputs", refuse)
""",
        # known elsewhere
        """
from autogen import AssistantAgent
from privacy import redact
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_all_messages_before_reply", lambda messages: redact(messages))
""",
        # not an agent
        """
import autogen
class Tensor:
    def register_hook(self, name, hook): ...
Tensor().register_hook("process_last_received_message", lambda grad: None)
""",
        # to be overridden
        """
from autogen import AssistantAgent
class Base(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("process_last_received_message", self.clean)
    def clean(self, content):
        pass
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind != "hook" or known is None or contract is None:
                continue
            if model.release not in contract.versions or not is_certain(registration):
                continue
            if known.is_async and contract.coroutine == "never":
                # Never awaited, so what its body returns is not even looked at.
                continue
            hook = HOOKS[contract.kind]
            given = results(model, known)
            for result in given:
                problem = _problem(hook, result, given)
                if problem is not None:
                    yield self._found(model, registration, result, problem)

    def _found(
        self, model: Model, registration: Registration, result: Result, problem: str
    ) -> Finding:
        assert registration.contract is not None
        falls_back = registration.contract.kind.endswith("process_all_messages_before_reply")
        evidence = (*defined_here(model, registration), *registered_here(model, registration))
        return self.finding(
            model,
            model.range(result.node),
            f"{owned(registration)} {problem}",
            severity=Severity.WARNING if falls_back and result.kind == "None" else None,
            evidence=evidence,
            about=registration,
        )


def _problem(hook: Hook, result: Result, given: list[Result]) -> str | None:
    """What is wrong with ``result``, one of those ``given``; None if nothing is known to be."""
    row = hook.callback
    if result.kind == "None":
        where = "ends without returning anything" if result.at_end else "returns None"
        if row.kind == "safeguard_llm_inputs" and all(other.kind == "None" for other in given):
            return f"{where}: AutoGen takes that for a refusal and never asks the model"
        return f"{where}: {row.on_none}" if hook.must_return else None
    replaced = _MESSAGE_HOOKS.get(row.kind.removeprefix("a_"))
    if result.kind in ("bool", "int", "float") and replaced is not None:
        return f"returns {_article(result.kind)}, which takes the place of {replaced}"
    return None


_MESSAGE_HOOKS = {
    "process_last_received_message": "the content of the message",
    "process_all_messages_before_reply": "the messages",
    "process_message_before_send": "the message to send: TypeError",
}


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
