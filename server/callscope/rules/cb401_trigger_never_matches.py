"""CB401: a trigger that matches no sender its agent can get."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.chats import Turn
from callscope.model.registrations import Registration
from callscope.model.triggers import match, parts, rejected
from callscope.model.values import Constant, Sequence, Value
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import (
    fires,
    listed,
    made_here,
    sender_of,
    source_of,
    turns_evidence,
    what,
)


class TriggerNeverMatches(Rule):
    """A trigger matches none of the senders the agent ever answers.

    ## What it does
    Compares the trigger of `register_reply` and `register_nested_chats` with every sender whose
    messages the agent has to answer: the other side of each chat, the GroupChatManager for members
    of a group chat, nobody for a `generate_reply` without `sender=`. A trigger that is an empty
    list or the agent itself is reported wherever it stands.

    ## Why it matters
    The trigger says who must have *sent* the message: a class the sender must be an instance of,
    the sender's exact name, or the very agent. It says nothing of the agent that replies. Nothing
    is raised when no trigger matches; the callback just never runs.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([AssistantAgent], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    assistant.register_reply([UserProxyAgent], on_reply)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    When the agent is handed to code that is not in view, takes part in no chat in view, talks to an
    agent whose name or class is not known, or when the trigger is a function.

    ## Fix safety
    Safe where it asks for what the trigger meant: in a group, messages of this member, passed on
    by the manager. Unsafe where the callback starts to run for senders it did not name.
    """

    code = "CB401"
    name = "trigger-never-matches"
    default_severity = Severity.ERROR

    speaks = (
        # in a loop whose turns change nothing of it
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
turn = 0
while turn < 3:
    name = input()
    user.initiate_chat(bot, message=name, max_turns=1)
    turn += 1
""",
        # a chat that a thread runs for a coroutine
        """
import asyncio
from functools import partial
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("User", note)
async def main():
    chat = partial(user.initiate_chat, bot, max_turns=1)
    await asyncio.get_running_loop().run_in_executor(None, partial(chat, message="hi"))
asyncio.run(main())
""",
        # a name that differs in case
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply("User", audit)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # members of a group chat answer the manager
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
team = GroupChat([user, alice, bob], messages=[], max_round=4, speaker_selection_method="random")
manager = GroupChatManager(team, llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bob.register_reply([alice, UserProxyAgent, "user"], audit)
user.initiate_chat(manager, message="hi")
""",
        # the agent itself, although its chats are not in view
        """
from autogen import AssistantAgent
class Desk:
    def __init__(self, model):
        self.clerk = AssistantAgent("clerk", llm_config=model)
        self.clerk.register_reply(trigger=self.clerk, reply_func=note)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
""",
        # an empty list
        """
import autogen
def attach(agent: autogen.ConversableAgent):
    agent.register_reply([], lambda recipient, messages, sender, config: (False, None))
""",
        # a subclass is not its base
        """
from autogen import AssistantAgent, ConversableAgent
bot = AssistantAgent("bot", llm_config=False)
peer = ConversableAgent("peer", human_input_mode="NEVER")
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(AssistantAgent, audit)
peer.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a nested chat that is triggered by its own agent
        """
from autogen import AssistantAgent, ConversableAgent, UserProxyAgent
writer = AssistantAgent("writer", llm_config=False)
critic = ConversableAgent("critic", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
writer.register_nested_chats([{"recipient": critic, "message": "review", "max_turns": 1}],
                             trigger=writer)
user.initiate_chat(writer, message="write", max_turns=2)
""",
        # in a loop over several agents, each time wrong
        """
import autogen as ag
def watch(recipient, messages=None, sender=None, config=None):
    return False, None
boss = ag.UserProxyAgent("boss", human_input_mode="NEVER", code_execution_config=False)
workers = [ag.AssistantAgent("w1", llm_config=False), ag.AssistantAgent("w2", llm_config=False)]
for worker in workers:
    worker.register_reply([ag.GroupChatManager, "w1", "w2"], watch)
for worker in workers:
    boss.initiate_chat(worker, message="go", max_turns=1)
""",
    )

    silent = (
        # another sender in a later turn: by a counter
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
turn = 0
while True:
    if turn == 0:
        user.initiate_chat(bot, message="hi", max_turns=1)
    else:
        admin.initiate_chat(bot, message="hi", max_turns=1)
    turn += 1
    if turn == 3:
        break
""",
        # by a name
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
who = user
for text in open("texts"):
    who.initiate_chat(bot, message=text, max_turns=1)
    who = admin
""",
        # by a flag of an object
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
class Desk:
    def __init__(self):
        self.escalated = False
        bot.register_reply("admin", note)
    def ask(self, text):
        who = admin if self.escalated else user
        who.initiate_chat(bot, message=text, max_turns=1)
    def run(self, texts):
        for text in texts:
            self.ask(text)
            self.escalated = True
Desk().run(open("texts"))
""",
        # a loop that ends by what it asks for
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
running = True
while running:
    user.initiate_chat(bot, message="hi", max_turns=1)
    running = False
admin.initiate_chat(bot, message="hi", max_turns=1)
""",
        # threads that somebody else may answer from
        """
import asyncio
import threading
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
threading.Thread(target=admin.initiate_chat, args=(bot,), kwargs={"message": "hi"}).start()
async def main():
    await asyncio.to_thread(user.initiate_chat, bot, message="hi", max_turns=1)
    await asyncio.wait_for(asyncio.to_thread(admin.initiate_chat, bot, message="hi"), timeout=9)
asyncio.run(main())
""",
        """
import asyncio
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
admin = UserProxyAgent("admin", human_input_mode="NEVER", code_execution_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return True, "noted"
bot.register_reply("admin", note)
async def main():
    chats = [asyncio.to_thread(who.initiate_chat, bot, message="hi") for who in (user, admin)]
    await asyncio.gather(*chats)
asyncio.run(main())
""",
        # nested chats on an agent whose own chats are elsewhere
        """
import autogen
doctor = autogen.ConversableAgent("doctor", llm_config=False)
expert = autogen.ConversableAgent("expert", llm_config=False)
patient = autogen.ConversableAgent("patient", llm_config=False)
doctor.register_nested_chats([{"recipient": expert, "message": "q"}], trigger=patient)
""",
        # the base class matches
        """
from autogen import AssistantAgent, ConversableAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(ConversableAgent, audit)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # no chat in view
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([AssistantAgent], audit)
""",
        # another file has the agent, and may talk to it
        """
from autogen import AssistantAgent, UserProxyAgent
from team import introduce
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([AssistantAgent], audit)
introduce(bot)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # the other side's name is not known
        """
import os
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent(os.environ["WHO"], human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply("user", audit)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # the agent does talk to itself
        """
from autogen import ConversableAgent
thinker = ConversableAgent("thinker", human_input_mode="NEVER")
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
thinker.register_reply(thinker, audit)
thinker.initiate_chat(thinker, message="hm", max_turns=1)
""",
        # the manager is the sender in a group chat
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=3))
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
alice.register_reply([GroupChatManager], audit)
user.initiate_chat(manager, message="hi")
""",
        # a second chat, further on, is with a sender that matches
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
peer = AssistantAgent("peer", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([AssistantAgent], audit)
user.initiate_chat(bot, message="hi", max_turns=2)
peer.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a nested chat brings the sender
        """
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
writer = AssistantAgent("writer", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply(writer, audit)
writer.register_nested_chats([{"recipient": bot, "message": "check", "max_turns": 1}], trigger=user)
user.initiate_chat(writer, message="hi", max_turns=2)
user.initiate_chat(bot, message="hi", max_turns=2)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration whose trigger cannot match."""
        for registration in model.registrations:
            if registration.kind not in ("reply", "nested"):
                continue
            trigger = registration.argument("trigger")
            if trigger is None or rejected(trigger):
                continue
            reason = _structural(model, registration, trigger)
            evidence: tuple[Evidence, ...] = ()
            agent = registration.agent
            if reason is None and agent is not None:
                turns = model.turns(agent)
                if not turns.closed or not _all_fail(trigger, turns.known):
                    continue
                if not _are_started(model, turns.known):
                    continue
                reason = _reason(registration, agent, trigger, turns.known)
                evidence = (*turns_evidence(model, turns.known), *made_here(model, agent))
            if reason is None:
                continue
            yield self.finding(
                model,
                model.range(registration.argument_node("trigger") or registration.node),
                f"{what(registration)} {fires(registration)}: {reason}",
                evidence=evidence,
                about=registration,
            )


def _structural(model: Model, registration: Registration, trigger: Value) -> str | None:
    """What is wrong with the trigger whoever the senders are."""
    if isinstance(trigger, Sequence) and trigger.exact and not trigger.items:
        return "an empty trigger list matches no sender"
    agent = registration.agent
    node = registration.argument_node("trigger")
    if agent is None or node is None or not _is_itself(registration, agent, trigger, node):
        return None
    if any(turn.sender == agent for turn in model.turns(agent).known):
        return None
    return (
        f"the trigger is `{agent.label}` itself, but a trigger names the sender of the message, "
        "not the agent that replies"
    )


def _is_itself(registration: Registration, agent: Agent, trigger: Value, node: ast.expr) -> bool:
    if not all(as_agent(part) == agent for part in parts(trigger)):
        return False
    if isinstance(trigger, Sequence) and not trigger.exact:
        return False
    if not agent.instance.many:
        return True
    # One place in the source that stands for many agents: the same expression is the same agent.
    receiver = registration.node.func if isinstance(registration.node, ast.Call) else None
    return isinstance(receiver, ast.Attribute) and ast.dump(receiver.value) == ast.dump(node)


def _are_started(model: Model, turns: tuple[Turn, ...]) -> bool:
    """Whether a chat in view brings the turns about; nested chats alone are not begun by it."""
    senders = [turn.sender for turn in turns if turn.sender is not None]
    around = [other for sender in senders for other in model.turns(sender).known]
    return any(turn.method != "nested" for turn in (*turns, *around))


def _all_fail(trigger: Value, turns: tuple[Turn, ...]) -> bool:
    """Whether there are turns with a sender, and the trigger matches none of all turns."""
    if all(turn.sender is None and turn.sender_class is None for turn in turns):
        return False
    verdicts = [match(trigger, turn) for turn in turns]
    return all(verdict.matches is False and not verdict.raises for verdict in verdicts)


def _reason(
    registration: Registration, agent: Agent, trigger: Value, turns: tuple[Turn, ...]
) -> str:
    senders = listed(sender_of(turn) for turn in turns)
    shown = source_of(registration.argument_node("trigger"))
    typo = _similar_name(trigger, turns)
    if typo is not None:
        return (
            f"`{agent.label}` answers only {senders}, which the trigger `{shown}` does not match; "
            f"did you mean {typo}?"
        )
    if turns and all(turn.in_group for turn in turns):
        return (
            f"`{agent.label}` speaks in a GroupChat, where the sender is always the manager, "
            f"{senders}; the trigger `{shown}` does not match it"
        )
    return f"`{agent.label}` answers only {senders}, which the trigger `{shown}` does not match"


def _similar_name(trigger: Value, turns: tuple[Turn, ...]) -> str | None:
    names = {turn.sender.name for turn in turns if turn.sender and turn.sender.name}
    by_lower = {name.lower(): name for name in names}
    for part in parts(trigger):
        if isinstance(part, Constant) and isinstance(part.value, str):
            close = difflib.get_close_matches(part.value.lower(), by_lower, n=1, cutoff=0.75)
            if close:
                return repr(by_lower[close[0]])
    return None
