"""CB402: ``generate_reply`` without a sender, while a trigger needs one."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import sender_required
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import as_callable
from callscope.model.chats import Turn
from callscope.model.dereference import first_dereference
from callscope.model.finality import is_final, reply_function
from callscope.model.registrations import Registration
from callscope.model.triggers import match, parts, rejected
from callscope.model.values import NONE, Value
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, made_here, source_of, turns_evidence, what


class NoSender(Rule):
    """`generate_reply` is called without a sender, and the trigger cannot do without.

    ## What it does
    Looks at agents that are asked by `generate_reply(messages=...)` with no `sender=`. A class or
    agent as trigger never matches then; a name raises SenderRequired; a function as trigger is
    called with None.

    ## Why it matters
    The trigger is matched against the sender. Without one only a `None` *in a list* matches, which
    is why AutoGen's own reply functions are registered with `[Agent, None]`. Evaluation scripts and
    web handlers that ask an agent directly lose their callbacks this way, without a word.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent

    assistant = AssistantAgent("assistant", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply(Agent, on_reply)
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent

    assistant = AssistantAgent("assistant", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## When it stays silent
    When a chat in view, or code that is not in view, may make the callback fire; when a sender is
    passed, known or not.

    ## Fix safety
    Safe where None is added to the trigger: the callback also runs where there is no sender.
    """

    code = "CB402"
    name = "no-sender"
    default_severity = Severity.ERROR

    speaks = (
        # a class that is no agent's sender
        """
from autogen import AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
class Evaluation:
    def __init__(self):
        self.solver = AssistantAgent("solver", llm_config=False)
        self.solver.register_reply([UserProxyAgent], audit)
    def score(self, questions):
        return [self.solver.generate_reply([{"role": "user", "content": q}]) for q in questions]
print(Evaluation().score(["2+2"]))
""",
        # an agent as trigger
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False)
user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(trigger=user, reply_func=audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}], sender=None)
""",
        # a name raises
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply("user", audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # a name in a list raises too, even if None comes after it
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(["user", None], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # a function that looks into the sender
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(lambda sender: sender.name.startswith("user"), audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # in an async program
        """
import asyncio
from autogen import AssistantAgent, ConversableAgent
bot = AssistantAgent("bot", llm_config=False)
async def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(ConversableAgent, audit)
async def main():
    print(await bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}]))
asyncio.run(main())
""",
        # a request handler
        """
from fastapi import FastAPI
from autogen import AssistantAgent, UserProxyAgent
app = FastAPI()
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@app.post("/ask")
def ask(question: str):
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([UserProxyAgent], audit)
    return bot.generate_reply(messages=[{"role": "user", "content": question}])
""",
    )

    silent = (
        # None in the list
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([AssistantAgent, None], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # a sender
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([UserProxyAgent], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}], sender=user)
""",
        # a chat besides
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([UserProxyAgent], audit)
print(bot.generate_reply(messages=[{"role": "user", "content": "hi"}]))
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a sender that is not known
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([UserProxyAgent], audit)
def ask(question, sender):
    return bot.generate_reply(messages=[{"role": "user", "content": question}], sender=sender)
""",
        # a function that expects None
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(lambda sender: sender is None or sender.name == "user", audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # None before the name
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([None, "user"], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # arguments that may hold a sender
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([UserProxyAgent], audit)
def ask(**options):
    return bot.generate_reply(**options)
""",
        # the agent is handed on
        """
from autogen import AssistantAgent, UserProxyAgent
from serving import serve
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([UserProxyAgent], audit)
print(bot.generate_reply(messages=[{"role": "user", "content": "warm up"}]))
serve(bot)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration whose trigger a call without a sender cannot serve."""
        for registration in model.registrations:
            if registration.kind not in ("reply", "nested") or registration.agent is None:
                continue
            trigger = registration.argument("trigger")
            if trigger is None or rejected(trigger):
                continue
            agent = registration.agent
            asked = [t for t in model.turns(agent).known if _without_sender(t)]
            asked = [t for t in asked if _reaches(model, registration, t)]
            if not asked:
                continue
            message = _raises(model, registration, trigger, asked[0])
            message = message or _unmatched(model, registration, trigger, asked)
            if message is None:
                continue
            yield self.finding(
                model,
                model.range(registration.argument_node("trigger") or registration.node),
                message,
                evidence=_evidence(model, agent, asked),
                about=registration,
            )


def _without_sender(turn: Turn) -> bool:
    return turn.sender is None and turn.sender_class is None


def _reaches(model: Model, registration: Registration, turn: Turn) -> bool:
    """Whether the registration is there, and usable, when ``turn`` comes."""
    if model.same_scope_order(turn.entry, registration.call) is True:
        return False
    known = registration.function
    return turn.is_async or known is None or not known.is_async


def _raises(model: Model, registration: Registration, trigger: Value, turn: Turn) -> str | None:
    """What asking the trigger without a sender raises, if it is asked for certain."""
    if not _asked_first(model, registration):
        return None
    without = f"`{turn.agent.label}.{turn.method}` is called without a sender"
    if match(trigger, turn).raises:
        error = sender_required(model.release)
        return f"{without}, and the trigger of {what(registration)} is a name: it raises {error}"
    for part in parts(trigger):
        if part == NONE:
            return None
        known = as_callable(part)
        access = first_dereference(known) if known is not None else None
        if access is not None:
            return (
                f"{without}, so the trigger of {what(registration)} gets None: "
                f"`{source_of(access)}` raises AttributeError"
            )
    return None


def _asked_first(model: Model, registration: Registration) -> bool:
    """Whether nothing tried before it can give a final reply."""
    assert registration.agent is not None
    for slot in model.order(registration.agent).slots:
        if slot.registration is registration:
            return True
        known = reply_function(slot.registration) if slot.registration else None
        if known is None or is_final(v for _, v in model.returned(known.function)) is not False:
            return False
    return False


def _unmatched(
    model: Model, registration: Registration, trigger: Value, asked: list[Turn]
) -> str | None:
    agent = registration.agent
    assert agent is not None
    turns = model.turns(agent)
    if not turns.closed or not all(_without_sender(turn) for turn in turns.known):
        return None
    if any(match(trigger, turn).matches is not False for turn in asked):
        return None
    return (
        f"{what(registration)} {fires(registration)}: `{agent.label}` is only asked by "
        f"`{asked[0].method}` without a sender, which nothing but None in the trigger list matches"
    )


def _evidence(model: Model, agent: Agent, asked: list[Turn]) -> tuple[Evidence, ...]:
    return (*turns_evidence(model, asked), *made_here(model, agent))
