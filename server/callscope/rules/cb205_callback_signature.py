"""CB205: a callback other than a reply function or hook cannot take AutoGen's call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callscope.contracts.classic.callbacks import (
    HUMAN_INPUT,
    HUMAN_INPUT_IOSTREAM,
    CallShape,
)
from callscope.contracts.classic.classes import agent_class
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import NONE, Function, Mapping, UserClass, outer_base
from callscope.rules._shared import asks_nobody, defined_here, is_of, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity

_OTHER_RULES = frozenset({"reply", "hook"})


class CallbackSignature(Rule):
    """A callback has a signature that AutoGen's call does not fit.

    ## What it does
    Compares speaker selectors, message and summary functions, nested-chat functions, termination
    checks, callable triggers, `reset_config`, `filter_func`, `UpdateSystemMessage`,
    `FunctionTarget`, `AfterWork` and `OnCondition` functions, overrides of `get_human_input`, and
    the methods that AutoGen calls of objects (eligibility policies, guardrails, transforms,
    loggers, streams, model clients, conditions), with the call that it makes in the target release.

    ## Why it matters
    Each kind is called with arguments of its own: a `message` function gets three, the one in a
    nested chat's queue four. A function that does not fit raises TypeError (or ValueError at once)
    in the middle of the chat.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def first_message(context):
        print("FIRED")
        return f"Summarise {context['topic']}"


    user.initiate_chat(assistant, message=first_message, topic="the report", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def first_message(sender, recipient, context):
        print("FIRED")
        return f"Summarise {context['topic']}"


    user.initiate_chat(assistant, message=first_message, topic="the report", max_turns=1)
    ```

    ## When it stays silent
    When the function is not defined in this file, takes `*args` or `**kwargs` that absorb the
    rest, or when the target release does not have that kind of callback.

    ## Fix safety
    Safe when the missing parameters can be added without touching the body; unsafe when a
    parameter has to be renamed.
    """

    code = "CB205"
    name = "callback-signature"
    default_severity = Severity.ERROR

    speaks = (
        # a selector that knows only the last speaker
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
def select(last_speaker):
    return b if last_speaker is a else a
chat = GroupChat([a, b], messages=[], speaker_selection_method=select)
""",
        # a nested chat's message function takes four
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
patient = ConversableAgent("patient", llm_config=False)
def question(recipient, messages, sender):
    return messages[-1]["content"]
doctor.register_nested_chats([{"recipient": expert, "message": question}], trigger=patient)
""",
        # a summary method
        """
from autogen import ConversableAgent
a = ConversableAgent("a", llm_config=False)
b = ConversableAgent("b", llm_config=False)
a.initiate_chat(b, message="hi", summary_method=lambda agent, messages: "short", max_turns=1)
""",
        # a queue of chats
        """
import autogen
a = autogen.ConversableAgent("a", llm_config=False)
b = autogen.ConversableAgent("b", llm_config=False)
def opening():
    return "hi"
a.initiate_chats([{"recipient": b, "message": opening, "max_turns": 1}])
""",
        # a termination check of two
        """
from autogen import AssistantAgent
def is_done(agent, message):
    return True
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=is_done)
""",
        # a trigger inside a list
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([lambda sender, message: True], answer)
""",
        # get_human_input in AG2 0.10.5 and later
        """
from autogen import UserProxyAgent
class Queued(UserProxyAgent):
    def get_human_input(self, prompt):
        return "exit"
user = Queued("user", code_execution_config=False)
""",
        # FunctionTarget takes two and the extra arguments
        """
from autogen.agentchat.group import FunctionTarget
def route(output):
    return None
target = FunctionTarget(route)
""",
        # a policy is asked with the context
        """
from autogen import AssistantAgent, GroupChat
a, b = AssistantAgent("a", llm_config=False), AssistantAgent("b", llm_config=False)
class Rested:
    def is_eligible(self, agent):
        return agent.name != "b"
chat = GroupChat([a, b], messages=[], eligibility_policies=[Rested()])
""",
        # a logger gets the particulars by keyword
        """
from autogen import runtime_logging
from autogen.logger.base_logger import BaseLogger
class Log(BaseLogger):
    def log_event(self, source, name):
        print(name)
runtime_logging.start(logger=Log())
""",
        # a guardrail's text is passed as `context`
        """
from autogen import AssistantAgent
from autogen.agentchat.group.guardrails import Guardrail
class Secrets(Guardrail):
    def check(self, text):
        return None
bot = AssistantAgent("bot", llm_config=False)
bot.register_input_guardrail(Secrets("secrets", "pass", None))
""",
    )

    silent = (
        # objects whose methods fit
        """
from autogen import AssistantAgent, GroupChat, runtime_logging
from autogen.io import IOStream
from autogen.logger.base_logger import BaseLogger
class Rested:
    def is_eligible(self, agent, context, limit=3):
        return True
class Log(BaseLogger):
    def log_event(self, source, name, **details):
        print(name)
class Screen:
    def print(self, *objects, **kwargs): ...
    def send(self, event): ...
    def input(self, prompt="", *, password=False):
        return ""
bot = AssistantAgent("bot", llm_config=False)
chat = GroupChat([bot], messages=[], eligibility_policies=[Rested()])
runtime_logging.start(Log())
with IOStream.set_default(Screen()):
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # an object that is handed to something else
        """
import autogen
from office import start
class Log:
    def log_event(self, source):
        print(source)
    def is_eligible(self):
        return True
start(logger=Log(), eligibility_policies=[Log()])
""",
        # each as it is called
        """
from autogen import ConversableAgent, GroupChat
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
class Desk:
    def select(self, last_speaker, groupchat):
        return b
chat = GroupChat([a, b], messages=[], speaker_selection_method=Desk().select)
a.initiate_chat(b, message=lambda sender, recipient, context: "hi",
                summary_method=lambda sender, recipient, args: "short", max_turns=1)
""",
        # a termination check's parameter may have any name
        """
from autogen import AssistantAgent
done = lambda m, word="DONE": word in str(m)
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=done)
""",
        # a nested chat, each function with its own arguments
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
def question(recipient, messages, sender, config):
    return "hi"
def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
doctor.register_nested_chats([{"recipient": expert, "message": question}], trigger=expert,
                             reply_func_from_nested_chats=run)
""",
        # extra arguments of a FunctionTarget
        """
from autogen.agentchat.group import FunctionTarget, FunctionTargetResult, TerminateTarget
def route(output, context, limit):
    return FunctionTargetResult(target=TerminateTarget())
target = FunctionTarget(route, extra_args={"limit": 3})
""",
        # no agent of the class ever asks
        """
from autogen import AssistantAgent, UserProxyAgent
class Quiet(UserProxyAgent):
    def get_human_input(self, prompt):
        return "yes"
quiet = Quiet("quiet", human_input_mode="NEVER", code_execution_config=False)
quiet.initiate_chat(AssistantAgent("bot", llm_config=False), message="hi", max_turns=2)
""",
        # an override that passes the rest on
        """
from autogen import UserProxyAgent
class Queued(UserProxyAgent):
    def get_human_input(self, prompt, **kwargs):
        return "exit"
user = Queued("user", code_execution_config=False)
""",
        # a GroupChat of another library
        """
from chat import GroupChat
import autogen
chat = GroupChat([], messages=[], speaker_selection_method=lambda: None)
""",
        # text, not a function
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
a.initiate_chat(b, message="hi", summary_method="last_msg", max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind in _OTHER_RULES or known is None or contract is None:
                continue
            shape = _shape(registration)
            if shape is None or model.release not in contract.versions:
                continue
            culprit, problem = known.misfit(shape) or (known, _too_many(registration, known))
            if problem is None:
                continue
            evidence = (
                *defined_here(model, registration, culprit),
                *registered_here(model, registration),
            )
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{owned(registration)} {problem}: AutoGen calls it as "
                f"`{shape.render(known.name)}`",
                evidence=evidence,
                about=registration,
            )
        for owner in model.interpreter.classes:
            yield from self._override(model, owner)

    def _override(self, model: Model, owner: UserClass) -> Iterator[Finding]:
        """A ``get_human_input`` of an agent class that AutoGen's call does not fit."""
        method = owner.names.get("get_human_input")
        if not isinstance(method, Function) or agent_class(outer_base(owner)) is None:
            return
        if asks_nobody(model, [agent for agent in model.agents if is_of(agent, owner)]):
            return
        row = HUMAN_INPUT if model.release in HUMAN_INPUT.versions else HUMAN_INPUT_IOSTREAM
        bound = method.kind != "static"
        problem = Callable(method, bound).mismatch(row.shape)
        if problem is not None:
            yield self.finding(
                model,
                model.range(method.node),
                f"`{owner.name}.get_human_input` {problem}: {model.target.title} calls it as "
                f"`{row.shape.render('get_human_input')}`",
                about=method,
            )


def _shape(registration: Registration) -> CallShape | None:
    """The call that AutoGen makes; None where that depends on something not known."""
    contract = registration.contract
    assert contract is not None
    if registration.kind != "function-target":
        return contract.shape
    extra = registration.call.arguments.get(None, "extra_args")
    if extra is None or extra == NONE:
        return contract.shape
    if not isinstance(extra, Mapping) or not extra.exact:
        return None
    return replace(contract.shape, keywords=tuple(str(key) for key in extra.items))


def _too_many(registration: Registration, known: Callable) -> str | None:
    """``UpdateSystemMessage`` counts the parameters, those with a default included."""
    if known.function.wraps is not None:
        # It counts those of the function that is wrapped.
        return None
    count = len(known.parameters)
    if registration.kind == "update-system-message" and count != 2:
        return f"has {count} parameters, and UpdateSystemMessage raises ValueError unless it has 2"
    return None
