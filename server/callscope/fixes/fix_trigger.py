"""Correct a trigger to the senders it is to match."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from callscope.fixes._arguments import as_list, quoted_like, written_argument
from callscope.fixes._names import name_of_agent
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent, as_agent
from callscope.model.callables import as_callable
from callscope.model.chats import Turn
from callscope.model.registrations import Registration
from callscope.model.triggers import parts
from callscope.model.values import NONE, Constant, Sequence, UserClass, Value
from callscope.rules.base import Finding


class FixTriggerNeverMatches(FixProvider):
    """Puts a trigger that matches in the place of one that never does."""

    codes = frozenset({"CB401"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The right name for a typo; the manager in a group; the sender; every sender."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        node = written_argument(model, about, "trigger")
        if node is None:
            return
        turns = model.turns(about.agent).known if about.agent is not None else ()
        turns = tuple(turn for turn in turns if turn.method != "nested")
        yield from _right_name(model, node, turns)
        if turns and all(_is_managed(turn) for turn in turns):
            yield from _last_speaker(model, about, node)
            yield from _classes(model, about, node, ["GroupChatManager"])
        elif about.kind == "nested":
            yield from _sender(model, about, node, turns)
        if about.kind != "nested":
            yield from _every_sender(model, about, node)
            yield from _classes(model, about, node, _classes_of(turns))


class FixNoSender(FixProvider):
    """Lets a trigger match where there is no sender."""

    codes = frozenset({"CB402"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Add None to the trigger; in front of a name or function, which is not asked then."""
        about = finding.about
        trigger = about.argument("trigger") if isinstance(about, Registration) else None
        if not isinstance(about, Registration) or trigger is None:
            return
        node = written_argument(model, about, "trigger")
        if node is None or (isinstance(trigger, Sequence) and not isinstance(node, ast.List)):
            return
        first = any(_asks_sender(part) for part in parts(trigger))
        shown = _shown_with_none(node, first)
        yield proposal(
            model,
            f"Let the trigger match no sender too: `{shown}`",
            Safety.SAFE,
            lambda patch: _add_none(patch, node, first),
        )


class FixTriggerRefused(FixProvider):
    """Makes a list of a trigger that ``register_reply`` refuses."""

    codes = frozenset({"CB208"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``[None]`` for None, a list for a tuple or set."""
        about = finding.about
        trigger = about.argument("trigger") if isinstance(about, Registration) else None
        if not isinstance(about, Registration) or trigger is None:
            return
        node = written_argument(model, about, "trigger")
        if node is None:
            return
        if trigger == NONE and isinstance(node, ast.Constant):
            yield proposal(
                model,
                "Put None in a list: `[None]`",
                Safety.SAFE,
                lambda patch: patch.replace(node, "[None]"),
            )
        elif isinstance(trigger, Sequence) and trigger.kind in ("tuple", "set"):
            yield proposal(
                model,
                f"Make a list of the {trigger.kind}",
                Safety.SAFE,
                lambda patch: as_list(patch, node),
            )


# -- the new trigger -------------------------------------------------------------------------


def _right_name(model: Model, node: ast.expr, turns: tuple[Turn, ...]) -> Iterator[Proposal]:
    names = {turn.sender.name for turn in turns if turn.sender is not None and turn.sender.name}
    by_lower = {name.lower(): name for name in names}
    elements = node.elts if isinstance(node, ast.List) else [node]
    for element in elements:
        if not isinstance(element, ast.Constant) or not isinstance(element.value, str):
            continue
        close = difflib.get_close_matches(element.value.lower(), by_lower, n=1, cutoff=0.75)
        if close:
            name, place = by_lower[close[0]], element
            yield proposal(
                model,
                f"Name the sender as it is called: {name!r}",
                Safety.UNSAFE,
                lambda patch, place=place, name=name: patch.replace(  # type: ignore[misc]
                    place, quoted_like(patch, place, name)
                ),
            )
            return


def _is_managed(turn: Turn) -> bool:
    """Whether the message comes from a group's manager."""
    return turn.sender is not None and turn.sender.row.name == "GroupChatManager"


def _last_speaker(model: Model, about: Registration, node: ast.expr) -> Iterator[Proposal]:
    """In a group the manager passes on what a member said, and knows who that was."""
    trigger = about.argument("trigger")
    elements = node.elts if isinstance(node, ast.List) else [node]
    named = all(isinstance(element, ast.Name | ast.Attribute) for element in elements)
    if trigger is None or not named or any(as_agent(part) is None for part in parts(trigger)):
        return
    names = [ast.unparse(element) for element in elements]
    test = f"is {names[0]}" if len(names) == 1 else f"in ({', '.join(names)})"
    text = f'lambda sender: getattr(sender, "last_speaker", None) {test}'
    who = " or ".join(f"`{name}`" for name in names)
    # It fires for the messages that the trigger asked for, and for no others.
    yield proposal(
        model,
        f"Match what {who} said, passed on by the manager",
        Safety.SAFE,
        lambda patch: patch.replace(node, text),
    )


def _every_sender(model: Model, about: Registration, node: ast.expr) -> Iterator[Proposal]:
    def change(patch: Patch) -> None:
        patch.replace(node, f"[{patch.framework_name('Agent', about.node)}, None]")

    yield proposal(
        model, "Let the trigger match every sender: `[Agent, None]`", Safety.UNSAFE, change
    )


def _classes(
    model: Model, about: Registration, node: ast.expr, names: list[str]
) -> Iterator[Proposal]:
    def change(patch: Patch) -> None:
        written = [patch.framework_name(name, about.node) for name in names]
        patch.replace(node, f"[{', '.join(written)}]")

    if names:
        who = (
            "the manager, the sender in a group chat"
            if names == ["GroupChatManager"]
            else ("the sender it gets" if len(names) == 1 else "the senders it gets")
        )
        yield proposal(model, f"Match {who}: `[{', '.join(names)}]`", Safety.UNSAFE, change)


def _classes_of(turns: tuple[Turn, ...]) -> list[str]:
    """The framework's classes of the senders, each once; none if one is not known."""
    found: list[str] = []
    for turn in turns:
        sender = turn.sender
        if sender is None or isinstance(sender.instance.type, UserClass):
            return []
        if sender.row.name not in found:
            found.append(sender.row.name)
    return found


def _sender(
    model: Model, about: Registration, node: ast.expr, turns: tuple[Turn, ...]
) -> Iterator[Proposal]:
    """The agents that talk to this one, by the names they have where the trigger stands."""
    senders: list[Agent] = []
    for turn in turns:
        if turn.sender is None:
            return
        if turn.sender not in senders:
            senders.append(turn.sender)
    names = [name_of_agent(model, sender, about.node) for sender in senders]
    known = [name for name in names if name is not None]
    if known and len(known) == len(names):
        text = known[0] if len(known) == 1 else f"[{', '.join(known)}]"
        yield proposal(
            model,
            f"Start the nested chats for the sender: `trigger={text}`",
            Safety.UNSAFE,
            lambda patch: patch.replace(node, text),
        )


# -- None in the trigger ---------------------------------------------------------------------


def _asks_sender(part: Value) -> bool:
    """Whether matching this part without a sender raises."""
    is_name = isinstance(part, Constant) and isinstance(part.value, str)
    return is_name or (as_callable(part) is not None and as_agent(part) is None)


def _shown_with_none(node: ast.expr, first: bool) -> str:
    elements = [ast.unparse(e) for e in (node.elts if isinstance(node, ast.List) else [node])]
    rest = ", ".join(element for element in elements if element != "None")
    rest = rest if len(rest) < 40 else "..."
    return f"[None, {rest}]" if first else f"[{rest}, None]"


def _add_none(patch: Patch, node: ast.expr, first: bool) -> None:
    if not isinstance(node, ast.List):
        start, end = patch.span(node)
        patch.insert(start, "[None, " if first else "[")
        patch.insert(end, "]" if first else ", None]")
        return
    if not node.elts:
        patch.replace(node, "[None]")
    elif first:
        last = node.elts[-1]
        if len(node.elts) > 1 and isinstance(last, ast.Constant) and last.value is None:
            patch.delete(patch.end(node.elts[-2]), patch.end(last))
        patch.insert(patch.span(node.elts[0])[0], "None, ")
    else:
        patch.insert(patch.end(node.elts[-1]), ", None")
