"""CB211: the function given to UpdateSystemMessage is not annotated ``-> str``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.values import Scope
from callscope.rules._shared import defined_here
from callscope.rules.base import Finding, Rule, Severity


class UpdateSystemMessageAnnotation(Rule):
    """The function given to `UpdateSystemMessage` has to be annotated `-> str`.

    ## What it does
    Checks the return annotation of functions handed to AG2's `UpdateSystemMessage`. AG2 compares
    it with the class `str` itself: none, `"str"` in quotes, `Optional[str]`, or any annotation in
    a module with `from __future__ import annotations` (which makes all of them text) fails.

    ## Why it matters
    `UpdateSystemMessage(...)` raises `ValueError: The update function must return a string`, though
    the function does return one.

    ## Example
    ```python
    from autogen import ConversableAgent, UpdateSystemMessage


    def update(agent, messages):
        print("FIRED")
        return f"You have seen {len(messages)} messages."


    assistant = ConversableAgent(
        "assistant",
        llm_config=False,
        human_input_mode="NEVER",
        update_agent_state_before_reply=[UpdateSystemMessage(update)],
    )
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## Fixed
    ```python
    from autogen import ConversableAgent, UpdateSystemMessage


    def update(agent, messages) -> str:
        print("FIRED")
        return f"You have seen {len(messages)} messages."


    assistant = ConversableAgent(
        "assistant",
        llm_config=False,
        human_input_mode="NEVER",
        update_agent_state_before_reply=[UpdateSystemMessage(update)],
    )
    assistant.generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## When it stays silent
    When the function is not defined in this file, or is wrapped by something that is not known.

    ## Fix safety
    Adding `-> str` is safe, and so is a function in the place of a lambda. Under `from __future__
    import annotations` nothing is offered: the annotation would be text.
    """

    code = "CB211"
    name = "update-system-message"
    default_severity = Severity.ERROR

    speaks = (
        # a lambda has no annotation
        """
from autogen import UpdateSystemMessage
hook = UpdateSystemMessage(lambda agent, messages: "x")
""",
        # text annotations
        """
from __future__ import annotations
from autogen import UpdateSystemMessage
def update(agent, messages) -> str:
    return "x"
hook = UpdateSystemMessage(update)
""",
        # in quotes
        """
import autogen
def update(agent, messages) -> "str":
    return "x"
hook = autogen.UpdateSystemMessage(content_updater=update)
""",
        # another type
        """
from typing import Optional
from autogen.agentchat.conversable_agent import UpdateSystemMessage
def update(agent, messages) -> Optional[str]:
    return "x"
hook = UpdateSystemMessage(update)
""",
        # a method
        """
from autogen import ConversableAgent, UpdateSystemMessage
class Service:
    def __init__(self):
        self.bot = ConversableAgent(
            "bot", llm_config=False,
            update_agent_state_before_reply=[UpdateSystemMessage(self.update)],
        )
    def update(self, agent, messages):
        return "x"
""",
        # a callable object
        """
from autogen import UpdateSystemMessage
class Update:
    def __call__(self, agent, messages):
        return "x"
hook = UpdateSystemMessage(Update())
""",
    )

    silent = (
        # annotated
        """
from autogen import UpdateSystemMessage
def update(agent, messages) -> str:
    return "x"
hook = UpdateSystemMessage(update)
""",
        # a template
        """
from autogen import UpdateSystemMessage
hook = UpdateSystemMessage("You are {role}")
""",
        # not defined here
        """
from autogen import UpdateSystemMessage
from prompts import update
hook = UpdateSystemMessage(update)
""",
        # wrapped by something not in view
        """
from autogen import UpdateSystemMessage
from prompts import templated
@templated
def update(agent, messages):
    return "x"
hook = UpdateSystemMessage(update)
""",
        # a plain function in the list needs none
        """
from autogen import ConversableAgent
def update(agent, messages):
    agent.update_system_message("x")
bot = ConversableAgent("bot", llm_config=False, update_agent_state_before_reply=[update])
""",
        # of another library
        """
import autogen
from prompts import UpdateSystemMessage
hook = UpdateSystemMessage(lambda agent, messages: "x")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind != "update-system-message" or known is None or contract is None:
                continue
            if model.release not in contract.versions:
                continue
            problem = _problem(model, known)
            if problem is not None:
                yield self.finding(
                    model,
                    model.range(registration.callback_node or registration.node),
                    f"UpdateSystemMessage raises ValueError: `{known.name}` {problem}",
                    evidence=defined_here(model, registration),
                    about=registration,
                )


def _problem(model: Model, known: Callable) -> str | None:
    """What is wrong with the return annotation; None if it is the class ``str``."""
    node = known.node
    if isinstance(node, ast.Lambda):
        return "is a lambda, which cannot be annotated `-> str`"
    if node.returns is None:
        return "has no `-> str`"
    if _annotations_are_text(known.function.scope.module):
        return "is annotated with the text 'str', by `from __future__ import annotations`"
    if isinstance(node.returns, ast.Constant):
        return f"is annotated with the text {node.returns.value!r}, not with the class `str`"
    if isinstance(node.returns, ast.Name) and node.returns.id == "str":
        return None
    plain = isinstance(node.returns, ast.Name | ast.Attribute)
    return None if plain else f"is annotated `{ast.unparse(node.returns)}`, not `str`"


def _annotations_are_text(module: Scope) -> bool:
    return isinstance(module.node, ast.Module) and any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in module.node.body
    )
