"""CB501: a tool is offered to a model, and nobody who gets the call can execute it."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import FUNCTIONS_ARGUMENT, NOT_FOUND
from callscope.model import Model
from callscope.model.tools import Execution, ToolRequest
from callscope.rules.base import Evidence, Finding, Rule, Severity


class ToolWithoutExecutor(Rule):
    """A tool is offered to a model, but nobody who receives the call can execute it.

    ## What it does
    A tool call travels like a message: the agent whose model asks for it sends it, and its partner
    looks the name up in its own function map. This rule follows each tool from the agent that
    offers it (`register_for_llm`, `register_function`, `functions=[...]`, a schema in
    `llm_config`) to the agents it chats with, and reports it when none of them has the name.

    ## Why it matters
    AutoGen does not complain. The partner answers the model with the text
    `Error: Function add not found.` and the function never runs; in a `GroupChat` in which no
    member has any function the chat ends with a ValueError. `register_for_execution` on the agent
    that offers the tool does not help, because an agent does not execute its own calls.

    ## Example
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = ConversableAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import ConversableAgent, UserProxyAgent

    config = {"config_list": [{"model": "gpt-4o", "api_key": "none"}]}
    assistant = ConversableAgent("assistant", llm_config=config)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    @user.register_for_execution()
    @assistant.register_for_llm(description="Add two numbers.")
    def add(a: Annotated[int, "first"], b: Annotated[int, "second"]) -> int:
        print("FIRED")
        return a + b


    add_call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    tool_calls = [{"id": "1", "type": "function", "function": add_call}]
    asked = {"role": "assistant", "content": None, "tool_calls": tool_calls}
    print(user.generate_reply(messages=[asked], sender=assistant))
    ```

    ## When it stays silent
    When the chats of the agent are not in view, when an agent is handed to code that is not, or
    when a partner's function map may hold more than the file shows. Also for `agent.run()` without
    a recipient and for `initiate_group_chat`: there AutoGen makes an executor of its own. A name
    that only differs is `tool-name-mismatch`.

    ## Fix safety
    Safe: registering the function for execution on the one agent that receives the call.
    """

    code = "CB501"
    name = "tool-without-executor"
    default_severity = Severity.ERROR

    speaks = (
        # executed by the agent that offers it
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@assistant.register_for_execution()
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
user.initiate_chat(assistant, message="1 + 2?")
""",
        # the same with register_function
        """
import autogen
config = {"config_list": []}
assistant = autogen.AssistantAgent("assistant", llm_config=config)
user = autogen.UserProxyAgent("user", code_execution_config=False)
def add(a: int, b: int) -> int:
    return a + b
autogen.register_function(add, caller=assistant, executor=assistant, description="d")
user.initiate_chat(assistant, message="1 + 2?")
""",
        # functions= is an offer only
        """
from autogen import ConversableAgent
def add(a: int, b: int) -> int:
    return a + b
assistant = ConversableAgent("assistant", llm_config={"config_list": []}, functions=[add])
user = ConversableAgent("user", llm_config=False)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # nobody in the group
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
config = {"config_list": []}
alice = AssistantAgent("alice", llm_config=config)
bob = AssistantAgent("bob", llm_config=config)
user = UserProxyAgent("user", code_execution_config=False)
@alice.register_for_llm(description="d")
def search(query: str) -> str:
    return query
chat = GroupChat([user, alice, bob], messages=[])
manager = GroupChatManager(chat, llm_config=config)
user.initiate_chat(manager, message="go")
""",
        # executed by somebody else, agents kept on self
        """
from autogen import AssistantAgent, UserProxyAgent
class Team:
    def __init__(self):
        self.writer = AssistantAgent("writer", llm_config={"config_list": []})
        self.user = UserProxyAgent("user", code_execution_config=False)
        self.tools = UserProxyAgent("tools", code_execution_config=False)
        self.writer.register_for_llm(description="d")(search)
        self.tools.register_for_execution()(search)
    def ask(self, question):
        self.user.initiate_chat(self.writer, message=question)
def search(query: str) -> str:
    return query
Team().ask("?")
""",
        # a schema without a function
        """
from autogen import AssistantAgent, UserProxyAgent
schema = {"name": "search", "description": "d", "parameters": {"type": "object", "properties": {}}}
assistant = AssistantAgent("assistant", llm_config={"config_list": [], "functions": [schema]})
user = UserProxyAgent("user", code_execution_config=False)
user.initiate_chat(assistant, message="go")
""",
        # one of two tools in a loop
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
def one(a: int) -> int:
    return a
def two(a: int) -> int:
    return a
for tool in [one, two]:
    assistant.register_for_llm(description="d")(tool)
user.initiate_chat(assistant, message="go")
""",
        # a reply function that asks for it
        """
from autogen import Agent, ConversableAgent, GroupChat, GroupChatManager
alice = ConversableAgent("alice", llm_config=False)
bob = ConversableAgent("bob", llm_config=False)
def suggest(recipient, messages=None, sender=None, config=None):
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return True, {"content": None, "tool_calls": [call]}
alice.register_reply([Agent, None], suggest)
manager = GroupChatManager(GroupChat([alice, bob], messages=[]), llm_config=False)
bob.initiate_chat(manager, message="go")
""",
    )

    silent = (
        # the chat is somewhere else
        """
from autogen import AssistantAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
""",
        # a hidden executor
        """
from autogen import ConversableAgent
def add(a: int, b: int) -> int:
    return a + b
assistant = ConversableAgent("assistant", llm_config={"config_list": []}, functions=[add])
assistant.run(message="1 + 2?", max_turns=3).process()
""",
        # a group of AG2's: it has an executor of its own
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group.patterns import AutoPattern
def add(a: int, b: int) -> int:
    return a + b
assistant = ConversableAgent("assistant", llm_config={"config_list": []}, functions=[add])
user = ConversableAgent("user", llm_config=False)
pattern = AutoPattern(initial_agent=assistant, agents=[assistant], user_agent=user)
initiate_group_chat(pattern, messages="1 + 2?")
user.initiate_chat(assistant, message="again", max_turns=1)
""",
        # the agents go to code not in view
        """
from autogen import AssistantAgent, UserProxyAgent
from tools import register_all
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
register_all(user)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # a map filled by hand
        """
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False)
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
user._function_map["add"] = add
user.initiate_chat(assistant, message="1 + 2?")
""",
        # a map built elsewhere
        """
from autogen import AssistantAgent, UserProxyAgent
from tools import FUNCTIONS
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user", code_execution_config=False, function_map=FUNCTIONS)
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
user.initiate_chat(assistant, message="1 + 2?")
""",
        # another member executes it
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
config = {"config_list": []}
alice = AssistantAgent("alice", llm_config=config)
user = UserProxyAgent("user", code_execution_config=False)
tools = UserProxyAgent("tools", code_execution_config=False)
@tools.register_for_execution()
@alice.register_for_llm(description="d")
def search(query: str) -> str:
    return query
manager = GroupChatManager(GroupChat([user, alice, tools], messages=[]), llm_config=config)
user.initiate_chat(manager, message="go")
""",
        # an agent class that executes in its own way
        """
from autogen import AssistantAgent, UserProxyAgent
class Runner(UserProxyAgent):
    def execute_function(self, func_call, call_id=None, verbose=False):
        return True, {"content": "done"}
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = Runner("user", code_execution_config=False)
@assistant.register_for_llm(description="d")
def add(a: int, b: int) -> int:
    return a + b
user.initiate_chat(assistant, message="1 + 2?")
""",
        # a Tool object, registered on both
        """
from autogen import ConversableAgent
from autogen.tools import Tool, tool
assistant = ConversableAgent("assistant", llm_config={"config_list": []})
user = ConversableAgent("user", llm_config=False)
@tool(name="adder", description="d")
def add(a: int, b: int) -> int:
    return a + b
add.register_for_llm(assistant)
add.register_for_execution(user)
user.initiate_chat(assistant, message="1 + 2?")
""",
        # many executors made in a loop
        """
import sys
from autogen import AssistantAgent, UserProxyAgent
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
def add(a: int, b: int) -> int:
    return a + b
assistant.register_for_llm(description="d")(add)
for name in sys.argv:
    user = UserProxyAgent(name, code_execution_config=False)
    user.register_for_execution()(add)
    user.initiate_chat(assistant, message="1 + 2?")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a tool that is asked for and that nobody executes."""
        said: set[tuple[object, object]] = set()
        for request in model.tools.requests:
            if request.asker is None or not model.tools.unanswered(request):
                continue
            if request.origin == "functions" and model.release not in FUNCTIONS_ARGUMENT:
                continue
            key = (request.asker.instance, request.name)
            if request.origin in ("message", "reply") and key in said:
                continue
            said.add(key)
            if model.tools.misnamed(request) is not None or model.tools.swapped(request):
                continue
            own = _own_execution(model, request)
            yield self.finding(
                model,
                model.range(request.node),
                _message(request, own),
                evidence=_evidence(model, request, own),
                severity=Severity.WARNING if request.origin == "schema" else Severity.ERROR,
                about=request.about,
            )


def _own_execution(model: Model, request: ToolRequest) -> Execution | None:
    """The registration for execution on the agent that makes the call, if there is one."""
    return next(
        (e for e in model.tools.executions if e.agent == request.asker and e.name == request.name),
        None,
    )


def _message(request: ToolRequest, own: Execution | None) -> str:
    asker, responders = request.asker, request.responders
    assert asker is not None
    if responders.group is not None:
        return (
            f"Tool `{request.name}` never runs: `{asker.label}` asks for it, but no member of the "
            f"group chat can execute it"
        )
    others = " and ".join(f"`{agent.label}`" for agent in responders.agents)
    outcome = NOT_FOUND.format(name=request.name)
    if own is not None:
        return (
            f"Tool `{request.name}` never runs: it is registered for execution on "
            f"`{asker.label}`, which asks for it, but {others} gets the call and answers "
            f"`{outcome}`"
        )
    return (
        f"Tool `{request.name}` never runs: `{asker.label}` asks for it, but {others} "
        f"cannot execute it and answers `{outcome}`"
    )


def _evidence(model: Model, request: ToolRequest, own: Execution | None) -> tuple[Evidence, ...]:
    links = []
    if own is not None:
        place = model.range(own.registration.node)
        links.append(Evidence("It is registered for execution on the agent that asks", place))
    for turn in request.responders.turns[:2]:
        answering = turn.sender if turn.in_group and turn.sender is not None else turn.agent
        text = f"In this chat `{answering.label}` receives the call"
        links.append(Evidence(text, model.range(turn.node)))
    return tuple(links)
