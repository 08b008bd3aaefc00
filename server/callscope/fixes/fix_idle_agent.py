"""Let the agent that a callback is registered on answer, or register it on the one that does."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import SEND_HOOKS
from callscope.fixes._arguments import add_keyword, written_argument
from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Definition, Patch, parameters_of, proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.involvement import calls_with, entry_of
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import Constant
from callscope.rules.base import Finding


class FixIdleAgent(FixProvider):
    """Registers on the other side of the only chat, or makes that chat ask for an answer."""

    codes = frozenset({"CB407"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Which of these is right is not known: their titles say what they do."""
        about = finding.about
        if not isinstance(about, Registration) or about.agent is None:
            return
        calls = {id(call.node): call for call in calls_with(model, about.agent)}
        entries = [entry_of(model, call) for call in calls.values()]
        chat = entries[0] if len(entries) == 1 else None
        if chat is not None:
            yield from _on_other_side(model, about, chat)
            yield from _asked(model, about.agent, chat)


def _on_other_side(model: Model, about: Registration, chat: EntryCall) -> Iterator[Proposal]:
    other = chat.agent if chat.agent != about.agent else chat.partner
    function = about.node.func if isinstance(about.node, ast.Call) else None
    if other is None or about.agent is None or not isinstance(function, ast.Attribute):
        return
    name = name_of_agent(model, other, about.node)
    there = [r.callback for r in model.registrations_on(other) if r.kind == about.kind]
    if name is None or about.callback in there:
        return
    if _is_written_for(model, about, function.value):
        does = "sends" if about.hook_name in SEND_HOOKS else "answers"
        yield proposal(
            model,
            f"Register it on `{name}`, which {does}",
            Safety.UNSAFE,
            lambda patch: patch.replace(function.value, name),
        )


def _is_written_for(model: Model, about: Registration, receiver: ast.expr) -> bool:
    """Whether the place registers on this agent alone, and not on any that it is given."""
    here = {r.agent for r in model.registrations if r.node is about.node}
    if len(here) > 1 or about.agent is None or about.call.receiver is not about.agent.instance:
        return False
    patch = Patch(model)
    around = [node for node in patch.ancestors(receiver) if isinstance(node, Definition)]
    given = {parameter.arg for node in around for parameter in parameters_of(node)}
    return not isinstance(receiver, ast.Name) or receiver.id not in given


def _asked(model: Model, agent: Agent, chat: EntryCall) -> Iterator[Proposal]:
    """Another turn for the one who starts the chat, or a request for the one who is sent to."""
    node, turns = chat.node, written_argument(model, chat, "max_turns")
    one = chat.argument("max_turns") == Constant(1)
    if chat.agent == agent and one and isinstance(turns, ast.Constant):
        yield proposal(
            model,
            f"Let `{agent.label}` answer as well: `max_turns=2`",
            Safety.UNSAFE,
            lambda patch: patch.replace(turns, "2"),
        )
    if chat.partner == agent and chat.method.endswith("send") and isinstance(node, ast.Call):
        given = written_argument(model, chat, "request_reply")

        def request(patch: Patch) -> None:
            if given is not None:
                patch.replace(given, "True")
            else:
                add_keyword(patch, node, "request_reply=True")

        title = f"Ask `{agent.label}` for a reply: `request_reply=True`"
        yield proposal(model, title, Safety.UNSAFE, request)
