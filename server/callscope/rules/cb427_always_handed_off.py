"""CB427: an agent hands off before it ever comes to its reply functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import GROUP_STARTS, HANDOFFS
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.events import Call
from callscope.model.registrations import Registration
from callscope.model.values import NONE, Constant, Instance, Mapping, Member, Sequence, Value
from callscope.rules._context import in_view, variable_of
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.rules.senders import fires, what

_ADD = frozenset({"add", "add_many", "add_context_condition", "add_context_conditions"})

_HEAD = """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (AgentTarget, ContextExpression, ContextVariables,
    ExpressionContextCondition, OnContextCondition, StringAvailableCondition,
    StringContextCondition)
from autogen.agentchat.group.patterns import DefaultPattern
desk = ConversableAgent("desk", human_input_mode="NEVER")
expert = ConversableAgent("expert", human_input_mode="NEVER")
def answer(recipient, messages=None, sender=None, config=None):
    return True, "an answer"
"""
_STRING = """
desk.register_reply([ConversableAgent, None], answer)
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=StringContextCondition(variable_name="vip")))
pattern = DefaultPattern(initial_agent=desk, agents=[desk, expert],
                         context_variables=ContextVariables(data={"vip": True}))
initiate_group_chat(pattern=pattern, messages="hi", max_rounds=4)
"""


class AlwaysHandedOff(Rule):
    """A reply function of an agent that always hands off first.

    ## What it does
    Looks at agents of a group chat with an `OnContextCondition` that is true from the start and
    that nothing in the file changes, and with reply functions of their own.

    ## Why it matters
    `initiate_group_chat` puts the check of these conditions in front of all reply functions that
    were registered before. Where one is met, the agent's whole turn is the hand-off: neither its
    reply functions nor its nested chats are asked.

    ## Example
    ```python
    from autogen import Agent, ConversableAgent
    from autogen.agentchat import initiate_group_chat
    from autogen.agentchat.group import (
        AgentTarget,
        ContextVariables,
        OnContextCondition,
        StringContextCondition,
        TerminateTarget,
    )
    from autogen.agentchat.group.patterns import DefaultPattern

    desk = ConversableAgent("desk", human_input_mode="NEVER", default_auto_reply="desk")
    expert = ConversableAgent("expert", human_input_mode="NEVER", default_auto_reply="expert")
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply="user")


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    desk.register_reply([Agent, None], on_reply)
    condition = StringContextCondition(variable_name="is_urgent")
    desk.handoffs.add_context_condition(
        OnContextCondition(target=AgentTarget(expert), condition=condition)
    )
    desk.handoffs.set_after_work(TerminateTarget())
    expert.handoffs.set_after_work(TerminateTarget())
    pattern = DefaultPattern(
        initial_agent=desk,
        agents=[desk, expert],
        user_agent=user,
        context_variables=ContextVariables(data={"is_urgent": True}),
    )
    initiate_group_chat(pattern=pattern, messages="hello", max_rounds=4)
    ```

    ## Fixed
    ```python
    from autogen import Agent, ConversableAgent
    from autogen.agentchat import initiate_group_chat
    from autogen.agentchat.group import (
        AgentTarget,
        ContextVariables,
        OnContextCondition,
        StringContextCondition,
        TerminateTarget,
    )
    from autogen.agentchat.group.patterns import DefaultPattern

    desk = ConversableAgent("desk", human_input_mode="NEVER", default_auto_reply="desk")
    expert = ConversableAgent("expert", human_input_mode="NEVER", default_auto_reply="expert")
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply="user")


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None


    desk.register_reply([Agent, None], on_reply)
    condition = StringContextCondition(variable_name="is_urgent")
    desk.handoffs.add_context_condition(
        OnContextCondition(target=AgentTarget(expert), condition=condition)
    )
    desk.handoffs.set_after_work(TerminateTarget())
    expert.handoffs.set_after_work(TerminateTarget())
    pattern = DefaultPattern(
        initial_agent=desk,
        agents=[desk, expert],
        user_agent=user,
        context_variables=ContextVariables(data={"is_urgent": False}),
    )
    initiate_group_chat(pattern=pattern, messages="hello", max_rounds=4)
    ```

    ## When it stays silent
    When the file names the variable anywhere else, when its first value is not written out, when
    the condition has an `available=`, when the agent also takes part in plain chats, and when
    variables or functions that may set them come from another file.

    ## Fix safety
    There is no fix: whether the condition or the reply function is wrong is not known.
    """

    code = "CB427"
    name = "always-handed-off"
    default_severity = Severity.WARNING

    speaks = (
        _HEAD + _STRING,
        # an expression
        _HEAD
        + _STRING.replace(
            'StringContextCondition(variable_name="vip")',
            'ExpressionContextCondition(expression=ContextExpression("${vip}"))',
        ),
        # no condition at all is always met
        _HEAD + _STRING.replace(', condition=StringContextCondition(variable_name="vip")', ""),
        # several at once
        _HEAD
        + """
desk.register_reply([ConversableAgent, None], answer)
desk.handoffs.add_context_conditions([
    OnContextCondition(target=AgentTarget(desk),
                       condition=StringContextCondition(variable_name="closed")),
    OnContextCondition(target=AgentTarget(expert),
                       condition=StringContextCondition(variable_name="vip")),
])
state = ContextVariables(data={"vip": 1, "closed": False})
initiate_group_chat(DefaultPattern(initial_agent=desk, agents=[desk, expert],
                                   context_variables=state), "hi", max_rounds=4)
""",
        # nested chats
        _HEAD
        + _STRING.replace(
            "desk.register_reply([ConversableAgent, None], answer)",
            'desk.register_nested_chats([{"recipient": expert, "message": "q", "max_turns": 1}],\n'
            "                           trigger=[ConversableAgent, None])",
        ),
        # in a class
        _HEAD
        + """
class Desk:
    def __init__(self):
        self.first = ConversableAgent("first", human_input_mode="NEVER")
        self.first.register_reply([ConversableAgent, None], answer)
        self.first.handoffs.add_context_condition(OnContextCondition(
            target=AgentTarget(expert), condition=StringContextCondition(variable_name="vip")))
    def serve(self, text):
        state = ContextVariables(data={"vip": True})
        pattern = DefaultPattern(initial_agent=self.first, agents=[self.first, expert],
                                 context_variables=state)
        return initiate_group_chat(pattern=pattern, messages=text, max_rounds=4)
Desk().serve("hi")
""",
    )

    silent = (
        # not met at first
        _HEAD + _STRING.replace("True", "False"),
        # changed in the course of the chat
        _HEAD
        + _STRING.replace(
            "pattern = ",
            "def close(context_variables: ContextVariables) -> str:\n"
            '    context_variables["vip"] = False\n'
            '    return "closed"\n'
            'ConversableAgent("other", functions=[close])\npattern = ',
        ),
        # the first value is computed
        _HEAD + _STRING.replace("True", "bool(expert)"),
        # another condition besides
        _HEAD
        + _STRING.replace('name="vip")', 'name="vip"), available=StringAvailableCondition("open")'),
        # the agent hands off to the one that answers
        _HEAD + _STRING.replace("desk.register_reply", "expert.register_reply"),
        # asked in a plain chat, too
        _HEAD + 'expert.initiate_chat(desk, message="hi", max_turns=1)' + _STRING,
        # the variables come from elsewhere
        _HEAD
        + _STRING.replace(
            'context_variables=ContextVariables(data={"vip": True})', "context_variables=state"
        ).replace("pattern =", "from desk_state import state\npattern ="),
        # negated
        _HEAD
        + _STRING.replace(
            'StringContextCondition(variable_name="vip")',
            'ExpressionContextCondition(expression=ContextExpression("not ${vip}"))',
        ),
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration on an agent that always hands off."""
        starts = model.calls_to(*GROUP_STARTS)
        if not starts or model.release not in HANDOFFS or not in_view(model):
            return
        for agent in dict.fromkeys(r.agent for r in model.registrations if r.agent is not None):
            met = _always_met(model, agent)
            if met is None or not _only_in_group(model, agent):
                continue
            for registration in model.registrations_on(agent):
                if not _is_behind(registration):
                    continue
                yield self.finding(
                    model,
                    model.range(registration.callback_node or registration.node),
                    f"{what(registration)} {fires(registration)}: in the group chat "
                    f"`{agent.label}` hands off first, on a condition that is always met",
                    evidence=(Evidence("The condition", model.range(met.node)),),
                    about=registration,
                )


def _is_behind(registration: Registration) -> bool:
    """Whether a group chat that starts later puts its check of the conditions in front of it."""
    method = registration.call.method
    return registration.kind in ("reply", "nested") and method != "replace_reply_func"


def _only_in_group(model: Model, agent: Agent) -> bool:
    """Whether ``agent`` is a member of a pattern in view, and has no other chats."""
    own = agent.instance
    if own.many or model.entries_of(agent):
        return False
    # Its own nested chats are among what never starts.
    if any(turn.entry.receiver is not own for turn in model.turns(agent).known):
        return False
    lists = (call.arguments.get(None, "agents") for call in model.calls)
    return any(isinstance(given, Sequence) and own in given.items for given in lists)


def _always_met(model: Model, agent: Agent) -> Call | None:
    """The ``OnContextCondition`` of ``agent`` that nothing keeps from being met."""
    made = {id(call.result): call for call in model.calls if call.method == "OnContextCondition"}
    for call in model.calls:
        holder = call.receiver
        if call.method not in _ADD or not isinstance(holder, Member) or holder.name != "handoffs":
            continue
        if as_agent(holder.owner) != agent or not call.where.certain:
            continue
        for given in call.arguments.all():
            for item in given.items if isinstance(given, Sequence) else [given]:
                found = made.get(id(item))
                if found is not None and _is_true(model, found):
                    return found
    return None


def _is_true(model: Model, handoff: Call) -> bool:
    """Whether the hand-off's condition is met at the start of each chat, and stays so."""
    given = handoff.arguments
    if given.open or given.get(None, "available") not in (None, NONE):
        return False
    condition = given.get(None, "condition")
    if condition is None or condition == NONE:
        return True
    name = _looks_at(condition)
    return name is not None and _stays_true(model, name)


def _looks_at(condition: Value) -> str | None:
    """The variable that has to be true for ``condition``; None if it is not known."""
    call = condition.call if isinstance(condition, Instance) else None
    if call is None:
        return None
    inner = call.arguments.get(0, "expression")
    if isinstance(inner, Instance) and inner.call is not None:
        call = inner.call
    return variable_of(call)


def _stays_true(model: Model, name: str) -> bool:
    """Whether all chats start with ``name`` true, and nothing else in the file mentions it."""
    states = model.calls_to("autogen.ContextVariables")
    given = [call.arguments.get(0, "data") for call in states]
    if not given or not all(_holds_true(data, name) for data in given):
        return False
    harmless = {id(call.arguments.node(None, "variable_name")) for call in model.calls}
    for node in model.everything(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and _is_true_text(value):
                harmless.add(id(key))
    texts = (node for node in model.everything(ast.Constant) if node.value == name)
    keywords = (node for node in model.everything(ast.keyword) if node.arg == name)
    return all(id(node) in harmless for node in texts) and not any(keywords)


def _holds_true(data: Value | None, name: str) -> bool:
    value = data.items.get(name) if isinstance(data, Mapping) else None
    return isinstance(value, Constant) and bool(value.value)


def _is_true_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and bool(value.value)
