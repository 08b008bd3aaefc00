"""One file a fix: a finding and the model in, edits out."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from types import GenericAlias

from callscope.fixes.base import (
    CannotFix,
    Change,
    Edit,
    Files,
    Fix,
    FixProvider,
    Proposal,
    RefactoringProvider,
    Safety,
    WideFixProvider,
    WideProposal,
    apply_edits,
    edits_between,
)

__all__ = [
    "CannotFix",
    "Change",
    "Edit",
    "Files",
    "Fix",
    "FixProvider",
    "Proposal",
    "RefactoringProvider",
    "Safety",
    "WideFixProvider",
    "WideProposal",
    "all_providers",
    "all_refactorings",
    "apply_edits",
    "edits_between",
    "is_incomplete",
    "unavailable",
]


@cache
def unavailable() -> str | None:
    """Why nothing can be fixed here; None where it can.

    Fixes edit with libcst, of which a part is native: the package that fits every platform comes
    without it, and in one that was meant for another platform it does not load.
    """
    try:
        importlib.import_module("libcst.native")
    except ImportError as error:
        import platform

        here = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        return f"fixes need libcst, which {here} cannot import ({error})"
    return None


def is_incomplete() -> bool:
    """Whether what fixes need is not even there.

    Costs a look at a folder, where :func:`unavailable` loads all of it; what is there and does not
    load is not noticed.
    """
    package = importlib.util.find_spec("libcst")
    folders = package.submodule_search_locations if package is not None else None
    return not folders or PathFinder.find_spec("libcst.native", list(folders)) is None


@cache
def all_providers() -> tuple[FixProvider | WideFixProvider, ...]:
    """Every fix provider, the preferred first; each module here named ``fix_...`` holds one. None
    where nothing can be fixed."""
    found = [item() for item in _classes() if issubclass(item, FixProvider | WideFixProvider)]
    return tuple(sorted(found, key=lambda provider: provider.order))


@cache
def all_refactorings() -> tuple[RefactoringProvider, ...]:
    """Every refactoring provider, the preferred first; they live in the same modules."""
    found = [item() for item in _classes() if issubclass(item, RefactoringProvider)]
    return tuple(sorted(found, key=lambda provider: provider.order))


def _classes() -> Iterator[type]:
    """The classes that the fix modules define."""
    if unavailable() is not None:
        return
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("fix_"):
            module = importlib.import_module(f"{__name__}.{info.name}")
            for item in vars(module).values():
                # list[str] passes for a type on Python 3.10
                is_class = isinstance(item, type) and not isinstance(item, GenericAlias)
                if is_class and item.__module__ == module.__name__:
                    yield item
