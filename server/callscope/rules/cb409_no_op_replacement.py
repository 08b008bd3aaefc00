"""CB409: ``replace_reply_func`` or ``exclude`` names a function that is not in the list."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import BUILTIN_REPLIES, MANAGER_REPLIES
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import BoundMethod, Member, Sequence, Value
from callscope.rules.base import Finding, Rule, Severity


class NoOpReplacement(Rule):
    """A reply function is to be replaced or left out, but is named in a way that never matches.

    ## What it does
    Looks at `replace_reply_func(agent.generate_oai_reply, ...)` and at
    `generate_reply(exclude=[agent.generate_oai_reply])`: the method is taken from an object.

    ## Why it matters
    AutoGen compares with the functions in its list, such as `ConversableAgent.generate_oai_reply`.
    A method taken from an agent is a bound method, which never equals the function. Nothing is
    replaced or left out, and nothing is raised.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def answer(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "an answer"


    assistant.replace_reply_func(assistant.generate_oai_reply, answer)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, ConversableAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def answer(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "an answer"


    assistant.replace_reply_func(ConversableAgent.generate_oai_reply, answer)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When that very bound method was registered before, and when what is named is not known.

    ## Fix safety
    Unsafe: the replacement that never ran starts to run.
    """

    code = "CB409"
    name = "no-op-replacement"
    default_severity = Severity.ERROR

    speaks = (
        # on self
        """
from autogen import ConversableAgent
class Offline(ConversableAgent):
    def __init__(self):
        super().__init__("offline", human_input_mode="NEVER")
        self.replace_reply_func(self.generate_oai_reply, Offline.answer)
    def answer(self, messages=None, sender=None, config=None):
        return True, "ok"
""",
        # by keyword
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return True, "ok"
bot.replace_reply_func(old_reply_func=bot.check_termination_and_human_reply, new_reply_func=answer)
""",
        # left out of one reply
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}], sender=user,
                   exclude=[bot.generate_oai_reply])
""",
        # the method of another agent
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
other = AssistantAgent("other", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return True, "ok"
bot.replace_reply_func(other.generate_tool_calls_reply, answer)
""",
        # overridden, and taken from self
        """
from autogen import ConversableAgent
class Offline(ConversableAgent):
    def __init__(self):
        super().__init__("offline", human_input_mode="NEVER")
        self.replace_reply_func(self.generate_oai_reply, Offline.generate_oai_reply)
    def generate_oai_reply(self, messages=None, sender=None, config=None, **kwargs):
        return True, "ok"
""",
        # a manager
        """
from autogen import GroupChatManager
def lead(manager: GroupChatManager):
    manager.replace_reply_func(manager.run_chat, quiet)
def quiet(recipient, messages=None, sender=None, config=None):
    return True, None
""",
    )

    silent = (
        # the function of the class
        """
from autogen import AssistantAgent, ConversableAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return True, "ok"
bot.replace_reply_func(ConversableAgent.generate_oai_reply, answer)
""",
        # one that was registered
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def first(recipient, messages=None, sender=None, config=None):
    return True, "one"
def second(recipient, messages=None, sender=None, config=None):
    return True, "two"
bot.register_reply([Agent, None], first)
bot.replace_reply_func(first, second)
""",
        # a bound method that was registered
        """
from autogen import Agent, AssistantAgent
class Answers:
    def one(self, recipient, messages=None, sender=None, config=None):
        return True, "one"
    def two(self, recipient, messages=None, sender=None, config=None):
        return True, "two"
answers = Answers()
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], answers.one)
bot.replace_reply_func(answers.one, answers.two)
""",
        # excluded by the function of the class
        """
from autogen import AssistantAgent, ConversableAgent
bot = AssistantAgent("bot", llm_config=False)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}],
                   exclude=[ConversableAgent.generate_oai_reply])
""",
        # not known what it is
        """
from autogen import AssistantAgent
from replies import old, new
bot = AssistantAgent("bot", llm_config=False)
bot.replace_reply_func(old, new)
""",
        # an object that is no agent
        """
import autogen
class Table:
    def replace_reply_func(self, old, new): ...
    def old(self): ...
table = Table()
table.replace_reply_func(table.old, print)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a bound method where a function of the list is wanted."""
        for registration in model.registrations:
            if registration.kind == "reply" and registration.call.method == "replace_reply_func":
                yield from self._replacement(model, registration)
        for entry in model.entry_calls:
            if entry.method.endswith("generate_reply"):
                yield from self._exclusion(model, entry)

    def _replacement(self, model: Model, registration: Registration) -> Iterator[Finding]:
        old = registration.argument("old_reply_func")
        if _bound_to(old) is None or _is_registered(model, old):
            return
        node = registration.argument_node("old_reply_func") or registration.node
        yield self.finding(
            model,
            model.range(node),
            f"`{registration.callback_name}` replaces nothing: `{ast.unparse(node)}` is a bound "
            f"method, and the list holds {_instead(old)}",
            about=registration,
        )

    def _exclusion(self, model: Model, entry: EntryCall) -> Iterator[Finding]:
        excluded = entry.call.arguments.get(None, "exclude")
        for index, item in enumerate(excluded.items if isinstance(excluded, Sequence) else ()):
            if _bound_to(item) is None or _is_registered(model, item):
                continue
            node = _element(entry.call.arguments.node(None, "exclude"), index) or entry.node
            yield self.finding(
                model,
                model.range(node),
                f"This excludes nothing: it is a bound method, and the list holds {_instead(item)}",
                # What was to be left out runs after all: nothing fails to fire.
                severity=Severity.INFORMATION,
                about=entry,
            )


def _bound_to(value: Value | None) -> Agent | None:
    """The agent whose method ``value`` is, if it is a built-in reply function's name."""
    if isinstance(value, Member):
        owner, name = as_agent(value.owner), value.name
    elif isinstance(value, BoundMethod):
        owner, name = as_agent(value.receiver), value.function.name
    else:
        return None
    return owner if name in BUILTIN_REPLIES | MANAGER_REPLIES else None


def _is_registered(model: Model, value: Value | None) -> bool:
    return any(r.kind == "reply" and r.callback == value for r in model.registrations)


def _instead(value: Value | None) -> str:
    """The function of the framework's class that the list holds."""
    name = value.name if isinstance(value, Member) else ""
    if isinstance(value, BoundMethod):
        name = value.function.name
    of = "GroupChatManager" if name in MANAGER_REPLIES else "ConversableAgent"
    return f"the function `{of}.{name}`"


def _element(node: ast.expr | None, index: int) -> ast.expr | None:
    return node.elts[index] if isinstance(node, ast.List | ast.Tuple) else None
