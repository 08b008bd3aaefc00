"""What real AutoGen holds, as ``surface.py`` found it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from callscope.contracts import Release, Target
from callscope.contracts.classic.methods import Parameters
from tests.runtime.harness import Environment

HOMONYMS = frozenset(
    """
    WebSurferAgent OnCondition OnContextCondition config_list_from_json filter_config
    """.split()
)
"""Names that some release defines twice, as its ``contrib`` and its own, or as old and new; the
rows hold for either."""

PROBES = Path(__file__).parent


@dataclass(frozen=True)
class Parameter:
    """One parameter; ``default`` holds its default where it is a simple one (a string, a number,
    a truth value, None), else its text, and is empty where there is none."""

    name: str
    kind: str
    default: tuple[object, ...]

    @property
    def is_positional(self) -> bool:
        return self.kind in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")


@dataclass(frozen=True)
class Signature:
    """What a function of the package takes, ``self`` left out."""

    all: tuple[Parameter, ...]

    @classmethod
    def of(cls, rows: list[list[Any]]) -> Signature:
        made = (Parameter(name, kind, tuple(default)) for name, kind, default in rows)
        return cls(tuple(parameter for parameter in made if parameter.name != "self"))

    @property
    def positional(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.all if p.is_positional)

    @property
    def keyword_only(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.all if p.kind == "KEYWORD_ONLY")

    @property
    def takes_anything(self) -> bool:
        return any(p.kind == "VAR_KEYWORD" for p in self.all)

    def default(self, name: str) -> object:
        return next(p.default[0] for p in self.all if p.name == name)

    def disagreement(self, row: Parameters) -> str:
        """Where ``row`` would put an argument elsewhere; "" if nowhere.

        Either may go on longer than the other: a row holds for older releases too, and need not
        name what no rule reads.
        """
        for mine, real in zip(row.positional, self.positional, strict=False):
            if mine != real:
                return f"{mine} stands where {real} does"
        for name in row.keyword_only:
            if name in self.positional:
                return f"{name} can be passed by position"
        return ""


@dataclass(frozen=True)
class Surface:
    """One release. Classes and functions go by ``module:name``, where they are defined."""

    target: str
    data: Mapping[str, Any]

    @property
    def release(self) -> Release:
        return Target.parse(self.target).release

    @cached_property
    def exports(self) -> dict[str, str]:
        """For each path that a class or function can be imported by, where it is defined."""
        return dict(self.data["exports"])

    @property
    def hooks(self) -> tuple[str, ...]:
        return tuple(self.data["hooks"])

    def replies(self, name: str) -> tuple[str, ...]:
        """The reply functions that an agent of this class starts with."""
        return tuple(self.data["replies"][name])

    def find(self, name: str) -> str | None:
        """Where the class or function that ``autogen`` exports as ``name``, or that alone has
        that name, is defined; None if there is none."""
        top = self.exports.get(f"autogen.{name}")
        found = {top} if top else {x for x in self.exports.values() if x.endswith(f":{name}")}
        assert len(found) <= 1 or name in HOMONYMS, f"{name} is defined several times: {found}"
        return min(found, default=None)

    def class_facts(self, name: str) -> Mapping[str, Any] | None:
        """What ``surface.py`` says of the class; None if it cannot be imported."""
        found: Mapping[str, Any] | None = self.data["classes"].get(self.find(name))
        return found

    def constructor(self, name: str) -> Signature | None:
        facts = self.class_facts(name)
        return Signature.of(facts["init"]) if facts and facts["init"] is not None else None

    def methods(self, name: str = "ConversableAgent") -> Mapping[str, Any]:
        facts = self.class_facts(name)
        assert facts is not None
        methods: Mapping[str, Any] = facts["methods"]
        return methods

    def method(self, method: str, owner: str = "ConversableAgent") -> Signature | None:
        facts = self.methods(owner).get(method)
        return Signature.of(facts["parameters"]) if facts else None

    def function_facts(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.data["functions"].get(self.find(name))
        return found

    def lineage(self, name: str) -> tuple[str, ...]:
        """The class and its bases within AutoGen, nearest first, protocols left out."""
        facts = self.class_facts(name)
        names = (x.rpartition(":")[2] for x in facts["lineage"]) if facts else ()
        return tuple(name for name in names if name not in ("Agent", "LLMAgent"))

    def bases(self, name: str) -> list[list[str]]:
        """The bases in each statement that defines such a class, importable or not."""
        return [each["bases"] for each in self.data["statements"].get(name, ())]

    def calling_themselves(self, method: str) -> set[str]:
        """The classes, importable or not, that have ``self.<method>()`` in their code."""
        statements = self.data["statements"].items()
        return {name for name, found in statements for each in found if method in each["calls"]}


def surface(env: Environment) -> Surface:
    """Ask the installed package."""
    return Surface(env.target, probe(env, "surface.py"))


def probe(env: Environment, name: str) -> Mapping[str, Any]:
    """Run one of the programs beside this file; what it prints."""
    done = env.run_warm((PROBES / name).read_text(encoding="utf-8"))
    assert done.returncode == 0, done
    found: Mapping[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found
