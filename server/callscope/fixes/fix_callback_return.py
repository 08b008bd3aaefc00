"""Return what AutoGen can use: a bool from a trigger, an agent from a speaker selector."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.results import Result, results
from callscope.model.values import Constant
from callscope.rules.base import Finding


class FixCallbackReturn(FixProvider):
    """Mends one result of a trigger, selector or termination check."""

    codes = frozenset({"CB207"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """By the kind of callback."""
        about = finding.about
        if not isinstance(about, Registration) or about.function is None:
            return
        known = about.function
        given = results(model, known)
        result = next((r for r in given if model.range(r.node) == finding.range), None)
        if result is None:
            return
        if about.kind == "trigger":
            yield from _as_bool(model, known, result)
        elif about.kind == "selector":
            yield from _agent_for_name(model, about, result, given)
        elif about.kind == "termination":
            yield from _forgotten(model, known, result)


def _as_bool(model: Model, known: Callable, result: Result) -> Iterator[Proposal]:
    node = result.node

    def wrap(patch: Patch) -> None:
        if "bool" in patch.names:
            raise CannotFix("bool may be something else")
        start, end = patch.span(node)
        patch.insert(start, "bool(")
        patch.insert(end, ")")

    def end(patch: Patch) -> None:
        body = known.node.body
        if not isinstance(body, list):
            raise CannotFix("a lambda has no end")
        patch.put_after(body[-1], "return False")

    if result.at_end:
        yield proposal(model, "Return `False` at the end", Safety.SAFE, end)
    elif isinstance(node, ast.Constant) and node.value is None:
        yield proposal(
            model, "Return `False`", Safety.SAFE, lambda patch: patch.replace(node, "False")
        )
    elif isinstance(node, ast.expr):
        yield proposal(model, "Return a bool: `bool(...)`", Safety.SAFE, wrap)


def _agent_for_name(
    model: Model, about: Registration, result: Result, given: list[Result]
) -> Iterator[Proposal]:
    """The agents for all names that the selector returns, as far as they name one member each."""
    node = result.node
    group = next((g for g in model.group_chats if g.call is about.call), None)
    if isinstance(node, ast.Attribute) and node.attr == "name":
        shown = ast.unparse(node.value)
        yield proposal(
            model,
            f"Return the agent itself: `{shown}`",
            Safety.SAFE,
            lambda patch: patch.replace(node, patch.text(node.value)),
        )
    found: dict[ast.Constant, Agent] = {}
    for other in given if group is not None else ():
        text = other.value.value if isinstance(other.value, Constant) else None
        named = [a for a in group.members if a.name == text] if group is not None else []
        if isinstance(other.node, ast.Constant) and len(named) == 1:
            found[other.node] = named[0]
    if not isinstance(node, ast.Constant) or node not in found:
        return

    def change(patch: Patch) -> None:
        for place, agent in found.items():
            patch.replace(place, _name(patch, agent, place))

    labels = " or ".join(dict.fromkeys(f"`{agent.label}`" for agent in found.values()))
    what = "agent itself" if len(found) == 1 else "agents themselves"
    yield proposal(model, f"Return the {what}: {labels}", Safety.SAFE, change)


def _name(patch: Patch, agent: Agent, near: ast.AST) -> str:
    name = name_of_agent(patch.model, agent, near)
    if name is None:
        raise CannotFix("the agent has no name there")
    return name


def _forgotten(model: Model, known: Callable, result: Result) -> Iterator[Proposal]:
    body = known.node.body
    last = body[-1] if isinstance(body, list) else None
    if result.at_end and isinstance(last, ast.Expr):
        yield proposal(
            model,
            f"Return `{ast.unparse(last.value)}`",
            Safety.UNSAFE,
            lambda patch: patch.insert(patch.span(last)[0], "return "),
        )
