"""A team's own layer over AutoGen, as its configuration describes it.

What is imported from elsewhere is unknown to a check of one file. Three kinds of names can be
declared, by the dotted path they are imported by: classes that derive from an agent class,
factories that give an agent, and functions that register a callback on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscope.contracts.classic.callbacks import HOOKS, REPLY, TERMINATION, Callback
from callscope.contracts.classic.classes import AGENT_CLASSES

_OTHER_KINDS = {"reply": REPLY, "termination": TERMINATION}


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that registers ``callback`` on ``agent``; both are parameters, each given by its
    0-based position and its name (either may be None).

    ``contract`` is how the framework calls the callback in the end. Without a ``callback`` it is a
    decorator: what is called with the agent gives what is put on the callback, and leaves it as
    it is.
    """

    contract: Callback
    agent: tuple[int | None, str | None]
    callback: tuple[int | None, str | None] | None

    @property
    def kind(self) -> str:
        """The kind of registration it makes."""
        return self.contract.kind if self.contract in (REPLY, TERMINATION) else "hook"


@dataclass(frozen=True)
class OwnContracts:
    """Agent classes and factories by dotted path, with the name of AutoGen's class behind them;
    wrappers by dotted path."""

    agents: Mapping[str, str] = field(default_factory=dict)
    wrappers: Mapping[str, Wrapper] = field(default_factory=dict)

    def base_of(self, path: str) -> str | None:
        """The canonical path of the agent class that ``path`` gives; None for other paths."""
        name = self.agents.get(path)
        return f"autogen.{name}" if name is not None else None

    def wrapper_at(self, path: str) -> Wrapper | None:
        """The wrapper that a call of ``path`` calls; a method is declared by its class, and called
        on an object of it."""
        return self.wrappers.get(path) or self.wrappers.get(path.replace("().", "."))

    def decorates(self, path: str) -> bool:
        """Whether a call of ``path`` puts a declared decorator on a function."""
        made_by = self.wrapper_at(path.removesuffix("()")) if path.endswith("()") else None
        return made_by is not None and made_by.callback is None


NOTHING_OWN = OwnContracts()


class InvalidContract(ValueError):
    """A declaration that cannot be understood; the message is meant for the user."""


def agent_base(value: object) -> str:
    """Read the class behind an own class or factory; raises :class:`InvalidContract`."""
    if isinstance(value, str) and value.removeprefix("autogen.") in AGENT_CLASSES:
        return value.removeprefix("autogen.")
    raise InvalidContract(f"{value!r} is no agent class of AutoGen, such as 'AssistantAgent'")


def wrapper(value: object) -> Wrapper:
    """Read ``{ agent = 0, callback = 1, registers = "reply" }``, where a parameter is named by its
    position, its name or both, ``registers`` is "reply", "termination" or a hook's name, and
    ``decorator = true`` stands in place of ``callback``; raises :class:`InvalidContract`."""
    if not isinstance(value, Mapping):
        raise InvalidContract("a wrapper is a table such as { agent = 0, callback = 1 }")
    unknown = sorted(set(value) - {"agent", "callback", "decorator", "registers"})
    if unknown:
        raise InvalidContract(f"unknown key {unknown[0]!r} of a wrapper")
    kind = value.get("registers", "reply")
    hook = HOOKS.get(kind) if isinstance(kind, str) else None
    contract = _OTHER_KINDS.get(kind) if isinstance(kind, str) else None
    contract = hook.callback if hook is not None else contract
    if contract is None:
        raise InvalidContract(
            f"registers = {kind!r} is not 'reply', 'termination' or a hook's name"
        )
    decorates = value.get("decorator", False)
    if not isinstance(decorates, bool) or (decorates and "callback" in value):
        raise InvalidContract("decorator = true stands in place of callback")
    callback = None if decorates else _parameter(value, "callback")
    return Wrapper(contract, _parameter(value, "agent"), callback)


def _parameter(value: Mapping[str, object], role: str) -> tuple[int | None, str | None]:
    given = value.get(role)
    parts = given if isinstance(given, list) else [given]
    positions = [p for p in parts if isinstance(p, int) and not isinstance(p, bool) and p >= 0]
    names = [part for part in parts if isinstance(part, str) and part.isidentifier()]
    if not parts or len(positions) + len(names) != len(parts) or len(parts) > 2:
        raise InvalidContract(
            f"{role} of a wrapper must be a position from 0, a parameter's name, or [both]"
        )
    return next(iter(positions), None), next(iter(names), None)
