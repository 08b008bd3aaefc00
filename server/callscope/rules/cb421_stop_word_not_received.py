"""CB421: a termination check waits for a word that its agent says itself."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.classes import DEFAULT_STOP_WORDS
from callscope.contracts.classic.dispatch import CHAT_ASKS_TERMINATION
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.answering import only_reply, real_turns
from callscope.model.callables import Callable
from callscope.model.involvement import calls_with
from callscope.model.received import texts_received
from callscope.model.registrations import EntryCall
from callscope.model.values import NONE, Constant, literal
from callscope.model.verdicts import verdict
from callscope.rules._shared import owned
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import made_here

_AROUND_WORDS = ".,;:!?()[]{}<>'\"`"


class StopWordNotReceived(Rule):
    """A termination check waits for a word that its agent says, not one that it is told.

    ## What it does
    For agents all of whose messages are in view: works out what their `is_termination_msg` says of
    each message that the agent gets, and reports a check that none of them meets while what the
    agent says itself, or is told to say by its system message, would.

    ## Why it matters
    An agent asks its termination check about the messages it *receives*, before it replies. Of what
    it says itself, the other side's check is asked. A check on the wrong side never ends the
    chat, which then goes on to `max_consecutive_auto_reply`: a hundred replies, unless it is set.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        done = "DONE" in message["content"]
        if done:
            print("FIRED")
        return done


    assistant = AssistantAgent(
        "assistant",
        llm_config=False,
        default_auto_reply="DONE",
        is_termination_msg=is_done,
        max_consecutive_auto_reply=3,
    )
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="hello")
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent


    def is_done(message):
        done = "DONE" in message["content"]
        if done:
            print("FIRED")
        return done


    assistant = AssistantAgent(
        "assistant",
        llm_config=False,
        default_auto_reply="DONE",
        max_consecutive_auto_reply=3,
    )
    user = UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config=False,
        is_termination_msg=is_done,
    )
    user.initiate_chat(assistant, message="hello")
    ```

    ## When it stays silent
    When the other side has a check of its own, may be asked by a human or a model, or runs tools;
    in group and nested chats, and with hooks, which may change messages; where `max_turns` ends the
    chat, or lets the check be asked about the agent's own message; and for checks that look at
    more than the text.

    ## Fix safety
    There is no fix: the check belongs to the other agent, where that is meant to end the chat.
    """

    code = "CB421"
    name = "stop-word-not-received"
    default_severity = Severity.WARNING

    speaks = (
        # told to say it by its system message
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent(
    "bot",
    llm_config={"config_list": [{"model": "m"}]},
    system_message='Answer briefly. When the work is complete, reply "FINISHED".',
    is_termination_msg=lambda m: "finished" in (m.get("content") or "").lower(),
)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # an assistant is told to say TERMINATE unless it is told otherwise
        """
from autogen import AssistantAgent, UserProxyAgent
def is_over(message):
    text = message.get("content", "")
    return text is not None and text.rstrip().endswith("TERMINATE")
model = {"config_list": [{"model": "m"}]}
bot = AssistantAgent("bot", llm_config=model, is_termination_msg=is_over)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # one of several words, in a class
        """
import autogen
class Desk:
    stops = ("BYE", "THE END")
    def __init__(self):
        self.words = self.stops
        self.clerk = autogen.ConversableAgent("clerk", llm_config=False, human_input_mode="NEVER",
            default_auto_reply="BYE then", is_termination_msg=self.is_over)
        self.guest = autogen.ConversableAgent("guest", llm_config=False, human_input_mode="NEVER",
            default_auto_reply="and now?")
    def is_over(self, message):
        text = message["content"]
        if not text:
            return False
        return any(word in text for word in self.words)
    def open(self):
        self.guest.initiate_chat(self.clerk, message="hello")
Desk().open()
""",
        # what its reply function says
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
STOP = "##END##"
def answer(recipient, messages=None, sender=None, config=None):
    return True, "that is all ##END##"
bot = AssistantAgent("bot", llm_config=False, is_termination_msg=lambda m: STOP in m["content"])
bot.register_reply([Agent, None], answer, position=2)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # on the one who starts
        """
from autogen import ConversableAgent
def talker(name, says, check=None):
    return ConversableAgent(name, llm_config=False, human_input_mode="NEVER",
        default_auto_reply=says, is_termination_msg=check, max_consecutive_auto_reply=2)
first = talker("first", "stop", lambda m: m["content"] == "stop")
second = talker("second", "more")
first.initiate_chat(second, message="hi")
""",
        # in an async chat
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
def is_over(message):
    content = message.get("content")
    if isinstance(content, str) and content.startswith("QUIT"):
        return True
    return False
async def main():
    bot = AssistantAgent("bot", llm_config=False, default_auto_reply="QUIT",
                         is_termination_msg=is_over)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    await user.a_initiate_chat(bot, message="go")
asyncio.run(main())
""",
    )

    silent = (
        # the other side has a check too
        """
from autogen import AssistantAgent, UserProxyAgent
def is_over(message):
    return "DONE" in message["content"]
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="DONE", is_termination_msg=is_over)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False,
                      is_termination_msg=is_over)
user.initiate_chat(bot, message="go")
""",
        # a human may say it
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="say DONE",
                     is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", human_input_mode="ALWAYS", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # the other side says it
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="say DONE",
                     is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False,
                      default_auto_reply="DONE")
user.initiate_chat(bot, message="go")
""",
        # it is the first message
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="DONE",
                     is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="Say DONE when you are.")
""",
        # a check that only counts, on an agent that does not say the word
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="fine",
                     is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # the result of a tool may hold it
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]},
                     is_termination_msg=lambda m: "TERMINATE" in (m.get("content") or ""))
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
@user.register_for_execution()
@bot.register_for_llm(description="d")
def finish(reason: str) -> str:
    return "TERMINATE"
user.initiate_chat(bot, message="go")
""",
        # a turn ends the chat
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="DONE",
                     is_termination_msg=lambda m: "DONE" in m["content"])
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go", max_turns=1)
""",
        # what it looks at is not known
        """
import re
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="DONE",
                     is_termination_msg=lambda m: re.search("D.NE", m["content"]) is not None)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
        # it counts on its own
        """
from autogen import AssistantAgent, UserProxyAgent
class Limit:
    def __init__(self):
        self.left = 3
    def __call__(self, message):
        self.left -= 1
        return self.left == 0 or "DONE" in message["content"]
bot = AssistantAgent("bot", llm_config=False, default_auto_reply="DONE", is_termination_msg=Limit())
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="go")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a termination check on the wrong side."""
        if model.source.interactive:
            # The cells to come may say anything.
            return
        for registration in model.registrations:
            agent, known = registration.agent, registration.function
            if registration.kind != "termination" or agent is None or known is None:
                continue
            if known.is_async or not _never_met(model, agent, known):
                continue
            said = _says(model, agent, known)
            if said is None:
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{owned(registration)} never ends the chat: it is asked about what "
                f"`{agent.label}` receives, and `{agent.label}` {said}",
                evidence=(
                    *(
                        Evidence(f"All that `{agent.label}` receives", model.range(call.node))
                        for call in calls_with(model, agent)
                    ),
                    *made_here(model, agent),
                ),
                about=registration,
            )


def _never_met(model: Model, agent: Agent, known: Callable) -> bool:
    """Whether nothing that ``agent`` is told meets its check, nor is any other check asked."""
    if any(_asks_otherwise(model, entry) for entry in model.entries_of(agent)):
        return False
    texts = texts_received(model, agent)
    if texts is None or any(verdict(known, text) is not False for text in texts):
        return False
    others = {turn.sender for turn in real_turns(model, agent) if turn.sender is not None}
    return all(_only_talks(model, agent, other) for other in others)


def _asks_otherwise(model: Model, entry: EntryCall) -> bool:
    """Whether the number of turns ends the chat first, or lets the check be asked of replies."""
    limit = entry.argument("max_turns")
    if limit in (None, NONE):
        return False
    return (
        limit == Constant(1)
        or not isinstance(limit, Constant)
        or (model.release in CHAT_ASKS_TERMINATION)
    )


def _only_talks(model: Model, agent: Agent, other: Agent) -> bool:
    """Whether ``other`` has no check of its own, and no results of tools to tell."""
    if other.argument("is_termination_msg") not in (None, NONE):
        return False
    if agent.has_model is False:
        return True
    return model.tools.is_plain(other) and all(
        execution.agent is not None and execution.agent != other
        for execution in model.tools.executions
    )


def _says(model: Model, agent: Agent, known: Callable) -> str | None:
    """What ``agent`` says that its own check would take for the end."""
    reply = literal(only_reply(model, agent))
    if isinstance(reply, str) and verdict(known, reply):
        return f"is the one who says {reply!r}"
    for word in _told_to_say(agent) if agent.has_model else ():
        if verdict(known, word):
            return f"is the one who is told to say {word!r}"
    return None


def _told_to_say(agent: Agent) -> list[str]:
    """The words of its system message."""
    told = agent.argument("system_message")
    if told is None:
        return DEFAULT_STOP_WORDS.get(agent.row.name, [])
    text = literal(told)
    words = text.split() if isinstance(text, str) else []
    return [word.strip(_AROUND_WORDS) for word in words]
