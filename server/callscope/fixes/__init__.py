"""One file a fix: a finding and the model in, edits out."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from callscope.fixes.base import (
    CannotFix,
    Edit,
    Fix,
    FixProvider,
    Proposal,
    Safety,
    apply_edits,
    edits_between,
)

__all__ = [
    "CannotFix",
    "Edit",
    "Fix",
    "FixProvider",
    "Proposal",
    "Safety",
    "all_providers",
    "apply_edits",
    "edits_between",
]


@cache
def all_providers() -> tuple[FixProvider, ...]:
    """Every fix provider, the preferred first; each module here named ``fix_...`` holds one."""
    found: list[FixProvider] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("fix_"):
            module = importlib.import_module(f"{__name__}.{info.name}")
            found.extend(
                item()
                for item in vars(module).values()
                if isinstance(item, type)
                and issubclass(item, FixProvider)
                and item.__module__ == module.__name__
            )
    return tuple(sorted(found, key=lambda provider: provider.order))
