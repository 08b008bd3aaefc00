"""CB202: what a reply function returns cannot be used as ``(final, reply)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.chats import Turn
from callscope.model.involvement import entry_of
from callscope.model.registrations import Registration
from callscope.model.results import Result, kind_of, results
from callscope.model.triggers import match
from callscope.model.values import NONE, Constant, Sequence, Value, truth
from callscope.rules._shared import defined_here, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity
from callscope.source import is_generator


class ReplyReturn(Rule):
    """A reply function returns something that is no pair `(final, reply)`.

    ## What it does
    Looks at every `return` of a reply function, and at its end. AutoGen unpacks what comes back
    as `final, reply = ...`: `(True, text)` answers, `(False, None)` lets the next reply function
    answer.

    ## Why it matters
    None, a bool, a number or a text of any length but two raises TypeError or ValueError in the
    middle of the chat. A text of two characters, or a dict with two keys, is taken apart without
    a word. The text in `(False, text)` is dropped, and `(True, None)` ends the chat in silence.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def log_reply(recipient, messages=None, sender=None, config=None):
        print(messages[-1]["content"])


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    assistant.register_reply([Agent, None], log_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def log_reply(recipient, messages=None, sender=None, config=None):
        print(messages[-1]["content"])
        return False, None


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    assistant.register_reply([Agent, None], log_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the value is not known (what another module returns), when only one of several possible
    values is wrong, for functions that always raise, and for methods that a subclass is meant to
    override. `[final, reply]` is as good as a tuple.

    ## Fix safety
    Returning `(False, None)` where nothing is returned is safe. What else to return is for you to
    decide.
    """

    code = "CB202"
    name = "reply-return"
    default_severity = Severity.ERROR

    speaks = (
        # the reply is dropped, whatever was found
        """
from autogen import Agent, ConversableAgent
FAQ = {"hours": "9 to 5"}
def answer(recipient, messages=None, sender=None, config=None):
    found = FAQ.get(messages[-1]["content"])
    return False, found or "I cannot say"
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply([Agent, None], answer)
""",
        # a text that is made first
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def greet(recipient, messages=None, sender=None, config=None):
    greeting = f"Hello {recipient.name}"
    return False, greeting
bot.register_reply([Agent, None], greet)
""",
        # text
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return f"You said {messages[-1]['content']}"
bot.register_reply([Agent, None], answer)
""",
        # a text of two characters is taken apart silently
        """
import autogen
bot = autogen.ConversableAgent("bot", llm_config=False)
bot.register_reply([autogen.Agent, None], lambda recipient, messages, sender, config: "ok")
""",
        # one branch without a return
        """
from autogen import Agent, AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([Agent, None], self.on_reply)
    def on_reply(self, recipient, messages=None, sender=None, config=None):
        if messages:
            return True, "hello"
""",
        # a bool
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
async def gate(recipient, messages=None, sender=None, config=None):
    return "deny" in messages[-1]["content"]
bot.register_reply([Agent, None], gate)
""",
        # a dict, from a helper
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def as_message(text):
    return {"role": "assistant", "content": text}
def answer(recipient, messages=None, sender=None, config=None):
    return as_message("hi")
bot.register_reply([Agent, None], answer)
""",
        # three elements
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return True, "hi", {}
bot.register_reply([Agent, None], answer)
""",
        # the text is dropped
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return False, "this is never sent"
bot.register_reply([Agent, None], answer)
""",
        # the pair the wrong way round
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return "hello", True
bot.register_reply([Agent, None], answer)
""",
        # appending to a list gives None
        """
from autogen import Agent, AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], lambda recipient, messages, sender, config: log.append(messages))
""",
        # the chat ends before the partner's callback has its turn
        """
from autogen import Agent, AssistantAgent, ConversableAgent
bot = AssistantAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
def quiet(recipient, messages=None, sender=None, config=None):
    return True, None
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], quiet)
user.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="hi")
""",
    )

    silent = (
        # nothing is said where nothing was found
        """
from autogen import Agent, ConversableAgent
FAQ = {"hours": "9 to 5"}
def answer(recipient, messages=None, sender=None, config=None):
    found = FAQ.get(messages[-1]["content"])
    return (True, found) if found else (False, found or None)
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply([Agent, None], answer)
""",
        # with max_turns the one who began goes on without a reply
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def hush(recipient, messages=None, sender=None, config=None):
    return True, None
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], hush)
user.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # a list of two
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], lambda recipient, messages, sender, config: [False, None])
""",
        # known only elsewhere
        """
from autogen import Agent, AssistantAgent
from replies import answer_to
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return answer_to(messages)
bot.register_reply([Agent, None], answer)
""",
        # None is sorted out before
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def look_up(text):
    if text == "hi":
        return True, "hello"
    return None
def answer(recipient, messages=None, sender=None, config=None):
    found = look_up(messages[-1]["content"])
    if found is None:
        return False, None
    return found
bot.register_reply([Agent, None], answer)
""",
        # or replaced
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def look_up(text):
    if text == "hi":
        return True, "hello"
def answer(recipient, messages=None, sender=None, config=None):
    return look_up(messages[-1]["content"]) or (False, None)
bot.register_reply([Agent, None], answer)
""",
        # the end is never reached
        """
import sys
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def never(recipient, messages=None, sender=None, config=None):
    raise NotImplementedError
def retry(recipient, messages=None, sender=None, config=None):
    while True:
        try:
            return True, str(messages)
        except ValueError:
            continue
def stop(recipient, messages=None, sender=None, config=None):
    sys.exit(1)
def by_case(recipient, messages=None, sender=None, config=None):
    match messages:
        case []:
            return False, None
        case _:
            return True, "hi"
for reply in (never, retry, stop, by_case):
    bot.register_reply([Agent, None], reply)
""",
        # to be overridden
        """
from abc import abstractmethod
from autogen import Agent, AssistantAgent
class Base(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_reply([Agent, None], Base.on_reply)
    @abstractmethod
    def on_reply(self, messages=None, sender=None, config=None):
        ...
""",
        # no reply function at all
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
class Bus:
    def register_reply(self, trigger, function): ...
def handler(recipient, messages=None, sender=None, config=None):
    return None
Bus().register_reply("x", handler)
""",
        # a wrapper that returns what each of two functions does
        """
import functools
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
@timed
def tidy(text):
    print(text)
@timed
def answer(recipient, messages=None, sender=None, config=None):
    tidy(messages)
    return False, None
bot.register_reply([Agent, None], answer)
""",
        # an end to the chat on purpose
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    if "bye" in messages[-1]["content"]:
        return True, None
    return False, None
bot.register_reply([Agent, None], answer)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known = registration.function
            if registration.kind not in ("reply", "nested-reply") or known is None:
                continue
            if known.is_async and is_generator(known.node):
                yield self._found(
                    model,
                    registration,
                    known.node,
                    "is an async generator, which AutoGen can't unpack into `final, reply`",
                )
            given = results(model, known)
            for result in given:
                problem = _problem(result)
                if problem is not None:
                    # Other ways out are in order: this one may never be taken.
                    sure = all(_problem(other) is not None for other in given)
                    severity = Severity.ERROR if sure else Severity.WARNING
                    yield self._found(model, registration, result.node, problem, severity)
                elif _drops_reply(result):
                    yield self._found(
                        model,
                        registration,
                        result.node,
                        "returns a reply with a false `final`: the reply is dropped and the next "
                        "reply function decides; return `True, reply` to send it",
                        Severity.WARNING,
                    )
            unheard = _never_heard(model, registration, given)
            if unheard is not None:
                yield self._found(
                    model,
                    registration,
                    given[0].node,
                    f"always returns `(True, None)`, which ends the chat without a reply: "
                    f"`{unheard.callback_name}` on `{_label(unheard)}` never fires",
                    Severity.WARNING,
                )

    def _found(
        self,
        model: Model,
        registration: Registration,
        node: ast.AST,
        problem: str,
        severity: Severity | None = None,
    ) -> Finding:
        return self.finding(
            model,
            model.range(node),
            f"{owned(registration)} {problem}",
            severity=severity,
            evidence=(*defined_here(model, registration), *registered_here(model, registration)),
            about=registration,
        )


_TYPE_ERROR = "AutoGen raises TypeError where it unpacks `final, reply`"
_VALUE_ERROR = "AutoGen raises ValueError where it unpacks `final, reply`"


def _problem(result: Result) -> str | None:
    """Why ``final, reply = ...`` cannot take the result; None if it can, or that is not known."""
    value, kind = result.value, result.kind
    if kind == "None":
        where = "can end without returning anything" if result.at_end else "returns None"
        return f"{where}: {_TYPE_ERROR}"
    if kind == "str":
        return _text_problem(value)
    if kind in ("bool", "int", "float", "object"):
        return f"returns {_article(kind)}: {_TYPE_ERROR}"
    if kind == "dict":
        return _dict_problem(result.node)
    if kind in ("list", "tuple") and isinstance(value, Sequence) and value.exact:
        if len(value.items) != 2:
            return f"returns a {kind} of {len(value.items)}, not a pair: {_VALUE_ERROR}"
        first, second = (kind_of(item) for item in value.items)
        if first in ("str", "dict") and second == "bool":
            return "returns the pair the wrong way round: AutoGen wants `(final, reply)`"
    return None


def _text_problem(value: Value) -> str:
    text = value.value if isinstance(value, Constant) else None
    if isinstance(text, str) and len(text) == 2:
        return f"returns {text!r}, {_apart(text[0], text[1])}; return `True, {text!r}`"
    return f"returns a text, not a pair: {_VALUE_ERROR}; return `True, text` to send it"


def _dict_problem(node: ast.AST) -> str:
    keys = node.keys if isinstance(node, ast.Dict) else []
    names = [key.value for key in keys if isinstance(key, ast.Constant)]
    if len(keys) == len(names) == 2:
        return f"returns a dict, {_apart(*names)}; return `True, {{...}}`"
    return "returns a dict, not a pair; return `True, {...}` to send it"


def _apart(final: object, reply: object) -> str:
    return f"which AutoGen takes apart into final={final!r} and reply={reply!r}"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _drops_reply(result: Result) -> bool:
    """``(False, reply)`` with a reply that says something."""
    value = result.value
    if not isinstance(value, Sequence) or not value.exact or len(value.items) != 2:
        return False
    final, reply = value.items
    if truth(final) is not False:
        return False
    written = result.node.elts[1] if isinstance(result.node, ast.Tuple) else None
    if isinstance(written, ast.BoolOp) and isinstance(written.op, ast.Or):
        # ``found or "nothing found"`` says something in any case.
        last = written.values[-1]
        return isinstance(last, ast.Constant) and isinstance(last.value, str) and bool(last.value)
    kind = kind_of(reply, written)
    return kind in ("str", "dict") and truth(reply) is not False


def _never_heard(
    model: Model, registration: Registration, given: list[Result]
) -> Registration | None:
    """A reply function of the partner that has no turn, since the chat always ends here."""
    agent = registration.agent
    if agent is None or not given or not all(_ends_chat(result) for result in given):
        return None
    order = model.order(agent)
    trigger = registration.argument("trigger")
    if trigger is None or not order.exact or order.index(registration) != 0:
        return None
    for other in model.registrations:
        partner = other.agent
        if other.kind != "reply" or partner is None or partner == agent:
            continue
        turns = model.turns(partner)
        if (
            turns.closed
            and turns.known
            and all(turn.sender == agent and _ends_with(model, turn) for turn in turns.known)
            and all(
                match(trigger, turn).matches
                for turn in model.turns(agent).known
                if turn.sender == partner
            )
        ):
            return other
    return None


def _ends_with(model: Model, turn: Turn) -> bool:
    """Whether the chat is over once a reply is missing; with ``max_turns`` the one who began it
    goes on all the same."""
    entry = entry_of(model, turn.entry)
    return (
        entry is not None
        and turn.method.endswith("initiate_chat")
        and entry.argument("max_turns") in (None, NONE)
    )


def _ends_chat(result: Result) -> bool:
    value = result.value
    return (
        isinstance(value, Sequence)
        and value.exact
        and len(value.items) == 2
        and truth(value.items[0]) is True
        and value.items[1] == NONE
    )


def _label(registration: Registration) -> str:
    return registration.agent.label if registration.agent is not None else "its agent"
