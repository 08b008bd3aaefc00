"""CB405: a callback that comes after the last call that could have used it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.boundaries import FORKS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import as_callable
from callscope.model.events import Access, Call
from callscope.model.involvement import calls_with
from callscope.model.registrations import GroupChat, Registration
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, made_here, what
from callscope.source import walk

_SELECTOR = "speaker_selection_method"
_LATE_KINDS = frozenset({"reply", "nested", "hook", "tool-llm", "tool-execution"})


class RegisteredTooLate(Rule):
    """A callback is registered after the last chat that could have used it.

    ## What it does
    Looks for a registration behind the last call, in the same straight run of code, in which its
    agent takes part, and for a `speaker_selection_method` assigned to a GroupChat after its
    GroupChatManager was made.

    ## Why it matters
    `initiate_chat` returns when the chat is over: what is registered afterwards waits for a chat
    that does not come. A GroupChatManager works on a copy of the GroupChat it was given, so that
    attributes assigned to the original later are not seen.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    user.initiate_chat(assistant, message="hello", max_turns=1)
    assistant.register_reply([Agent, None], on_reply)
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
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the agent is used again in any way, is handed on or returned, lives longer than the
    function that registers, or when registration and chat share a loop. In a notebook, when the
    chat stands in a cell above, which can be run again.

    ## Fix safety
    Unsafe: the callback takes part in a chat that it took no part in before.
    """

    code = "CB405"
    name = "registered-too-late"
    default_severity = Severity.ERROR

    speaks = (
        # the chat is in a coroutine that is awaited first
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
async def trace(recipient, messages=None, sender=None, config=None):
    return False, None
async def main():
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    async def chat():
        await user.a_initiate_chat(bot, message="hi", max_turns=1)
    await chat()
    bot.register_reply([Agent, None], trace)
asyncio.run(main())
""",
        # a hook, in a function that makes its own agents
        """
import autogen
def redact(content):
    return content.replace("secret", "***")
def main():
    bot = autogen.AssistantAgent("bot", llm_config=False)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message="secret", max_turns=2)
    bot.register_hook("process_last_received_message", redact)
main()
""",
        # a selector given to the group after its manager was made
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
team = GroupChat([user, alice], messages=[], max_round=4)
manager = GroupChatManager(team, llm_config=False)
def select(last_speaker, groupchat):
    return alice
team.speaker_selection_method = select
user.initiate_chat(manager, message="hi")
""",
        # in an async program
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def main():
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    await user.a_initiate_chat(bot, message="hi", max_turns=2)
    bot.register_reply([Agent, None], audit)
asyncio.run(main())
""",
        # under the main guard, through a helper
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def attach(agent):
    agent.register_reply([Agent, None], audit)
if __name__ == "__main__":
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message="hi", max_turns=2)
    attach(bot)
""",
        # a member, after the group chat
        """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=4), llm_config=False)
user.initiate_chat(manager, message="hi")
alice.register_reply([Agent, None], lambda recipient, messages, sender, config: (False, None))
""",
        # a nested chat
        """
from autogen import AssistantAgent, ConversableAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
helper = ConversableAgent("helper", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=2)
bot.register_nested_chats([{"recipient": helper, "message": "q", "max_turns": 1}], trigger=user)
""",
        # handed over by a function that used it
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def talk(message):
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    result = user.initiate_chat(bot, message=message, max_turns=1)
    return bot, result
bot, result = talk("hi")
bot.register_reply([Agent, None], audit)
print(result.summary)
""",
        # the group as the manager has it is the very same object
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=4), llm_config=False)
manager.groupchat.speaker_selection_method = lambda last_speaker, groupchat: alice
user.initiate_chat(manager, message="hi")
""",
    )

    silent = (
        # a chat that a thread begins once it is awaited
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
async def main():
    chat = asyncio.to_thread(user.initiate_chat, bot, message="hi", max_turns=1)
    bot.register_reply([Agent, None], note)
    await chat
asyncio.run(main())
""",
        # the chat is in a task that has only been made
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
async def trace(recipient, messages=None, sender=None, config=None):
    return False, None
async def main():
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    async def chat():
        await user.a_initiate_chat(bot, message="hi", max_turns=1)
    task = asyncio.ensure_future(chat())
    bot.register_reply([Agent, None], trace)
    await task
asyncio.run(main())
""",
        # registering nested chats is no chat yet
        """
from autogen import Agent, ConversableAgent
user = ConversableAgent("user", llm_config=False)
doctor = ConversableAgent("doctor", llm_config=False)
expert = ConversableAgent("expert", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
doctor.register_nested_chats([{"recipient": expert, "message": "q"}], trigger=user)
expert.register_reply([Agent, None], audit)
user.initiate_chat(doctor, message="hi", max_turns=1)
""",
        # another chat comes
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.initiate_chat(bot, message="hi", max_turns=2)
bot.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="again", max_turns=2)
""",
        # the next turn of the loop uses it
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
for question in open("questions"):
    user.initiate_chat(bot, message=question, max_turns=2)
    bot.register_reply([Agent, None], audit)
""",
        # the agent outlives the function
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def handle(question):
    user.initiate_chat(bot, message=question, max_turns=2)
    bot.register_reply([Agent, None], audit)
""",
        # returned
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def warm_up():
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message="hi", max_turns=2)
    bot.register_reply([Agent, None], audit)
    return bot
""",
        # a task that has not begun
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
async def main():
    bot = AssistantAgent("bot", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    chat = asyncio.create_task(user.a_initiate_chat(bot, message="hi", max_turns=2))
    bot.register_reply([Agent, None], audit)
    await chat
asyncio.run(main())
""",
        # looked at afterwards
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.initiate_chat(bot, message="hi", max_turns=2)
bot.register_reply([Agent, None], audit)
print(bot._reply_func_list[0])
""",
        # a selector assigned in time
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
team = GroupChat([user, alice], messages=[], max_round=4)
def select(last_speaker, groupchat):
    return alice
team.speaker_selection_method = select
manager = GroupChatManager(team, llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        # a second manager is made of it
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
team = GroupChat([user, alice], messages=[], max_round=4)
first = GroupChatManager(team, llm_config=False)
team.speaker_selection_method = lambda last_speaker, groupchat: alice
second = GroupChatManager(team, llm_config=False)
user.initiate_chat(second, message="hi")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration or assignment that comes too late."""
        for registration in model.registrations:
            agent = registration.agent
            if agent is None or registration.kind not in _LATE_KINDS:
                continue
            last = _last_use(model, registration, agent)
            if last is None:
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{what(registration)} {fires(registration)}: the last chat of `{agent.label}`, on "
                f"line {model.line(last.node)}, is over when it is registered",
                evidence=(
                    Evidence(f"The last call that uses `{agent.label}`", model.range(last.node)),
                    *made_here(model, agent),
                ),
                about=registration,
            )
        for group in model.group_chats:
            yield from self._late_selectors(model, group)

    def _late_selectors(self, model: Model, group: GroupChat) -> Iterator[Finding]:
        selector = as_callable(group.instance.attributes.get(_SELECTOR))
        made = [manager.instance.call for manager in group.managers if manager.instance.call]
        if selector is None or not made:
            return
        for write in model.interpreter.writes:
            if not _assigns_selector(write, group) or any(
                call.where.course is not write.where.course
                or call.index >= write.index
                or model.can_come_after(call.node, write.node)
                for call in made
            ):
                continue
            yield self.finding(
                model,
                model.range(write.node),
                f"`{selector.name}` is never called: the GroupChatManager made on line "
                f"{model.line(made[-1].node)} keeps a copy of the GroupChat as it was then",
                evidence=(Evidence("The manager is made here", model.range(made[-1].node)),),
            )


def _assigns_selector(write: Access, group: GroupChat) -> bool:
    node = write.node
    return (
        isinstance(node, ast.Attribute) and node.attr == _SELECTOR and write.value is group.instance
    )


def _last_use(model: Model, registration: Registration, agent: Agent) -> Call | None:
    """The last call that uses ``agent``, if it is over before ``registration`` and none follows."""
    calls = calls_with(model, agent)
    made = agent.instance.call
    if model.calls_to(*FORKS):
        # What is written above may come later, in another process.
        return None
    if not calls or made is None or not model.is_closed(agent):
        return None
    home = registration.where.course
    if made.where.course is not home or _shares_loop(registration, calls):
        return None
    for call in calls:
        if call.where.course is not home or call.index > registration.call.index:
            return None
        if not _is_over(model, call, registration):
            return None
        if model.can_come_after(call.node, registration.node):
            return None
    return None if _is_looked_at(model, registration, agent) else calls[-1]


def _shares_loop(registration: Registration, calls: list[Call]) -> bool:
    mine = {id(loop.node) for loop in registration.where.loops}
    return any(id(loop.node) in mine for call in calls for loop in call.where.loops)


def _is_over(model: Model, call: Call, registration: Registration) -> bool:
    """Whether ``call`` has done its work when the registration comes."""
    if not call.method.startswith("a_"):
        return True
    if registration.where.function is not None and registration.where.function.is_async:
        return call.use == "awaited" and _is_awaited_from(model, call, registration)
    return not model.calls_named("create_task", "ensure_future")


def _is_awaited_from(model: Model, call: Call, registration: Registration) -> bool:
    """Whether ``call`` is made where the registration is, or in coroutines that are awaited there
    one within the other."""
    here, there = registration.where.stack, call.where.stack
    if there[: len(here)] != here:
        return False
    awaited = {id(c.call.node) for c in model.coroutines if isinstance(c.consumed, ast.Await)}
    return all(
        id(node) in awaited or not function.is_async for node, function in there[len(here) :]
    )


def _is_looked_at(model: Model, registration: Registration, agent: Agent) -> bool:
    """Whether anything but registrations reads ``agent`` later on."""
    registering = {
        id(part)
        for other in model.registrations_on(agent)
        for part in walk(other.node)
        if isinstance(part, ast.Name)
    }
    return any(
        read.value is agent.instance
        and read.index > registration.call.index
        and id(read.node) not in registering
        for read in model.interpreter.reads
    )
