"""CB413: guardrails and handoffs on an agent that only takes part in plain chats."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.dispatch import (
    GROUP_FEATURES,
    HAND_OFF_FUNCTION,
    HAND_OFF_METHOD,
    HANDOFF_METHODS,
    HANDOFFS,
    IN_HANDOFFS,
    REGISTER_HAND_OFF,
    SWARM_HAND_OFF,
    GroupFeature,
)
from callscope.contracts.classic.methods import has_method
from callscope.contracts.versions import Release
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.events import Call
from callscope.model.involvement import calls_with
from callscope.model.values import Member, Value
from callscope.rules.base import Evidence, Finding, Rule, Severity


class GroupFeatureInPlainChat(Rule):
    """A guardrail or handoff is set on an agent that is in no group chat.

    ## What it does
    Looks for AG2's `register_input_guardrail`, `register_output_guardrail`, `register_handoff` and
    `agent.handoffs.add_...` on agents all of whose chats are in view and are plain ones between two
    agents. Handoffs need `initiate_group_chat` or `run_group_chat`; a GroupChat with a manager is
    enough for guardrails. Releases 0.4 to 0.13 have swarms, whose `register_hand_off` needs
    `initiate_swarm_chat` or `run_swarm`.

    ## Why it matters
    Only the group chat looks at guardrails and handoffs. `initiate_chat` between two agents never
    does, so that the check of a guardrail, or the condition of a handoff, is not evaluated once.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.agentchat.group import AgentTarget
    from autogen.agentchat.group.guardrails import RegexGuardrail


    class Watch(RegexGuardrail):
        def check(self, context):
            print("FIRED")
            return super().check(context)


    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    assistant.register_input_guardrail(Watch("watch", "password", AgentTarget(user)))
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
    from autogen.agentchat.group import AgentTarget
    from autogen.agentchat.group.guardrails import RegexGuardrail


    class Watch(RegexGuardrail):
        def check(self, context):
            print("FIRED")
            return super().check(context)


    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    assistant.register_input_guardrail(Watch("watch", "password", AgentTarget(user)))
    team = GroupChat(
        [user, assistant], messages=[], max_round=3, speaker_selection_method="round_robin"
    )
    user.initiate_chat(GroupChatManager(team, llm_config=False), message="hello")
    ```

    ## When it stays silent
    When the agent is in a group chat, in no chat in view, or handed to code that is not in view.

    ## Fix safety
    No fix: the chat has to become a group chat, and who else is in it is yours to say.
    """

    code = "CB413"
    name = "group-feature-in-plain-chat"
    default_severity = Severity.ERROR

    speaks = (
        # several at once
        """
from autogen import AssistantAgent, UserProxyAgent
from guards import guards
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_output_guardrails(guards)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # a handoff
        """
from autogen import ConversableAgent
from autogen.agentchat.group import AgentTarget, OnContextCondition, ExpressionContextCondition
from autogen.agentchat.group import ContextExpression
bot = ConversableAgent("bot", human_input_mode="NEVER")
boss = ConversableAgent("boss", human_input_mode="NEVER")
user = ConversableAgent("user", human_input_mode="NEVER")
bot.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(boss), condition=ExpressionContextCondition(ContextExpression("${angry}"))))
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # what comes after its work
        """
import autogen
from autogen.agentchat.group import AgentTarget
bot = autogen.ConversableAgent("bot", human_input_mode="NEVER")
boss = autogen.ConversableAgent("boss", human_input_mode="NEVER")
user = autogen.ConversableAgent("user", human_input_mode="NEVER")
bot.handoffs.set_after_work(AgentTarget(boss))
user.initiate_chat(bot, message="hi", max_turns=2)
""",
        # on self
        """
from autogen import AssistantAgent, UserProxyAgent
class Desk:
    def __init__(self, guard):
        self.clerk = AssistantAgent("clerk", llm_config=False)
        self.user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        self.clerk.register_input_guardrail(guard)
    def ask(self, text):
        return self.user.initiate_chat(self.clerk, message=text, max_turns=1).summary
""",
        # handoffs are not looked at by a GroupChat made by hand
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen.agentchat.group import TerminateTarget
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
alice.handoffs.set_after_work(TerminateTarget())
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=4), llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        # asked directly
        """
from autogen import AssistantAgent
from guards import guard
bot = AssistantAgent("bot", llm_config=False)
bot.register_input_guardrail(guard)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
    )

    silent = (
        # in a group chat
        """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from guards import guard
alice = AssistantAgent("alice", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
alice.register_input_guardrail(guard)
manager = GroupChatManager(GroupChat([user, alice], messages=[], max_round=4), llm_config=False)
user.initiate_chat(manager, message="hi")
""",
        # run by a pattern
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import TerminateTarget
from autogen.agentchat.group.patterns import DefaultPattern
bot = ConversableAgent("bot", human_input_mode="NEVER")
bot.handoffs.set_after_work(TerminateTarget())
pattern = DefaultPattern(initial_agent=bot, agents=[bot])
initiate_group_chat(pattern=pattern, messages="hi", max_rounds=3)
""",
        # no chat in view
        """
from autogen import AssistantAgent
from guards import guard
bot = AssistantAgent("bot", llm_config=False)
bot.register_input_guardrail(guard)
""",
        # handed on
        """
from autogen import AssistantAgent, UserProxyAgent
from guards import guard
from team import add
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot.register_input_guardrail(guard)
add(bot)
user.initiate_chat(bot, message="hi", max_turns=1)
""",
        # another object's handoffs
        """
import autogen
class Desk:
    def __init__(self):
        self.handoffs = []
    def register_input_guardrail(self, guard): ...
desk = Desk()
desk.register_input_guardrail(print)
desk.handoffs.append(1)
""",
        # both kinds of chat
        """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import TerminateTarget
from autogen.agentchat.group.patterns import AutoPattern
bot = ConversableAgent("bot", human_input_mode="NEVER")
user = ConversableAgent("user", human_input_mode="NEVER")
bot.handoffs.set_after_work(TerminateTarget())
user.initiate_chat(bot, message="warm up", max_turns=1)
initiate_group_chat(pattern=AutoPattern(initial_agent=bot, agents=[bot]), messages="hi")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a call that sets up what nothing looks at."""
        for call in model.calls:
            found = _feature(call, model.release)
            if found is None:
                continue
            agent, feature = found
            calls = calls_with(model, agent)
            if not calls or not model.is_closed(agent):
                continue
            in_groups = any(agent in group.members for group in model.group_chats)
            if feature.in_group_chat and in_groups:
                continue
            yield self.finding(
                model,
                model.range(call.node),
                f"`{call.method}` has no effect: `{agent.label}` only takes part in "
                f"{'chats made by hand' if in_groups else 'plain chats'}, and "
                f"only {_where(feature)} looks at it",
                evidence=tuple(
                    Evidence(f"A chat of `{agent.label}`", model.range(c.node)) for c in calls
                ),
            )


def _where(feature: GroupFeature) -> str:
    starts = " or ".join(f"`{start}`" for start in feature.starts)
    return "a group chat" if feature.in_group_chat else starts


def _feature(call: Call, release: Release) -> tuple[Agent, GroupFeature] | None:
    """The agent that ``call`` gives something for chats of a group, and what that is."""
    holder: Value | None = call.receiver
    feature: GroupFeature | None = None
    if isinstance(holder, Member) and holder.name == "handoffs":
        holder = holder.owner
        feature = IN_HANDOFFS if call.method in HANDOFF_METHODS and release in HANDOFFS else None
    elif call.path == f"autogen.{REGISTER_HAND_OFF}" and release in HAND_OFF_FUNCTION:
        holder, feature = call.arguments.get(0, "agent"), SWARM_HAND_OFF
    elif call.method in GROUP_FEATURES and has_method(call.method, release):
        feature = GROUP_FEATURES[call.method]
    elif call.method == REGISTER_HAND_OFF and release in HAND_OFF_METHOD:
        feature = SWARM_HAND_OFF
    agent = as_agent(holder) if feature is not None else None
    return (agent, feature) if agent is not None and feature is not None else None
