"""CB514: a tool is replaced by another one of the same name."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.tools import Execution
from callscope.model.values import Constant
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ToolReplaced(Rule):
    """A tool is replaced by another one of the same name before it can run.

    ## What it does
    Reports a function registered for execution on an agent under a name that a later
    registration on the same agent gives to another function, with no chat in between.

    ## Why it matters
    A function map holds one function a name. AutoGen warns (`Function 'search' is being
    overridden.`) and from then on the first one never runs.

    ## Example
    ```python
    from typing import Annotated

    from autogen import UserProxyAgent

    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution(name="search")
    def search_web(query: Annotated[str, "query"]) -> str:
        print("FIRED")
        return f"web: {query}"


    @user.register_for_execution(name="search")
    def search_files(query: Annotated[str, "query"]) -> str:
        return f"files: {query}"


    print(user.execute_function({"name": "search", "arguments": '{"query": "tea"}'}))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import UserProxyAgent

    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution(name="search")
    def search_web(query: Annotated[str, "query"]) -> str:
        print("FIRED")
        return f"web: {query}"


    @user.register_for_execution(name="search_files")
    def search_files(query: Annotated[str, "query"]) -> str:
        return f"files: {query}"


    print(user.execute_function({"name": "search", "arguments": '{"query": "tea"}'}))
    ```

    ## When it stays silent
    When the same function is registered again, when `silent_override=True` says that it is meant,
    when either registration may not happen, and when anything runs between the two.

    ## Fix safety
    Unsafe: one of the two gets the name of its own function, the later one by preference. Which of
    them should have another name is yours to say.
    """

    code = "CB514"
    name = "tool-replaced"
    default_severity = Severity.ERROR

    speaks = (
        # two functions of one name, in two modules' worth of helpers
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def read_file(path: str) -> str:
    return path
def read_url(url: str) -> str:
    return url
register_function(read_file, caller=bot, executor=user, name="read", description="d")
register_function(read_url, caller=bot, executor=user, name="read", description="d")
""",
        # defined twice
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
@user.register_for_execution()
def search(query: str) -> str:
    return query
@user.register_for_execution()
def search(query: str, limit: int = 3) -> str:
    return query
""",
        # a function map and a decorator
        """
import autogen
def search(query):
    return query
user = autogen.UserProxyAgent("user", function_map={"search": search})
@user.register_for_execution(name="search")
def look_up(query: str) -> str:
    return query
""",
        # lambdas, on self
        """
from autogen import UserProxyAgent
class Desk:
    def __init__(self):
        self.user = UserProxyAgent("user")
        self.user.register_function({"now": lambda: "early"})
        self.user.register_function({"now": lambda: "late"})
Desk()
""",
        # through Tool objects
        """
from autogen import ConversableAgent
from autogen.tools import tool
user = ConversableAgent("user", llm_config=False)
@tool(name="search", description="d")
def one(query: str) -> str:
    return query
@tool(name="search", description="d")
def two(query: str) -> str:
    return query
one.register_for_execution(user)
two.register_for_execution(user)
""",
        # with the chat only afterwards
        """
from autogen import AssistantAgent, UserProxyAgent
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
user.register_for_execution(name="f")(one)
user.register_for_execution(name="f")(two)
user.initiate_chat(bot, message="go")
""",
    )

    silent = (
        # the same function again
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
def search(query: str) -> str:
    return query
user.register_for_execution()(search)
user.register_function({"search": search})
""",
        # on two agents
        """
from autogen import UserProxyAgent
one, two = UserProxyAgent("one"), UserProxyAgent("two")
one.register_function({"f": lambda: 1})
two.register_function({"f": lambda: 2})
""",
        # meant
        """
from autogen import UserProxyAgent
user = UserProxyAgent("user")
user.register_function({"f": lambda: 1})
user.register_function({"f": lambda: 2}, silent_override=True)
""",
        # a chat in between
        """
from autogen import AssistantAgent, UserProxyAgent
bot, user = AssistantAgent("bot", llm_config={"config_list": []}), UserProxyAgent("user")
user.register_function({"f": lambda: 1})
user.initiate_chat(bot, message="go")
user.register_function({"f": lambda: 2})
user.initiate_chat(bot, message="go")
""",
        # one or the other
        """
import os
from autogen import UserProxyAgent
user = UserProxyAgent("user")
user.register_function({"f": lambda: 1})
if os.environ.get("LATE"):
    user.register_function({"f": lambda: 2})
""",
        # removed on purpose, and a name that is computed
        """
import sys
from autogen import UserProxyAgent
user = UserProxyAgent("user")
for name in sys.argv:
    user.register_function({name: lambda: 1})
    user.register_function({name: lambda: 2})
""",
        # an agent for each
        """
from autogen import UserProxyAgent
def build(answer):
    user = UserProxyAgent("user")
    user.register_function({"f": lambda: answer})
    return user
users = [build(1), build(2)]
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a function that another takes the place of."""
        executions = model.tools.executions
        for position, first in enumerate(executions):
            later = executions[position + 1 :]
            second = next((other for other in later if _replaces(model, first, other)), None)
            if second is None or first.agent is None:
                continue
            registration = first.registration
            again = second.registration
            place = model.range(again.callback_node or again.node)
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{registration.callback_name}` never runs: `{again.callback_name}` takes the "
                f"name `{first.name}` over on `{first.agent.label}`",
                evidence=(Evidence(f"`{first.name}` is registered again here", place),),
                about=registration,
            )


def _replaces(model: Model, first: Execution, second: Execution) -> bool:
    """Whether ``second`` certainly takes the place of ``first``, which had no time to run."""
    same_key = first.agent is not None and first.agent == second.agent and first.name is not None
    if not same_key or first.name != second.name:
        return False
    if first.function is None or second.function is None or first.agent is None:
        return False
    if first.function.node is second.function.node or first.agent.instance.many:
        return False
    start, end = first.registration.call, second.registration.call
    if start.where.course is not end.where.course or not end.where.certain:
        return False
    if second.registration.argument("silent_override") not in (None, Constant(False)):
        return False
    ends = second.registration.application or end
    between = model.calls[start.index + 1 : ends.index]
    return not any(call.path is None or _may_run(call.method) for call in between)


def _may_run(method: str) -> bool:
    """Whether a call of that name may let the agent answer."""
    return not method.startswith(("register", "Tool", "tool")) and any(
        word in method for word in ("chat", "send", "receive", "reply", "run", "execute", "resume")
    )
