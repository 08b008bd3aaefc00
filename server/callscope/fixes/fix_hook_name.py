"""Put a hook's right name in the place of one that is unknown."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS, hook_names
from callscope.fixes._arguments import write_string, written_argument
from callscope.fixes._coroutines import make_sync
from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.registrations import Registration
from callscope.model.values import Constant, Member
from callscope.rules.base import Finding


class FixHookName(FixProvider):
    """Corrects the name that ``register_hook`` is given."""

    codes = frozenset({"CB203"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The name without ``a_``, the nearest name, or the one whose call fits the hook."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        node = written_argument(model, about, "hookable_method")
        value = about.argument("hookable_method")
        if node is None or value is None:
            return
        known = hook_names(model.release)
        if isinstance(value, Member) and as_agent(value.owner) is not None and value.name in known:
            yield _proposal(model, about, node, value.name, Safety.SAFE)
        if not isinstance(value, Constant) or not isinstance(value.value, str):
            return
        given = value.value
        if given.removeprefix("a_") in known:
            yield _proposal(model, about, node, given.removeprefix("a_"), Safety.SAFE)
            return
        close = difflib.get_close_matches(given, known, 2, 0.6)
        if close:
            yield _proposal(model, about, node, close[0], Safety.SAFE)
            return
        fitting = _fitting(about, known)
        if fitting is not None:
            yield _proposal(model, about, node, fitting, Safety.UNSAFE)


def _fitting(about: Registration, known: tuple[str, ...]) -> str | None:
    """The only hook that passes what the function's parameters are called."""
    if about.function is None:
        return None
    names = tuple(p.name for p in about.function.parameters if p.required)
    fits = [
        name
        for name in known
        if sorted(HOOKS[name].callback.shape.parameters()) == sorted(names)
        and about.function.mismatch(HOOKS[name].callback.shape) is None
        and not name.startswith("safeguard")
    ]
    return fits[0] if len(fits) == 1 else None


def _proposal(
    model: Model, about: Registration, node: ast.expr, name: str, safety: Safety
) -> Proposal:
    known = about.function
    was_async = (
        known is not None
        and isinstance(known.node, ast.AsyncFunctionDef)
        and HOOKS[name].callback.coroutine == "never"
    )
    title = f"Register it as `{name}`"
    if was_async and known is not None:
        title += f", and make `{known.name}` a plain function"

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        write_string(patch, node, name)
        if was_async and known is not None:
            assert isinstance(known.node, ast.AsyncFunctionDef)
            make_sync(patch, known.node)
        return patch.finish()

    return Proposal(title, Safety.UNSAFE if was_async else safety, rewrite)
