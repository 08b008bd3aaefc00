"""CB507: an async tool is called where nothing awaits it."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import (
    EXECUTE_FUNCTION_KEEPS_COROUTINE,
    GPT_ASSISTANT_KEEPS_COROUTINE,
    LOOP_RUNNING,
    SYNC_CHAT_NEEDS_FREE_LOOP,
)
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.events import Call
from callscope.model.registrations import EntryCall
from callscope.model.tools import Execution, tool_callable
from callscope.model.values import Constant, Mapping
from callscope.rules.base import Evidence, Finding, Rule, Severity


class AsyncToolNotAwaited(Rule):
    """An async tool is called where nothing awaits it.

    ## What it does
    Looks at tools that are `async def` and at how the targeted release calls them: through the
    sync `execute_function`, through a sync chat inside a running event loop, and by a
    `GPTAssistantAgent`. It reports the ways in which that release does not run the coroutine.

    ## Why it matters
    `execute_function` of older releases gives the coroutine object back as the result: the body
    never runs, and Python only warns that it was never awaited. A sync chat of AutoGen 0.2 runs
    the coroutine on the current event loop, and raises
    `RuntimeError: This event loop is already running` in a notebook, where a loop runs all the
    time, or a web handler.

    ## Example
    ```python
    from typing import Annotated

    from autogen import UserProxyAgent

    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    async def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    print(user.execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'}))
    ```

    ## Fixed
    ```python
    import asyncio
    from typing import Annotated

    from autogen import UserProxyAgent

    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    async def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    print(asyncio.run(user.a_execute_function({"name": "add", "arguments": '{"a": 1, "b": 2}'})))
    ```

    ## When it stays silent
    Where the targeted release awaits the tool: `execute_function` from AG2 0.10.5, sync chats of
    AG2, and all `a_` methods. Also where the name of the tool is not known, and in a notebook that
    imports `nest_asyncio`, which lets loops run in loops.

    ## Fix safety
    Awaiting the `a_` twin is unsafe: the functions around it become async, and async callbacks run.
    Making a tool of a GPTAssistantAgent a plain function is safe where it awaits nothing.
    """

    code = "CB507"
    name = "async-tool-not-awaited"
    default_severity = Severity.ERROR
    example_target = "autogen-agentchat==0.2.40"

    speaks = (
        # a function map
        """
import autogen
async def add(a, b):
    return a + b
user = autogen.UserProxyAgent("user", function_map={"add": add})
user.execute_function({"name": "add", "arguments": "{}"})
""",
        # the call kept in a name, in a method
        """
from autogen import UserProxyAgent
class Desk:
    def __init__(self):
        self.user = UserProxyAgent("user")
        self.user.register_for_execution(name="plus")(add)
    def run(self):
        call = {"name": "plus", "arguments": "{}"}
        return self.user.execute_function(func_call=call)
async def add(a: int, b: int) -> int:
    return a + b
Desk().run()
""",
        # a sync reply inside a running loop
        """
import asyncio
from autogen import ConversableAgent, UserProxyAgent
user, bot = UserProxyAgent("user"), ConversableAgent("bot", llm_config=False)
@user.register_for_execution()
async def add(a: int, b: int) -> int:
    return a + b
async def main():
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    return user.generate_reply(messages=[{"content": None, "tool_calls": [call]}], sender=bot)
asyncio.run(main())
""",
        # a sync chat inside a running loop
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
async def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
async def main():
    user.initiate_chat(bot, message="1 + 2?")
asyncio.run(main())
""",
        # the same from a web handler's helper
        """
from fastapi import FastAPI
from autogen import AssistantAgent, UserProxyAgent, register_function
app = FastAPI()
async def add(a: int, b: int) -> int:
    return a + b
def answer(question):
    bot = AssistantAgent("bot", llm_config={"config_list": []})
    user = UserProxyAgent("user")
    register_function(add, caller=bot, executor=user, description="d")
    return user.initiate_chat(bot, message=question).summary
@app.post("/ask")
async def ask(question: str):
    return answer(question)
""",
        # an assistant of OpenAI's
        """
from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent
async def add(a: int, b: int) -> int:
    return a + b
bot = GPTAssistantAgent("bot", llm_config={"config_list": []})
bot.register_function(function_map={"add": add})
""",
    )

    silent = (
        # awaited
        """
import asyncio
from autogen import UserProxyAgent
user = UserProxyAgent("user")
@user.register_for_execution()
async def add(a: int, b: int) -> int:
    return a + b
asyncio.run(user.a_execute_function({"name": "add", "arguments": "{}"}))
""",
        # a plain tool
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
@user.register_for_execution()
def add(a: int, b: int) -> int:
    return a + b
user.execute_function({"name": "add", "arguments": "{}"})
""",
        # a sync chat without a running loop
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
async def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
user.initiate_chat(bot, message="1 + 2?")
""",
        # an async chat
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
async def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
async def main():
    await user.a_initiate_chat(bot, message="1 + 2?")
asyncio.run(main())
""",
        # in a thread of its own
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent, register_function
bot = AssistantAgent("bot", llm_config={"config_list": []})
user = UserProxyAgent("user")
async def add(a: int, b: int) -> int:
    return a + b
register_function(add, caller=bot, executor=user, description="d")
async def main():
    await asyncio.to_thread(user.initiate_chat, bot, message="1 + 2?")
asyncio.run(main())
""",
        # another tool
        """
import autogen
async def add(a, b):
    return a + b
def sub(a, b):
    return a - b
user = autogen.UserProxyAgent("user", function_map={"add": add, "sub": sub})
user.execute_function({"name": "sub", "arguments": "{}"})
""",
        # a name that is not known
        """
import autogen
async def add(a, b):
    return a + b
def run(call):
    user = autogen.UserProxyAgent("user", function_map={"add": add})
    return user.execute_function(call)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """Findings at direct executions, at sync chats, and on agents that never await."""
        if model.release in EXECUTE_FUNCTION_KEEPS_COROUTINE:
            yield from self._executed_directly(model)
        if model.release in SYNC_CHAT_NEEDS_FREE_LOOP:
            yield from self._chats_in_a_loop(model)
        if model.release in GPT_ASSISTANT_KEEPS_COROUTINE:
            yield from self._on_assistants(model)

    def _executed_directly(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            agent = as_agent(call.receiver) if call.method == "execute_function" else None
            tool = _async_tool(model, agent, _name_in(call)) if agent is not None else None
            if tool is None:
                continue
            yield self.finding(
                model,
                model.range(call.node),
                f"`{tool.name}` never runs: `execute_function` calls the async tool and takes the "
                "coroutine for its result; `await agent.a_execute_function(...)` runs it",
                evidence=_defined(model, tool),
            )

    def _chats_in_a_loop(self, model: Model) -> Iterator[Finding]:
        for entry in model.entry_calls:
            around = _loop_around(model, entry)
            if entry.is_async or entry.where.in_thread or around is None:
                continue
            for request in model.tools.requests:
                tools = [_async_tool(model, a, request.name) for a in request.responders.agents]
                tool = next((t for t in tools if t is not None), None)
                runs_here = request.about is entry or any(
                    turn.entry is entry.call for turn in request.responders.turns
                )
                if tool is None or not runs_here:
                    continue
                certain = request.origin == "message"
                yield self.finding(
                    model,
                    model.range(entry.node),
                    f"Async tool `{tool.name}` fails here: a sync `{entry.method}` {around} meets "
                    f"`{LOOP_RUNNING}`; use `await ...a_{entry.method}(...)`",
                    evidence=_defined(model, tool),
                    severity=Severity.ERROR if certain else Severity.WARNING,
                    about=entry,
                )

    def _on_assistants(self, model: Model) -> Iterator[Finding]:
        for execution in model.tools.executions:
            agent, known = execution.agent, tool_callable(execution.registration.callback)
            if agent is None or agent.row.name != "GPTAssistantAgent":
                continue
            if known is None or not known.is_async:
                continue
            registration = execution.registration
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{known.name}` never runs: `{agent.label}` is a GPTAssistantAgent, which calls "
                "its tools without awaiting them",
                evidence=_defined(model, execution),
                about=registration,
            )


def _async_tool(model: Model, agent: Agent, name: str | None) -> Execution | None:
    """The one entry of that name in the agent's function map, if it is async."""
    named = [e for e in model.tools.executions if e.agent == agent and e.name == name]
    known = tool_callable(named[0].registration.callback) if len(named) == 1 else None
    return named[0] if name is not None and known is not None and known.is_async else None


def _name_in(call: Call) -> str | None:
    """The name of the tool in ``execute_function({"name": ...})``."""
    asked = call.arguments.get(0, "func_call")
    name = asked.items.get("name") if isinstance(asked, Mapping) else None
    return name.value if isinstance(name, Constant) and isinstance(name.value, str) else None


def _loop_around(model: Model, entry: EntryCall) -> str | None:
    """Whose event loop is running at ``entry``, in words; None if none is known to be."""
    root = entry.where.root
    running = [root.function, *(function for _, function in entry.where.stack)]
    around = next((f for f in reversed(running) if f is not None and f.is_async), None)
    if around is not None:
        return f"inside the coroutine `{around.name}`"
    in_cell = model.source.interactive and root.is_module and root.module is None
    return "in a notebook" if in_cell and not _lets_loops_nest(model) else None


def _lets_loops_nest(model: Model) -> bool:
    """Whether the notebook has to do with ``nest_asyncio``."""
    return "nest_asyncio" in model.source.text


def _defined(model: Model, tool: Execution) -> tuple[Evidence, ...]:
    if tool.function is None:
        return ()
    place = model.range(tool.function.node)
    return (Evidence(f"`{tool.function.name}` is a coroutine function", place),)
