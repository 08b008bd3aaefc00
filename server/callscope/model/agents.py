"""Agents: objects whose class derives from one of the framework's agent classes."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from callscope.contracts.classic.classes import AgentClass, agent_class, lineage
from callscope.model.values import (
    NONE,
    UNKNOWN,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    OneOf,
    UserClass,
    Value,
    outer_base,
    truth,
)


@dataclass(frozen=True)
class Agent:
    """One agent as seen in the source. Two of them are equal if they are the same object."""

    instance: Instance
    row: AgentClass

    def __hash__(self) -> int:
        return id(self.instance)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Agent) and other.instance is self.instance

    @property
    def label(self) -> str:
        """What the source calls it: the variable's or attribute's name, else its class's."""
        return self.instance.label or self.name or self.class_name

    @property
    def class_name(self) -> str:
        """The class as the source names it."""
        made_of = self.instance.type
        return made_of.name if isinstance(made_of, UserClass) else self.row.name

    @property
    def is_foreign(self) -> bool:
        """Whether it was made somewhere not in view (a parameter known by its annotation)."""
        return self.instance.call is None

    @property
    def node(self) -> ast.expr | None:
        """The call that makes it; None if that is not in view."""
        return self.instance.call.node if self.instance.call else None

    def argument(self, name: str) -> Value | None:
        """The constructor argument ``name``; None if it is certainly not passed."""
        init = self.instance.init
        if init is None:
            return UNKNOWN
        index = self.row.parameters.index(name) if name in self.row.parameters else None
        if not self.row.parameters and name == "name":
            index = 0
        return init.get(index, name)

    @property
    def name(self) -> str | None:
        """The agent's name if it is a literal."""
        value = self.argument("name")
        if value is None and self.row.name == "GroupChatManager":
            return "chat_manager"
        if isinstance(value, Constant) and isinstance(value.value, str):
            return value.value
        return None

    @property
    def has_model(self) -> bool | None:
        """Whether it has a language model to answer with; None if that is not known."""
        value = self.argument("llm_config")
        if value is None:
            return False if self.row.llm == "off" else None
        if value == NONE:
            return None
        if isinstance(value, Instance | Mapping):
            return True
        return truth(value)

    @property
    def human_input_mode(self) -> str | None:
        """ALWAYS, TERMINATE or NEVER; None if that is not known."""
        value = self.argument("human_input_mode")
        if value is None:
            return self.row.human_input_mode
        if isinstance(value, Constant) and isinstance(value.value, str):
            return value.value
        return None

    @property
    def max_auto_reply(self) -> int | None:
        """``max_consecutive_auto_reply`` if it is a literal number."""
        value = self.argument("max_consecutive_auto_reply")
        if isinstance(value, Constant) and isinstance(value.value, int):
            return value.value
        return None

    def is_a(self, trigger: Value) -> bool | None:
        """``isinstance(agent, trigger)`` for a class; None if that is not known."""
        if isinstance(trigger, UserClass):
            return isinstance(self.instance.type, UserClass) and trigger in list(
                self.instance.type.ancestry()
            )
        if isinstance(trigger, External):
            row = agent_class(trigger.path)
            name = trigger.path.removeprefix("autogen.")
            if row is None and name not in ("Agent", "LLMAgent"):
                return None
            if self.has_unknown_bases:
                return True if name in lineage(self.row.name) else None
            return name in lineage(self.row.name)
        return None

    @property
    def has_unknown_bases(self) -> bool:
        """Whether its class derives from something not in view, which may override anything."""
        made_of = self.instance.type
        ancestry = made_of.ancestry() if isinstance(made_of, UserClass) else (made_of,)
        return any(_is_out_of_view(base) for base in ancestry)

    def overrides(self, method: str) -> Function | None:
        """The method of that name that the agent's class defines in this file."""
        made_of = self.instance.type
        found = made_of.find(method) if isinstance(made_of, UserClass) else None
        return found if isinstance(found, Function) else None


def _is_out_of_view(base: Value) -> bool:
    """Whether a class is neither of this file nor one of the framework's own."""
    if isinstance(base, External):
        return base.opaque
    return not isinstance(base, UserClass)


def as_agent(value: Value | None) -> Agent | None:
    """``value`` as an agent; None if it is certainly or possibly something else."""
    if isinstance(value, Instance):
        row = agent_class(outer_base(value.type))
        if row is not None:
            return Agent(value, row)
    return None


def agents_in(value: Value | None) -> tuple[tuple[Agent, ...], bool]:
    """The agents ``value`` may be, and whether it may be something else besides."""
    if isinstance(value, OneOf):
        found = [as_agent(option) for option in value.options if option != NONE]
        known = tuple(agent for agent in found if agent is not None)
        return known, len(known) != len(found)
    agent = as_agent(value)
    return ((agent,), False) if agent else ((), True)
