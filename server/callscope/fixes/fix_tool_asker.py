"""Offer a tool to the agent that has a model."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.tools import lacks_model
from callscope.rules.base import Finding


class FixToolAsker(FixProvider):
    """Puts the only agent with a model in the place of the one without."""

    codes = frozenset({"CB510"})
    order = 10

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """If that agent is to execute the tool, the two change places."""
        about = finding.about
        if not isinstance(about, Registration) or about.call.method != "register_for_llm":
            return
        function = about.node.func if isinstance(about.node, ast.Call) else None
        asking = [agent for agent in model.agents if not lacks_model(agent, model)]
        if about.agent is None or len(asking) != 1 or not isinstance(function, ast.Attribute):
            return
        if about.call.receiver is not about.agent.instance:
            return
        name = name_of_agent(model, asking[0], about.node)
        executing = [
            other.node
            for other in model.registrations
            if other.call.method == "register_for_execution"
            and other.agent == asking[0]
            and other.function == about.function
        ]
        if name is None or len(executing) > 1:
            return

        def change(patch: Patch) -> None:
            for node in executing:
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    patch.replace(node.func.value, patch.text(function.value))
            patch.replace(function.value, name)

        title = f"Propose it on `{name}`, which has a model"
        if executing:
            title += f", and execute it on `{about.agent.label}`"
        yield proposal(model, title, Safety.UNSAFE, change)
