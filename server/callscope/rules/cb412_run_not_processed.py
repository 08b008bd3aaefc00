"""CB412: the response of ``run`` or ``run_iter`` is not driven."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.methods import has_method
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.model.values import Instance
from callscope.rules._shared import bodies, is_never_read, kept_as, statement_of
from callscope.rules.base import Finding, Rule, Severity

_ITERATORS = ("run_iter", "a_run_iter")
_RUNS = ("run", "a_run", *_ITERATORS)


class RunNotProcessed(Rule):
    """A chat is asked for by `run`, but its response is never driven.

    ## What it does
    Looks at AG2's `run_iter` and `a_run_iter` whose iterator is thrown away or awaited, at `a_run`
    whose response is not processed, at loops over `response.events` after `response.process()`, and
    at `run` whose response is thrown away.

    ## Why it matters
    `run_iter` starts nothing until it is iterated. `await agent.a_run(...)` only makes a task: it
    is cancelled when `main()` returns, unless `await response.process()` waits for it. The events
    of a response come only once; iterating them a second time waits for ever. And an exception in a
    callback becomes an event that nobody sees.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    user.run_iter(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([Agent, None], on_reply)
    for event in user.run_iter(assistant, message="hello", max_turns=1):
        pass
    ```

    ## When it stays silent
    When the response is returned or handed on, or kept where code in view may read it.

    ## Fix safety
    Unsafe: the chat now runs to its end at this place.
    """

    code = "CB412"
    name = "run-not-processed"
    default_severity = Severity.ERROR

    speaks = (
        # an async iterator is not awaited
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
async def main():
    events = await user.a_run_iter(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # the task is cancelled
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
async def main():
    response = await user.a_run(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # thrown away
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
async def main():
    await user.a_run(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # the events are used up
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
response = user.run(bot, message="hi", max_turns=1)
response.process()
for event in response.events:
    print(event)
""",
        # bound, and never iterated
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def main():
    events = user.run_iter(bot, message="hi", max_turns=1)
main()
""",
        # printed, which iterates over nothing
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
steps = user.run_iter(bot, message="hi", max_turns=1)
print("started", steps)
""",
        # kept on an object, and never read
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Session:
    def start(self, text):
        self.events = user.run_iter(bot, message=text, max_turns=1)
Session().start("hi")
""",
        # errors go unseen
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.run(bot, message="hi", max_turns=1)
""",
    )

    silent = (
        # processed
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.run(bot, message="hi", max_turns=1).process()
""",
        # awaited and processed
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
async def main():
    response = await user.a_run(bot, message="hi", max_turns=1)
    await response.process()
asyncio.run(main())
""",
        # iterated
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
async def main():
    async for event in user.a_run_iter(bot, message="hi", max_turns=1):
        print(event)
asyncio.run(main())
""",
        # printed one by one
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
steps = user.run_iter(bot, message="hi", max_turns=1)
print(*steps)
print(list(steps))
""",
        # returned
        """
from autogen import AssistantAgent, UserProxyAgent
def start(text):
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    return user.run(bot, message=text, max_turns=1)
""",
        # kept on self
        """
from autogen import AssistantAgent, UserProxyAgent
class Session:
    async def start(self, text):
        bot = AssistantAgent("bot", llm_config=False)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        self.response = await user.a_run(bot, message=text, max_turns=1)
""",
        # kept on an object, and iterated by a method
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
class Session:
    def start(self, text):
        self.events = user.run_iter(bot, message=text, max_turns=1)
    def lines(self):
        return [str(event) for event in self.events]
session = Session()
session.start("hi")
print(session.lines())
""",
        # events instead of process
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
response = user.run(bot, message="hi", max_turns=1)
for event in response.events:
    print(event)
print(response.summary)
""",
        # another object's run
        """
import autogen
class Job:
    def run_iter(self): ...
Job().run_iter()
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a response that is not driven."""
        runs = [
            entry
            for entry in model.entry_calls
            if entry.method in _RUNS and has_method(entry.method, model.release)
        ]
        for entry in runs:
            claim = _claim(model, entry)
            if claim is not None:
                text, severity = claim
                yield self.finding(
                    model, model.range(entry.node), text, severity=severity, about=entry
                )
        yield from self._used_up(model, runs)

    def _used_up(self, model: Model, runs: list[EntryCall]) -> Iterator[Finding]:
        """Loops over events that ``process`` has already used up."""
        responses = {kept_as(model, e.node) for e in runs if e.method not in _ITERATORS}
        for body in bodies(model) if responses else ():
            done: set[str] = set()
            for statement in body:
                if isinstance(statement, ast.For | ast.AsyncFor):
                    name = _member_of(statement.iter, "events")
                    if name in done and name in responses:
                        yield self.finding(
                            model,
                            model.range(statement.iter),
                            f"This loop waits for ever: `{name}.process()` has used up the events",
                        )
                elif isinstance(statement, ast.Expr):
                    done |= _processed(statement.value)


def _claim(model: Model, entry: EntryCall) -> tuple[str, Severity] | None:
    call = entry.call
    unused = _is_unused(model, entry)
    if entry.method in _ITERATORS:
        if call.use == "awaited":
            text = "`a_run_iter` gives an async iterator, which cannot be awaited: use `async for`"
            return text, Severity.ERROR
        if unused:
            text = f"The chat never starts: nothing iterates over what `{entry.method}` gives"
            return text, Severity.ERROR
    if entry.method == "a_run" and call.use == "awaited" and unused:
        text = (
            "Nothing waits for the chat: without `await response.process()` it is cancelled where "
            "it first has to wait, if the event loop ends by then, and its callbacks with it"
        )
        return text, Severity.WARNING
    if entry.method == "run" and unused:
        text = "An exception in a callback goes unseen here: only `response.process()` shows it"
        return text, Severity.INFORMATION
    return None


def _is_unused(model: Model, entry: EntryCall) -> bool:
    """Whether what the call gives is thrown away, or bound to a name that is never read."""
    statement = statement_of(model, entry.node)
    if isinstance(statement, ast.Expr):
        return True
    if _is_left_on_object(model, entry, statement):
        return True
    name = kept_as(model, entry.node)
    printed = _printed(model)
    return name is not None and not any(
        node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in printed
        for node in model.nodes(ast.Name)
    )


def _is_left_on_object(model: Model, entry: EntryCall, statement: ast.stmt | None) -> bool:
    """Whether a program in view keeps it as an attribute, of an object of its own, and leaves it
    there."""
    if not entry.where.root.is_module or not isinstance(statement, ast.Assign):
        return False
    target, holder = statement.targets[0], _holder(model, entry)
    return (
        isinstance(target, ast.Attribute)
        and holder is not None
        and not holder.escapes
        and is_never_read(model, target.attr)
    )


def _holder(model: Model, entry: EntryCall) -> Instance | None:
    """The object that keeps what ``entry`` gives."""
    given = entry.call.result
    if not isinstance(given, Instance):
        return None
    instances = model.interpreter.instances
    return next((i for i in instances if any(v is given for v in i.attributes.values())), None)


def _printed(model: Model) -> set[int]:
    """The arguments of ``print``: nothing is done with what stands there by itself."""
    calls = model.calls_to("builtins.print")
    return {id(node) for call in calls for node in call.arguments.positional_nodes}


def _processed(value: ast.expr) -> set[str]:
    """The name of the response that ``value`` processes."""
    value = value.value if isinstance(value, ast.Await) else value
    name = _member_of(value.func, "process") if isinstance(value, ast.Call) else None
    return {name} if name is not None else set()


def _member_of(node: ast.expr, member: str) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == member and isinstance(node.value, ast.Name):
        return node.value.id
    return None
