"""CB404: a registration at a place in the list that is never reached."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.blockers import ANY, Situation, always_answers, changes_limit, situation_of
from callscope.model.order import Slot, order_of
from callscope.model.registrations import Registration
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, made_here, turns_evidence, what


class ReplyNeverReached(Rule):
    """A reply function stands behind a built-in one that always answers.

    ## What it does
    Replays the agent's list of reply functions, its built-in ones included, and looks for a
    registration behind one that is always final: the model's reply where there is an `llm_config`,
    `run_chat` on a GroupChatManager, the termination check of an agent that may not answer or whose
    chat begins with the word that ends it, the tool dispatch for a message that is a tool call.

    ## Why it matters
    `position` counts from the front of that list. A large number, `len(agent._reply_func_list)` or,
    in async chats, `-1` is behind the model; on a GroupChatManager everything from 2 on is behind
    `run_chat`. Such a function is registered and never called.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

    alice = AssistantAgent("alice", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    team = GroupChat(
        [user, alice], messages=[], max_round=3, speaker_selection_method="round_robin"
    )
    manager = GroupChatManager(team, llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    manager.register_reply([Agent, None], on_reply, position=2)
    user.initiate_chat(manager, message="hello")
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

    alice = AssistantAgent("alice", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    team = GroupChat(
        [user, alice], messages=[], max_round=3, speaker_selection_method="round_robin"
    )
    manager = GroupChatManager(team, llm_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    manager.register_reply([Agent, None], on_reply)
    user.initiate_chat(manager, message="hello")
    ```

    ## When it stays silent
    When the agent's list is not known in full: a position that is computed, a class with reply
    functions of its own, an agent handed to other code. When the agent may have no model, or one
    chat in view does reach the function (`position=-1` in sync chats).

    ## Fix safety
    Unsafe: the callback that never ran starts to run, in front of the built-in replies.
    """

    code = "CB404"
    name = "reply-never-reached"
    default_severity = Severity.ERROR

    speaks = (
        # behind the model
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=len(bot._reply_func_list))
""",
        # far behind the model, in a class
        """
import autogen
CONFIG = {"config_list": [{"model": "m", "api_key": "k"}]}
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
class Service:
    def __init__(self):
        self.bot = autogen.ConversableAgent("bot", llm_config=CONFIG, human_input_mode="NEVER")
        self.bot.register_reply([autogen.Agent, None], audit, 99)
""",
        # before the last entry, which in async chats is behind the model
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=-1)
async def main():
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
asyncio.run(main())
""",
        # on a manager whose chat is started elsewhere
        """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def build(alice: AssistantAgent, bob: AssistantAgent):
    manager = GroupChatManager(GroupChat([alice, bob], messages=[], max_round=5))
    manager.register_reply([Agent, None], audit, position=3)
    return manager
""",
        # a nested chat on an agent that may not answer
        """
from autogen import ConversableAgent, UserProxyAgent
bot = ConversableAgent("bot", human_input_mode="NEVER", max_consecutive_auto_reply=0)
critic = ConversableAgent("critic", human_input_mode="NEVER")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_nested_chats([{"recipient": critic, "message": "q", "max_turns": 1}], trigger=user)
user.initiate_chat(bot, message="hi")
""",
        # the chat is over before it begins
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=2)
user.initiate_chat(bot, message="TERMINATE", max_turns=2)
""",
        # behind the tool dispatch, with nothing but a tool call to answer
        """
from autogen import Agent, UserProxyAgent
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.register_reply([Agent, None], audit, position=6)
CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
user.generate_reply(messages=[{"role": "assistant", "content": None, "tool_calls": [CALL]}])
""",
    )

    silent = (
        # at the front
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit)
bot.register_reply([Agent, None], audit, position=2)
""",
        # no model
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=99)
""",
        # before the last entry, which in sync chats is the model
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=-1)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a position that is not known
        """
import os
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=int(os.environ["PLACE"]))
""",
        # between the two run_chat of a manager, in a sync chat
        """
from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=3))
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
manager.register_reply([Agent, None], audit, position=1)
user.initiate_chat(manager, message="hi")
""",
        # others were removed
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=9, remove_other_reply_funcs=True)
""",
        # a class that may put its own functions in front
        """
from autogen import Agent
from autogen.agentchat.contrib.retrieve_user_proxy_agent import RetrieveUserProxyAgent
bot = RetrieveUserProxyAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=99)
""",
        # a tool call is only the first of several messages
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
user.register_reply([Agent, None], audit, position=6)
CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
bot.initiate_chat(user, message={"content": None, "tool_calls": [CALL]}, max_turns=3)
""",
        # a chat that goes on besides
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
bot.register_reply([Agent, None], audit, position=2)
for text in ("hi", "TERMINATE"):
    user.initiate_chat(bot, message=text, max_turns=1)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration behind something that always answers."""
        for agent in dict.fromkeys(r.agent for r in model.registrations if r.agent is not None):
            if not model.is_closed(agent, so_far=True) or _limit_changes(model, agent):
                continue
            mine = model.registrations_on(agent)
            order = order_of(agent, mine, model.release)
            if not order.exact:
                continue
            for registration in mine:
                place = order.index(registration)
                blocked = _blocked(model, agent, registration, order.slots[:place])
                if place is None or blocked is None:
                    continue
                name, reason = blocked
                yield self.finding(
                    model,
                    model.range(registration.argument_node("position") or registration.node),
                    f"{what(registration)} {fires(registration)}: `{name}` is tried before it, "
                    f"and {reason}",
                    evidence=_evidence(model, agent),
                    about=registration,
                )


def _limit_changes(model: Model, agent: Agent) -> bool:
    return any(changes_limit(call) for call in model.calls_on(agent.instance))


def _blocked(
    model: Model, agent: Agent, registration: Registration, front: tuple[Slot, ...]
) -> tuple[str, str] | None:
    """The built-in function that keeps ``registration`` from being asked, and why; None if some
    situation reaches it."""
    known = registration.function if registration.kind == "reply" else None
    situations = [
        s for s in _situations(model, agent) if s.is_async or known is None or not known.is_async
    ]
    found: tuple[str, str] | None = None
    for situation in situations:
        answers = ((slot.name, always_answers(slot, agent, situation)) for slot in front)
        found = next(((name, reason) for name, reason in answers if reason is not None), None)
        if found is None:
            return None
    return found


def _situations(model: Model, agent: Agent) -> list[Situation]:
    """How ``agent`` may be asked: as in view if that is all there is, else anyhow."""
    turns = model.turns(agent)
    entries = {id(entry.call): entry for entry in model.entry_calls}
    seen = [situation_of(turn, entries.get(id(turn.entry))) for turn in turns.known]
    return seen if seen and turns.closed else [*seen, *ANY]


def _evidence(model: Model, agent: Agent) -> tuple[Evidence, ...]:
    return (*made_here(model, agent), *turns_evidence(model, model.turns(agent).known))
