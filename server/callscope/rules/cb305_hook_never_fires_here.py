"""CB305: a hook for sync chats where all chats are async, or the other way round."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import CAPABILITY_HOOKS, HOOKS, Hook
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.chats import Turn
from callscope.model.registrations import Registration
from callscope.rules._shared import defined_here, owned
from callscope.rules.base import Evidence, Finding, Rule, Severity

_SENDS = "process_message_before_send"


class HookNeverFiresHere(Rule):
    """A hook is registered for a kind of chat that never comes.

    ## What it does
    Compares each hook with the chats in view. In AutoGen 0.2.36 to 0.2.40 an async chat runs only
    the hooks under the `a_` names and a sync chat only the others; in AG2 the safeguards for tools
    and human input are asked in sync chats only. Capabilities such as TransformMessages register
    sync hooks.

    ## Why it matters
    Nothing is raised and nothing is logged: the redaction, the log, the check of a tool's arguments
    is simply not there in the other kind of chat.

    ## Example
    ```python
    import asyncio

    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", audit)
    asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1))
    ```

    ## Fixed
    ```python
    import asyncio

    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    async def audit(content):
        print("FIRED")
        return content


    assistant.register_hook("a_process_last_received_message", audit)
    asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1))
    ```

    ## When it stays silent
    When the agent takes part in both kinds of chats, or in chats that are not in view, and in
    releases whose async chats run the hook too.

    ## Fix safety
    Registering the hook under its other name is safe: it has never run. It takes a function that
    can become async, or plain, and that nobody else calls; lambdas and capabilities have to be
    written anew.
    """

    code = "CB305"
    name = "hook-never-fires-here"
    default_severity = Severity.ERROR
    example_target = "autogen-agentchat==0.2.40"

    speaks = (
        # messages before the reply, in an async function
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
b.register_hook("process_all_messages_before_reply", lambda messages: messages[-3:])
async def main():
    await a.a_initiate_chat(b, message="hi", max_turns=1)
asyncio.run(main())
""",
        # before sending
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
def send(sender, message, recipient, silent):
    return message
a.register_hook("process_message_before_send", send)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # the a_ name in a sync chat
        """
import autogen
a = autogen.ConversableAgent("a", llm_config=False)
b = autogen.ConversableAgent("b", llm_config=False)
async def audit(content):
    return content
b.register_hook("a_process_last_received_message", audit)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # a plain def under the a_ name
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("a_process_last_received_message", self.audit)
    def audit(self, content):
        return content
""",
        # a capability
        """
import asyncio
from autogen import ConversableAgent
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from autogen.agentchat.contrib.capabilities.transforms import MessageHistoryLimiter
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
TransformMessages(transforms=[MessageHistoryLimiter(max_messages=3)]).add_to_agent(b)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # generate_reply called by hand
        """
import asyncio
from autogen import ConversableAgent
b = ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", lambda content: content)
async def main():
    return await b.a_generate_reply(messages=[{"role": "user", "content": "hi"}])
asyncio.run(main())
""",
    )

    silent = (
        # a sync chat
        """
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", lambda content: content)
a.initiate_chat(b, message="hi", max_turns=1)
""",
        # both kinds of chats
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", lambda content: content)
a.initiate_chat(b, message="hi", max_turns=1)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # both kinds of hooks: each has its chats
        """
import asyncio
from autogen import ConversableAgent
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
async def audit(content):
    return content
b.register_hook("process_last_received_message", lambda content: content)
b.register_hook("a_process_last_received_message", audit)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # the agent goes elsewhere
        """
import asyncio
from autogen import ConversableAgent
from service import serve
a, b = ConversableAgent("a", llm_config=False), ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", lambda content: content)
serve(b)
asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
        # no chat in view
        """
from autogen import ConversableAgent
b = ConversableAgent("b", llm_config=False)
b.register_hook("process_last_received_message", lambda content: content)
""",
        # an agent that is given
        """
import asyncio
from autogen import ConversableAgent
def watch(b: ConversableAgent, a: ConversableAgent):
    b.register_hook("process_last_received_message", lambda content: content)
    asyncio.run(a.a_initiate_chat(b, message="hi", max_turns=1))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind != "hook" or known is None or contract is None:
                continue
            if model.release not in contract.versions:
                continue
            hook = HOOKS[contract.kind]
            if contract.coroutine == "awaited" and not known.is_async and known.through != "object":
                yield self._plain_under_async_name(model, registration)
                continue
            agent = registration.agent
            turn = _other_kind(model, hook, agent) if agent is not None else None
            if turn is None or (known.is_async and contract.coroutine == "never"):
                continue
            if hook.in_sync and _has_async_twin(model, registration):
                continue
            yield self._found(
                model,
                registration.callback_node or registration.node,
                turn,
                f"{owned(registration)} never fires: {_reason(turn)}",
                evidence=defined_here(model, registration),
                about=registration,
            )
        yield from self._capabilities(model)

    def _plain_under_async_name(self, model: Model, registration: Registration) -> Finding:
        return self.finding(
            model,
            model.range(registration.callback_node or registration.node),
            f"{owned(registration)} never fires: AutoGen warns and skips it, it is no `async def`",
            evidence=defined_here(model, registration),
            about=registration,
        )

    def _capabilities(self, model: Model) -> Iterator[Finding]:
        """Capabilities whose hook is for sync chats, added to an agent that has none."""
        for call in model.calls:
            owner, _, method = (call.path or "").rpartition(".")
            name = owner.removeprefix("autogen.").removesuffix("()")
            agent = as_agent(call.arguments.get(0, "agent"))
            if method != "add_to_agent" or name not in CAPABILITY_HOOKS or agent is None:
                continue
            hook = HOOKS[CAPABILITY_HOOKS[name]]
            turn = _other_kind(model, hook, agent)
            if turn is not None:
                yield self._found(
                    model,
                    call.node,
                    turn,
                    f"{name} does nothing for `{agent.label}`: its hook is sync and "
                    f"{_reason(turn)}",
                )

    def _found(
        self,
        model: Model,
        node: ast.AST,
        turn: Turn,
        message: str,
        evidence: tuple[Evidence, ...] = (),
        about: Registration | None = None,
    ) -> Finding:
        place = turn.node.func if isinstance(turn.node, ast.Call) else turn.node
        start = Evidence("The chat is started here", model.range(place))
        return self.finding(
            model, model.range(node), message, evidence=(*evidence, start), about=about
        )


def _other_kind(model: Model, hook: Hook, agent: Agent) -> Turn | None:
    """A turn of ``agent``, all of whose turns are of the kind of chat that ``hook`` is not for."""
    if model.release in hook.in_async and hook.in_sync:
        return None
    sends = hook.callback.kind.removeprefix("a_") == _SENDS
    turns = [
        turn for turn in model.all_turns if turn.agent == agent or (sends and turn.sender == agent)
    ]
    if not turns or not model.is_closed(agent):
        return None
    fires = [turn for turn in turns if turn.is_async != hook.in_sync]
    return None if fires else turns[0]


def _has_async_twin(model: Model, registration: Registration) -> bool:
    """Whether the agent has a hook for its async chats under the ``a_`` name as well."""
    return any(
        other.hook_name == f"a_{registration.hook_name}"
        for other in model.registrations
        if other.agent == registration.agent
    )


def _reason(turn: Turn) -> str:
    kind = "async" if turn.is_async else "sync"
    return f"`{turn.method}` starts {'an' if turn.is_async else 'a'} {kind} chat, which skips it"
