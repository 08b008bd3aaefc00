"""CB425: an entry of a chat queue lacks what its chat needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import NONE, Mapping, Sequence, truth
from callscope.rules.base import Finding, Rule, Severity

_HEAD = """
import asyncio
from autogen import ConversableAgent, a_initiate_chats
front = ConversableAgent("front", llm_config=False)
one, two = ConversableAgent("one", llm_config=False), ConversableAgent("two", llm_config=False)
user = ConversableAgent("user", llm_config=False)
"""


class IncompleteChatQueue(Rule):
    """An entry of a chat queue has no message, or no `chat_id` where one is needed.

    ## What it does
    Looks at the queues of `register_nested_chats` for entries behind the first that have no
    `message`, or an empty one, and at those of `a_initiate_chats` for entries without `chat_id`.

    ## Why it matters
    The first nested chat takes over the last message; any further one without a message is dropped
    without a word, and its agents never speak. `a_initiate_chats` raises KeyError without a
    `chat_id`.

    ## Example
    ```python
    from autogen import ConversableAgent

    front = ConversableAgent("front", llm_config=False, human_input_mode="NEVER")
    writer = ConversableAgent("writer", llm_config=False, human_input_mode="NEVER")
    critic = ConversableAgent("critic", llm_config=False, human_input_mode="NEVER")
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "fine"


    critic.register_reply(front, on_reply)
    queue = [
        {"recipient": writer, "max_turns": 1},
        {"recipient": critic, "max_turns": 1},
    ]
    front.register_nested_chats(queue, trigger=user)
    user.initiate_chat(front, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import ConversableAgent

    front = ConversableAgent("front", llm_config=False, human_input_mode="NEVER")
    writer = ConversableAgent("writer", llm_config=False, human_input_mode="NEVER")
    critic = ConversableAgent("critic", llm_config=False, human_input_mode="NEVER")
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "fine"


    critic.register_reply(front, on_reply)
    queue = [
        {"recipient": writer, "max_turns": 1},
        {"recipient": critic, "max_turns": 1, "message": "What do you think?"},
    ]
    front.register_nested_chats(queue, trigger=user)
    user.initiate_chat(front, message="hello", max_turns=1)
    ```

    ## When it stays silent
    For the first entry without a message, for queues and messages that are not known, and where a
    function of your own runs the nested chats.

    ## Fix safety
    Unsafe for a message: the fix takes the last one of the chat around it, as the first nested chat
    does by itself, and that need not be what the agent is to be told. Safe for a `chat_id`, which
    is only a number.
    """

    code = "CB425"
    name = "incomplete-chat-queue"
    default_severity = Severity.ERROR

    speaks = (
        # in place
        _HEAD
        + """
front.register_nested_chats([{"recipient": one}, {"recipient": two}], trigger=user)
""",
        # empty
        _HEAD
        + """
QUEUE = [{"recipient": one, "message": "go"}, {"recipient": two, "message": ""}]
front.register_nested_chats(trigger=user, chat_queue=QUEUE)
""",
        # None, in a method
        _HEAD
        + """
class Team:
    def __init__(self):
        self.queue = [{"recipient": one}, {"recipient": two, "message": None}]
        front.register_nested_chats(self.queue, user)
""",
        # no chat_id
        _HEAD
        + """
async def main():
    await user.a_initiate_chats([{"recipient": one, "message": "hi", "max_turns": 1}])
asyncio.run(main())
""",
        # by the function of the module
        _HEAD
        + """
queue = [{"sender": user, "recipient": one, "message": "hi", "chat_id": 1},
         {"sender": user, "recipient": two, "message": "hi", "prerequisites": [1]}]
asyncio.run(a_initiate_chats(queue))
""",
    )

    silent = (
        # each with its message
        _HEAD
        + """
def follow(recipient, messages, sender, config):
    return "and now?"
queue = [{"recipient": one}, {"recipient": two, "message": follow}]
front.register_nested_chats(queue, trigger=user)
""",
        # filled in later
        _HEAD
        + """
queue = [{"recipient": one}, {"recipient": two}]
queue[1]["message"] = "and now?"
front.register_nested_chats(queue, trigger=user)
""",
        # not known
        _HEAD
        + """
def build(second):
    front.register_nested_chats([{"recipient": one}, {"recipient": two, **second}], trigger=user)
""",
        # run by a function of this file
        _HEAD
        + """
def run(chat_queue, recipient, messages, sender, config):
    return True, "done"
front.register_nested_chats([{"recipient": one}, {"recipient": two}], user, run)
""",
        # with ids
        _HEAD
        + """
asyncio.run(user.a_initiate_chats([{"chat_id": 1, "recipient": one, "message": "hi"}]))
""",
        # sync chats need none
        _HEAD
        + """
user.initiate_chats([{"recipient": one, "message": "hi"}, {"recipient": two, "message": "ho"}])
""",
        # another object's queue
        """
import autogen
class Front:
    def register_nested_chats(self, queue, trigger): ...
Front().register_nested_chats([{"recipient": 1}, {"recipient": 2}], trigger=None)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding an entry."""
        for registration in model.registrations:
            if registration.kind == "nested" and not _runs_by_itself(registration):
                for place in _without_message(registration):
                    yield self.finding(
                        model,
                        model.range(place),
                        "This nested chat is dropped without a word: behind the first, "
                        "`register_nested_chats` runs only chats that have a message",
                        about=registration,
                    )
        for entry in model.entry_calls:
            for place in _without_id(entry):
                yield self.finding(
                    model,
                    model.range(place),
                    "`a_initiate_chats` raises KeyError: this chat has no 'chat_id'",
                    about=entry,
                )


def _runs_by_itself(registration: Registration) -> bool:
    given = registration.argument("reply_func_from_nested_chats")
    return given is not None and given != NONE


def _without_message(registration: Registration) -> Iterator[ast.AST]:
    queue = registration.argument("chat_queue")
    if not isinstance(queue, Sequence) or not queue.exact:
        return
    for index, entry in enumerate(queue.items):
        if isinstance(entry, Mapping) and entry.exact:
            message = entry.items.get("message")
            lacks = index > 0 and (message is None or message == NONE)
            if lacks or (message is not None and message != NONE and truth(message) is False):
                yield _place(entry, "message") or registration.node


def _without_id(entry: EntryCall) -> Iterator[ast.AST]:
    queue = entry.argument("chat_queue") if entry.method == "a_initiate_chats" else None
    for item in queue.items if isinstance(queue, Sequence) else ():
        if isinstance(item, Mapping) and item.exact and "chat_id" not in item.items:
            yield _place(item, "recipient") or entry.node


def _place(entry: Mapping, name: str) -> ast.expr | None:
    """The value of ``name``, or of the recipient in its place."""
    return entry.values.get(name) or entry.values.get("recipient")
