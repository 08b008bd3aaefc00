"""Links of evidence that several rules give."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.agents import Agent, agents_in
from callscope.model.callables import Callable
from callscope.model.finality import is_final, reply_function
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import NONE, Constant, Mapping, Sequence, UserClass
from callscope.rules.base import Evidence
from callscope.source import walk

# What reads attributes whose names are not written down.
_READS_ANY = ("getattr", "attrgetter", "__dict__", "vars(", "asdict", "astuple")


def defined_here(
    model: Model, registration: Registration, function: Callable | None = None
) -> tuple[Evidence, ...]:
    """Where the callback of ``registration``, or a ``function`` that it wraps, is defined, if that
    is in this file."""
    known = function or registration.function
    if known is None or isinstance(known.node, ast.Lambda):
        return ()
    return (Evidence(f"`{known.name}` is defined here", model.range(known.node)),)


def registered_here(model: Model, registration: Registration) -> tuple[Evidence, ...]:
    """Where ``registration`` is made, and on which agent."""
    on = f" on `{registration.agent.label}`" if registration.agent is not None else ""
    place = registration.callback_node or registration.node
    return (Evidence(f"It is registered{on} here", model.range(place)),)


def started_here(model: Model, entry: EntryCall) -> tuple[Evidence, ...]:
    """The entry call ``entry``."""
    return (Evidence(f"`{entry.method}` starts the chat here", model.range(entry.node)),)


def is_certain(registration: Registration) -> bool:
    """Whether the registering call is a framework's whatever its receiver turns out to be."""
    receiver = registration.call.receiver
    return receiver is None or not agents_in(receiver)[1]


def on_agent(registration: Registration) -> str:
    """`` on `assistant` ``, or nothing where the agent is not known."""
    return f" on `{registration.agent.label}`" if registration.agent is not None else ""


def owned(registration: Registration) -> str:
    """The callback as a message names it: its noun and its name."""
    noun = registration.contract.noun if registration.contract is not None else "callback"
    name = registration.callback_name
    return f"{noun[0].upper()}{noun[1:]} `{name}`" if name != "<lambda>" else f"This {noun}"


def is_expected(model: Model, node: ast.AST) -> bool:
    """Whether a test expects ``node`` to raise: it stands in ``with pytest.raises(...):``."""
    place = model.range(node)
    return any(
        block.start <= place.start and place.end <= block.end for block in model.expected_failures
    )


def is_final_here(model: Model, registration: Registration) -> bool:
    """Whether all that the reply function returns is final."""
    known = reply_function(registration)
    return known is not None and is_final(v for _, v in model.returned(known.function)) is True


def custom_client(agent: Agent) -> str | None:
    """The first ``model_client_cls`` in the agent's configuration."""
    config = agent.argument("llm_config")
    listed = config.items.get("config_list") if isinstance(config, Mapping) else None
    for entry in listed.items if isinstance(listed, Sequence) else ():
        name = entry.items.get("model_client_cls") if isinstance(entry, Mapping) else None
        if isinstance(name, Constant) and isinstance(name.value, str):
            return name.value
    return None


def kept_as(model: Model, call: ast.expr) -> str | None:
    """The plain name that what ``call`` gives is bound to, awaited or not."""
    statement = statement_of(model, call)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def is_never_read(model: Model, attribute: str) -> bool:
    """Whether no code in view reads an attribute of this name, of whatever object."""
    if any(model.mentions(word) for word in _READS_ANY):
        return False
    return not any(
        node.attr == attribute and not isinstance(node.ctx, ast.Store)
        for node in model.everything(ast.Attribute)
    )


def statement_of(model: Model, call: ast.expr) -> ast.stmt | None:
    """The statement whose value is ``call`` itself, or ``await call``."""
    for node in model.nodes(ast.Expr, ast.Assign):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if value is call:
            return node
    return None


_WITH_BODY = tuple(
    kind
    for kind in vars(ast).values()
    if isinstance(kind, type)
    and issubclass(kind, ast.AST)
    and "body" in kind._fields
    and kind not in (ast.Expression, ast.Lambda, ast.IfExp)
)
"""Nodes whose body is a list of statements."""


def bodies(model: Model) -> Iterator[list[ast.stmt]]:
    """The statements of each module, function, class and block."""
    return (node.body for node in model.nodes(*_WITH_BODY))  # type: ignore[attr-defined]


def with_block(model: Model, context: ast.AST) -> ast.AST | None:
    """The ``with`` statement that enters ``context``."""
    for node in model.nodes(ast.With, ast.AsyncWith):
        if any(item.context_expr is context for item in node.items):
            return node
    return None


def within(node: ast.AST, outer: ast.AST) -> bool:
    """Whether ``node`` is a part of ``outer``."""
    return any(inner is node for inner in walk(outer))


def is_of(agent: Agent, owner: UserClass) -> bool:
    """Whether the agent is made of the class ``owner``, or of one that inherits from it."""
    made_of = agent.instance.type
    return isinstance(made_of, UserClass) and owner in list(made_of.ancestry())


def asks_nobody(model: Model, agents: list[Agent]) -> bool:
    """Whether there are ``agents``, and none of them ever asks a person."""
    return bool(agents) and all(
        agent.human_input_mode == "NEVER"
        and "human_input_mode" not in agent.instance.attributes
        and not _asks_for_message(model, agent)
        for agent in agents
    )


def _asks_for_message(model: Model, agent: Agent) -> bool:
    """Whether the agent may start a chat without a message, for which it asks a person."""
    return any(
        entry.agent in (agent, None)
        and entry.method in ("initiate_chat", "a_initiate_chat")
        and entry.argument("message") in (None, NONE)
        for entry in model.entry_calls
    )
