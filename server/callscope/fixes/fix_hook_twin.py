"""Register a hook for the kind of chat that there is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS, hook_names
from callscope.fixes._arguments import write_string, written_argument
from callscope.fixes._coroutines import make_sync
from callscope.fixes._patch import Patch, proposal
from callscope.fixes._references import is_only_used_as_callback, may_be_changed
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixHookTwin(FixProvider):
    """Changes a hook to its ``a_`` twin, or back, together with its function."""

    codes = frozenset({"CB305"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """A plain function under an ``a_`` name becomes async; any other hook its twin."""
        about = finding.about
        known = about.function if isinstance(about, Registration) else None
        if not isinstance(about, Registration) or known is None or about.hook_name is None:
            return
        name = about.hook_name
        twin = name.removeprefix("a_") if name.startswith("a_") else f"a_{name}"
        if _wants_coroutine(name) and not known.is_async:
            yield proposal(
                model,
                f"Make `{known.name}` async",
                Safety.SAFE,
                lambda patch: _make_async(patch, known, about),
            )
        node = written_argument(model, about, "hookable_method")
        if node is None or twin not in hook_names(model.release):
            return

        def change(patch: Patch) -> None:
            write_string(patch, node, twin)
            if _wants_coroutine(twin) and not known.is_async:
                _make_async(patch, known, about)
            elif known.is_async and not _wants_coroutine(twin):
                _make_sync(patch, known, about)

        kind = "async" if _wants_coroutine(twin) else "a plain function"
        also = (
            f", and make `{known.name}` {kind}" if _wants_coroutine(twin) != known.is_async else ""
        )
        yield proposal(model, f"Register it as `{twin}`{also}", Safety.SAFE, change)


def _wants_coroutine(name: str) -> bool:
    """Whether the hook is awaited, so that a plain function would be skipped."""
    return HOOKS[name].callback.coroutine == "awaited"


def _make_async(patch: Patch, known: Callable, about: Registration) -> None:
    node = known.node
    _require_free(patch, known, about)
    if not isinstance(node, ast.FunctionDef):
        raise CannotFix("a lambda cannot be async")
    if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node)):
        raise CannotFix("a generator")
    patch.insert(patch.span(node)[0], "async ")


def _make_sync(patch: Patch, known: Callable, about: Registration) -> None:
    _require_free(patch, known, about)
    if isinstance(known.node, ast.Lambda):
        raise CannotFix("not understood")
    make_sync(patch, known.node)


def _require_free(patch: Patch, known: Callable, about: Registration) -> None:
    """Nobody but AutoGen may call a function whose kind changes."""
    if known.through not in ("plain", "method") or not may_be_changed(patch, known, about):
        raise CannotFix("others depend on it")
    if not is_only_used_as_callback(patch, known, about):
        raise CannotFix("used elsewhere")
