"""CB419: a hand-off hangs on a context variable that nothing sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from callscope.contracts.classic.dispatch import GROUP_STARTS, HANDOFFS
from callscope.model import Model
from callscope.model.values import Mapping
from callscope.rules._context import in_view, variable_of
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_HEAD = """
from autogen import ConversableAgent
from autogen.agentchat import initiate_group_chat
from autogen.agentchat.group import (AgentTarget, ContextExpression, ContextVariables,
    ExpressionContextCondition, OnCondition, OnContextCondition, StringAvailableCondition,
    StringContextCondition, StringLLMCondition)
from autogen.agentchat.group.patterns import AutoPattern
desk = ConversableAgent("desk", human_input_mode="NEVER")
expert = ConversableAgent("expert", human_input_mode="NEVER")
"""


class VariableNeverSet(Rule):
    """A hand-off condition looks at a context variable that is never set.

    ## What it does
    Compares the name in `StringContextCondition`, `StringAvailableCondition` and
    `ContextExpression("${name}")` with what the group chat in this file starts with, and with every
    name that the file sets in its course.

    ## Why it matters
    A variable that is not there counts as false. The condition is never met, the hand-off is never
    made, and the target agent never speaks; AutoGen reports nothing. Most often the name is
    misspelt.

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


    expert.register_reply([Agent, None], on_reply)
    condition = StringContextCondition(variable_name="is_urgnt")
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


    expert.register_reply([Agent, None], on_reply)
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

    ## When it stays silent
    When the name occurs in any other text of the file, when variables are set by names that are
    computed, when the variables or a function that may set them come from another file, and for
    expressions that are true without the variable.

    ## Fix safety
    Unsafe: which variable is meant is a guess, made only where one that is set has nearly the same
    name.
    """

    code = "CB419"
    name = "variable-never-set"
    default_severity = Severity.WARNING

    speaks = (
        # named once
        _HEAD
        + """
FLAG = "vip"
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=StringContextCondition(variable_name=FLAG)))
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert]), messages="hi")
""",
        # no variables at all
        _HEAD
        + """
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=StringContextCondition(variable_name="vip")))
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert]), messages="hi")
""",
        # an expression
        _HEAD
        + """
vip = ContextExpression("${vip}")
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=ExpressionContextCondition(vip)))
state = ContextVariables(data={"name": "eve"})
pattern = AutoPattern(initial_agent=desk, agents=[desk, expert], context_variables=state)
initiate_group_chat(pattern, messages="hi")
""",
        # whether the model is offered the hand-off
        _HEAD
        + """
desk.handoffs.add_llm_condition(OnCondition(
    target=AgentTarget(expert), condition=StringLLMCondition(prompt="hard questions"),
    available=StringAvailableCondition("logged_in")))
state = ContextVariables(data={"logged": True})
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert],
                                context_variables=state), messages="hi")
""",
        # set in the course of the chat, under another name
        _HEAD
        + """
def log_in(name: str, context_variables: ContextVariables) -> str:
    context_variables["logged_in"] = True
    return name
desk = ConversableAgent("desk", human_input_mode="NEVER", functions=[log_in])
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=StringContextCondition(variable_name="loggedin")))
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert]), messages="hi")
""",
        # in functions
        _HEAD
        + """
def build():
    desk.handoffs.add_context_conditions([OnContextCondition(
        target=AgentTarget(expert), condition=StringContextCondition(variable_name="ready"))])
    return AutoPattern(initial_agent=desk, agents=[desk, expert],
                       context_variables=ContextVariables(data={"redy": False}))
def main():
    initiate_group_chat(pattern=build(), messages="hi", max_rounds=3)
main()
""",
    )

    silent = (
        # named once, and set by that name
        _HEAD
        + """
FLAG = "vip"
state = ContextVariables(data={"name": "eve"})
state[FLAG] = True
desk.handoffs.add_context_condition(OnContextCondition(
    target=AgentTarget(expert), condition=StringContextCondition(variable_name=FLAG)))
initiate_group_chat(AutoPattern(initial_agent=desk, agents=[desk, expert],
                                context_variables=state), messages="hi")
""",
        # set from the start
        speaks[2].replace('"name": "eve"', '"vip": False'),
        # set by a tool
        speaks[4].replace('"loggedin"', '"logged_in"'),
        # set by a computed name
        speaks[4].replace('context_variables["logged_in"]', "context_variables[name]"),
        # the variables come from elsewhere
        speaks[2].replace(
            'state = ContextVariables(data={"name": "eve"})', "from desk_state import state"
        ),
        # true without the variable
        speaks[2].replace('"${vip}"', '"not ${vip}"'),
        # a tool of another file may set it
        speaks[1].replace(
            "initiate_group_chat(Auto",
            "from tools import lookup\n"
            'ConversableAgent("x", functions=[lookup])\ninitiate_group_chat(Auto',
        ),
        # no chat in this file
        "\n".join(line for line in speaks[1].splitlines() if not line.startswith("initiate")),
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a condition on a name that is set nowhere."""
        conditions = [(call, name) for call in model.calls if (name := variable_of(call))]
        starts = model.calls_to(*GROUP_STARTS)
        if model.release not in HANDOFFS or not conditions or not starts or not in_view(model):
            return
        given = _names(model, [call.node for call, _ in conditions])
        for call, name in conditions:
            if name in given:
                continue
            close = get_close_matches(name, _set(model), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            yield self.finding(
                model,
                model.range(call.node),
                f"This condition is never met: nothing sets the context variable {name!r}{hint}",
                evidence=tuple(
                    Evidence("The group chat starts here", model.range(start.node))
                    for start in starts[:1]
                ),
            )


def _names(model: Model, conditions: list[ast.expr]) -> set[str]:
    """Every text and keyword of the file but those in the conditions."""
    inside = {id(node) for condition in conditions for node in walk(condition)}
    inside |= _named_for(model, inside)
    found: set[str] = set()
    for node in model.everything(ast.Constant, ast.keyword):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            found.add(node.arg)
    return found


def _named_for(model: Model, inside: set[int]) -> set[int]:
    """The texts that are bound to a name which only the conditions read."""
    names = list(model.everything(ast.Name))
    read = {n.id for n in names if isinstance(n.ctx, ast.Load) and id(n) not in inside}
    asked = {n.id for n in names if id(n) in inside}
    return {
        id(statement.value)
        for statement in model.everything(ast.Assign)
        if all(isinstance(t, ast.Name) and t.id in asked - read for t in statement.targets)
    }


def _set(model: Model) -> list[str]:
    """The names that the chat's variables start with, then those that are assigned to."""
    made = model.calls_to("autogen.ContextVariables")
    given = [call.arguments.get(0, "data") for call in made]
    initial = [str(key) for data in given if isinstance(data, Mapping) for key in data.items]
    assigned = [
        node.slice.value
        for node in model.everything(ast.Subscript)
        if isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant)
    ]
    return initial + [name for name in assigned if isinstance(name, str)]
