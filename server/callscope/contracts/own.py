"""A team's own layer over AutoGen, as its configuration describes it.

What is imported from elsewhere is unknown to a check of one file. Three kinds of names can be
declared, by the dotted path they are imported by: classes that derive from an agent class,
factories that give an agent, and functions that register a callback on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callscope.contracts.classic.callbacks import HOOKS, REPLY, Callback
from callscope.contracts.classic.classes import AGENT_CLASSES


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that registers ``callback`` on ``agent``; both are parameters, each given by its
    0-based position and its name (either may be None).

    ``contract`` is how the framework calls the callback in the end.
    """

    contract: Callback
    agent: tuple[int | None, str | None]
    callback: tuple[int | None, str | None]

    @property
    def kind(self) -> str:
        """The kind of registration it makes."""
        return "reply" if self.contract is REPLY else "hook"


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
    position or its name, and ``registers`` is "reply" or a hook's name; raises
    :class:`InvalidContract`."""
    if not isinstance(value, Mapping):
        raise InvalidContract("a wrapper is a table such as { agent = 0, callback = 1 }")
    unknown = sorted(set(value) - {"agent", "callback", "registers"})
    if unknown:
        raise InvalidContract(f"unknown key {unknown[0]!r} of a wrapper")
    kind = value.get("registers", "reply")
    hook = HOOKS.get(kind) if isinstance(kind, str) else None
    contract = REPLY if kind == "reply" else hook.callback if hook is not None else None
    if contract is None:
        raise InvalidContract(f"registers = {kind!r} is neither 'reply' nor a hook's name")
    return Wrapper(contract, _parameter(value, "agent"), _parameter(value, "callback"))


def _parameter(value: Mapping[str, object], role: str) -> tuple[int | None, str | None]:
    given = value.get(role)
    if isinstance(given, bool):
        given = None
    if isinstance(given, int) and given >= 0:
        return given, None
    if isinstance(given, str) and given.isidentifier():
        return None, given
    raise InvalidContract(f"{role} of a wrapper must be a position from 0 or a parameter's name")
