"""CB306: nested chats registered with ``use_async=True`` meet a sync chat, or are refused."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import RAISES_ON_ASYNC_REPLY
from callscope.contracts.classic.dispatch import ASYNC_NESTED_CHATS
from callscope.model import Model
from callscope.model.callables import as_callable
from callscope.model.registrations import Registration
from callscope.model.values import NONE, Constant, Mapping, Sequence
from callscope.rules.base import Evidence, Finding, Rule, Severity


class AsyncNestedInSyncChat(Rule):
    """Nested chats with `use_async=True` need async chats, chat ids and a coroutine function.

    ## What it does
    Checks `register_nested_chats(..., use_async=True)`: whether a sync chat of the agent is in
    view, whether each entry of the queue has a `chat_id`, and whether the reply function, if one is
    given, is an `async def`.

    ## Why it matters
    `initiate_chat` with such an agent raises RuntimeError (`Async reply functions can only be used
    with a_initiate_chat`). A missing `chat_id` and a plain function raise ValueError at once.

    ## Example
    ```python
    from autogen import Agent, ConversableAgent

    user = ConversableAgent("user", human_input_mode="NEVER", llm_config=False)
    doctor = ConversableAgent("doctor", human_input_mode="NEVER", llm_config=False)
    expert = ConversableAgent("expert", human_input_mode="NEVER", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "rest"


    expert.register_reply([Agent, None], on_reply)
    queue = [{"chat_id": 1, "recipient": expert, "message": "what now?", "max_turns": 1}]
    doctor.register_nested_chats(queue, trigger=user, use_async=True)
    user.initiate_chat(doctor, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, ConversableAgent

    user = ConversableAgent("user", human_input_mode="NEVER", llm_config=False)
    doctor = ConversableAgent("doctor", human_input_mode="NEVER", llm_config=False)
    expert = ConversableAgent("expert", human_input_mode="NEVER", llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "rest"


    expert.register_reply([Agent, None], on_reply)
    queue = [{"chat_id": 1, "recipient": expert, "message": "what now?", "max_turns": 1}]
    doctor.register_nested_chats(queue, trigger=user)
    user.initiate_chat(doctor, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When `use_async` is not literally true, or the queue is not known.

    ## Fix safety
    Dropping `use_async=True` is safe where all chats are sync.
    """

    code = "CB306"
    name = "async-nested-in-sync-chat"
    default_severity = Severity.ERROR

    speaks = (
        # the agent with the nested chats starts the sync chat
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
c = ConversableAgent("c", llm_config=False)
a.register_nested_chats([{"chat_id": 1, "recipient": c}], trigger=b, use_async=True)
a.initiate_chat(b, message="hi", max_turns=2)
""",
        # no chat id
        """
import autogen
doctor = autogen.ConversableAgent("doctor", llm_config=False)
expert = autogen.ConversableAgent("expert", llm_config=False)
doctor.register_nested_chats([{"recipient": expert}], trigger=expert, use_async=True)
""",
        # a plain function
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
doctor.register_nested_chats([{"chat_id": 1, "recipient": expert}], trigger=expert,
                             reply_func_from_nested_chats=run, use_async=True)
""",
        # on self
        """
from autogen import ConversableAgent
class Practice:
    def __init__(self):
        self.doctor = ConversableAgent("doctor", llm_config=False)
        self.expert = ConversableAgent("expert", llm_config=False)
        self.patient = ConversableAgent("patient", llm_config=False)
        self.doctor.register_nested_chats([{"chat_id": 1, "recipient": self.expert}],
                                          trigger=self.patient, use_async=True)
    def visit(self):
        self.patient.initiate_chat(self.doctor, message="hi", max_turns=1)
""",
        # a queue by name
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
QUEUE = [{"recipient": expert, "message": "hi"}, {"recipient": expert, "chat_id": 2}]
doctor.register_nested_chats(chat_queue=QUEUE, trigger=[expert], use_async=True)
""",
        # the chat is started in a function
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
c = ConversableAgent("c", llm_config=False)
b.register_nested_chats([{"chat_id": 1, "recipient": c}], trigger=a, use_async=True)
def main():
    a.initiate_chat(b, message="hi", max_turns=1)
if __name__ == "__main__":
    main()
""",
    )

    silent = (
        # an async chat
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
c = ConversableAgent("c", llm_config=False)
b.register_nested_chats([{"chat_id": 1, "recipient": c}], trigger=a, use_async=True)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # sync nested chats need none of it
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
c = ConversableAgent("c", llm_config=False)
b.register_nested_chats([{"recipient": c}], trigger=a)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # a coroutine function
        """
from autogen import ConversableAgent
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
async def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
doctor.register_nested_chats([{"chat_id": 1, "recipient": expert}], trigger=expert,
                             reply_func_from_nested_chats=run, use_async=True)
""",
        # not known whether async
        """
from autogen import ConversableAgent
from settings import USE_ASYNC
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
b.register_nested_chats([{"recipient": a}], trigger=a, use_async=USE_ASYNC)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # a queue not known
        """
from autogen import ConversableAgent
from settings import QUEUE
b = ConversableAgent("b", llm_config=False)
b.register_nested_chats(QUEUE, trigger=b, use_async=True)
""",
        # registered behind the chat
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
a.initiate_chat(b, message="hi", max_turns=1)
b.register_nested_chats([{"chat_id": 1, "recipient": a}], trigger=a, use_async=True)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        if model.release not in ASYNC_NESTED_CHATS:
            return
        for registration in model.registrations:
            if registration.kind != "nested":
                continue
            if registration.argument("use_async") != Constant(True):
                continue
            problem = _refused(registration)
            start = None if problem else _sync_chat(model, registration)
            if problem is None and start is None:
                continue
            label = registration.agent.label if registration.agent else "the agent"
            yield self.finding(
                model,
                model.range(registration.argument_node("use_async") or registration.node),
                problem
                or f"The nested chats of `{label}` are async, but the chat is sync: RuntimeError",
                evidence=(start,) if start is not None else (),
                about=registration,
            )


def _refused(registration: Registration) -> str | None:
    """Why ``register_nested_chats`` raises at once; None if it does not."""
    queue = registration.argument("chat_queue")
    for entry in queue.items if isinstance(queue, Sequence) else ():
        if isinstance(entry, Mapping) and entry.exact and entry.items.get("chat_id", NONE) == NONE:
            return "Async nested chats need a `chat_id` in each entry of the queue: ValueError"
    known = as_callable(registration.argument("reply_func_from_nested_chats"))
    if known is not None and known.through in ("plain", "method") and not known.is_async:
        return "With `use_async=True` the reply function has to be an `async def`: ValueError"
    return None


def _sync_chat(model: Model, registration: Registration) -> Evidence | None:
    """A sync chat of the agent that raises for its async nested chats."""
    for turn in model.all_turns:
        if registration.agent is None or registration.agent not in (turn.agent, turn.sender):
            continue
        if turn.is_async or turn.method not in RAISES_ON_ASYNC_REPLY:
            continue
        if model.happens_before(registration.call, turn.entry):
            return Evidence("This starts a sync chat", model.range(turn.node))
    return None
