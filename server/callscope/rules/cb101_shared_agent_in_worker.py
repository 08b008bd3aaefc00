"""CB101: an agent that cannot be shared over a process, thread or request boundary."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.boundaries import DISPATCHES, SENDS, Boundary
from callscope.model import Model, scope
from callscope.model.agents import Agent
from callscope.model.crossings import Crossing, start_method_of
from callscope.model.events import Call
from callscope.model.overlap import Runs, overlapping
from callscope.model.registrations import EntryCall
from callscope.model.shipping import travels_along
from callscope.model.values import literal
from callscope.rules.base import Evidence, Finding, Rule, Severity

_PROCESS_ENGINES = ("multiprocessing", "executor")

# Chats that write into both sides' histories.
_CHATS = frozenset({"initiate_chat", "a_initiate_chat", "run", "a_run"})


class SharedAgentInWorker(Rule):
    """An agent is shared over a boundary it does not survive.

    ## What it does
    Finds the ways to share an agent that go wrong. It is sent to a worker process, as an argument,
    on an object or with a function that takes it along, and cannot be pickled. Both sides of a chat
    (or a group chat) are there for several requests, threads or asyncio tasks that chat at the same
    time. The agent is made under the main guard and a spawned worker looks for it. An RQ job stands
    in the very script that enqueues it.

    ## Why it matters
    An agent's default termination check is a lambda and its model client holds a lock, so sending
    one raises, often only when the result is asked for. A pair of agents that serves two requests
    at once writes both into one conversation: each user gets parts of the other's answer, and
    nothing is raised at all.

    ## Example
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED", flush=True)
        return True, "ok"


    def handle(agent, text):
        return agent.generate_reply(messages=[{"role": "user", "content": text}])


    if __name__ == "__main__":
        assistant = AssistantAgent("assistant", llm_config=False)
        assistant.register_reply([Agent, None], on_reply)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(handle, (assistant, "hello")))
    ```

    ## Fixed
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED", flush=True)
        return True, "ok"


    def build_assistant():
        assistant = AssistantAgent("assistant", llm_config=False)
        assistant.register_reply([Agent, None], on_reply)
        return assistant


    def handle(text):
        assistant = build_assistant()
        return assistant.generate_reply(messages=[{"role": "user", "content": text}])


    if __name__ == "__main__":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(handle, ("hello",)))
    ```

    ## When it stays silent
    When one side of the chat is made per request (histories are kept per partner), for
    `generate_reply(messages=...)` without a sender, which keeps no history, under a lock and where
    one run is waited for before the next begins, for threads and forked processes that take an
    agent as argument, and for agents that might pickle after all.

    ## Fix safety
    Unsafe: with a factory every call has a fresh history; with a cached one every process has.
    """

    code = "CB101"
    name = "shared-agent-in-worker"
    default_severity = Severity.ERROR
    every_walk = False  # What one process loses is lost, however well another does.

    speaks = (
        # a handler that lets a thread run the chat
        """
from autogen import AssistantAgent, UserProxyAgent
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@app.get("/ask")
async def ask(text: str):
    chat = await run_in_threadpool(user.initiate_chat, bot, message=text, max_turns=1)
    return chat.summary
""",
        """
from concurrent.futures import ProcessPoolExecutor
from autogen import AssistantAgent
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
    def ask(self, text):
        return self.bot.generate_reply(messages=[{"role": "user", "content": text}])
    def run(self, texts):
        with ProcessPoolExecutor() as executor:
            return [future.result() for future in [executor.submit(self.ask, t) for t in texts]]
""",
        """
from celery import shared_task
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
@shared_task
def ask(agent, text):
    return agent.generate_reply(messages=[{"role": "user", "content": text}])
def submit(text):
    ask.delay(bot, text)
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent, UserProxyAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@app.post("/ask")
def ask(text: str):
    return user.initiate_chat(bot, message=text, max_turns=1).summary
""",
        """
from fastapi import APIRouter
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
router = APIRouter()
amy = AssistantAgent("amy", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
chat = GroupChat([amy, bob], messages=[], max_round=4)
manager = GroupChatManager(chat, llm_config=False)
@router.post("/ask")
async def ask(text: str):
    guest = UserProxyAgent("guest", human_input_mode="NEVER", code_execution_config=False)
    await guest.a_initiate_chat(manager, message=text)
""",
        """
import multiprocessing
from autogen import AssistantAgent
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    bot = AssistantAgent("bot", llm_config=False)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(ask, ["a"])
""",
        """
from concurrent.futures import ThreadPoolExecutor
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def ask(text):
    return user.initiate_chat(bot, message=text, max_turns=1)
with ThreadPoolExecutor(8) as executor:
    results = list(executor.map(ask, ["a", "b"]))
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
with multiprocessing.Pool(2) as pool:
    pool.map(bot.generate_reply, [[{"role": "user", "content": "hi"}]])
""",
    )

    silent = (
        # a handler that lets a thread run the chat of a user of its own, or one at a time
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
from fastapi import FastAPI
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
owner = UserProxyAgent("owner", human_input_mode="NEVER", code_execution_config=False)
lock = asyncio.Lock()
@app.get("/ask")
async def ask(text: str):
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    chat = await asyncio.to_thread(user.initiate_chat, bot, message=text, max_turns=1)
    async with lock:
        await asyncio.to_thread(owner.initiate_chat, bot, message=text, max_turns=1)
    return chat.summary
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent, UserProxyAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
@app.post("/ask")
def ask(text: str):
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    return user.initiate_chat(bot, message=text, max_turns=1).summary
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
@app.post("/ask")
def ask(text: str):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
import multiprocessing
from autogen import AssistantAgent
def ask(agent):
    return agent.generate_reply(messages=[{"role": "user", "content": "hi"}])
if __name__ == "__main__":
    bot = AssistantAgent("bot", llm_config=False)
    process = multiprocessing.get_context("fork").Process(target=ask, args=(bot,))
    process.start()
""",
        """
import threading
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def ask(agent):
    return agent.generate_reply(messages=[{"role": "user", "content": "hi"}])
threading.Thread(target=ask, args=(bot,)).start()
""",
        """
import multiprocessing
from autogen import ConversableAgent
def done(message):
    return False
bot = ConversableAgent("bot", llm_config=False, is_termination_msg=done)
def ask(agent):
    return agent.generate_reply(messages=[{"role": "user", "content": "hi"}])
if __name__ == "__main__":
    with multiprocessing.Pool(1) as pool:
        pool.map(ask, [bot])
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent, UserProxyAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@app.post("/ask")
async def ask(text: str):
    return user.initiate_chat(bot, message=text, max_turns=1).summary
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(ask, ["a"])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            yield from self._sent(model, call)
        for crossing in model.crossings:
            yield from self._missing(model, crossing)
            yield from self._of_the_script(model, crossing)
        for agent in model.agents:
            if agent.has_model is True:
                yield from self._captured(model, agent)
        told: set[int] = set()
        for runs in overlapping(model):
            mixed = [each for each in self._mixed(model, runs) if id(each.about) not in told]
            told |= {id(each.about) for each in mixed}
            yield from mixed

    def _sent(self, model: Model, call: Call) -> Iterator[Finding]:
        """Agents among the arguments of a call that pickles them."""
        severity, boundary, error = _pickling(model, call)
        if severity is None or boundary is None:
            return
        for node, agent in scope.agents_sent(call):
            if boundary.keeps == "by-value":
                if agent.has_model is not True:
                    continue
            elif scope.may_pickle(model, agent):
                continue
            yield self.finding(
                model,
                model.range(node),
                f"`{agent.label}` cannot be sent to {boundary.title}: pickling an agent raises "
                f"{error}",
                severity=severity,
                evidence=_made_here(model, agent),
                why="An agent does not pickle: its default termination check is a lambda and its "
                f"model client holds a lock. To mend it, {boundary.fix}.",
                about=agent,
            )
            return

    def _captured(self, model: Model, agent: Agent) -> Iterator[Finding]:
        """An agent with a model that a function takes along as it is copied to a worker."""
        for use in scope.uses_beyond(model, agent):
            boundary = use.crossing.boundary
            copied = boundary.keeps == "by-value" and travels_along(model, use)
            if not copied or not scope.is_long_lived(model, agent.instance):
                continue
            if not scope.dispatch_calls(model, use.crossing):
                continue
            yield self.finding(
                model,
                model.range(use.node),
                f"`{use.crossing.function.name}` cannot be sent to {boundary.title}: it takes "
                f"`{agent.label}` along, and pickling that raises {boundary.raises}",
                evidence=(
                    *_made_here(model, agent),
                    Evidence("the function is sent off here", model.range(use.crossing.node)),
                ),
                why="A function of the script goes to the worker as a copy, with the globals that "
                "it names. An agent with a model does not pickle: its model client holds a lock. "
                f"To mend it, {boundary.fix}.",
                about=agent,
            )

    def _of_the_script(self, model: Model, crossing: Crossing) -> Iterator[Finding]:
        """A job that stands in the very script that enqueues it."""
        call = crossing.call
        if crossing.boundary.engine != "rq" or crossing.is_decorator or call is None:
            return
        own = model.interpreter.module_of(crossing.function.scope)
        uses = any(scope.entries_in(model, crossing))
        if not call.where.guard or own is not model.interpreter.main or not uses:
            return
        name = crossing.function.name
        yield self.finding(
            model,
            model.range(call.node),
            f"`{name}` cannot be run by {crossing.boundary.title}: it is a function of the script "
            "that is run, so ValueError is raised",
            evidence=(Evidence(f"`{name}` stands here", model.range(crossing.function.node)),),
            why="The worker imports the job by the name of its module, which is `__main__` here. "
            f"To mend it, move `{name}` and its agent to a module of their own.",
            about=call,
        )

    def _missing(self, model: Model, crossing: Crossing) -> Iterator[Finding]:
        """Agents that only exist under the main guard, used by a worker."""
        if crossing.boundary.keeps not in ("start-method", "imports"):
            return
        method = scope.start_method(model, crossing)
        if method == "fork":
            return
        severity = Severity.WARNING
        if crossing.boundary.keeps == "imports" or method is not None:
            severity = Severity.ERROR
        guarded = {id(a.instance): a for a in model.agents if _is_guarded_global(model, a)}
        for access in model.interpreter.reads if guarded else ():
            if id(access.value) not in guarded or not scope.runs_in(access.where, crossing):
                continue
            agent = guarded.pop(id(access.value))
            yield self.finding(
                model,
                model.range(access.node),
                f"`{agent.label}` does not exist in {crossing.boundary.title}: it is made under "
                "the main guard, so `NameError` is raised there",
                severity=severity,
                evidence=(
                    *_made_here(model, agent),
                    Evidence(
                        f"`{crossing.function.name}` runs in {crossing.boundary.title}",
                        model.range(crossing.node),
                    ),
                ),
                about=agent,
            )

    def _mixed(self, model: Model, runs: Runs) -> Iterator[Finding]:
        """A chat between two agents that all concurrent runs of a function share."""
        for entry in model.entry_calls:
            if entry.method not in _CHATS or not runs.cover(entry.call):
                continue
            if entry.where.locks:
                continue
            shared = _shared_sides(model, runs, entry)
            blocks = runs.is_async and not entry.is_async and not entry.where.in_thread
            if not shared or blocks:
                # What blocks the event loop overlaps with nothing: CB303.
                continue
            if runs.each and not _is_in_two(model, runs, entry, shared):
                continue
            names = " and ".join(f"`{agent.label}`" for agent in shared)
            yield self.finding(
                model,
                model.range(_method_place(entry.node)),
                f"{names} {'is' if len(shared) == 1 else 'are'} shared by all concurrent runs of "
                f"`{runs.name}`: their chats get mixed",
                severity=Severity.WARNING,
                evidence=(
                    *(link for agent in shared for link in _made_here(model, agent)),
                    Evidence(f"`{runs.name}` is {runs.boundary.title}", model.range(runs.node)),
                ),
                why="Both agents keep one history for each other. Two runs at the same time write "
                "into it together, and each reads the other's messages. "
                f"To mend it, {runs.boundary.fix}.",
                about=entry,
            )


def _pickling(model: Model, call: Call) -> tuple[Severity | None, Boundary | None, str]:
    """How surely ``call`` pickles its arguments, the boundary, and what that raises."""
    boundary = DISPATCHES.get(call.path or "")
    if boundary is not None:
        return Severity.ERROR, boundary, boundary.raises
    row = SENDS.get(call.path or "")
    if row is None or not row.boundary.raises:
        return None, None, ""
    boundary = row.boundary
    if (call.path or "").endswith(".Process"):
        method = start_method_of(None, call.callee) or _program_method(model)
        if method == "fork":
            return None, None, ""
        severity = Severity.ERROR if method else Severity.WARNING
        return severity, boundary, "AttributeError" + ("" if method else " unless it is forked")
    return Severity.ERROR, boundary, boundary.raises


def _program_method(model: Model) -> str | None:
    for call in model.calls_to("multiprocessing.set_start_method"):
        method = literal(call.arguments.get(0, "method"))
        return method if isinstance(method, str) else None
    return None


def _is_guarded_global(model: Model, agent: Agent) -> bool:
    call = agent.instance.call
    return (
        call is not None
        and call.where.guard
        and not call.where.stack
        and model.global_name(agent.instance) is not None
    )


def _is_in_two(model: Model, runs: Runs, entry: EntryCall, shared: list[Agent]) -> bool:
    """Whether ``shared`` take part in the chats of two of the runs."""
    mine = runs.run_of(entry.call)
    return any(
        e.method == entry.method
        and runs.cover(e.call)
        and runs.run_of(e.call) is not mine
        and all(agent in (e.agent, e.partner) for agent in shared)
        for e in model.entry_calls
    )


def _shared_sides(model: Model, runs: Runs, entry: EntryCall) -> list[Agent]:
    """The agents of a chat that make it unsafe to share: both of a pair, or a group's manager."""
    sides = [agent for agent in (entry.agent, entry.partner) if agent is not None]
    shared = [agent for agent in sides if runs.share(model, agent)]
    if len(sides) == 2 and len(shared) == 2:
        return sides
    return [agent for agent in shared if agent.row.name == "GroupChatManager"]


def _made_here(model: Model, agent: Agent) -> tuple[Evidence, ...]:
    if agent.node is None:
        return ()
    return (Evidence(f"`{agent.label}` is made here", model.range(agent.node)),)


def _method_place(node: ast.expr) -> ast.AST:
    return node.func if isinstance(node, ast.Call) else node
