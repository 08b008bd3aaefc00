"""Reset an agent before its chats."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.model.involvement import calls_with, entry_of
from callscope.model.registrations import Registration
from callscope.model.values import Constant
from callscope.rules.base import Finding

_INNER = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class FixReset(FixProvider):
    """Puts ``agent.reset()`` in front of each chat of the agent."""

    codes = frozenset({"CB414"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not where a chat goes on with what was said in the last one."""
        about = finding.about
        if not isinstance(about, Registration) or about.agent is None:
            return
        agent = about.agent
        calls = {id(call.node): call for call in calls_with(model, agent)}.values()
        if any(_goes_on(model, call) for call in calls):
            return

        def change(patch: Patch) -> None:
            places = [_start(patch, call) for call in calls]
            for place in dict.fromkeys(places):
                patch.put_before(place, f"{_name(patch, agent, place)}.reset()")

        chats = "the chat" if len(calls) == 1 else "each chat"
        yield proposal(model, f"Reset `{agent.label}` before {chats}", Safety.UNSAFE, change)


def _goes_on(model: Model, call: Call) -> bool:
    """Whether the chat keeps the messages of the last, which a reset would drop."""
    entry = entry_of(model, call)
    if entry is None:
        return True
    kept = entry.argument("clear_history")
    return kept not in (None, Constant(True)) or entry.method.endswith(("send", "receive"))


def _start(patch: Patch, call: Call) -> ast.stmt:
    """The statement that starts the chat, each time it does."""
    statement = patch.statement(call.node)
    around = [node for node in patch.ancestors(call.node) if isinstance(node, ast.expr)]
    if any(isinstance(node, _INNER) for node in around):
        raise CannotFix("several chats in one statement")
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return):
        raise CannotFix("not understood")
    return statement


def _name(patch: Patch, agent: Agent, place: ast.stmt) -> str:
    name = name_of_agent(patch.model, agent, place)
    if name is None or isinstance(place, Definition):
        raise CannotFix("the agent has no name there")
    return name
