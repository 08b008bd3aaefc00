"""One file a rule: model and contracts in, findings out."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import GenericAlias

from callscope.rules.base import Evidence, Finding, Rule, RuleDocs, Severity

__all__ = ["Evidence", "Finding", "Rule", "RuleDocs", "Severity", "all_rules", "rule"]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code. A module of this package named ``cb...`` is a rule's."""
    found: list[Rule] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("cb"):
            module = importlib.import_module(f"{__name__}.{info.name}")
            found.extend(
                item()
                for item in vars(module).values()
                if isinstance(item, type)
                # list[str] passes for a type on Python 3.10
                and not issubclass(type(item), GenericAlias)
                and issubclass(item, Rule)
                and item.__module__ == module.__name__
            )
    return tuple(sorted(found, key=lambda rule: rule.code))


def rule(code_or_name: str) -> Rule | None:
    """The rule with this code (any case) or name."""
    wanted = code_or_name.strip()
    for candidate in all_rules():
        if candidate.code == wanted.upper() or candidate.name == wanted.lower():
            return candidate
    return None
