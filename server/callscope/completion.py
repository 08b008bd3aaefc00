"""What a contract has to say about the argument that is being typed: the names of hooks, functions
that fit, senders that a trigger may name. Nothing that any completion of Python knows as well."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callscope.check import Report, with_text
from callscope.contracts.classic.callbacks import HOOKS, Callback, hook_names
from callscope.contracts.classic.skeletons import NewFunction, new_function
from callscope.fixes import Edit
from callscope.fixes.creation import additions, is_bound
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.callables import Callable
from callscope.model.callback_places import CallbackPlace, callback_places
from callscope.model.registrations import agent_method
from callscope.model.values import External, Function, Scope, Value
from callscope.source import Position, Range, SourceText
from callscope.source.half_typed import MARKER, OpenCall, open_call
from callscope.source.magics import uncovered_at

_CALLEES = frozenset(
    {
        *("register_hook", "register_reply", "replace_reply_func", "register_nested_chats"),
        *("initiate_chat", "a_initiate_chat", "GroupChat", "UpdateSystemMessage"),
        *("FunctionTarget", "resume", "a_resume"),
    }
)
_KEYWORDS = frozenset({"is_termination_msg", "update_agent_state_before_reply"})


@dataclass(frozen=True)
class Item:
    """One completion: ``text`` in place of ``range``, and ``additions`` elsewhere in the file.

    ``kind``: "hook", "function", "new", "lambda", "agent", "class" or "value". ``found_by`` is what
    has to be typed for it. ``stop`` is the part of ``text`` that the user is to go on with.
    """

    label: str
    kind: str
    range: Range
    text: str
    detail: str = ""
    documentation: str = ""
    found_by: str = ""
    additions: tuple[Edit, ...] = ()
    stop: str = ""


def typed_at(source: SourceText, position: Position) -> OpenCall | None:
    """The call that is being typed at ``position``, if there may be anything to say about it, as
    far as its names tell; the rest costs a walk."""
    text = uncovered_at(source.text, position.line)
    bare = source if text is source.text else SourceText(source.path, text)
    call = open_call(bare, position)
    if call is None or (call.callee not in _CALLEES and call.keyword not in _KEYWORDS):
        return None
    return call


def completions(report: Report, position: Position) -> list[Item]:
    """What to offer at ``position``, the best first."""
    typed = typed_at(report.source, position)
    if typed is None:
        return []
    tried = with_text(report, typed.finished)
    model = tried.model_at(position.line)
    if model is None or tried.parsed is None:
        return []
    for call in model.calls:
        found = agent_method(call)
        if found is not None:
            method, agents, more = found
            index = {"register_reply": 0, "register_nested_chats": 1}.get(method)
            name = call.arguments.node(0, "hookable_method")
            trigger = call.arguments.node(index, "trigger") if index is not None else None
            if method == "register_hook" and _is_here(name):
                return list(_hooks(model, typed))
            if _is_here(trigger) or _is_in_list(trigger):
                agent = agents[0] if len(agents) == 1 and not more else None
                in_list = not _is_here(trigger)
                return list(_triggers(model, typed, agent, in_list)) if agent else []
        for place in callback_places(call, model.release):
            if _is_here(place.node) and not typed.quote:
                return [*_functions(tried, typed, place), *_new(tried, typed, place, position)]
    return []


def _is_here(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == MARKER


def _is_in_list(node: ast.expr | None) -> bool:
    return isinstance(node, ast.List) and any(map(_is_here, node.elts))


def _hooks(model: Model, typed: OpenCall) -> Iterator[Item]:
    for name in hook_names(model.release):
        contract = HOOKS[name].callback
        text = name if typed.quote else f'"{name}"'
        call = contract.shape.render("hook")
        yield Item(name, "hook", typed.word, text, call, _explained(contract), found_by=name)


def _explained(contract: Callback) -> str:
    parts = [contract.fires, f"**Returns** {contract.returns}."]
    if contract.silent:
        parts.append(f"**Mind:** {contract.silent}")
    return "\n\n".join(part for part in parts if part)


# -- triggers --------------------------------------------------------------------------------


def _triggers(model: Model, typed: OpenCall, agent: Agent, in_list: bool) -> Iterator[Item]:
    turns = model.turns(agent).known
    senders = list(dict.fromkeys(turn.sender for turn in turns if turn.sender is not None))
    for sender in senders:
        said = f"sends to `{agent.label}`".replace("`", "")
        if typed.quote:
            if sender.name is not None:
                yield Item(sender.name, "agent", typed.word, sender.name, said)
            continue
        name = _name_of(model, sender.instance)
        if name is not None:
            yield Item(name, "agent", typed.word, name, said)
    if typed.quote:
        return
    for name, sender in _classes(model, senders):
        words = f"class of {sender.label}, which sends to {agent.label}"
        yield Item(name, "class", typed.word, name, words)
    none = "None" if in_list else "[None]"
    words = "a call of generate_reply without a sender"
    more = "" if in_list else "A bare `None` is refused with a ValueError."
    yield Item(none, "value", typed.word, none, words, more, found_by=none)
    everybody = _name_of(model, External("autogen.Agent"))
    if everybody is not None and not in_list:
        text = f"[{everybody}, None]"
        yield Item(text, "value", typed.word, text, "every sender, and none", found_by=text)


def _name_of(model: Model, value: Value) -> str | None:
    """A name of the module for ``value``."""
    return next((n for n, bound in model.module_scope.names.items() if bound == value), None)


def _classes(model: Model, senders: Iterable[Agent]) -> Iterator[tuple[str, Agent]]:
    """The classes of ``senders`` that have a name here."""
    done: set[str] = set()
    for sender in senders:
        name = _name_of(model, sender.instance.type)
        if name is not None and name not in done:
            done.add(name)
            yield name, sender


# -- callbacks -------------------------------------------------------------------------------


def _functions(tried: Report, typed: OpenCall, place: CallbackPlace) -> Iterator[Item]:
    """The functions of the module that can take the call; of decorated ones that is not known."""
    contract, parsed = place.contract, tried.parsed
    if contract is None or parsed is None:
        return
    for node in parsed.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.decorator_list:
            continue
        known = Callable(Function(node, Scope({}, None, parsed.tree)), bound=False)
        if known.mismatch(contract.shape) or (known.is_async and contract.coroutine == "never"):
            continue
        detail = f"fits: {contract.shape.render(node.name)}"
        yield Item(node.name, "function", typed.word, node.name, detail, _explained(contract))


def _new(
    tried: Report, typed: OpenCall, place: CallbackPlace, position: Position
) -> Iterator[Item]:
    """A function that is yet to be written: above the statement, or here as a ``lambda``."""
    parsed, release = tried.parsed, tried.project.target.release
    function = new_function(place.contract, release)
    if parsed is None or function is None:
        return
    name, number = function.name, 1
    while is_bound(parsed, name):
        number += 1
        name = f"{function.name}_{number}"
    function = new_function(place.contract, release, name)
    assert function is not None
    words = f"new {place.noun}".replace("`", "")
    body = "\n".join(function.lines("    "))
    yield Item(
        name,
        "new",
        typed.word,
        name,
        words,
        f"Written above:\n\n```python\n{body}\n```",
        additions=additions(parsed, function, position),
    )
    if _fits_lambda(function, place):
        value = f"({function.value})" if "," in function.value else function.value
        head = f"lambda {', '.join(function.parameters)}: "
        yield Item(head + value, "lambda", typed.word, head + value, words, stop=value)


def _fits_lambda(function: NewFunction, place: CallbackPlace) -> bool:
    """Whether an expression does; what AutoGen reads the annotation of needs a ``def``."""
    contract = place.contract
    needs_def = contract is None or contract.kind in ("update-system-message", "function-target")
    return bool(function.value) and not function.is_async and not needs_def
