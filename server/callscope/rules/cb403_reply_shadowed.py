"""CB403: a registration that one in front of it always pre-empts."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import CHAT_ASKS_TERMINATION
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.coverage import covers, covers_all
from callscope.model.events import Root
from callscope.model.executors import own_executor
from callscope.model.finality import reply_function
from callscope.model.order import order_of
from callscope.model.registrations import Registration
from callscope.model.values import NONE, Constant, External, Sequence
from callscope.rules._shared import is_final_here
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, what

_RUNS_CODE = (
    "generate_code_execution_reply",
    "_generate_code_execution_reply_using_executor",
)
_EVERYBODY = Sequence("list", [External("autogen.Agent"), NONE])


class ReplyShadowed(Rule):
    """A callback is never asked, because a reply function in front of it always answers.

    ## What it does
    Replays the list of reply functions as AutoGen builds it and looks for a function all of whose
    `return` statements begin with True, in front of another registration that it matches for. The
    agent's own termination check and code executor count as well, both being asked by one of the
    reply functions. So does a registration dropped again by `remove_other_reply_funcs=True`.

    ## Why it matters
    Reply functions are tried from the front and the first final reply wins. `register_reply`
    inserts at the front by default, so the function registered *last* is asked *first*; a final
    reply there silences the rest: other replies, nested chats, tools, the termination check.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def answer(recipient, messages=None, sender=None, config=None):
        return True, "the answer"


    assistant.register_reply([Agent, None], audit)
    assistant.register_reply([Agent, None], answer)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    def answer(recipient, messages=None, sender=None, config=None):
        return True, "the answer"


    assistant.register_reply([Agent, None], answer)
    assistant.register_reply([Agent, None], audit)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the function in front lets some messages pass, or returns something whose first part is not
    known; when the triggers differ in whom they match; when a chat takes place before the second
    registration; when one of the two is async and the other is not.

    ## Fix safety
    Unsafe: the callbacks change places.
    """

    code = "CB403"
    name = "reply-shadowed"
    default_severity = Severity.ERROR

    speaks = (
        # a nested chat behind a final reply
        """
from autogen import Agent, AssistantAgent, ConversableAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
helper = ConversableAgent("helper", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def answer(recipient, messages=None, sender=None, config=None):
    return True, "done"
bot.register_nested_chats([{"recipient": helper, "message": "q", "max_turns": 1}], trigger=user)
bot.register_reply([Agent, None], answer)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # every branch is final, in a factory
        """
import autogen
def log(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    if messages:
        return True, messages[-1]["content"]
    return True, None
def build():
    bot = autogen.ConversableAgent("bot", human_input_mode="NEVER")
    bot.register_reply([autogen.Agent, None], log)
    bot.register_reply([autogen.Agent, None], answer)
    return bot
""",
        # removed by the one that wants to be alone
        """
from autogen import Agent, ConversableAgent
def trace(recipient, messages=None, sender=None, config=None):
    return False, None
echo = ConversableAgent("echo", human_input_mode="NEVER")
echo.register_reply([Agent, None], trace)
echo.register_reply([Agent, None], lambda recipient, messages, sender, config: (True, "echo"),
                    remove_other_reply_funcs=True)
""",
        # registered earlier, at an earlier place
        """
from autogen import Agent, ConversableAgent
def first(recipient, messages=None, sender=None, config=None):
    return True, "first"
def second(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], first)
bot.register_reply(ConversableAgent, second, position=1)
""",
        # the termination check is a reply function, too
        """
from autogen import Agent, ConversableAgent
def is_over(message):
    return "bye" in (message.get("content") or "")
bot = ConversableAgent("bot", human_input_mode="NEVER", is_termination_msg=is_over)
peer = ConversableAgent("peer", human_input_mode="NEVER")
def answer(recipient, messages=None, sender=None, config=None):
    return True, "go on"
bot.register_reply([Agent, None], answer)
peer.initiate_chat(bot, message="hi")
""",
        # the same sender by name and by class
        """
from autogen import ConversableAgent, UserProxyAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply("user", log)
bot.register_reply([UserProxyAgent], lambda *args, **kwargs: (True, "ok"))
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # a code executor on the agent that writes the code
        """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
def write(recipient, messages=None, sender=None, config=None):
    return True, "print(1)"
author = ConversableAgent("author", human_input_mode="NEVER",
                          code_execution_config={"executor": Sandbox()})
author.register_reply([ConversableAgent, None], write)
peer = ConversableAgent("peer", human_input_mode="NEVER")
peer.initiate_chat(author, message="write", max_turns=2)
""",
        # what is left out is bound, so that nothing is
        """
from autogen import Agent, ConversableAgent
class Clerk(ConversableAgent):
    def note(self, messages=None, sender=None, config=None):
        return False, None
    def answer(self, messages=None, sender=None, config=None):
        return True, "noted"
clerk = Clerk("clerk", human_input_mode="NEVER")
clerk.register_reply([Agent, None], Clerk.note)
clerk.register_reply([Agent, None], Clerk.answer)
clerk.generate_reply(messages=[{"role": "user", "content": "hi"}], exclude=[clerk.answer])
""",
        # in a class, both on self
        """
from autogen import Agent, ConversableAgent
class Clerk(ConversableAgent):
    def __init__(self):
        super().__init__("clerk", human_input_mode="NEVER")
        self.register_reply([Agent, None], Clerk.note)
        self.register_reply([Agent, None], Clerk.answer)
    def note(self, messages=None, sender=None, config=None):
        return False, None
    def answer(self, messages=None, sender=None, config=None):
        return True, "noted"
clerk = Clerk()
""",
    )

    silent = (
        # it lets messages pass
        """
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    if "?" in messages[-1]["content"]:
        return True, "42"
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
bot.register_reply([Agent, None], answer)
""",
        # not for the same senders
        """
from autogen import AssistantAgent, ConversableAgent, UserProxyAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([AssistantAgent], log)
bot.register_reply([UserProxyAgent], lambda *args, **kwargs: (True, "ok"))
""",
        # asked before the second one came
        """
from autogen import Agent, ConversableAgent, UserProxyAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], log)
user.initiate_chat(bot, message="hi", max_turns=1)
bot.register_reply([Agent, None], lambda *args, **kwargs: (True, "ok"))
""",
        # only async chats ask the coroutine function
        """
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
async def answer(recipient, messages=None, sender=None, config=None):
    return True, "ok"
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
bot.register_reply([Agent, None], answer)
""",
        # what it returns is not known
        """
from autogen import Agent, ConversableAgent
from answers import look_up
def log(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    return look_up(messages)
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
bot.register_reply([Agent, None], answer)
""",
        # only sometimes registered
        """
import os
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
if os.environ.get("OFFLINE"):
    bot.register_reply([Agent, None], lambda *args, **kwargs: (True, "ok"))
""",
        # removed others first, then added
        """
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], lambda *args, **kwargs: (True, "ok"),
                   remove_other_reply_funcs=True)
bot.register_reply([Agent, None], log)
""",
        # the async twin of it, for the other kind of chat
        """
import asyncio
from autogen import Agent, ConversableAgent
def answer(recipient, messages=None, sender=None, config=None):
    return True, "now"
async def a_answer(recipient, messages=None, sender=None, config=None):
    return True, "later"
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], answer)
bot.register_reply([Agent, None], a_answer, ignore_async_in_sync_chat=True)
asyncio.run(bot.a_generate_reply(messages=[{"role": "user", "content": "hi"}]))
""",
        # left out of one chat
        """
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
def answer(recipient, messages=None, sender=None, config=None):
    return True, "ok"
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
bot.register_reply([Agent, None], answer)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}], exclude=[answer])
""",
        # further back
        """
from autogen import Agent, ConversableAgent
def log(recipient, messages=None, sender=None, config=None):
    return False, None
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.register_reply([Agent, None], log)
bot.register_reply([Agent, None], lambda *args, **kwargs: (True, "ok"), position=3)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration that is always pre-empted, or removed."""
        for agent in dict.fromkeys(r.agent for r in model.registrations if r.agent is not None):
            if not model.is_closed(agent, so_far=True):
                continue
            mine = model.registrations_on(agent)
            for back in mine:
                front = _shadow(model, agent, mine, back)
                if front is None:
                    continue
                yield self.finding(
                    model,
                    model.range(back.callback_node or back.node),
                    f"{what(back)} {fires(back)}: {_reason(back, front)}",
                    evidence=_evidence(model, front),
                    about=back,
                )
            yield from self._executor(model, agent, mine)

    def _executor(self, model: Model, agent: Agent, mine: list[Registration]) -> Iterator[Finding]:
        """The code executor of ``agent``, which is asked by one of its reply functions, too."""
        known_executor = own_executor(agent)
        node = known_executor[1] if known_executor is not None else None
        slots = order_of(agent, mine, model.release).slots
        place = next((i for i, s in enumerate(slots) if s.name in _RUNS_CODE), None)
        if node is None or place is None:
            return
        for slot in slots[:place]:
            front = slot.registration
            trigger = front.argument("trigger") if front is not None else None
            if front is None or trigger is None or front.where.course is not agent_root(agent):
                continue
            known = reply_function(front)
            turns = model.turns(agent).known
            if known is None or known.is_async or not slot.certain or not turns:
                continue
            if any(turn.entry.index < front.call.index for turn in turns):
                continue
            if is_final_here(model, front) and covers(trigger, _EVERYBODY, model.turns(agent)):
                yield self.finding(
                    model,
                    model.range(node),
                    f"The code executor of `{agent.label}` never runs: `{front.callback_name}` "
                    "always gives a final reply first; code runs on the agent that receives it",
                    evidence=_evidence(model, front),
                )
                return


def agent_root(agent: Agent) -> Root | None:
    """The walk in whose course ``agent`` is made."""
    return agent.instance.call.where.course if agent.instance.call is not None else None


def _shadow(
    model: Model, agent: Agent, mine: list[Registration], back: Registration
) -> Registration | None:
    """The registration that keeps ``back`` from ever being asked."""
    if back.kind not in ("reply", "nested", "termination"):
        return None
    if back.kind == "termination" and _asked_besides(model, agent):
        return None
    slots = order_of(agent, mine, model.release).slots
    place = next((i for i, s in enumerate(slots) if _is_place(s.name, s.registration, back)), None)
    fronts = mine if place is None else [s.registration for s in slots[:place] if s.registration]
    for front in fronts:
        if not _always_there(model, agent, front, back):
            continue
        if place is None and _removes(front, back):
            return front
        if place is not None and _answers_all(model, agent, mine, front, back):
            return front
    return None


def _is_place(name: str, there: Registration | None, back: Registration) -> bool:
    if back.kind == "termination":
        return name.endswith("check_termination_and_human_reply")
    return there is back


def _always_there(model: Model, agent: Agent, front: Registration, back: Registration) -> bool:
    """Whether ``front`` is registered whenever ``back`` is, with no chat before it."""
    if front is back or not front.where.certain or front.where.course is not back.where.course:
        return False
    if front.where.guard and not back.where.guard:
        return False
    if front.kind == "reply" and front.callback is back.callback:
        return False
    return not any(
        back.call.index < turn.entry.index < front.call.index
        for turn in model.turns(agent).known
        if turn.entry.where.course is front.where.course
    )


def _removes(front: Registration, back: Registration) -> bool:
    alone = front.argument("remove_other_reply_funcs") if front.kind == "reply" else None
    return alone == Constant(True) and back.call.index < front.call.index


def _answers_all(
    model: Model,
    agent: Agent,
    mine: list[Registration],
    front: Registration,
    back: Registration,
) -> bool:
    known = reply_function(front)
    trigger = front.argument("trigger")
    if known is None or trigger is None or not is_final_here(model, front):
        return False
    if any(other.callback_name == f"a_{known.name}" for other in mine):
        return False
    if front.callback_name == f"a_{back.callback_name}":
        return False  # Twins, one for each kind of chat.
    turns = model.turns(agent)
    only_async = turns.closed and bool(turns.known) and all(t.is_async for t in turns.known)
    same_mode = back.kind == "reply" and back.function is not None and back.function.is_async
    if known.is_async and not only_async and not same_mode:
        return False
    if back.kind == "termination":
        return covers_all(trigger)
    behind = back.argument("trigger")
    return behind is not None and covers(trigger, behind, turns)


def _asked_besides(model: Model, agent: Agent) -> bool:
    """Whether a chat may ask the agent's termination check itself."""
    if model.release not in CHAT_ASKS_TERMINATION:
        return False
    turns = model.turns(agent)
    limited = (e.argument("max_turns") is not None for e in model.entry_calls if e.partner == agent)
    return not turns.closed or not turns.known or any(limited)


def _reason(back: Registration, front: Registration) -> str:
    if _removes(front, back):
        return f"`{front.callback_name}` is registered with remove_other_reply_funcs=True after it"
    order = "registered later, so tried first" if front.call.index > back.call.index else "in front"
    return f"`{front.callback_name}` ({order}) always gives a final reply to the same messages"


def _evidence(model: Model, front: Registration) -> tuple[Evidence, ...]:
    links = [
        Evidence(f"`{front.callback_name}` is registered here", model.range(front.node)),
    ]
    known = reply_function(front)
    if known is not None and is_final_here(model, front):
        links += [
            Evidence("This reply is final", model.range(place))
            for place, _ in model.returned(known.function)
        ]
    return tuple(links)
