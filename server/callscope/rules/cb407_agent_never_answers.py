"""CB407: a callback on an agent that never makes the kind of move the callback waits for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import LAST_MESSAGE_HOOKS, REPLY_HOOKS, SEND_HOOKS
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.answering import (
    choice_of,
    ends_with_reply,
    real_turns,
    rounds_end_before,
    says_nothing,
)
from callscope.model.blockers import is_passed_over, situation_of
from callscope.model.chats import Turn
from callscope.model.events import Call
from callscope.model.executors import gets_no_code, own_executor
from callscope.model.involvement import calls_with, entry_of, sends
from callscope.model.registrations import GroupChat, Registration
from callscope.model.values import Constant, Value, literal
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, made_here, what

_OWN_DISPATCH = ("receive", "a_receive", "send", "a_send", "generate_reply", "a_generate_reply")


class AgentNeverAnswers(Rule):
    """A callback waits for a reply, a message or a choice that its agent never makes.

    ## What it does
    For agents all of whose chats are in view: finds reply functions, nested chats and reply hooks
    on an agent that never has to reply; `process_message_before_send` hooks on one that never
    sends; speaker selectors of a GroupChat that has one round or is never run; message functions of
    a chat that ends before its first message; code executors of an agent that is sent no code.

    ## Why it matters
    A reply function runs on the agent that *answers*. With `max_turns=1` that is the recipient
    only; `send` without `request_reply=True` asks nobody; in a GroupChat only the selected member
    answers, and a chat started with a member instead of the manager involves no group at all. None
    of this raises.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    user.register_reply([Agent, None], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
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
    When the agent takes part in no call in view, is handed to code that is not in view, or has
    methods of its own for sending and replying; when whom a selector chooses is not known. In a
    notebook, whether a chat goes through a group's manager is left to the cells to come.

    ## Fix safety
    Unsafe: the callback is registered on the other agent, or this one is let answer; in a group the
    chat goes through the manager, who also takes over the check for the end. Which is meant is not
    known; the titles of the fixes say what they do.
    """

    code = "CB407"
    name = "agent-never-answers"
    default_severity = Severity.ERROR

    speaks = (
        # send asks for no reply
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
user.send("hello", bot)
""",
        # the hook of the sender, on the receiver
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config=False)
user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def log(sender, message, recipient, silent):
    return message
bot.register_hook("process_message_before_send", log)
user.send("hello", bot, request_reply=False)
""",
        # nothing is sent by generate_reply
        """
from autogen import AssistantAgent
def log(sender, message, recipient, silent):
    return message
class Desk:
    def __init__(self):
        self.clerk = AssistantAgent("clerk", llm_config=False)
        self.clerk.register_hook("process_message_before_send", log)
    def ask(self, text):
        return self.clerk.generate_reply(messages=[{"role": "user", "content": text}])
print(Desk().ask("hi"))
""",
        # a member that is never selected
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def log(content):
    return content
bob.register_hook("process_last_received_message", log)
team = GroupChat([user, alice, bob], messages=[], max_round=4,
                 speaker_selection_method=lambda last_speaker, groupchat: alice)
manager = GroupChatManager(team, llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        # with a limit, AG2 asks the recipient's own termination check about its own reply
        """
from autogen import ConversableAgent
worker = ConversableAgent("worker", human_input_mode="NEVER", default_auto_reply="TERMINATE")
def is_over(message):
    return "TERMINATE" in message["content"]
boss = ConversableAgent("boss", human_input_mode="NEVER", is_termination_msg=is_over)
boss.initiate_chat(worker, message="work", max_turns=3)
""",
        # one round leaves nobody to select
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def select(last_speaker, groupchat):
    return alice
team = GroupChat([user, alice], messages=[], max_round=1, speaker_selection_method=select)
user.initiate_chat(GroupChatManager(team, llm_config=False), message="hi")
""",
        # the group is never run
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
def select(last_speaker, groupchat):
    return groupchat.agents[0]
def main():
    alice = AssistantAgent("alice", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    team = GroupChat([user, alice], messages=[], max_round=5, speaker_selection_method=select)
    manager = GroupChatManager(team, llm_config=False)
    user.initiate_chat(alice, message="hi", max_turns=1)
main()
""",
        # a hook that is not asked about tool calls
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def log(content):
    return content
user.register_hook("process_last_received_message", log)
CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
user.generate_reply(messages=[{"role": "assistant", "content": None, "tool_calls": [CALL]}],
                    sender=bot)
""",
        # the termination check of a member that is never selected
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False,
                      is_termination_msg=lambda message: "bye" in message["content"])
def select(last_speaker, groupchat):
    return alice
team = GroupChat([user, alice], messages=[], max_round=9, speaker_selection_method=select)
user.initiate_chat(GroupChatManager(team, llm_config=False), message="hi")
""",
        # a round robin that ends before the last member
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
one = AssistantAgent("one", llm_config=False, default_auto_reply="ok")
two = AssistantAgent("two", llm_config=False, default_auto_reply="ok")
def log(messages):
    return messages
two.register_hook("process_all_messages_before_reply", log)
chat = GroupChat([user, one, two], messages=[], max_round=2, speaker_selection_method="round_robin")
user.initiate_chat(GroupChatManager(chat, llm_config=False), message="go")
""",
        # the one who writes the code has the executor
        """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
BOX = {"executor": Sandbox()}
coder = ConversableAgent("coder", human_input_mode="NEVER", default_auto_reply="```sh\\nls\\n```",
                         code_execution_config=BOX)
boss = ConversableAgent("boss", human_input_mode="NEVER", code_execution_config=False)
boss.initiate_chat(coder, message="list the files", max_turns=2)
""",
    )

    silent = (
        # more turns each time
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
user.register_reply([AssistantAgent, None], note)
turns = 1
while turns < 4:
    user.initiate_chat(bot, message="hi", max_turns=turns)
    turns += 1
""",
        # the one who gets the code has the executor
        """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
BOX = {"executor": Sandbox()}
coder = ConversableAgent("coder", human_input_mode="NEVER", default_auto_reply="```sh\\nls\\n```",
                         code_execution_config=False)
boss = ConversableAgent("boss", human_input_mode="NEVER", code_execution_config=BOX)
boss.initiate_chat(coder, message="list the files", max_turns=2)
""",
        # the first message holds the code
        """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
BOX = {"executor": Sandbox()}
coder = ConversableAgent("coder", human_input_mode="NEVER", default_auto_reply="```sh\\nls\\n```",
                         code_execution_config=BOX)
boss = ConversableAgent("boss", human_input_mode="NEVER", code_execution_config=False)
boss.initiate_chat(coder, message="```sh\\nls\\n```", max_turns=2)
""",
        # what is asked comes from elsewhere
        """
from autogen import ConversableAgent
from autogen.coding import MarkdownCodeExtractor
from autogen.coding.base import CodeResult
class Sandbox:
    code_extractor = MarkdownCodeExtractor()
    def execute_code_blocks(self, code_blocks):
        return CodeResult(exit_code=0, output="")
BOX = {"executor": Sandbox()}
coder = ConversableAgent("coder", human_input_mode="NEVER", default_auto_reply="```sh\\nls\\n```",
                         code_execution_config=BOX)
boss = ConversableAgent("boss", human_input_mode="NEVER", code_execution_config=False)
boss.initiate_chat(coder, message=open("task.md").read(), max_turns=2)
""",
        # the round reaches everybody
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
one = AssistantAgent("one", llm_config=False, default_auto_reply="ok")
two = AssistantAgent("two", llm_config=False, default_auto_reply="ok")
def log(messages):
    return messages
two.register_hook("process_all_messages_before_reply", log)
chat = GroupChat([user, one, two], messages=[], max_round=3, speaker_selection_method="round_robin")
user.initiate_chat(GroupChatManager(chat, llm_config=False), message="go")
""",
        # who executes a tool speaks out of turn
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
one = AssistantAgent("one", llm_config=False, default_auto_reply="ok")
two = AssistantAgent("two", llm_config=False, default_auto_reply="ok")
def log(messages):
    return messages
two.register_function({"f": print})
two.register_hook("process_all_messages_before_reply", log)
chat = GroupChat([user, one, two], messages=[], max_round=2, speaker_selection_method="round_robin")
user.initiate_chat(GroupChatManager(chat, llm_config=False), message="go")
""",
        # a hook that is asked about plain messages
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def log(content):
    return content
user.register_hook("process_last_received_message", log)
user.generate_reply(messages=[{"role": "user", "content": None, "context": {}}], sender=bot)
user.generate_reply(messages=[{"role": "user", "content": "hi"}], sender=bot)
""",
        # two turns
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # a limit, but the recipient's own check is another, or its reply no stop word
        """
from autogen import Agent, ConversableAgent
worker = ConversableAgent("worker", human_input_mode="NEVER", default_auto_reply="TERMINATE",
                          is_termination_msg=lambda message: False)
helper = ConversableAgent("helper", human_input_mode="NEVER", default_auto_reply="TERMINATE")
def help_out(recipient, messages=None, sender=None, config=None):
    return True, "DONE"
helper.register_reply([Agent, None], help_out)
def is_over(message):
    return "TERMINATE" in message["content"]
boss = ConversableAgent("boss", human_input_mode="NEVER", is_termination_msg=is_over)
boss.initiate_chat(worker, message="work", max_turns=3)
chief = ConversableAgent("chief", human_input_mode="NEVER", is_termination_msg=is_over)
chief.initiate_chat(helper, message="work", max_turns=3)
""",
        # the other way round in a nested chat
        """
from autogen import Agent, AssistantAgent, ConversableAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
peer = ConversableAgent("peer", human_input_mode="NEVER")
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.register_reply([Agent, None], audit)
peer.register_nested_chats([{"recipient": user, "message": "q", "max_turns": 1}], trigger=bot)
user.initiate_chat(bot, message="hi", max_turns=1)
bot.initiate_chat(peer, message="hi", max_turns=1)
""",
        # the one who starts also sends
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def log(sender, message, recipient, silent):
    return message
user.register_hook("process_message_before_send", log)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a reply is asked for
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
user.send("hello", bot, request_reply=True)
""",
        # chats that are not in view
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
from service import serve
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="warm up", max_turns=1)
serve(user, bot)
""",
        # an agent that takes part in nothing here
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
other = AssistantAgent("other", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
other.register_reply([Agent, None], audit)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # whom the selector chooses is not known
        """
import random
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bob.register_hook("process_last_received_message", lambda content: content)
def select(last_speaker, groupchat):
    return random.choice(groupchat.agents)
team = GroupChat([user, alice, bob], messages=[], max_round=4, speaker_selection_method=select)
user.initiate_chat(GroupChatManager(team, llm_config=False), message="hi")
""",
        # an earlier chat without a limit leaves the agents ready to reply
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.initiate_chat(bot, message="hi")
bot.register_reply([Agent, None], audit)
user.send("hello", bot)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a callback that waits in vain."""
        if _sets_replies_by_hand(model):
            return
        yield from self._idle_executors(model)
        for registration in model.registrations:
            reason = _reason(model, registration)
            if reason is None:
                continue
            text, places = reason
            agent = registration.agent
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"{what(registration)} {fires(registration)}: {text}",
                evidence=(*places, *(made_here(model, agent) if agent is not None else ())),
                about=registration,
            )

    def _idle_executors(self, model: Model) -> Iterator[Finding]:
        """Code executors of agents that are never sent any code."""
        for agent in model.agents:
            known = own_executor(agent)
            if known is None or known[1] is None or not gets_no_code(model, agent, known[0]):
                continue
            yield self.finding(
                model,
                model.range(known[1]),
                f"The code executor of `{agent.label}` never runs: it is for code that "
                f"`{agent.label}` receives, and no message it gets holds any",
                evidence=_used(model, agent, calls_with(model, agent)),
            )


def _sets_replies_by_hand(model: Model) -> bool:
    """Whether the program changes by itself who replies to whom."""
    return model.mentions("reply_at_receive") and any(
        node.attr == "reply_at_receive" for node in model.everything(ast.Attribute)
    )


Reason = tuple[str, tuple[Evidence, ...]]


def _reason(model: Model, registration: Registration) -> Reason | None:
    """Why the callback waits in vain, and the places that show it."""
    if registration.kind == "selector":
        return _idle_selector(model, registration)
    agent = registration.agent
    if agent is None or not model.is_closed(agent) or _has_own_dispatch(agent):
        return None
    calls = calls_with(model, agent)
    if not calls:
        return _idle_manager(model, agent) if registration.kind in ("reply", "hook") else None
    if registration.kind == "chat-message":
        return _unsent(model, registration.call)
    if registration.hook_name in SEND_HOOKS:
        if sends(model, agent):
            return None
        return f"`{agent.label}` sends no message", _used(model, agent, calls)
    if registration.kind not in ("reply", "nested", "termination") and (
        registration.hook_name not in REPLY_HOOKS
    ):
        return None
    turns_to_come = real_turns(model, agent)
    if turns_to_come:
        if registration.hook_name not in LAST_MESSAGE_HOOKS:
            return None
        if not all(is_passed_over(_message(model, turn)) for turn in turns_to_come):
            return None
        text = (
            f"{registration.hook_name} hooks pass over tool calls, and messages with a context or "
            "without content"
        )
        return text, _used(model, agent, calls)
    turns = model.turns(agent).known
    if registration.kind == "termination" and not any(
        turn.in_group or ends_with_reply(model, turn) for turn in turns
    ):
        return None
    return _why_silent(model, agent, calls), _used(model, agent, calls)


def _message(model: Model, turn: Turn) -> Value | None:
    return situation_of(turn, entry_of(model, turn.entry)).message


def _has_own_dispatch(agent: Agent) -> bool:
    return any(agent.overrides(method) is not None for method in _OWN_DISPATCH)


def _why_silent(model: Model, agent: Agent, calls: list[Call]) -> str:
    for group in model.group_chats:
        choice = choice_of(model, group) if agent in group.members else None
        if choice is not None:
            return f"the selector `{choice.selector.name}` never chooses `{agent.label}`"
        if any(rounds_end_before(model, group, turn) for turn in model.turns(agent).known):
            rounds = literal(group.argument("max_round"))
            return (
                f"with max_round={rounds} the group chat ends before it is `{agent.label}`'s turn"
            )
    entries = [entry for call in calls if (entry := entry_of(model, call)) is not None]
    if any(says_nothing(model, entry) for entry in entries):
        return "with max_turns, nothing is sent to an agent whose max_consecutive_auto_reply is 0"
    ended = next((t for t in model.turns(agent).known if ends_with_reply(model, t)), None)
    if ended is not None and ended.sender is not None:
        return (
            f"with max_turns, `{ended.sender.label}`'s own termination check is asked about its "
            "reply first, and ends the chat"
        )
    if any(entry.agent == agent and entry.method.endswith("initiate_chat") for entry in entries):
        if all(entry.argument("max_turns") == Constant(1) for entry in entries):
            return f"`{agent.label}` starts the chat, and with max_turns=1 only the other replies"
        return f"`{agent.label}` starts the chat and is not asked again"
    if any(entry.method.endswith("send") and entry.partner == agent for entry in entries):
        return f"`send` asks `{agent.label}` for no reply unless request_reply is True"
    return f"`{agent.label}` never has to reply"


def _used(model: Model, agent: Agent, calls: list[Call]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(f"Here `{agent.label}` takes part", model.range(call.node)) for call in calls
    )


def _unsent(model: Model, call: Call) -> Reason | None:
    entry = entry_of(model, call)
    if entry is None or entry.partner is None or not says_nothing(model, entry):
        return None
    text = f"nothing is sent to `{entry.partner.label}`, whose max_consecutive_auto_reply is 0"
    return text, tuple(made_here(model, entry.partner))


def _idle_selector(model: Model, registration: Registration) -> Reason | None:
    """The selector of a group that has nobody to select, or is never run."""
    groups = [g for g in model.group_chats if g.call is registration.call]
    if len(groups) != 1 or groups[0].instance.attributes or groups[0].instance.escapes:
        return None
    group = groups[0]
    if group.argument("max_round") == Constant(1):
        return "with max_round=1 the chat ends before anybody is selected", ()
    return _idle_group(model, group)


def _idle_manager(model: Model, agent: Agent) -> Reason | None:
    groups = [group for group in model.group_chats if agent in group.managers]
    return _idle_group(model, groups[0]) if len(groups) == 1 else None


def _idle_group(model: Model, group: GroupChat) -> Reason | None:
    """A group whose members chat in view, but never through its manager."""
    if not group.managers or not all(model.is_closed(manager) for manager in group.managers):
        return None
    if model.source.interactive:
        # The chat that goes through it may be the next cell.
        return None
    if any(calls_with(model, manager) for manager in group.managers):
        return None
    calls = list({id(c): c for m in group.members for c in calls_with(model, m)}.values())
    if not calls or any(call.where.course is not group.call.where.course for call in calls):
        return None
    if any(call.where.guard for call in calls) and not group.call.where.guard:
        return None
    labels = ", ".join(f"`{manager.label}`" for manager in group.managers)
    links = tuple(Evidence("This chat goes past the group", model.range(c.node)) for c in calls)
    return f"no chat goes through {labels}, the manager of this group", links
