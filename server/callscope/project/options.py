"""Every key of the configuration: what it means, what it may be, how it is read.

The reader, what is said of mistakes, and the JSON schema that editors complete and check by are
made of these rows and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from callscope.contracts import Target
from callscope.contracts.classic.callbacks import HOOKS
from callscope.contracts.classic.classes import AGENT_CLASSES
from callscope.contracts.own import InvalidContract, agent_base, wrapper
from callscope.contracts.versions import KNOWN_DISTRIBUTIONS, KNOWN_TARGETS

LEVELS = ("error", "warning", "information", "off")

RULES = "#/definitions/rule"
"""Where the schema says what a code, a family or a rule's name looks like."""

Complain = Callable[..., None]
"""Takes a sentence for the user, and the keys that lead to what it is about."""


class Kind(Protocol):
    """What the value of a key may be."""

    def read(self, value: Any, complain: Complain) -> Any:
        """The value as the program wants it; what cannot be used is complained of and left out."""

    def schema(self) -> dict[str, Any]:
        """The same as a JSON schema."""


@dataclass(frozen=True)
class _Text:
    """A text, which ``convert`` may refuse with a ``ValueError``."""

    convert: Callable[[str], Any] = str
    more: Mapping[str, Any] = field(default_factory=dict)

    def read(self, value: Any, complain: Complain) -> Any:
        if not value:
            return None
        if not isinstance(value, str):
            complain("must be a string")
            return None
        try:
            return self.convert(value)
        except ValueError as error:
            complain(str(error), plain=True)
            return None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", **self.more}


@dataclass(frozen=True)
class _Texts:
    """A list of texts."""

    item: Mapping[str, Any]

    def read(self, value: Any, complain: Complain) -> tuple[str, ...]:
        if not isinstance(value, list):
            complain("must be a list of strings")
            return ()
        for number, each in enumerate(value):
            if not isinstance(each, str):
                complain("must be a list of strings", number)
                return ()
        return tuple(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": dict(self.item), "uniqueItems": True}


@dataclass(frozen=True)
class _Levels:
    """A table from rules to levels."""

    def read(self, value: Any, complain: Complain) -> dict[str, str]:
        if not isinstance(value, dict):
            complain("must be a table of code or family to level")
            return {}
        for key, level in value.items():
            if level not in LEVELS:
                near = did_you_mean(str(level), LEVELS)
                text = f"severity of {key}: {level!r} is not one of {', '.join(LEVELS)}{near}"
                complain(text, key, plain=True)
        return {str(key): level for key, level in value.items() if level in LEVELS}

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": {"$ref": RULES},
            "additionalProperties": {"enum": list(LEVELS)},
        }


@dataclass(frozen=True)
class _Declared:
    """A table from dotted names to what ``convert`` makes of each entry."""

    convert: Callable[[object], Any]
    entry: Mapping[str, Any]

    def read(self, value: Any, complain: Complain) -> dict[str, Any]:
        if not isinstance(value, dict):
            complain("must be a table from dotted names")
            return {}
        found: dict[str, Any] = {}
        for name, entry in value.items():
            try:
                found[str(name)] = self.convert(entry)
            except InvalidContract as error:
                complain(f": {name}: {error}", name)
        return found

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": dict(self.entry)}


@dataclass(frozen=True)
class Option:
    """One key."""

    name: str
    description: str
    kind: Kind


_PARAMETER = {
    "description": "A position from 0, a parameter's name, or both in a list.",
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string"},
        {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": 2},
    ],
}
_RULE_LIST = _Texts({"$ref": RULES})

OPTIONS = (
    Option(
        "target",
        "The distribution and version to check against. Without it: what is installed, else what a "
        "lock file pins, else the newest version known.",
        _Text(
            Target.parse,
            {
                "pattern": f"^({'|'.join(sorted(KNOWN_DISTRIBUTIONS))})\\s*==\\s*[0-9].*$",
                "examples": [str(target) for target in KNOWN_TARGETS],
            },
        ),
    ),
    Option(
        "python",
        "The interpreter, or the folder of its environment, whose packages are read. Relative to "
        "this file.",
        _Text(),
    ),
    Option("select", "The rules to apply. Without it: all.", _RULE_LIST),
    Option("ignore", "The rules to leave out.", _RULE_LIST),
    Option(
        "severity",
        "The level at which a rule or a family of rules is reported. The longest key wins.",
        _Levels(),
    ),
    Option(
        "exclude",
        "Globs of files and folders to leave out, from the folder of this file on.",
        _Texts({"type": "string"}),
    ),
    Option(
        "agents",
        "Your own agent classes, and functions that make agents, by dotted name, each with the "
        "AutoGen class behind it.",
        _Declared(agent_base, {"enum": sorted(AGENT_CLASSES)}),
    ),
    Option(
        "wrappers",
        "Your own functions that register a callback on an agent, by dotted name.",
        _Declared(
            wrapper,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["agent"],
                "properties": {
                    "agent": {**_PARAMETER, "title": "Which parameter is the agent"},
                    "callback": {**_PARAMETER, "title": "Which parameter is the callback"},
                    "decorator": {
                        "type": "boolean",
                        "description": "It decorates the callback, which is no parameter then.",
                    },
                    "registers": {
                        "description": "What it registers.",
                        "enum": ["reply", "termination", *HOOKS],
                        "default": "reply",
                    },
                },
            },
        ),
    ),
)

_BY_NAME = {option.name: option for option in OPTIONS}


def option(name: str) -> Option | None:
    """The key of that name."""
    return _BY_NAME.get(name)


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that is not among ``known``; "" if none is like it."""
    # Imported here, since an editor that has just been opened waits for what is imported first.
    from difflib import get_close_matches

    close = get_close_matches(wanted, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def names() -> tuple[str, ...]:
    """All keys."""
    return tuple(_BY_NAME)


def schema(rules: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The JSON schema of ``callscope.toml``; ``rules`` are code, name and claim of each."""
    known = [
        {"const": word, "description": claim}
        for code, name, claim in rules
        for word in (code, name)
    ]
    families = sorted({entry["const"][:3] for entry in known if entry["const"].startswith("CB")})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Callscope",
        "description": "Which AutoGen callbacks are checked, and how.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            each.name: {"description": each.description, **each.kind.schema()} for each in OPTIONS
        },
        "definitions": {
            "rule": {
                "description": "A rule's code, the beginning of one, a rule's name, or ALL.",
                "anyOf": [
                    *known,
                    {"enum": [*families, "ALL"]},
                    {"type": "string", "pattern": "^CB[0-9]{1,2}$"},
                ],
            }
        },
    }


__all__ = ["LEVELS", "OPTIONS", "Option", "did_you_mean", "names", "option", "schema"]
