"""CB420: a runtime logger waits for what it is never told."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.objects import LOGGERS
from callscope.model import Model
from callscope.model.events import Call
from callscope.model.values import Function, Instance, UserClass, path_of
from callscope.rules._shared import started_here
from callscope.rules.base import Evidence, Finding, Rule, Severity

_START = "autogen.runtime_logging.start"
_REPLY_EVENT = "reply_func_executed"

_IMPORTS = """
import asyncio
from autogen import ConversableAgent, runtime_logging
from autogen.logger.base_logger import BaseLogger
"""
_HEAD = (
    _IMPORTS
    + """
def agents():
    return ConversableAgent("bot", llm_config=False), ConversableAgent("user", llm_config=False)
"""
)


class LoggerNotReached(Rule):
    """A method of a runtime logger waits for something that AutoGen does not log here.

    ## What it does
    Looks at loggers of this file that are passed to `runtime_logging.start`: at a `log_event` that
    only acts on `reply_func_executed` where all chats in view are async, and at a `log_new_agent`
    that does something where all agents in view are made before the start.

    ## Why it matters
    `reply_func_executed` is logged by the sync `generate_reply` only; `a_generate_reply` has no
    such line. And an agent is logged when it is made: whoever is there already is never mentioned.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent, runtime_logging
    from autogen.logger.base_logger import BaseLogger


    class Register(BaseLogger):
        def log_new_agent(self, agent, init_args):
            print("FIRED")

        def start(self):
            return "session"

        def nothing(self, *args, **kwargs):
            return None

        log_chat_completion = log_new_wrapper = log_new_client = nothing
        log_event = log_function_use = stop = get_connection = nothing


    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    runtime_logging.start(logger=Register())
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent, runtime_logging
    from autogen.logger.base_logger import BaseLogger


    class Register(BaseLogger):
        def log_new_agent(self, agent, init_args):
            print("FIRED")

        def start(self):
            return "session"

        def nothing(self, *args, **kwargs):
            return None

        log_chat_completion = log_new_wrapper = log_new_client = nothing
        log_event = log_function_use = stop = get_connection = nothing


    runtime_logging.start(logger=Register())
    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When one chat in view is sync, nested chats included, when an agent is made later or in another
    file, and for loggers that act on other events as well.

    ## Fix safety
    Unsafe: when the start comes earlier, more is logged. No fix for async chats, which log less.
    """

    code = "CB420"
    name = "logger-not-reached"
    default_severity = Severity.WARNING

    speaks = (
        # async chats only
        _HEAD
        + """
class Log(BaseLogger):
    def log_event(self, source, name, **kwargs):
        if name == "reply_func_executed":
            print(kwargs["reply_func_name"])
runtime_logging.start(logger=Log())
bot, user = agents()
asyncio.run(user.a_initiate_chat(bot, message="hi", max_turns=1))
""",
        # left early
        _HEAD
        + """
class Log(BaseLogger):
    def log_event(self, source, name, **kwargs):
        if name != "reply_func_executed":
            return
        print(kwargs["reply_func_name"])
runtime_logging.start(Log())
async def main():
    bot, user = agents()
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # a session
        _HEAD
        + """
class Log(BaseLogger):
    def __init__(self):
        self.seen = []
    def log_event(self, source, name, **kwargs):
        if name == "reply_func_executed" and kwargs["final"]:
            self.seen.append(source)
class Session:
    def __init__(self):
        self.log = Log()
        self.bot, self.user = agents()
    async def run(self):
        runtime_logging.start(logger=self.log)
        await self.user.a_initiate_chat(self.bot, message="hi", max_turns=1)
        runtime_logging.stop()
asyncio.run(Session().run())
""",
        # agents of the module
        _HEAD
        + """
class Log(BaseLogger):
    def log_new_agent(self, agent, init_args):
        print(agent.name)
bot, user = agents()
def main():
    runtime_logging.start(logger=Log())
    user.initiate_chat(bot, message="hi", max_turns=1)
main()
""",
        # agents of the same function
        _IMPORTS
        + """
class Log(BaseLogger):
    def log_new_agent(self, agent, init_args):
        print(agent.name)
def main():
    bot = ConversableAgent("bot", llm_config=False)
    runtime_logging.start(Log())
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
main()
""",
    )

    silent = (
        # a sync chat
        speaks[0].replace("asyncio.run(user.a_initiate_chat(", "(user.initiate_chat("),
        # other events as well
        speaks[0].replace(
            "            print(kwargs",
            "            print(name)\n"
            '        elif name == "received_message":\n            print(kwargs',
        ),
        # started first
        speaks[3]
        .replace("bot, user = agents()\n", "")
        .replace("(logger=Log())", "(logger=Log())\n    bot, user = agents()"),
        # one made later
        speaks[4].replace(
            "    bot.generate", '    ConversableAgent("late", llm_config=False)\n    bot.generate'
        ),
        # nothing is done with new agents
        speaks[4].replace("        print(agent.name)", "        pass"),
        # both kinds of chat
        speaks[1].replace(
            "asyncio.run", "one, two = agents()\none.initiate_chat(two)\nasyncio.run"
        ),
        # a logger of another package
        """
import autogen
from records import runtime_logging
class Log:
    def log_new_agent(self, agent, init_args):
        print(agent)
bot = autogen.ConversableAgent("bot", llm_config=False)
runtime_logging.start(logger=Log())
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a logger's method that nothing reaches."""
        if model.release not in LOGGERS:
            return
        if model.interpreter.exhausted or model.interpreter.star_imports:
            return
        for start in model.calls:
            owner = _logger(start)
            if owner is None:
                continue
            yield from self._replies(model, start, owner)
            yield from self._agents(model, start, owner)

    def _replies(self, model: Model, start: Call, owner: UserClass) -> Iterator[Finding]:
        method = owner.names.get("log_event")
        if not isinstance(method, Function) or not _acts_on_replies_only(method):
            return
        nested = any(r.kind == "nested" for r in model.registrations)
        if not model.entry_calls or nested or not all(e.is_async for e in model.entry_calls):
            return
        yield self.finding(
            model,
            model.range(method.node),
            f"`{owner.name}.log_event` never gets {_REPLY_EVENT!r}: only sync chats log it, and "
            "the chats here are async",
            evidence=(
                Evidence("The logger is started here", model.range(start.node)),
                *started_here(model, model.entry_calls[0]),
            ),
        )

    def _agents(self, model: Model, start: Call, owner: UserClass) -> Iterator[Finding]:
        method = owner.names.get("log_new_agent")
        made = [agent.instance.call for agent in model.agents if agent.instance.call is not None]
        if not isinstance(method, Function) or _does_nothing(method) or not made:
            return
        if not all(model.happens_before(call, start) for call in made):
            return
        if any(
            _may_make_agents(call) and not model.happens_before(call, start) for call in model.calls
        ):
            return
        yield self.finding(
            model,
            model.range(start.node),
            f"`{owner.name}.log_new_agent` is never called: each agent is made before the logger "
            "is started",
            evidence=tuple(Evidence("An agent is made here", model.range(c.node)) for c in made),
        )


def _logger(start: Call) -> UserClass | None:
    """The class in this file of the logger that ``start`` is given."""
    given = start.arguments.get(0, "logger") if start.path == _START else None
    owner = given.type if isinstance(given, Instance) else None
    return owner if isinstance(owner, UserClass) else None


def _may_make_agents(call: Call) -> bool:
    """Whether ``call`` goes to code not in view, which is not the framework's."""
    path = call.path if not isinstance(call.callee, Function) else None
    known = ("autogen.", "builtins.", "asyncio.", "logging.")
    return path is not None and not path.startswith(known) and path_of(call.callee) is not None


def _acts_on_replies_only(method: Function) -> bool:
    """Whether the body is one test for the event, or leaves first at any other."""
    names = [argument.arg for argument in method.node.args.args]
    body = method.node.body if isinstance(method.node.body, list) else []
    body = [statement for statement in body if not _is_text(statement)]
    if len(names) < 3 or not body or not isinstance(body[0], ast.If):
        return False
    first, name = body[0], names[2]
    if _tests(first.test, name, ast.Eq):
        return len(body) == 1 and not first.orelse
    leaves = len(first.body) == 1 and isinstance(first.body[0], ast.Return)
    return leaves and not first.orelse and _tests(first.test, name, ast.NotEq)


def _tests(test: ast.expr, name: str, operator: type[ast.cmpop]) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and operator is ast.Eq:
        return any(_tests(part, name, operator) for part in test.values)
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], operator):
        return False
    sides = (test.left, test.comparators[0])
    named = any(isinstance(side, ast.Name) and side.id == name for side in sides)
    return named and any(isinstance(s, ast.Constant) and s.value == _REPLY_EVENT for s in sides)


def _does_nothing(method: Function) -> bool:
    body = method.node.body if isinstance(method.node.body, list) else []
    return all(_is_text(s) or isinstance(s, ast.Pass | ast.Return) for s in body)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
